//! Calibration of the confidences of finished runs: does confidence match accuracy?

use super::kind::Kind;
use crate::{
    error::StudyError,
    plan::Plan,
    results::{PredictedSpan, Prediction, Results},
    task::Task,
};
use gleaner_metrics::{
    Bootstrap, Calibration, CalibrationChange, Entity, ScoredSpan, ScoredSpans, SeqevalMode,
    entities,
};
use gleaner_report::study::{LanguageReliability, Reliability};
use std::collections::BTreeMap;

/// The entities that one tagger predicts in a language, with their confidences before and after calibration.
/// Folds of a cross-validation are put together. Equal sentences count as one when sentences are resampled.
#[derive(Default)]
struct Spans {
    /// Its finished runs: one for each fold.
    runs: usize,
    /// By the number of the sentence.
    of_sentences: BTreeMap<usize, [Vec<ScoredSpan>; 2]>,
}

/// The calibration of all kinds of runs with confidences. `done` are the positions of finished runs in the
/// plan. Taggers that lack a fold are left out.
pub(super) fn of(
    plan: &Plan,
    results: &Results,
    done: impl Iterator<Item = usize>,
) -> Result<Vec<Reliability>, StudyError> {
    let folds = plan.runs.iter().filter_map(|run| run.fold).max().unwrap_or(1);
    let mut taggers: Vec<((&Task, u64), Spans)> = Vec::new();
    for at in done {
        let run = &plan.runs[at];
        if Kind::of(&run.task).is_none() {
            continue;
        }
        let tagger = (&run.task, run.seed);
        let place = taggers.iter().position(|(known, _)| *known == tagger).unwrap_or_else(|| {
            taggers.push((tagger, Spans::default()));
            taggers.len() - 1
        });
        let spans = &mut taggers[place].1;
        spans.runs += 1;
        for prediction in results.run(&run.id).predictions()? {
            spans.add(prediction);
        }
    }
    let mut all: BTreeMap<Kind, BTreeMap<String, Vec<Spans>>> = BTreeMap::new();
    for ((task, _), spans) in taggers {
        if let Some(kind) = Kind::of(task).filter(|_| spans.runs == folds) {
            let languages = all.entry(kind).or_default();
            languages.entry(task.target().to_owned()).or_default().push(spans);
        }
    }
    let bootstrap = plan.bootstrap();
    let reliability =
        all.into_iter().filter_map(|(kind, spans)| measured(kind.name(), spans, &bootstrap));
    Ok(reliability.collect())
}

impl Spans {
    fn add(&mut self, prediction: Prediction) {
        let gold = entities(&prediction.gold, SeqevalMode::Default);
        let place = prediction.same_as.unwrap_or(prediction.position);
        let [before, after] = self.of_sentences.entry(place).or_default();
        for PredictedSpan { label, start, end, confidence, uncalibrated } in prediction.spans {
            let correct = gold.contains(&Entity { entity_type: label, start, end });
            before.push(ScoredSpan { confidence: uncalibrated, correct });
            after.push(ScoredSpan { confidence, correct });
        }
    }

    fn claims(&self) -> [ScoredSpans; 2] {
        [0, 1].map(|which| {
            let mut claims = ScoredSpans::default();
            for both in self.of_sentences.values() {
                claims.add(both[which].iter().copied());
            }
            claims
        })
    }
}

/// The calibration of one kind of run. Taggers and languages without a predicted entity are left out.
fn measured(
    kind: String,
    taggers: BTreeMap<String, Vec<Spans>>,
    bootstrap: &Bootstrap,
) -> Option<Reliability> {
    let of_language = |(language, taggers): (String, Vec<Spans>)| {
        let claims: Vec<[ScoredSpans; 2]> = taggers.iter().map(Spans::claims).collect();
        (language, claims)
    };
    let claims: Vec<(String, Vec<[ScoredSpans; 2]>)> =
        taggers.into_iter().map(of_language).collect();
    let mut languages = Vec::new();
    let mut groups: Vec<Vec<[&ScoredSpans; 2]>> = Vec::new();
    for (language, claims) in &claims {
        let report = |side: usize| {
            let of: Vec<&ScoredSpans> = claims.iter().map(|both| &both[side]).collect();
            Calibration::of(&of, ScoredSpans::BINS, Some(bootstrap))
        };
        let group: Vec<[&ScoredSpans; 2]> = claims.iter().map(|both| both.each_ref()).collect();
        let change =
            CalibrationChange::of(std::slice::from_ref(&group), ScoredSpans::BINS, bootstrap);
        let (Some(before), Some(after), Some(change)) = (report(0), report(1), change) else {
            continue;
        };
        let (language, runs) = (language.clone(), claims.len());
        languages.push(LanguageReliability { language, runs, before, after, change });
        groups.push(group);
    }
    let mean = CalibrationChange::of(&groups, ScoredSpans::BINS, bootstrap)?;
    Some(Reliability { experiment: kind, languages, mean })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prediction(position: usize, gold: &str, spans: &[(&str, usize, usize, f64)]) -> Prediction {
        let split = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let span = |&(label, start, end, confidence): &(&str, usize, usize, f64)| PredictedSpan {
            label: label.to_owned(),
            start,
            end,
            confidence,
            uncalibrated: 1.0,
        };
        Prediction {
            position,
            tokens: Vec::new(),
            same_as: None,
            gold: split(gold),
            tags: split(gold),
            spans: spans.iter().map(span).collect(),
            seen: false,
            known: Vec::new(),
        }
    }

    #[test]
    fn spans_are_compared_with_gold_and_equal_sentences_put_together() {
        let mut spans = Spans::default();
        let gold = "B-PER O O B-LOC";
        spans.add(prediction(3, gold, &[("PER", 0, 1, 0.8), ("PER", 3, 4, 0.4)]));
        let again = prediction(7, gold, &[("PER", 0, 2, 0.4)]);
        spans.add(Prediction { same_as: Some(3), ..again });
        spans.add(prediction(4, "O", &[]));
        let how = Bootstrap::default();
        let reliability =
            measured("baseline".into(), BTreeMap::from([("af".to_owned(), vec![spans])]), &how)
                .unwrap();
        let af = &reliability.languages[0];
        assert_eq!((af.before.sentences, af.before.spans, af.runs), (2, 3, 1));
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
        close(af.after.accuracy, 1.0 / 3.0);
        close(af.before.ece, 2.0 / 3.0);
        // None of those at 0.4 is right, all at 0.8 are.
        close(af.after.ece, (0.8 + 0.2) / 3.0);
        close(reliability.mean.change, af.change.change);
    }

    #[test]
    fn runs_without_confidences_are_left_out() {
        let mut spans = Spans::default();
        spans.add(prediction(0, "B-PER", &[]));
        let languages = BTreeMap::from([("af".to_owned(), vec![spans])]);
        assert_eq!(measured("baseline".into(), languages, &Bootstrap::default()), None);
    }

    #[test]
    fn seeds_are_measured_one_by_one() {
        let seed = |right: bool| {
            let mut spans = Spans::default();
            let gold = if right { "B-PER" } else { "O" };
            spans.add(prediction(0, gold, &[("PER", 0, 1, 0.5)]));
            spans
        };
        let languages = BTreeMap::from([("af".to_owned(), vec![seed(true), seed(false)])]);
        let reliability = measured("baseline".into(), languages, &Bootstrap::default()).unwrap();
        let af = &reliability.languages[0];
        assert_eq!((af.after.spans, af.runs, af.after.accuracy), (2, 2, 0.5));
        assert_eq!((af.after.ece, af.change.after, reliability.mean.after), (0.5, 0.5, 0.5));
    }
}
