//! All scores of one prediction, as plain data and as text.

use crate::confidence::{SpanConfidence, confidence_table};
use crate::confusion::confusion_table;
use crate::number::counted;
use crate::scores::{interval_text, percent, ratio, score_table};
use gleaner_metrics::{Bootstrap, Confusion, Evaluation, Intervals, Report, SeqevalMode};
use serde::{Deserialize, Serialize};

/// Entity scores in one mode.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModeScores {
    /// The scores.
    pub report: Report,
    /// Their intervals, if requested and there is an entity.
    pub intervals: Option<Intervals>,
}

/// All scores of a prediction. Its serde form is the JSON of an evaluation, which also holds the weighted averages that
/// the text leaves out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct EvaluationView {
    /// Number of sentences scored.
    pub sentences: usize,
    /// Number of their words.
    pub words: usize,
    /// Number of sentences of the text that could not be read and were left out.
    #[serde(default)]
    pub left_out: usize,
    /// Entity scores in [`SeqevalMode::Default`].
    pub default: ModeScores,
    /// Entity scores in [`SeqevalMode::Strict`].
    pub strict: ModeScores,
    /// Share of words with the correct tag, `O` included, from 0 to 1.
    pub token_accuracy: f64,
    /// Mean F1 of the tags of words, `O` included, from 0 to 1.
    pub token_macro_f1: f64,
    /// The score of the published protocol, from 0 to 1, if computed: micro F1 over sub-word pieces, averaged over
    /// batches.
    pub published_score: Option<f64>,
    /// How entities were confused, in [`SeqevalMode::Default`].
    pub confusion: Confusion,
    /// Calibration of the confidences of predicted entities, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<SpanConfidence>,
    /// Sentences that the tagger was trained on, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trained_on: Option<TrainedOnView>,
}

/// Sentences that a tagger was trained on. Their scores do not carry over to new text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainedOnView {
    /// Number of sentences.
    pub sentences: usize,
    /// Entity scores of the other sentences, in [`SeqevalMode::Default`].
    pub without: ModeScores,
}

impl EvaluationView {
    /// Computes all scores of an evaluation, and intervals if `bootstrap` is given.
    pub fn new(
        evaluation: &Evaluation,
        bootstrap: Option<&Bootstrap>,
        published_score: Option<f64>,
    ) -> Self {
        let scores = |mode| mode_scores(evaluation, mode, bootstrap);
        EvaluationView {
            sentences: evaluation.sentences(),
            words: evaluation.words(),
            left_out: 0,
            default: scores(SeqevalMode::Default),
            strict: scores(SeqevalMode::Strict),
            token_accuracy: evaluation.token_accuracy(),
            token_macro_f1: evaluation.token_macro_f1(),
            published_score,
            confusion: evaluation.confusion().clone(),
            confidence: None,
            trained_on: None,
        }
    }

    /// Sets the number of sentences that could not be read.
    pub fn with_left_out(self, left_out: usize) -> Self {
        EvaluationView { left_out, ..self }
    }

    /// Sets the calibration of confidences.
    pub fn with_confidence(self, confidence: Option<SpanConfidence>) -> Self {
        EvaluationView { confidence, ..self }
    }

    /// Sets the number of sentences that the tagger was trained on, and the scores of the others.
    pub fn with_untrained(
        self,
        others: &Evaluation,
        trained_on: usize,
        bootstrap: Option<&Bootstrap>,
    ) -> Self {
        let without = mode_scores(others, SeqevalMode::Default, bootstrap);
        EvaluationView {
            trained_on: Some(TrainedOnView { sentences: trained_on, without }),
            ..self
        }
    }

    /// The entity scores in a mode.
    pub fn scores(&self, mode: SeqevalMode) -> &ModeScores {
        match mode {
            SeqevalMode::Default => &self.default,
            SeqevalMode::Strict => &self.strict,
        }
    }
}

fn mode_scores(
    evaluation: &Evaluation,
    mode: SeqevalMode,
    bootstrap: Option<&Bootstrap>,
) -> ModeScores {
    ModeScores {
        report: evaluation.report(mode),
        intervals: bootstrap.and_then(|bootstrap| evaluation.intervals(mode, bootstrap)),
    }
}

/// The view as text: the main scores under their full names, then the tables of both modes and the confusion.
pub fn evaluation_text(view: &EvaluationView) -> String {
    let mut lines = Vec::new();
    for mode in SeqevalMode::ALL {
        lines.push((format!("entity F1 (micro, {mode})"), micro_f1(view.scores(mode))));
    }
    // A text that was wholly trained on has no other score.
    let known = view.trained_on.as_ref().filter(|t| t.sentences > 0);
    if let Some(TrainedOnView { without, .. }) = known.filter(|t| t.sentences < view.sentences) {
        let name = format!("entity F1 without its training sentences ({})", SeqevalMode::Default);
        lines.push((name, micro_f1(without)));
    }
    lines.push(("token accuracy (words, O included)".to_owned(), ratio(view.token_accuracy)));
    lines.push(("token macro F1 (words, O included)".to_owned(), ratio(view.token_macro_f1)));
    if let Some(score) = view.published_score {
        lines.push(("published score (micro F1 over pieces, batch mean)".to_owned(), ratio(score)));
    }
    let width = lines.iter().map(|(name, _)| name.len()).max().unwrap_or(0);

    let mut text =
        format!("{}, {}\n\n", counted(view.sentences, "sentence"), counted(view.words, "word"));
    if view.left_out > 0 {
        text +=
            &format!("Left out {} that could not be read.\n\n", counted(view.left_out, "sentence"));
    }
    if let Some(TrainedOnView { sentences, .. }) = known {
        text += &format!(
            "The tagger was trained on {sentences} of them; their scores do not carry over to new text.\n\n"
        );
    }
    for (name, value) in lines {
        text += format!("{name:width$}  {value}").trim_end();
        text.push('\n');
    }
    if let Some(intervals) =
        SeqevalMode::ALL.into_iter().find_map(|mode| view.scores(mode).intervals.as_ref())
    {
        text += &format!("\n{}\n", interval_note(intervals));
    }
    for mode in SeqevalMode::ALL {
        let ModeScores { report, intervals } = view.scores(mode);
        text += &format!("\n{}", score_table(report, intervals.as_ref(), mode));
    }
    if !view.confusion.types().is_empty() {
        let table = confusion_table(&view.confusion);
        text += &format!("\nConfusion of entities, {}\n\n{table}", SeqevalMode::Default);
    }
    if let Some(confidence) = &view.confidence {
        text += &format!("\n{}", confidence_table(confidence));
    }
    text
}

fn micro_f1(ModeScores { report, intervals }: &ModeScores) -> String {
    let interval = intervals.as_ref().map(|intervals| interval_text(&intervals.micro_f1));
    format!("{} {}", ratio(report.micro.f1), interval.unwrap_or_default())
}

fn interval_note(intervals: &Intervals) -> String {
    let Bootstrap { resamples, level, seed } = intervals.bootstrap;
    format!(
        "[low, high]: {} bootstrap over {}, {}, seed {seed}",
        percent(level),
        counted(intervals.sentences, "different sentence"),
        counted(resamples, "resample"),
    )
}

#[cfg(test)]
pub(crate) mod tests;
