//! How F1 grows with the number of training sentences, and what more of them would add.

use super::StudyData;
use super::number::{DASH, fixed, score, signed};
use super::overview::{Grid, mean_and_deviation};
use super::spread::mean;
use serde::{Deserialize, Serialize};

/// Largest root mean squared distance, in points, at which the means are said to follow the law.
const MISFIT: f64 = 3.0;

/// The learning curve of one language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LearningCurveRow {
    /// The language's short code.
    pub language: String,
    /// Its points by number of training sentences, ascending; the last is the baseline.
    pub points: Vec<LearningCurvePoint>,
    /// The fitted law; `None` for fewer than three numbers of sentences.
    pub fitted: Option<Fitted>,
}

/// The taggers trained on one number of sentences.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LearningCurvePoint {
    /// Number of training sentences, averaged over folds.
    pub sentences: f64,
    /// Entity F1 on test of every seed, from 0 to 1; the folds of a seed are one test set.
    pub entity: Vec<f64>,
}

/// An inverse power law, F1 = limit − scale · n^(−exponent) for n training sentences, and its prediction for more.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fitted {
    /// The F1 that the curve approaches.
    pub limit: f64,
    /// Distance of one sentence from the limit.
    pub scale: f64,
    /// How fast the distance shrinks.
    pub exponent: f64,
    /// Number of additional sentences that `gain` is predicted for.
    pub more: usize,
    /// Root mean squared distance of the means from the law, in points.
    pub misfit: f64,
    /// Predicted gain of the additional sentences, in points of entity F1.
    pub gain: f64,
    /// The 95 % interval of `gain` over test sentences and seeds, in points: low, high.
    pub interval: (f64, f64),
}

impl Fitted {
    /// F1 after this number of training sentences, by the law.
    pub fn at(&self, sentences: f64) -> f64 {
        self.limit - self.scale * sentences.powf(-self.exponent)
    }
}

impl LearningCurveRow {
    /// One sentence on how much more training sentences would add.
    pub fn answer(&self) -> String {
        format!("{}: {}", self.language, self.result())
    }

    /// The answer without the language.
    pub(crate) fn result(&self) -> String {
        let Some(last) = self.points.last() else { return "no run is finished.".to_owned() };
        let f1 = score(mean(last.entity.iter().copied()));
        let now = format!("entity F1 is {f1} with {} training sentences", fixed(last.sentences, 0));
        let Some(f) = &self.fitted else {
            return format!(
                "{now}; too few points ({}, at least 3 needed) to say what more sentences would add.",
                self.points.len()
            );
        };
        let [gain, low, high] = [f.gain, f.interval.0, f.interval.1].map(|n| fixed(n, 1));
        let warning = match f.misfit > MISFIT {
            true => format!(
                ", but the means are {} points away from the fitted curve, so do not rely on it",
                fixed(f.misfit, 1)
            ),
            false => String::new(),
        };
        format!(
            "{now}; {} more would add about {gain} points (95 % interval {low} to {high}){warning}.",
            f.more
        )
    }
}

/// The table of learning curves by language and number of sentences.
pub(crate) fn grid(data: &StudyData) -> Grid {
    let headings = [
        "language",
        "training sentences",
        "runs",
        "entity F1",
        "fitted curve",
        "100 more add, points",
    ];
    let mut grid = Grid::new(1, &headings);
    for row in &data.learning_curves {
        for point in &row.points {
            let law =
                |of: &dyn Fn(&Fitted) -> String| row.fitted.as_ref().map_or(DASH.to_owned(), of);
            grid.rows.push(vec![
                row.language.clone(),
                fixed(point.sentences, 0),
                point.entity.len().to_string(),
                mean_and_deviation(&point.entity),
                law(&|f| score(f.at(point.sentences))),
                law(&|f| {
                    signed((f.at(point.sentences + 100.0) - f.at(point.sentences)) * 100.0, 1)
                }),
            ]);
        }
    }
    grid
}

/// How the numbers are computed.
pub(crate) const METHOD: &str = "The fitted curve is an inverse power law, F1 = a − b · n^(−c) for n training \
    sentences, fitted to the means over seeds by least squares (b ≥ 0, a ≤ 1, c from 0.05 to 2). The interval is a \
    bootstrap over test sentences and seeds. It assumes that the curve continues as fitted, so it is too narrow beyond the \
    sizes that were tried.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_warns_where_the_law_does_not_fit() {
        let mut row = crate::study::example::study().learning_curves[0].clone();
        let warns = |row: &LearningCurveRow| row.answer().contains("do not rely on it");
        assert!(!warns(&row));
        row.fitted.as_mut().unwrap().misfit = 3.1;
        assert!(warns(&row), "{}", row.answer());
        row.points.clear();
        assert!(row.answer().ends_with("no run is finished."));
    }
}
