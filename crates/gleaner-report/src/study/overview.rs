//! The tables of a study by language, as plain cells for the page and for the Markdown summary.

use super::gains::{Experiment, Gain, Measure, best_setting, mean_at, of_pair, pairs};
use super::number::{DASH, fixed, pair_name, score, signed};
use super::references::ours;
use super::spread::{deviation, mean};
use super::{BaselineRow, PseudoRow, StudyData, distinct};

/// A table: columns of text, then columns of numbers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Grid {
    /// Number of leading columns that hold text.
    pub(crate) texts: usize,
    pub(crate) headings: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
    /// The row of means, if there is one.
    pub(crate) mean: Option<Vec<String>>,
}

impl Grid {
    pub(crate) fn new(texts: usize, headings: &[&str]) -> Self {
        let headings = headings.iter().map(|heading| (*heading).to_owned()).collect();
        Grid { texts, headings, rows: Vec::new(), mean: None }
    }
}

/// The table of the baseline by language, with the mean over languages.
pub(crate) fn baseline(data: &StudyData) -> Grid {
    let headings = [
        "language",
        "runs",
        "training sentences",
        "test sentences",
        "published score",
        "entity F1",
        "95 % interval of one run",
    ];
    let mut grid = Grid::new(1, &headings);
    let (mut published, mut entity) = (Vec::new(), Vec::new());
    for language in distinct(data.baseline.iter().map(|row| &row.language)) {
        let rows: Vec<&BaselineRow> =
            data.baseline.iter().filter(|row| row.language == *language).collect();
        let numbers =
            |of: fn(&BaselineRow) -> f64| rows.iter().map(|row| of(row)).collect::<Vec<_>>();
        let (of_published, of_entity) =
            (numbers(|row| row.scores.test_published), numbers(|row| row.scores.test_entity));
        let bound = |of: fn((f64, f64)) -> f64| {
            mean(rows.iter().filter_map(|row| row.scores.test_interval).map(of))
        };
        grid.rows.push(vec![
            language.clone(),
            rows.len().to_string(),
            range(rows.iter().map(|row| row.train_sentences)),
            range(rows.iter().map(|row| row.test_sentences)),
            mean_and_deviation(&of_published),
            mean_and_deviation(&of_entity),
            interval(bound(|bounds| bounds.0), bound(|bounds| bounds.1)),
        ]);
        published.push(mean(of_published));
        entity.push(mean(of_entity));
    }
    grid.mean = Some(vec![
        "mean".to_owned(),
        data.baseline.len().to_string(),
        String::new(),
        String::new(),
        score(mean(published)),
        score(mean(entity)),
        String::new(),
    ]);
    grid
}

/// The table of gains by pair of languages, with the mean over pairs.
pub(crate) fn gains(experiment: &Experiment) -> Grid {
    let Experiment { setting, decimals, gains, .. } = experiment;
    let headings = [
        "source → target",
        "runs",
        "mean improvement, %",
        &format!("{setting}, {}", experiment.best_label()),
        "improvement there, %",
        &format!("{setting} chosen on dev"),
        "improvement there, %",
        "mean entity gain, points",
        "entity gain at the dev choice, points",
    ];
    let mut grid = Grid::new(1, &headings);
    let mut means: Vec<[f64; 5]> = Vec::new();
    for pair in pairs(gains) {
        let runs = of_pair(gains, pair);
        let improvement = |gain: &Gain| Measure::Improvement.of(gain);
        let entity_gain = |gain: &Gain| Measure::EntityGain.of(gain);
        let at = |setting: Option<f64>, number: &dyn Fn(&Gain) -> f64| {
            setting.map_or(f64::NAN, |setting| mean_at(&runs, setting, number))
        };
        let best = best_setting(&runs, improvement);
        let chosen = best_setting(&runs, |gain| gain.dev);
        let numbers = [
            mean(runs.iter().map(improvement)),
            at(best, &improvement),
            at(chosen, &improvement),
            mean(runs.iter().map(entity_gain)),
            at(chosen, &entity_gain),
        ];
        let setting = |setting: Option<f64>| fixed(setting.unwrap_or(f64::NAN), *decimals);
        let settings = [setting(best), setting(chosen)];
        grid.rows.push(gains_row(pair_name(pair), runs.len(), numbers, settings));
        means.push(numbers);
    }
    let over = std::array::from_fn(|column| mean(means.iter().map(|numbers| numbers[column])));
    let none = [String::new(), String::new()];
    grid.mean = Some(gains_row("mean".to_owned(), gains.len(), over, none));
    grid
}

fn gains_row(name: String, runs: usize, numbers: [f64; 5], settings: [String; 2]) -> Vec<String> {
    let [all, at_best, at_chosen, entity, entity_at_chosen] = numbers.map(|value| signed(value, 2));
    let [best, chosen] = settings;
    vec![name, runs.to_string(), all, best, at_best, chosen, at_chosen, entity, entity_at_chosen]
}

/// The table of gains by pair of languages and setting, means over runs.
pub(crate) fn gains_by_setting(experiment: &Experiment) -> Grid {
    let headings = [
        "source → target",
        experiment.setting,
        "runs",
        "score on dev",
        "improvement, %",
        "± (deviation)",
        "entity gain, points",
        "± (deviation)",
    ];
    let mut grid = Grid::new(1, &headings);
    for pair in pairs(&experiment.gains) {
        let runs = of_pair(&experiment.gains, pair);
        for setting in super::gains::settings(&runs) {
            let at: Vec<&Gain> = runs.iter().filter(|gain| gain.setting == setting).collect();
            let [improvement, entity] = Measure::ALL
                .map(|measure| at.iter().map(|gain| measure.of(gain)).collect::<Vec<_>>());
            grid.rows.push(vec![
                pair_name(pair),
                fixed(setting, experiment.decimals),
                at.len().to_string(),
                score(mean(at.iter().map(|gain| gain.dev))),
                signed(mean(improvement.iter().copied()), 2),
                fixed(deviation(&improvement), 2),
                signed(mean(entity.iter().copied()), 2),
                fixed(deviation(&entity), 2),
            ]);
        }
    }
    grid
}

/// The table of added pseudo-labels, by pair of languages.
pub(crate) fn added(data: &StudyData) -> Grid {
    let headings = [
        "source → target",
        "runs",
        "runs that added any",
        "sentences added, mean",
        "precision of added entities",
        "recall of added entities",
    ];
    let mut grid = Grid::new(1, &headings);
    let mut means: Vec<[f64; 3]> = Vec::new();
    for (source, target) in distinct(data.pseudo.iter().map(|row| (&row.source, &row.target))) {
        let rows: Vec<&PseudoRow> = data
            .pseudo
            .iter()
            .filter(|row| (&row.source, &row.target) == (source, target))
            .collect();
        let numbers = [
            mean(rows.iter().map(|row| row.added_sentences as f64)),
            mean(rows.iter().filter_map(|row| row.precision)),
            mean(rows.iter().filter_map(|row| row.recall)),
        ];
        let some = rows.iter().filter(|row| row.added_sentences > 0).count();
        grid.rows.push(added_row(pair_name((source, target)), rows.len(), some, numbers));
        means.push(numbers);
    }
    let over = std::array::from_fn(|column| mean(means.iter().map(|numbers| numbers[column])));
    let some = data.pseudo.iter().filter(|row| row.added_sentences > 0).count();
    grid.mean = Some(added_row("mean".to_owned(), data.pseudo.len(), some, over));
    grid
}

fn added_row(name: String, runs: usize, some: usize, numbers: [f64; 3]) -> Vec<String> {
    let [added, precision, recall] = numbers;
    let numbers = [fixed(added, 1), score(precision), score(recall)];
    [name, runs.to_string(), some.to_string()].into_iter().chain(numbers).collect()
}

/// The table of published figures, with the study's own.
pub(crate) fn references(data: &StudyData) -> Grid {
    let headings = ["language", "figure", "published in", "published", "this study", "difference"];
    let mut grid = Grid::new(3, &headings);
    for reference in &data.references {
        let ours = ours(data, reference);
        // Scores have three decimals; per cent and points have two.
        let relative = ours.map_or(reference.what.contains('%'), |(_, relative)| relative);
        let decimals = if relative { 2 } else { 3 };
        let value = ours.map_or(f64::NAN, |(value, _)| value);
        let language = if reference.language.is_empty() { "mean" } else { &reference.language };
        grid.rows.push(vec![
            language.to_owned(),
            reference.what.clone(),
            reference.source.clone(),
            fixed(reference.value, decimals),
            fixed(value, decimals),
            signed(value - reference.value, decimals),
        ]);
    }
    grid
}

pub(crate) fn mean_and_deviation(values: &[f64]) -> String {
    let deviation = deviation(values);
    let mean = score(mean(values.iter().copied()));
    if deviation.is_finite() { format!("{mean} ± {}", score(deviation)) } else { mean }
}

fn interval(low: f64, high: f64) -> String {
    if low.is_finite() && high.is_finite() {
        format!("{} to {}", score(low), score(high))
    } else {
        DASH.to_owned()
    }
}

/// `240`, or `238 to 240` where runs differ.
pub(crate) fn range(counts: impl Iterator<Item = usize> + Clone) -> String {
    match (counts.clone().min(), counts.max()) {
        (Some(low), Some(high)) if low < high => format!("{low} to {high}"),
        (Some(low), _) => low.to_string(),
        _ => DASH.to_owned(),
    }
}
