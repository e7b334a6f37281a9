//! Intervals of the scores of single runs, drawn from their stored predictions.

use super::{Gathered, kind::Kind};
use crate::{
    error::StudyError,
    results::{Prediction, RunRecord},
};
use gleaner_metrics::{Bootstrap, Evaluation, SeqevalMode};
use rayon::prelude::*;
use std::collections::BTreeMap;

impl Gathered<'_> {
    /// 95 % intervals (low, high) of entity F1 on test, by position in the plan. Runs without a kind have none, nor do
    /// runs without entities, gold or predicted.
    pub(super) fn intervals(&self) -> Result<BTreeMap<usize, (f64, f64)>, StudyError> {
        let bootstrap = self.plan.bootstrap();
        let is_shown = |record: &RunRecord| Kind::of(&record.task).is_some();
        let shown: Vec<usize> =
            self.records.iter().filter(|(_, r)| is_shown(r)).map(|(at, _)| *at).collect();
        let of = |at: usize| {
            let predictions = self.results.run(&self.plan.runs[at].id).predictions()?;
            Ok(interval(&predictions, &bootstrap).map(|interval| (at, interval)))
        };
        let all: Vec<Option<_>> =
            shown.into_par_iter().map(of).collect::<Result<_, StudyError>>()?;
        Ok(all.into_iter().flatten().collect())
    }
}

/// The interval of entity F1 over sentences. Equal sentences are drawn together.
fn interval(predictions: &[Prediction], bootstrap: &Bootstrap) -> Option<(f64, f64)> {
    let numbers: BTreeMap<usize, usize> =
        predictions.iter().enumerate().map(|(number, p)| (p.position, number)).collect();
    let mut evaluation = Evaluation::default();
    for (number, p) in predictions.iter().enumerate() {
        let first = p.same_as.and_then(|position| numbers.get(&position)).unwrap_or(&number);
        evaluation.add_copy(*first, &p.gold, &p.tags).expect("predictions have valid tags");
    }
    let micro = evaluation.intervals(SeqevalMode::Default, bootstrap)?.micro_f1;
    Some((micro.low, micro.high))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prediction(position: usize, gold: &str, tags: &str) -> Prediction {
        let split = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        Prediction {
            position,
            tokens: Vec::new(),
            same_as: None,
            gold: split(gold),
            tags: split(tags),
            spans: Vec::new(),
            seen: false,
            known: Vec::new(),
        }
    }

    #[test]
    fn an_interval_is_drawn_with_the_given_resamples() {
        let all: Vec<Prediction> = (0..30)
            .map(|n| prediction(n, "B-PER O", if n % 3 == 0 { "B-PER O" } else { "O B-LOC" }))
            .collect();
        let of = |resamples: usize| {
            interval(&all, &Bootstrap { resamples, ..Bootstrap::default() }).unwrap()
        };
        let (low, high) = of(1000);
        assert!(low > 0.1 && low < 1.0 / 3.0 && high > 1.0 / 3.0 && high < 0.6, "{low} {high}");
        assert_ne!(of(1000), of(20));
        assert_eq!(interval(&[prediction(0, "O", "O")], &Bootstrap::default()), None);
    }

    #[test]
    fn equal_sentences_are_drawn_together() {
        let right = |n: usize| prediction(n, "B-PER", "B-PER");
        let wrong = |n: usize| prediction(n, "B-PER", "O");
        let alone = [right(10), wrong(11)];
        let repeated = [
            right(10),
            wrong(11),
            Prediction { same_as: Some(10), ..right(12) },
            Prediction { same_as: Some(11), ..wrong(13) },
        ];
        let how = Bootstrap::default();
        assert_eq!(interval(&repeated, &how), interval(&alone, &how));
    }
}
