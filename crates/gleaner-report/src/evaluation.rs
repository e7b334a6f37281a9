//! All scores of one prediction, as text and as JSON.

use gleaner_metrics::{Bootstrap, Confusion, Evaluation, Intervals, Mode, Report};
use serde::{Deserialize, Serialize};

use crate::confidence::{SpanConfidence, confidence_table};
use crate::confusion::confusion_table;
use crate::scores::{interval_text, percent, ratio, score_table};

/// Entity scores in one mode.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModeScores {
    /// The scores.
    pub report: Report,
    /// Their intervals, if they were asked for and there is an entity.
    pub intervals: Option<Intervals>,
}

/// All that is told of a prediction; its serde form is the JSON of an evaluation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct EvaluationView {
    /// How many sentences were scored.
    pub sentences: usize,
    /// How many words they have.
    pub words: usize,
    /// Sentences of the text that could not be read and were left out.
    #[serde(default)]
    pub left_out: usize,
    /// Entity scores in [`Mode::Default`].
    pub default: ModeScores,
    /// Entity scores in [`Mode::Strict`].
    pub strict: ModeScores,
    /// The part of the words with the right tag, `O` included, from 0 to 1.
    pub token_accuracy: f64,
    /// The mean F1 of the tags of words, `O` included, from 0 to 1.
    pub token_macro_f1: f64,
    /// The published study's score, from 0 to 1, where it was computed: micro F1 over pieces, the
    /// mean over batches.
    pub published_score: Option<f64>,
    /// What became of the entities, in [`Mode::Default`].
    pub confusion: Confusion,
    /// How well the confidences of the entities found fit, where they are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<SpanConfidence>,
    /// Sentences that the tagger was trained on, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trained_on: Option<TrainedOnView>,
}

/// Sentences that a tagger was trained on, whose scores say nothing of new text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainedOnView {
    /// How many sentences.
    pub sentences: usize,
    /// Entity scores without them, in [`Mode::Default`].
    pub without: ModeScores,
}

impl EvaluationView {
    /// Computes all scores of an evaluation, and intervals if it is told how.
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
            default: scores(Mode::Default),
            strict: scores(Mode::Strict),
            token_accuracy: evaluation.token_accuracy(),
            token_macro_f1: evaluation.token_macro_f1(),
            published_score,
            confusion: evaluation.confusion().clone(),
            confidence: None,
            trained_on: None,
        }
    }

    /// The view with the number of sentences that could not be read.
    pub fn with_left_out(self, left_out: usize) -> Self {
        EvaluationView { left_out, ..self }
    }

    /// The view with how well confidences fit.
    pub fn with_confidence(self, confidence: Option<SpanConfidence>) -> Self {
        EvaluationView { confidence, ..self }
    }

    /// The view with the scores of those sentences that the tagger was not trained on, and the number of
    /// the others.
    pub fn with_untrained(
        self,
        others: &Evaluation,
        trained_on: usize,
        bootstrap: Option<&Bootstrap>,
    ) -> Self {
        let without = mode_scores(others, Mode::Default, bootstrap);
        EvaluationView {
            trained_on: Some(TrainedOnView { sentences: trained_on, without }),
            ..self
        }
    }

    /// The entity scores in a mode.
    pub fn scores(&self, mode: Mode) -> &ModeScores {
        match mode {
            Mode::Default => &self.default,
            Mode::Strict => &self.strict,
        }
    }
}

fn mode_scores(evaluation: &Evaluation, mode: Mode, bootstrap: Option<&Bootstrap>) -> ModeScores {
    ModeScores {
        report: evaluation.report(mode),
        intervals: bootstrap.and_then(|bootstrap| evaluation.intervals(mode, bootstrap)),
    }
}

/// The view as people read it: the main scores, each under its full name, then the tables of both
/// modes and the confusion.
pub fn evaluation_text(view: &EvaluationView) -> String {
    let mut lines = Vec::new();
    for mode in Mode::ALL {
        lines.push((format!("entity F1 (micro, {mode})"), micro_f1(view.scores(mode))));
    }
    // Of a text that is wholly known there is no other score.
    let known = view.trained_on.as_ref().filter(|t| t.sentences > 0);
    if let Some(TrainedOnView { without, .. }) = known.filter(|t| t.sentences < view.sentences) {
        let name = format!("entity F1 without what it was trained on ({})", Mode::Default);
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
            &format!("Without {} that could not be read.\n\n", counted(view.left_out, "sentence"));
    }
    if let Some(TrainedOnView { sentences, .. }) = known {
        text += &format!(
            "The tagger was trained on {sentences} of them: their scores say nothing of new text.\n\n"
        );
    }
    for (name, value) in lines {
        text += format!("{name:width$}  {value}").trim_end();
        text.push('\n');
    }
    if let Some(intervals) =
        Mode::ALL.into_iter().find_map(|mode| view.scores(mode).intervals.as_ref())
    {
        text += &format!("\n{}\n", interval_note(intervals));
    }
    for mode in Mode::ALL {
        let ModeScores { report, intervals } = view.scores(mode);
        text += &format!("\n{}", score_table(report, intervals.as_ref(), mode));
    }
    if !view.confusion.types().is_empty() {
        let table = confusion_table(&view.confusion);
        text += &format!("\nConfusion of entities, {}\n\n{table}", Mode::Default);
    }
    if let Some(confidence) = &view.confidence {
        text += &format!("\n{}", confidence_table(confidence));
    }
    text
}

/// The view as JSON, indented. It holds more than the text: the weighted averages too.
///
/// # Errors
/// None that serde_json is known to give for these types.
pub fn evaluation_json(view: &EvaluationView) -> serde_json::Result<String> {
    serde_json::to_string_pretty(view)
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

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Four sentences with every kind of error, a stray `I-` among them.
    pub(crate) fn example() -> Evaluation {
        let mut evaluation = Evaluation::default();
        for (gold, predicted) in [
            ("B-PER I-PER O B-LOC O", "B-PER I-PER O B-LOC O"),
            ("B-PER I-PER O B-ORG I-ORG", "B-PER O O B-LOC I-LOC"),
            ("O B-LOC O O", "O O B-ORG O"),
            ("O O B-PER", "O O I-PER"),
        ] {
            let [gold, predicted] =
                [gold, predicted].map(|tags| tags.split(' ').collect::<Vec<_>>());
            evaluation.add(&gold, &predicted).expect("IOB2 tags of equal number");
        }
        evaluation
    }

    #[test]
    fn text_in_full() {
        let view = EvaluationView::new(&example(), Some(&Bootstrap::default()), Some(0.9531));
        insta::assert_snapshot!(evaluation_text(&view), @r"
        4 sentences, 17 words

        entity F1 (micro, seqeval default)                  0.500 [0.000, 1.000]
        entity F1 (micro, seqeval strict IOB2)              0.364 [0.000, 0.857]
        token accuracy (words, O included)                  0.647
        token macro F1 (words, O included)                  0.375
        published score (micro F1 over pieces, batch mean)  0.953

        [low, high]: 95 % bootstrap over 4 different sentences, 1000 resamples, seed 42

        seqeval default  precision  recall     F1   95 % interval  gold  predicted  correct
        -----------------------------------------------------------------------------------
        LOC                  0.500   0.500  0.500  [0.000, 1.000]     2          2        1
        ORG                  0.000   0.000  0.000  [0.000, 0.000]     1          1        0
        PER                  0.667   0.667  0.667  [0.000, 1.000]     3          3        2
        -----------------------------------------------------------------------------------
        micro                0.500   0.500  0.500  [0.000, 1.000]     6          6        3
        macro                0.389   0.389  0.389  [0.000, 1.000]

        seqeval strict IOB2  precision  recall     F1   95 % interval  gold  predicted  correct
        ---------------------------------------------------------------------------------------
        LOC                      0.500   0.500  0.500  [0.000, 1.000]     2          2        1
        ORG                      0.000   0.000  0.000  [0.000, 0.000]     1          1        0
        PER                      0.500   0.333  0.400  [0.000, 1.000]     3          2        1
        ---------------------------------------------------------------------------------------
        micro                    0.400   0.333  0.364  [0.000, 0.857]     6          5        2
        macro                    0.333   0.278  0.300  [0.000, 0.833]

        Confusion of entities, seqeval default

        gold \ predicted  LOC  ORG  PER  wrong borders  missed
        ------------------------------------------------------
        LOC                 1    .    .              .       1
        ORG                 1    .    .              .       .
        PER                 .    .    2              1       .
        ------------------------------------------------------
        spurious            .    1    .
        ");
    }

    #[test]
    fn text_without_what_is_not_known() {
        let mut evaluation = Evaluation::default();
        evaluation.add(&["O"], &["O"]).unwrap();
        let view = EvaluationView::new(&evaluation, Some(&Bootstrap::default()), None);
        insta::assert_snapshot!(evaluation_text(&view), @r"
        1 sentence, 1 word

        entity F1 (micro, seqeval default)      0.000
        entity F1 (micro, seqeval strict IOB2)  0.000
        token accuracy (words, O included)      1.000
        token macro F1 (words, O included)      1.000

        seqeval default  precision  recall     F1  gold  predicted  correct
        -------------------------------------------------------------------
        micro                0.000   0.000  0.000     0          0        0
        macro                    -       -      -

        seqeval strict IOB2  precision  recall     F1  gold  predicted  correct
        -----------------------------------------------------------------------
        micro                    0.000   0.000  0.000     0          0        0
        macro                        -       -      -
        ");
    }

    #[test]
    fn sentences_that_could_not_be_read_are_told() {
        let view = EvaluationView::new(&example(), None, None);
        let whole = evaluation_text(&view);
        let text = evaluation_text(&view.with_left_out(1));
        let told = "4 sentences, 17 words\n\nWithout 1 sentence that could not be read.\n\n";
        assert_eq!(text, whole.replace("4 sentences, 17 words\n\n", told));
    }

    #[test]
    fn what_the_tagger_was_trained_on_is_told_and_left_out() {
        let view = |others: &Evaluation, known: usize| {
            let view = EvaluationView::new(&example(), Some(&Bootstrap::default()), None);
            evaluation_text(&view.with_untrained(others, known, Some(&Bootstrap::default())))
        };
        let none = EvaluationView::new(&example(), Some(&Bootstrap::default()), None);
        assert_eq!(view(&example(), 0), evaluation_text(&none));
        let mut others = Evaluation::default();
        others.add(&["B-PER", "O"], &["B-PER", "B-LOC"]).unwrap();
        let head = |text: String| text.lines().take(7).collect::<Vec<_>>().join("\n");
        insta::assert_snapshot!(head(view(&others, 3)), @r"
        4 sentences, 17 words

        The tagger was trained on 3 of them: their scores say nothing of new text.

        entity F1 (micro, seqeval default)                          0.500 [0.000, 1.000]
        entity F1 (micro, seqeval strict IOB2)                      0.364 [0.000, 0.857]
        entity F1 without what it was trained on (seqeval default)  0.667 [0.667, 0.667]
        ");
        insta::assert_snapshot!(head(view(&Evaluation::default(), 4)), @r"
        4 sentences, 17 words

        The tagger was trained on 4 of them: their scores say nothing of new text.

        entity F1 (micro, seqeval default)      0.500 [0.000, 1.000]
        entity F1 (micro, seqeval strict IOB2)  0.364 [0.000, 0.857]
        token accuracy (words, O included)      0.647
        ");
    }

    #[test]
    fn json_names_its_fields_and_can_be_read_back() {
        let bootstrap = Bootstrap { resamples: 1, ..Bootstrap::default() };
        let mut evaluation = Evaluation::default();
        evaluation.add(&["B-PER", "O"], &["B-PER", "I-LOC"]).unwrap();
        let view = EvaluationView::new(&evaluation, Some(&bootstrap), None);
        let json = evaluation_json(&view).unwrap();
        assert_eq!(serde_json::from_str::<EvaluationView>(&json).unwrap(), view);
        insta::assert_snapshot!(json, @r#"
        {
          "sentences": 1,
          "words": 2,
          "left-out": 0,
          "default": {
            "report": {
              "types": {
                "LOC": {
                  "precision": 0.0,
                  "recall": 0.0,
                  "f1": 0.0,
                  "gold": 0,
                  "predicted": 1,
                  "correct": 0
                },
                "PER": {
                  "precision": 1.0,
                  "recall": 1.0,
                  "f1": 1.0,
                  "gold": 1,
                  "predicted": 1,
                  "correct": 1
                }
              },
              "micro": {
                "precision": 0.5,
                "recall": 1.0,
                "f1": 0.6666666666666666,
                "gold": 1,
                "predicted": 2,
                "correct": 1
              },
              "macro-avg": {
                "precision": 0.5,
                "recall": 0.5,
                "f1": 0.5
              },
              "weighted": {
                "precision": 1.0,
                "recall": 1.0,
                "f1": 1.0
              }
            },
            "intervals": {
              "bootstrap": {
                "resamples": 1,
                "level": 0.95,
                "seed": 42
              },
              "sentences": 1,
              "micro-f1": {
                "low": 0.6666666666666666,
                "high": 0.6666666666666666
              },
              "macro-f1": {
                "low": 0.5,
                "high": 0.5
              },
              "types": {
                "LOC": {
                  "low": 0.0,
                  "high": 0.0
                },
                "PER": {
                  "low": 1.0,
                  "high": 1.0
                }
              }
            }
          },
          "strict": {
            "report": {
              "types": {
                "PER": {
                  "precision": 1.0,
                  "recall": 1.0,
                  "f1": 1.0,
                  "gold": 1,
                  "predicted": 1,
                  "correct": 1
                }
              },
              "micro": {
                "precision": 1.0,
                "recall": 1.0,
                "f1": 1.0,
                "gold": 1,
                "predicted": 1,
                "correct": 1
              },
              "macro-avg": {
                "precision": 1.0,
                "recall": 1.0,
                "f1": 1.0
              },
              "weighted": {
                "precision": 1.0,
                "recall": 1.0,
                "f1": 1.0
              }
            },
            "intervals": {
              "bootstrap": {
                "resamples": 1,
                "level": 0.95,
                "seed": 42
              },
              "sentences": 1,
              "micro-f1": {
                "low": 1.0,
                "high": 1.0
              },
              "macro-f1": {
                "low": 1.0,
                "high": 1.0
              },
              "types": {
                "PER": {
                  "low": 1.0,
                  "high": 1.0
                }
              }
            }
          },
          "token-accuracy": 0.5,
          "token-macro-f1": 0.3333333333333333,
          "published-score": null,
          "confusion": {
            "matched": {
              "PER": {
                "PER": 1
              }
            },
            "wrong-borders": {},
            "missed": {},
            "spurious": {
              "LOC": 1
            }
          }
        }
        "#);
    }
}
