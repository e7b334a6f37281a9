//! Tables of recipes, comparisons, learning curves and orders of annotation as CSV.

use super::{ENTITY, entity_cells, fold, number, published_cells, table};
use crate::study::spread::{deviation, mean};
use crate::study::{Measured, StudyData, Subset};

/// `recipes.csv`: one line for each run.
pub fn recipes_csv(data: &StudyData) -> String {
    let first = ["recipe", "language", "sources"];
    let scores = ["train_f1", "val_f1", "test_f1", "improvement", "seed", "train_sentences"];
    let ours = ["entity_gain", "added_sentences", "added_precision", "added_recall", "fold"];
    let rows = data.recipes.iter().map(|row| {
        let mut cells = vec![row.recipe.clone(), row.target.clone(), row.sources.clone()];
        cells.extend(published_cells(&row.scores));
        cells.push(number(row.improvement));
        cells.extend([row.seed.to_string(), row.train_sentences.to_string()]);
        cells.extend(entity_cells(&row.scores));
        let added = row.added_sentences.map_or_else(String::new, |added| added.to_string());
        cells.extend([number(row.entity_gain), added]);
        cells.extend([row.precision, row.recall].map(|part| number(part.unwrap_or(f64::NAN))));
        cells.push(fold(row.fold));
        cells
    });
    table([&first[..], &scores, &ENTITY, &ours].concat(), rows)
}

/// `comparisons.csv`: one line for each language, experiment and subset of the entities. F1s are from 0 to 1, gains in
/// points. `verdict` is that of the paired permutation test, Holm-corrected (`p_holm`).
pub fn comparisons_csv(data: &StudyData) -> String {
    let headings = [
        "language",
        "source",
        "experiment",
        "setting",
        "entities_compared",
        "seeds",
        "runs",
        "test_sentences",
        "different_sentences",
        "test_entities",
        "val_score",
    ];
    let rows = data.comparisons.iter().map(|row| {
        let mut cells =
            [&row.target, &row.source, &row.kind, &row.setting].map(String::clone).to_vec();
        cells.push(subset(row.subset));
        let counts = [row.seeds, row.runs, row.sentences, row.different, row.entities];
        cells.extend(counts.map(|n| n.to_string()));
        cells.push(number(row.dev));
        cells.extend(measured_cells(row.measured.as_ref(), row.seeds));
        cells.push(row.verdict().name().to_owned());
        cells
    });
    table([&headings[..], &MEASURED].concat(), rows)
}

/// `means.csv`: one line for each experiment and subset of the entities, over several languages. F1s are from 0 to 1,
/// gains in points.
pub fn means_csv(data: &StudyData) -> String {
    let headings = ["experiment", "setting", "entities_compared", "languages", "seeds", "runs"];
    let rows = data.means.iter().map(|row| {
        let mut cells = vec![row.kind.clone(), row.setting.clone(), subset(row.subset)];
        cells.extend([row.languages.join("; "), row.seeds.to_string(), row.runs.to_string()]);
        cells.extend(measured_cells(Some(&row.measured), row.seeds));
        cells.push(row.measured.verdict().name().to_owned());
        cells
    });
    table([&headings[..], &MEASURED].concat(), rows)
}

/// The columns of a measured gain and its verdict.
const MEASURED: [&str; 11] = [
    "baseline_f1",
    "baseline_sd",
    "f1",
    "sd",
    "gain",
    "gain_low",
    "gain_high",
    "p",
    "p_holm",
    "aso",
    "verdict",
];

/// All of [`MEASURED`] except the verdict.
fn measured_cells(measured: Option<&Measured>, seeds: usize) -> [String; 10] {
    let number_of = |of: fn(&Measured) -> f64| number(measured.map_or(f64::NAN, of));
    let unknown = f64::NAN;
    [
        number_of(|m| m.baseline),
        number(measured.and_then(|m| m.baseline_deviation).unwrap_or(unknown)),
        number_of(|m| m.system),
        number(measured.and_then(|m| m.system_deviation).unwrap_or(unknown)),
        number_of(|m| m.gain),
        number_of(|m| m.interval.0),
        number_of(|m| m.interval.1),
        number_of(|m| m.p_value),
        number_of(|m| m.corrected),
        number(measured.and_then(|m| m.aso_of(seeds)).unwrap_or(unknown)),
    ]
}

fn subset(subset: Subset) -> String {
    let name = match subset {
        Subset::All => "all",
        Subset::LeakFree => "leak-free",
        Subset::Unseen => "unseen",
    };
    name.to_owned()
}

/// `learning_curve.csv`: one line for each language and number of training sentences. `limit` to `misfit` describe the
/// fitted law and are equal in all lines of a language. The last line of a language has the predicted gain of more
/// sentences.
pub fn learning_curve_csv(data: &StudyData) -> String {
    let headings = vec![
        "language",
        "train_sentences",
        "runs",
        "test_entity_f1",
        "sd",
        "fitted_f1",
        "limit",
        "scale",
        "exponent",
        "misfit",
        "more_sentences",
        "gain",
        "gain_low",
        "gain_high",
    ];
    let rows = data.learning_curves.iter().flat_map(|row| {
        let last = row.points.len().saturating_sub(1);
        let cells = |(place, point): (usize, &crate::study::LearningCurvePoint)| {
            let mut cells = vec![row.language.clone(), number(point.sentences)];
            cells.push(point.entity.len().to_string());
            cells
                .extend([mean(point.entity.iter().copied()), deviation(&point.entity)].map(number));
            match &row.fitted {
                Some(f) => {
                    let law = [f.at(point.sentences), f.limit, f.scale, f.exponent];
                    cells.extend(law.map(number));
                    cells.push(number(f.misfit));
                    let gain = [f.gain, f.interval.0, f.interval.1].map(number);
                    let more = std::iter::once(f.more.to_string()).chain(gain);
                    cells.extend(more.map(|cell| if place == last { cell } else { String::new() }));
                }
                None => cells.extend(std::iter::repeat_n(String::new(), 9)),
            }
            cells
        };
        row.points.iter().enumerate().map(cells).collect::<Vec<_>>()
    });
    table(headings, rows)
}

/// `active_learning.csv`: one line for each language, order of annotation and number of training sentences. `low` and
/// `high` are the interval of the mean F1. The last line of an order has the share of random order's sentences with
/// which it reaches random order's last F1; an end that is not reached is empty.
pub fn active_learning_csv(data: &StudyData) -> String {
    let headings = vec![
        "language",
        "order",
        "train_sentences",
        "train_words",
        "runs",
        "test_entity_f1",
        "sd",
        "low",
        "high",
        "f1_to_reach",
        "share",
        "share_low",
        "share_high",
    ];
    let rows = data.annotation.iter().flat_map(|row| {
        let last = row.points.len().saturating_sub(1);
        let cells = |(place, point): (usize, &crate::study::AnnotationPoint)| {
            let mut cells = vec![row.language.clone(), row.order.clone()];
            cells.extend([point.sentences, point.words.unwrap_or(f64::NAN)].map(number));
            cells.push(point.entity.len().to_string());
            let f1 = mean(point.entity.iter().copied());
            let (low, high) = point.interval;
            cells.extend([f1, deviation(&point.entity), low, high].map(number));
            let reach = &row.reach;
            let share = [Some(reach.f1), reach.share, reach.low, reach.high]
                .map(|share| number(share.unwrap_or(f64::NAN)));
            cells.extend(share.map(|cell| if place == last { cell } else { String::new() }));
            cells
        };
        row.points.iter().enumerate().map(cells).collect::<Vec<_>>()
    });
    table(headings, rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::example::study;

    #[test]
    fn tables_in_full() {
        let data = study();
        insta::assert_snapshot!("comparisons", comparisons_csv(&data));
        insta::assert_snapshot!("means", means_csv(&data));
        insta::assert_snapshot!("recipes", recipes_csv(&data));
        insta::assert_snapshot!("learning-curve", learning_curve_csv(&data));
        insta::assert_snapshot!("active-learning", active_learning_csv(&data));
    }
}
