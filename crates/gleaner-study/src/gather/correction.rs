//! Holm's correction of p-values for the number of tests.

use super::compared::Compared;
use gleaner_metrics::holm;
use gleaner_report::study::{ComparisonRow, LEVEL, MeanRow, Measured, Subset};
use std::collections::BTreeMap;

/// Corrects the p-values of an experiment and subset over all its languages and settings: whoever looks at 23 factors
/// has 23 chances per language to find a difference.
pub(super) fn correct_experiments(compared: &mut [Compared]) {
    let mut families: BTreeMap<_, Vec<&mut Measured>> = BTreeMap::new();
    for Compared { row, .. } in compared {
        let family = (row.kind.clone(), row.subset);
        families.entry(family).or_default().extend(row.measured.as_mut());
    }
    families.into_values().for_each(correct);
}

/// Corrects the p-values of means over all experiments and settings of a subset.
pub(super) fn correct_means(means: &mut [MeanRow]) {
    for subset in Subset::ALL {
        let of_subset = means.iter_mut().filter(|mean| mean.subset == subset);
        correct(of_subset.map(|mean| &mut mean.measured).collect());
    }
}

fn correct(mut family: Vec<&mut Measured>) {
    let p_values: Vec<f64> = family.iter().map(|m| m.p_value).collect();
    for (measured, corrected) in family.iter_mut().zip(holm(&p_values)) {
        measured.corrected = corrected;
    }
}

/// A note where no corrected p-value can be below the level. With R resamples no p-value is below 1 / (R + 1), and
/// Holm's correction multiplies the smallest of n by n.
pub(super) fn too_few_resamples(
    resamples: usize,
    comparisons: &[ComparisonRow],
    means: &[MeanRow],
) -> Option<String> {
    let mut families: BTreeMap<_, usize> = BTreeMap::new();
    for row in comparisons.iter().filter(|row| row.measured.is_some()) {
        *families.entry((Some(row.kind.as_str()), row.subset)).or_default() += 1;
    }
    for mean in means {
        *families.entry((None, mean.subset)).or_default() += 1;
    }
    let largest = families.into_values().max()?;
    (largest as f64 / (resamples + 1) as f64 >= LEVEL).then(|| {
        format!(
            "{largest} gains are corrected for one another: too few resamples ({resamples}) for any corrected \
             p < {LEVEL}; set `resamples` to {} or more.",
            (2.0 * largest as f64 / LEVEL).ceil()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(p_value: f64) -> Measured {
        Measured {
            baseline: 0.0,
            baseline_deviation: None,
            system: 0.0,
            system_deviation: None,
            gain: 0.0,
            interval: (0.0, 0.0),
            p_value,
            corrected: p_value,
            aso: None,
        }
    }

    fn row(kind: &str, target: &str, p_value: f64) -> Compared {
        let row = ComparisonRow {
            kind: kind.to_owned(),
            setting: String::new(),
            source: String::new(),
            target: target.to_owned(),
            subset: Subset::All,
            seeds: 1,
            runs: 1,
            sentences: 1,
            different: 1,
            entities: 1,
            dev: 0.0,
            measured: Some(measured(p_value)),
        };
        Compared { row, seeds: vec![1], runs: None }
    }

    #[test]
    fn p_values_are_corrected_over_the_languages_and_settings_of_an_experiment() {
        let mut rows = vec![
            row("a", "fo", 0.02),
            row("b", "fo", 0.02),
            row("a", "co", 0.01),
            row("a", "mg", 0.5),
        ];
        rows[3].row.measured = None;
        let mut other_setting = row("a", "fo", 0.04);
        other_setting.row.setting = "×2".to_owned();
        let mut other_subset = row("a", "fo", 0.02);
        other_subset.row.subset = Subset::Unseen;
        rows.extend([other_setting, other_subset]);
        correct_experiments(&mut rows);
        let corrected: Vec<_> =
            rows.iter().map(|r| r.row.measured.as_ref().map(|m| m.corrected)).collect();
        // Three tests of `a`: 0.01 × 3, 0.02 × 2, 0.04 × 1.
        assert_eq!(corrected, [Some(0.04), Some(0.02), Some(0.03), None, Some(0.04), Some(0.02)]);
    }

    #[test]
    fn too_few_resamples_for_the_correction_are_reported() {
        let rows = |languages: usize| -> Vec<ComparisonRow> {
            (0..languages).map(|n| row("a", &n.to_string(), 0.5).row).collect()
        };
        let means = |experiments: usize| -> Vec<MeanRow> {
            let mean = |subset| MeanRow {
                kind: "a".into(),
                setting: String::new(),
                subset,
                languages: Vec::new(),
                seeds: 1,
                runs: 1,
                measured: measured(0.5),
            };
            let subsets = [Subset::All, Subset::Unseen];
            (0..experiments).flat_map(|_| subsets.map(mean)).collect()
        };
        // The smallest p-value of 19 resamples is 1 / 20, that of 20 is below.
        assert_eq!(too_few_resamples(20, &rows(1), &[]), None);
        let note = too_few_resamples(19, &rows(1), &[]).unwrap();
        assert!(note.ends_with("set `resamples` to 40 or more."), "{note}");
        assert_eq!(too_few_resamples(1000, &rows(50), &means(50)), None);
        let note = too_few_resamples(1000, &rows(50), &means(51)).unwrap();
        assert!(note.starts_with("51 gains are corrected for one another: "), "{note}");
        assert!(too_few_resamples(1000, &rows(51), &means(2)).is_some());
        // Rows without a measurement do not count as tests.
        let mut unmeasured = rows(51);
        unmeasured[7].measured = None;
        assert_eq!(too_few_resamples(1000, &unmeasured, &[]), None);
        assert_eq!(too_few_resamples(0, &[], &[]), None);
        // Settings of a sweep are tests of one experiment.
        let mut sweep = rows(51);
        for (number, row) in sweep.iter_mut().enumerate() {
            row.setting = format!("×{number}");
        }
        assert!(too_few_resamples(1000, &sweep, &[]).is_some());
    }
}
