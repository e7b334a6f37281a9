//! Simulated annotation: how F1 grows with the number of training sentences, by the order in which they are annotated.

use super::StudyData;
use super::number::{DASH, fixed, score};
use super::overview::{Grid, mean_and_deviation};
use gleaner_metrics::Reach;
use serde::{Deserialize, Serialize};

/// The order that others are compared with.
const RANDOM: &str = "random";

/// The learning curve of one language and order of annotation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnnotationRow {
    /// The language's short code.
    pub language: String,
    /// The order: `random`, `margin`, `entropy` or `diverse`.
    pub order: String,
    /// Its points by number of training sentences, ascending.
    pub points: Vec<AnnotationPoint>,
    /// The share of random order's sentences with which the order reaches random order's last F1. That of random order
    /// itself shows what is due to chance.
    pub reach: Reach,
}

/// The taggers trained on one number of sentences.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnnotationPoint {
    /// Number of training sentences, averaged over seeds and folds.
    pub sentences: f64,
    /// Number of their words, averaged too, if known.
    pub words: Option<f64>,
    /// Entity F1 on test of every seed, from 0 to 1; the folds of a seed are one test set.
    pub entity: Vec<f64>,
    /// The 95 % interval of the mean of `entity` over test sentences and seeds: low, high.
    pub interval: (f64, f64),
}

impl AnnotationRow {
    /// Whether its order is compared with random order.
    pub(crate) fn is_compared(&self) -> bool {
        self.order != RANDOM
    }

    /// The result in words, without language and order.
    pub(crate) fn result(&self) -> String {
        let Some(last) = self.points.last() else { return "no run is finished.".to_owned() };
        let (all, f1) = (fixed(last.sentences, 0), score(self.reach.f1));
        let interval = match (self.reach.low, self.reach.high) {
            (Some(low), Some(high)) => {
                format!("95 % interval {} to {}", percent(low), percent(high))
            }
            (Some(low), None) => {
                format!("95 % interval from {} to more than were tried", percent(low))
            }
            (None, _) => "95 % interval: more than were tried".to_owned(),
        };
        match self.reach.share {
            Some(share) => format!(
                "{} of the {all} sentences of random order reach its entity F1 of {f1} ({interval}).",
                percent(share)
            ),
            None => format!(
                "{all} sentences do not reach the entity F1 of as many in random order, {f1} ({interval})."
            ),
        }
    }
}

/// A share in per cent. A no-break space keeps number and sign together.
fn percent(share: f64) -> String {
    format!("{}\u{a0}%", fixed(share * 100.0, 0))
}

/// The table of shares by language and order.
pub(crate) fn shares(data: &StudyData) -> Grid {
    let headings = ["language", "order", "F1 to reach", "share of sentences", "95 % interval"];
    let mut grid = Grid::new(2, &headings);
    for AnnotationRow { language, order, reach, .. } in &data.annotation {
        let end = |end: Option<f64>| end.map_or("not reached".to_owned(), percent);
        let interval = match (reach.low, reach.high) {
            (None, None) => DASH.to_owned(),
            (low, high) => format!("{} to {}", end(low), end(high)),
        };
        let cells = [score(reach.f1), end(reach.share), interval];
        grid.rows.push([language.clone(), order.clone()].into_iter().chain(cells).collect());
    }
    grid
}

/// The table of F1 by language, order and number of sentences.
pub(crate) fn points(data: &StudyData) -> Grid {
    let headings =
        ["language", "order", "training sentences", "words", "runs", "entity F1", "95 % interval"];
    let mut grid = Grid::new(2, &headings);
    for row in &data.annotation {
        for point in &row.points {
            let (low, high) = point.interval;
            grid.rows.push(vec![
                row.language.clone(),
                row.order.clone(),
                fixed(point.sentences, 0),
                fixed(point.words.unwrap_or(f64::NAN), 0),
                point.entity.len().to_string(),
                mean_and_deviation(&point.entity),
                format!("{} to {}", score(low), score(high)),
            ]);
        }
    }
    grid
}

/// How the numbers are computed.
pub(crate) const METHOD: &str = "Annotation is simulated on the labelled training text: each order starts with the same \
    random sentences, and the tagger of each size chooses those that are annotated next. The share is the one of random \
    order's largest number of sentences with which an order reaches the entity F1 that random order has there. Curves \
    are made monotone (isotonic regression) and are linear between sizes. That of random order itself shows what is due \
    to chance. Intervals are a bootstrap over test sentences and seeds.";

#[cfg(test)]
mod tests {
    use crate::study::example::study;

    #[test]
    fn results_in_words() {
        let mut row = study().annotation[1].clone();
        let mut said = |share, low, high| {
            (row.reach.share, row.reach.low, row.reach.high) = (share, low, high);
            row.result()
        };
        let all = [
            said(Some(0.62), Some(0.481), Some(0.81)),
            said(Some(0.9), Some(0.7), None),
            said(None, Some(0.95), None),
            said(None, None, None),
        ];
        insta::assert_snapshot!(all.join("\n").replace('\u{a0}', " "));
        row.points.clear();
        assert_eq!(row.result(), "no run is finished.");
    }
}
