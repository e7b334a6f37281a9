//! How good the models are on the held-out sentences, and what more answers would add.

use crate::{answer::Span, models::Trained, project::Project};
use gleaner_metrics::{Bootstrap, Evaluation, LearningCurve, Runs, SeqevalMode};
use serde::Serialize;
use std::collections::BTreeMap;

/// Number of additional sentences that the gain is predicted for.
const MORE: u32 = 100;

/// The score of a model on the held-out sentences that are answered.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Score {
    /// Its number.
    pub model: String,
    /// Number of sentences that it was trained on.
    pub sentences: usize,
    /// Number of held-out sentences that it is scored on.
    pub tested: usize,
    /// Entity micro F1, from 0 to 1, in seqeval's default mode.
    pub f1: f64,
    /// The lower end of the 95 % bootstrap interval of F1.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// What more accepted sentences would add to F1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Forecast {
    /// Number of additional sentences.
    pub sentences: u32,
    /// The lower end of the 95 % bootstrap interval of the gain, in points of F1.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// The scores of all models, and the forecast of the fitted learning curve: see [`LearningCurve`]. There is no forecast
/// before there are three models of different numbers of training sentences.
pub(crate) fn scores(project: &Project, trained: &[Trained]) -> (Vec<Score>, Option<Forecast>) {
    let accepted = project.accepted().into_iter();
    let gold: BTreeMap<usize, Vec<Span>> =
        accepted.filter(|(id, _)| project.is_held_out(*id)).collect();
    let score = |model: &Trained| {
        let evaluation = evaluation(project, model, &gold, |id| model.predicted.contains_key(&id));
        let mode = SeqevalMode::Default;
        let interval = evaluation.intervals(mode, &Bootstrap::default())?.micro_f1;
        Some(Score {
            model: model.number.to_string(),
            sentences: model.sentences,
            tested: evaluation.sentences(),
            f1: evaluation.report(mode).micro.f1,
            low: interval.low,
            high: interval.high,
        })
    };
    (trained.iter().filter_map(score).collect(), forecast(project, trained, &gold))
}

/// The evaluation of a model on the `wanted` sentences.
fn evaluation(
    project: &Project,
    model: &Trained,
    gold: &BTreeMap<usize, Vec<Span>>,
    wanted: impl Fn(usize) -> bool,
) -> Evaluation {
    let mut evaluation = Evaluation::default();
    for (id, spans) in gold.iter().filter(|(id, _)| wanted(**id)) {
        let Some(predicted) = model.predicted.get(id) else { continue };
        let words = project.texts()[*id].words.len();
        let [gold, predicted] = [spans, predicted].map(|spans| Span::tags(spans, words));
        // Both have a tag for every word, and types have no white space.
        let added = evaluation.add(&gold, &predicted);
        debug_assert!(added.is_ok(), "{added:?}");
    }
    evaluation
}

fn forecast(
    project: &Project,
    trained: &[Trained],
    gold: &BTreeMap<usize, Vec<Span>>,
) -> Option<Forecast> {
    // Texts that were imported later have no prediction of earlier models.
    let is_known = |id: usize| trained.iter().all(|model| model.predicted.contains_key(&id));
    let runs = |model: &Trained| {
        let evaluation = evaluation(project, model, gold, is_known);
        let counts = evaluation.sentence_counts(SeqevalMode::Default);
        Some((model.sentences as f64, Runs::new(vec![counts]).ok()?))
    };
    let sizes: Vec<(f64, Runs)> = trained.iter().map(runs).collect::<Option<_>>()?;
    if !gold.keys().any(|id| is_known(*id)) {
        return None;
    }
    let curve = LearningCurve::of(&sizes, f64::from(MORE), &Bootstrap::default()).ok()??;
    let points = |gain: f64| 100.0 * gain;
    let interval = curve.interval;
    Some(Forecast { sentences: MORE, low: points(interval.low), high: points(interval.high) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{answer, project};

    /// A model that finds the first word of the first `found` of ten sentences.
    fn model(number: u32, sentences: usize, found: usize) -> Trained {
        let span = || Span { start: 0, end: 1, entity_type: "PER".into() };
        let of = |id: usize| if id % 10 < found { vec![span()] } else { Vec::new() };
        Trained { number, sentences, predicted: (0..100).map(|id| (id, of(id))).collect() }
    }

    #[test]
    fn models_are_scored_on_the_same_held_out_answers() {
        let (_folder, mut session) = project("random-share = 0.5\n", 100);
        assert_eq!(scores(session.project(), &[model(1, 50, 5)]), (Vec::new(), None));
        for id in 0..100 {
            session.answer(answer("a", id, &[(0, 1)]), None).unwrap();
        }
        let project = session.project();
        let held_out = (0..100).filter(|id| project.is_held_out(*id));
        let right = held_out.clone().filter(|id| id % 10 < 5).count() as f64;
        let tested = held_out.count();
        let models = [model(1, 50, 5), model(2, 100, 7), model(3, 150, 8)];
        let (found, forecast) = scores(project, &models);
        assert_eq!(found.len(), 3);
        let first = &found[0];
        assert_eq!((first.model.as_str(), first.sentences, first.tested), ("1", 50, tested));
        assert!((first.f1 - 2.0 * right / (right + tested as f64)).abs() < 1e-12);
        assert!(first.low < first.f1 && first.f1 < first.high);
        assert!(first.f1 < found[1].f1 && found[1].f1 < found[2].f1);
        let Forecast { sentences, low, high } = forecast.unwrap();
        assert!(sentences == 100 && 0.0 <= low && low < high && high < 60.0, "{low} {high}");
        assert_eq!(scores(project, &models[..2]).1, None);
    }
}
