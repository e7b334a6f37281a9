//! The disagreement of two passes over the same sentences (R-Drop, Wu et al. 2021).

use super::{CrfGradient, Supervision, softmax::softmax};

/// Turns the losses and gradients of two passes, computed with half the weight each, into those of the mean of both
/// losses plus `share` / 4 × the disagreement: half the loss of Wu et al. 2021, section 2. Arguments are otherwise
/// those of [`Crf::gradient`](super::Crf::gradient). Returns the loss of each sentence.
///
/// The disagreement is the sum over positions of the Kullback-Leibler divergences in both directions between the
/// softmax of the emissions.
pub(crate) fn add_disagreement(
    share: f64,
    emissions: [&[f32]; 2],
    gradients: &mut [CrfGradient; 2],
    supervision: &[Supervision],
    offsets: &[usize],
    weight: f64,
) -> Vec<f64> {
    let positions = offsets.last().copied().unwrap_or(0);
    let tags = emissions[0].len() / positions.max(1);
    let [first, second] = gradients;
    let mut losses = Vec::with_capacity(supervision.len());
    for (sentence, (w, supervision)) in offsets.windows(2).zip(supervision).enumerate() {
        let scale = share / 4.0 * supervision.weight * weight;
        let mut sum = 0.0;
        for position in w[0]..w[1] {
            let of_position = position * tags..(position + 1) * tags;
            let [a, b] = emissions.map(|e| &e[of_position.clone()]);
            let (divergence, of_both) = divergence(a, b);
            sum += divergence;
            for (gradient, more) in [&mut *first, &mut *second].into_iter().zip(of_both) {
                let gradient = &mut gradient.emissions[of_position.clone()];
                gradient.iter_mut().zip(more).for_each(|(g, m)| *g += (m * scale) as f32);
            }
        }
        let mean = (first.losses[sentence] + second.losses[sentence]) / 2.0;
        losses.push(mean + share / 4.0 * sum);
    }
    losses
}

/// KL(p‖q) + KL(q‖p) of the softmax p of `a` and q of `b`, and its gradients. Both normalisers cancel, so it is
/// Σ (p − q)(a − b).
fn divergence(a: &[f32], b: &[f32]) -> (f64, [Vec<f64>; 2]) {
    let [(_, p), (_, q)] = [a, b].map(|emissions| softmax(emissions, |_| true));
    let apart: Vec<f64> = a.iter().zip(b).map(|(a, b)| f64::from(*a) - f64::from(*b)).collect();
    let mean = |p: &[f64]| p.iter().zip(&apart).map(|(p, d)| p * d).sum::<f64>();
    let (of_p, of_q) = (mean(&p), mean(&q));
    let gradient = |own: &[f64], other: &[f64], mean: f64, sign: f64| -> Vec<f64> {
        let all = own.iter().zip(other).zip(&apart);
        all.map(|((own, other), d)| own - other + sign * own * (d - mean)).collect()
    };
    (of_p - of_q, [gradient(&p, &q, of_p, 1.0), gradient(&q, &p, of_q, -1.0)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Stream;

    fn drawn(seed: u64) -> Vec<f32> {
        (0..5).map(|i| 2.0 * Stream::new(seed).normal(i)).collect()
    }

    #[test]
    fn it_is_the_divergence_in_both_directions() {
        let (a, b) = (drawn(1), drawn(2));
        let probabilities = |e: &[f32]| {
            let sum: f64 = e.iter().map(|e| f64::from(*e).exp()).sum();
            e.iter().map(|e| f64::from(*e).exp() / sum).collect::<Vec<f64>>()
        };
        let (p, q) = (probabilities(&a), probabilities(&b));
        let kl =
            |p: &[f64], q: &[f64]| -> f64 { p.iter().zip(q).map(|(p, q)| p * (p / q).ln()).sum() };
        let expected = kl(&p, &q) + kl(&q, &p);
        let found = divergence(&a, &b).0;
        assert!((found / expected - 1.0).abs() < 1e-10, "{found} {expected}");
        assert_eq!(divergence(&a, &a), (0.0, [vec![0.0; 5], vec![0.0; 5]]));
    }

    #[test]
    fn its_gradients_are_its_slopes() {
        let both = [drawn(3), drawn(4)];
        let (_, gradients) = divergence(&both[0], &both[1]);
        for (side, gradient) in gradients.iter().enumerate() {
            for (tag, slope) in gradient.iter().enumerate() {
                let at = |step: f32| {
                    let mut both = both.clone();
                    both[side][tag] += step;
                    (divergence(&both[0], &both[1]).0, f64::from(both[side][tag]))
                };
                let ((above, to), (below, from)) = (at(1e-2), at(-1e-2));
                let found = (above - below) / (to - from);
                assert!((found - slope).abs() < 1e-3 * slope.abs().max(0.1), "{found} {slope}");
            }
        }
    }
}
