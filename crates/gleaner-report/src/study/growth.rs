//! How F1 grows with training sentences, and what more of them would bring.

use super::StudyData;
use super::number::{DASH, counted, fixed, score, signed};
use super::overview::{Grid, mean_and_deviation};
use super::spread::mean;
use serde::{Deserialize, Serialize};

/// Means that are further than this from the law, in points, do not follow it.
const MISFIT: f64 = 3.0;

/// A language's learning curve over training sentences.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GrowthRow {
    /// The language's short code.
    pub language: String,
    /// By number of training sentences, ascending; the last is the baseline.
    pub points: Vec<GrowthPoint>,
    /// The law that the means follow; none for fewer than three numbers of sentences.
    pub fitted: Option<Fitted>,
}

/// Taggers trained on so many sentences.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GrowthPoint {
    /// Training sentences: the mean over folds.
    pub sentences: f64,
    /// The entity F1 on test of every seed, from 0 to 1; the folds of a seed are one test set.
    pub entity: Vec<f64>,
}

/// An inverse power law, F1 = limit − scale · sentences^(−exponent), and what it says of more
/// sentences.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fitted {
    /// What F1 comes near to.
    pub limit: f64,
    /// How far one sentence is from it.
    pub scale: f64,
    /// How fast the distance shrinks.
    pub exponent: f64,
    /// How many sentences more than the largest number are asked about.
    pub more: usize,
    /// How far the means are from the law, in points: the root of the mean squared distance.
    pub misfit: f64,
    /// What they would add, in points of entity F1.
    pub gain: f64,
    /// The 95 % interval of that over test sentences and seeds, in points: low, high.
    pub interval: (f64, f64),
}

impl Fitted {
    /// F1 after so many training sentences, by the law.
    pub fn at(&self, sentences: f64) -> f64 {
        self.limit - self.scale * sentences.powf(-self.exponent)
    }
}

impl GrowthRow {
    /// The answer to "about how much would more sentences add?"
    pub fn answer(&self) -> String {
        let name = &self.language;
        let Some(last) = self.points.last() else { return format!("{name}: no run is finished.") };
        let now = format!(
            "{name}: with {} training sentences entity F1 is {}",
            fixed(last.sentences, 0),
            score(mean(last.entity.iter().copied()))
        );
        match &self.fitted {
            None => format!(
                "{now}; {} of training sentences are too few to tell what more would add.",
                counted(self.points.len(), "number")
            ),
            Some(f) => format!(
                "{now}; {} more would add about {} points (95 % interval {} to {}){}.",
                f.more,
                fixed(f.gain, 1),
                fixed(f.interval.0, 1),
                fixed(f.interval.1, 1),
                match f.misfit > MISFIT {
                    true => format!(
                        ", if the curve were such a law; it is not, the means are {} points from it",
                        fixed(f.misfit, 1)
                    ),
                    false => String::new(),
                }
            ),
        }
    }
}

/// The curves by language and number of sentences.
pub(crate) fn grid(data: &StudyData) -> Grid {
    let headings = [
        "language",
        "training sentences",
        "runs",
        "entity F1",
        "by the law",
        "one more hundred adds",
    ];
    let mut grid = Grid::new(1, &headings);
    for row in &data.growth {
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

/// How the numbers came about, for people.
pub(crate) const METHOD: &str = "The law is an inverse power law, F1 = a − b · n^(−c) for n training \
    sentences, fitted to the means over seeds by least squares (b ≥ 0, a ≤ 1, c from 0.05 to 2). The interval is \
    that of a bootstrap over test sentences and seeds; it does not know how far the curve is from being such a \
    law, so take it for what it is beyond the sizes that were tried.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_where_there_is_no_such_law() {
        let mut row = crate::study::example::study().growth[0].clone();
        let with =
            |row: &GrowthRow| row.answer().contains(", if the curve were such a law; it is not");
        assert!(!with(&row));
        row.fitted.as_mut().unwrap().misfit = 3.1;
        assert!(with(&row), "{}", row.answer());
        row.points.clear();
        assert!(row.answer().ends_with("no run is finished."));
    }
}
