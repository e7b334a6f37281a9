//! Confident learning (Northcutt, Jiang and Chuang 2021, "Confident learning: estimating uncertainty in dataset
//! labels"): finds given labels that out-of-sample predicted probabilities contradict.

/// A given label that the probabilities contradict.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Doubt {
    /// The example.
    pub(super) at: usize,
    /// The class that is more plausible.
    pub(super) class: usize,
    /// The probability of that class.
    pub(super) probability: f64,
}

/// The highest threshold. Without it, an overconfident tagger would contradict almost nothing.
const HIGHEST: f64 = 0.9;

/// The off-diagonal entries of the confident joint (section 3.1, equation 1), in the order of the examples:
/// examples that count as another class than their own.
///
/// `given` are the examples' classes, `probabilities` is `[examples, classes]`, predicted by models that did not see
/// the example. An example counts as the most probable class among those whose probability is at least the class's
/// threshold: the mean probability of the class over the examples given it, capped at [`HIGHEST`]. Examples without any
/// probability are left out.
pub(super) fn doubts(given: &[usize], probabilities: &[f64], classes: usize) -> Vec<Doubt> {
    let rows: Vec<&[f64]> = probabilities.chunks(classes.max(1)).collect();
    let seen = |row: &[f64]| row.iter().sum::<f64>() > 0.0;
    let (mut sums, mut counts) = (vec![0.0; classes], vec![0usize; classes]);
    for (&class, row) in given.iter().zip(&rows).filter(|(_, row)| seen(row)) {
        sums[class] += row[class];
        counts[class] += 1;
    }
    let threshold = |class: usize| match counts[class] {
        0 => f64::INFINITY,
        n => (sums[class] / n as f64).min(HIGHEST),
    };
    let thresholds: Vec<f64> = (0..classes).map(threshold).collect();
    let counts_as = |row: &[f64]| {
        let confident = (0..classes).filter(|&class| row[class] >= thresholds[class]);
        confident.max_by(|&a, &b| row[a].total_cmp(&row[b]).then(b.cmp(&a)))
    };
    let doubt = |(at, (&own, row)): (usize, (&usize, &&[f64]))| {
        let class = counts_as(row).filter(|&class| class != own && seen(row))?;
        Some(Doubt { at, class, probability: row[class] })
    };
    given.iter().zip(&rows).enumerate().filter_map(doubt).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_confident_joint_by_hand() {
        // Thresholds: class 0: (0.9 + 0.8 + 0.1) / 3 = 0.6; class 1: (0.7 + 0.35) / 2 = 0.525.
        let given = [0, 0, 0, 1, 1];
        let probabilities = [0.9, 0.1, 0.8, 0.2, 0.1, 0.9, 0.3, 0.7, 0.65, 0.35];
        let doubts = doubts(&given, &probabilities, 2);
        assert_eq!(
            doubts,
            [
                Doubt { at: 2, class: 1, probability: 0.9 },
                Doubt { at: 4, class: 0, probability: 0.65 }
            ]
        );
    }

    #[test]
    fn a_class_counts_only_above_its_own_threshold() {
        // Thresholds: 0.9 (0.95, but for the limit), 0.6. The last example is more probably of class 0, but not
        // confidently so.
        let doubts = doubts(&[0, 1, 1], &[0.95, 0.05, 0.1, 0.9, 0.7, 0.3], 2);
        assert_eq!(doubts, []);
    }

    #[test]
    fn no_threshold_is_above_the_highest() {
        // Thresholds: (0.99 + 0.99 + 0.98) / 3 and (1 + 1 + 0.06) / 3, but for the limit of 0.9.
        let probabilities = [0.99, 0.01, 0.99, 0.01, 0.98, 0.02, 0.0, 1.0, 0.0, 1.0, 0.94, 0.06];
        let doubts = doubts(&[0, 0, 0, 1, 1, 1], &probabilities, 2);
        assert_eq!(doubts, [Doubt { at: 5, class: 0, probability: 0.94 }]);
    }

    #[test]
    fn classes_without_examples_and_examples_without_probabilities_are_left_out() {
        // Class 2 is given to nothing; the last example was not seen by a model.
        let probabilities = [0.9, 0.1, 0.0, 0.2, 0.8, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0];
        assert_eq!(doubts(&[0, 1, 1, 0], &probabilities, 3), []);
        assert_eq!(doubts(&[], &[], 3), []);
    }
}
