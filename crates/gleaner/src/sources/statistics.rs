//! Rank correlations.

/// The rank of each value, from 1 for the smallest; equal values share the mean of their ranks.
pub(super) fn ranks(values: &[f64]) -> Vec<f64> {
    let rank = |x: &f64| {
        let below = values.iter().filter(|y| *y < x).count();
        let equal = values.iter().filter(|y| *y == x).count();
        below as f64 + (equal as f64 + 1.0) / 2.0
    };
    values.iter().map(rank).collect()
}

/// Spearman's rank correlation: Pearson's correlation of the ranks, equal values sharing the mean of theirs.
/// `None` where there are less than two pairs or one side is constant.
///
/// ```
/// use gleaner::sources::spearman_rho;
/// assert_eq!(spearman_rho(&[(1.0, 10.0), (2.0, 30.0), (3.0, 20.0)]), Some(0.5));
/// ```
pub fn spearman_rho(pairs: &[(f64, f64)]) -> Option<f64> {
    let (a, b): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
    let mean = (pairs.len() as f64 + 1.0) / 2.0;
    let centred = |values: &[f64]| ranks(values).iter().map(|r| r - mean).collect::<Vec<_>>();
    let (a, b) = (centred(&a), centred(&b));
    let product = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>();
    let scale = (product(&a, &a) * product(&b, &b)).sqrt();
    (scale > 0.0).then(|| product(&a, &b) / scale)
}

/// Kendall's tau-b (Kendall 1945): concordant minus discordant pairs, divided by the geometric mean of the numbers of
/// pairs that are untied on each side. `None` where there are fewer than two pairs or one side is constant.
pub fn kendall_tau(pairs: &[(f64, f64)]) -> Option<f64> {
    let (mut balance, mut untied_a, mut untied_b) = (0.0, 0.0, 0.0);
    let sign = |x: f64, y: f64| if x == y { 0.0 } else { (x - y).signum() };
    for (number, x) in pairs.iter().enumerate() {
        for y in &pairs[number + 1..] {
            let (a, b) = (sign(x.0, y.0), sign(x.1, y.1));
            balance += a * b;
            untied_a += a.abs();
            untied_b += b.abs();
        }
    }
    let scale = f64::sqrt(untied_a * untied_b);
    (scale > 0.0).then(|| balance / scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_share_their_ranks() {
        assert_eq!(ranks(&[3.0, 1.0, 3.0, 2.0]), [3.5, 1.0, 3.5, 2.0]);
        assert_eq!(ranks(&[]), [0.0; 0]);
    }

    #[test]
    fn correlations_by_hand() {
        // One exchange of neighbours among four: rho = 1 − 6·2/(4·15) = 0.8, tau = (5 − 1) / 6.
        let pairs = [(1.0, 1.0), (2.0, 3.0), (3.0, 2.0), (4.0, 4.0)];
        assert!((spearman_rho(&pairs).unwrap() - 0.8).abs() < 1e-12);
        assert!((kendall_tau(&pairs).unwrap() - 4.0 / 6.0).abs() < 1e-12);
        // Ties on one side: ranks 1.5, 1.5, 3 against 1, 2, 3; 2 of 3 pairs are untied and in order.
        let tied = [(0.0, 1.0), (0.0, 2.0), (1.0, 3.0)];
        assert!((spearman_rho(&tied).unwrap() - 1.5 / 3.0f64.sqrt()).abs() < 1e-12);
        assert!((kendall_tau(&tied).unwrap() - 2.0 / 6.0f64.sqrt()).abs() < 1e-12);
        let turned: Vec<(f64, f64)> = pairs.iter().map(|(a, b)| (*a, -b)).collect();
        assert!((kendall_tau(&turned).unwrap() + 4.0 / 6.0).abs() < 1e-12);
    }

    #[test]
    fn nothing_can_be_said_of_too_few_or_of_one_value() {
        for pairs in [&[][..], &[(1.0, 2.0)], &[(1.0, 2.0), (1.0, 3.0)], &[(1.0, 2.0), (0.0, 2.0)]]
        {
            assert_eq!((spearman_rho(pairs), kendall_tau(pairs)), (None, None), "{pairs:?}");
        }
    }
}
