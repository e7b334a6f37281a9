//! Tables of comparisons: by experiment, and by language.

use super::{MeanRow, Measured, Subset, Verdict, mean_of, of_subset};
use crate::study::number::{DASH, fixed, score, signed};
use crate::study::overview::Grid;
use crate::study::{StudyData, distinct};

/// The column of verdicts, which names the test.
const VERDICT: &str = "gain is (permutation test, Holm-corrected)";

/// The measurement of a family: its mean, or its only language. `None` where a language occurs twice.
fn over_languages<'a>(data: &'a StudyData, family: (&str, &str, Subset)) -> Option<&'a Measured> {
    let mut rows = data.comparisons.iter().filter(|row| row.family() == family);
    match (mean_of(data, family), rows.next(), rows.next()) {
        (Some(mean), ..) => Some(&mean.measured),
        (None, Some(row), None) => row.measured.as_ref(),
        _ => None,
    }
}

/// Means over languages by experiment, and on how many languages the gain is significant.
pub(crate) fn by_experiment(data: &StudyData) -> Grid {
    let headings = [
        "experiment",
        "languages",
        "seeds",
        "baseline entity F1",
        "entity F1",
        "gain, points",
        "95 % interval",
        "p",
        "p (Holm)",
        &format!("mean {VERDICT}"),
        "gain on unseen mentions",
        "significant gains",
        "significant losses",
    ];
    let mut grid = Grid::new(1, &headings);
    let all = of_subset(data, Subset::All);
    for experiment in distinct(all.iter().map(|row| row.experiment())) {
        let rows: Vec<_> = all.iter().filter(|row| row.experiment() == experiment).collect();
        let count = |verdict| rows.iter().filter(|row| row.verdict() == verdict).count();
        let (kind, setting, _) = rows[0].family();
        let mean = mean_of(data, (kind, setting, Subset::All));
        let number = |subset, of: fn(&Measured) -> f64| {
            over_languages(data, (kind, setting, subset)).map_or(f64::NAN, of)
        };
        let fewest = rows.iter().map(|row| row.seeds).min().unwrap_or(0);
        let [interval, p, corrected, verdict] = match mean {
            Some(MeanRow { seeds, measured: m, .. }) => [
                signed_interval(m),
                p_value(m.p_value),
                p_value(m.corrected),
                m.verdict().with_seeds(*seeds),
            ],
            None => std::array::from_fn(|_| DASH.to_owned()),
        };
        grid.rows.push(vec![
            experiment.clone(),
            mean.map_or(rows.len(), |mean| mean.languages.len()).to_string(),
            mean.map_or(fewest, |mean| mean.seeds).to_string(),
            score(number(Subset::All, |m| m.baseline)),
            score(number(Subset::All, |m| m.system)),
            signed(number(Subset::All, |m| m.gain), 1),
            interval,
            p,
            corrected,
            verdict,
            signed(number(Subset::Unseen, |m| m.gain), 1),
            format!("{} of {}", count(Verdict::Significant), rows.len()),
            count(Verdict::SignificantLoss).to_string(),
        ]);
    }
    grid
}

/// Every language and experiment on one subset.
pub(crate) fn by_language(data: &StudyData, subset: Subset) -> Grid {
    let headings = [
        "language",
        "experiment",
        VERDICT,
        "baseline F1",
        "F1",
        "gain, points",
        "95 % interval",
        "p",
        "p (Holm)",
        "ASO",
        "seeds",
        "runs",
        "sentences",
        "different sentences",
        "entities",
    ];
    let mut grid = Grid::new(3, &headings);
    for row in of_subset(data, subset) {
        let with_deviation = |mean: f64, deviation: Option<f64>| match deviation {
            Some(deviation) => format!("{} ± {}", score(mean), score(deviation)),
            None => score(mean),
        };
        let numbers = match &row.measured {
            Some(m) => [
                with_deviation(m.baseline, m.baseline_deviation),
                with_deviation(m.system, m.system_deviation),
                signed(m.gain, 1),
                signed_interval(m),
                p_value(m.p_value),
                p_value(m.corrected),
                m.aso_of(row.seeds).map_or(DASH.to_owned(), |aso| fixed(aso, 2)),
            ],
            None => std::array::from_fn(|_| DASH.to_owned()),
        };
        let texts = [row.languages(), row.experiment(), row.verdict().with_seeds(row.seeds)];
        let counts = [row.seeds, row.runs, row.sentences, row.different, row.entities]
            .map(|n| n.to_string());
        grid.rows.push(texts.into_iter().chain(numbers).chain(counts).collect());
    }
    grid
}

/// The interval of a gain: `+0.4 to +2.1`.
pub(crate) fn signed_interval(m: &Measured) -> String {
    format!("{} to {}", signed(m.interval.0, 1), signed(m.interval.1, 1))
}

fn p_value(p: f64) -> String {
    if p < 0.001 { "<0.001".to_owned() } else { fixed(p, 3) }
}

/// How the numbers are computed.
pub(crate) const METHOD: &str = "Each run is compared with the run of the target's baseline (or of the recipe named) that \
    has the same seed, on the same test sentences; the folds of a seed are one test set. Against its members, an \
    ensemble or the model that learns from it is compared with the mean of their runs. Equal sentences count as one: \
    they are resampled and exchanged together. The interval is a bootstrap over sentences and, with several seeds, over \
    seeds. p is that of the paired permutation test over sentences. Holm's correction covers all languages and settings of \
    an experiment. A mean over languages has its own interval and test, in which sentences are resampled and exchanged \
    within their language; it holds for these languages, not for others. Its correction covers all experiments and \
    settings. ASO is almost stochastic order over seeds, shown from five seeds on: 0 means better at every quantile, \
    0.5 or more means not better. A gain is significant if the corrected p is below 0.05 and the interval lies above 0. \
    With one seed this holds for the trained models only; it does not tell what training again would give.";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::LEVEL;

    /// The verdict column of the second experiment's mean.
    fn verdict(data: &StudyData) -> String {
        by_experiment(data).rows[1][9].clone()
    }

    #[test]
    fn the_method_names_the_level() {
        assert!(METHOD.contains(&format!("below {LEVEL} ")));
    }

    #[test]
    fn small_p_values_are_not_rounded_to_zero() {
        let shown = [0.0004, 0.001, 0.0496, 1.0].map(p_value);
        assert_eq!(shown, ["<0.001", "0.001", "0.050", "1.000"]);
    }

    #[test]
    fn the_verdict_on_a_mean_warns_of_single_seeds() {
        let mut data = crate::study::example::study();
        assert_eq!(verdict(&data), "significant");
        data.means.iter_mut().for_each(|row| row.seeds = 1);
        assert_eq!(verdict(&data), "significant (one seed)");
        // Without a mean there is neither a verdict nor an average.
        data.means.clear();
        assert_eq!(verdict(&data), DASH);
        assert_eq!(by_experiment(&data).rows[1][3..7], [DASH; 4]);
        // A single language is its own mean.
        let first = data.comparisons[0].target.clone();
        data.comparisons.retain(|row| row.target == first);
        let all = of_subset(&data, Subset::All)[1].clone();
        let row = &by_experiment(&data).rows[1];
        assert_eq!(row[5], signed(all.measured.unwrap().gain, 1));
    }

    #[test]
    fn aso_is_shown_from_five_seeds_on() {
        let mut data = crate::study::example::study();
        let aso = |data: &StudyData| by_language(data, Subset::All).rows[0][9].clone();
        data.comparisons.iter_mut().for_each(|row| row.seeds = 4);
        assert_eq!(aso(&data), DASH);
        data.comparisons.iter_mut().for_each(|row| row.seeds = 5);
        assert_eq!(aso(&data), "0.04");
    }
}
