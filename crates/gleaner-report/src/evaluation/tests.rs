//! The text and the JSON of an evaluation.

use super::*;

/// Four sentences with every kind of error, including a stray `I-`.
pub(crate) fn example() -> Evaluation {
    let mut evaluation = Evaluation::default();
    for (gold, predicted) in [
        ("B-PER I-PER O B-LOC O", "B-PER I-PER O B-LOC O"),
        ("B-PER I-PER O B-ORG I-ORG", "B-PER O O B-LOC I-LOC"),
        ("O B-LOC O O", "O O B-ORG O"),
        ("O O B-PER", "O O I-PER"),
    ] {
        let [gold, predicted] = [gold, predicted].map(|tags| tags.split(' ').collect::<Vec<_>>());
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

    gold \ predicted  LOC  ORG  PER  wrong boundaries  missed
    ---------------------------------------------------------
    LOC                 1    .    .                 .       1
    ORG                 1    .    .                 .       .
    PER                 .    .    2                 1       .
    ---------------------------------------------------------
    spurious            .    1    .
    ");
}

#[test]
fn unknown_values_are_left_out_of_the_text() {
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
fn sentences_that_could_not_be_read_are_reported() {
    let view = EvaluationView::new(&example(), None, None);
    let whole = evaluation_text(&view);
    let text = evaluation_text(&view.with_left_out(1));
    let report = "4 sentences, 17 words\n\nLeft out 1 sentence that could not be read.\n\n";
    assert_eq!(text, whole.replace("4 sentences, 17 words\n\n", report));
}

#[test]
fn training_sentences_are_reported_and_scored_apart() {
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

    The tagger was trained on 3 of them; their scores do not carry over to new text.

    entity F1 (micro, seqeval default)                          0.500 [0.000, 1.000]
    entity F1 (micro, seqeval strict IOB2)                      0.364 [0.000, 0.857]
    entity F1 without its training sentences (seqeval default)  0.667 [0.667, 0.667]
    ");
    insta::assert_snapshot!(head(view(&Evaluation::default(), 4)), @r"
    4 sentences, 17 words

    The tagger was trained on 4 of them; their scores do not carry over to new text.

    entity F1 (micro, seqeval default)      0.500 [0.000, 1.000]
    entity F1 (micro, seqeval strict IOB2)  0.364 [0.000, 0.857]
    token accuracy (words, O included)      0.647
    ");
}

#[test]
fn json_has_all_fields_and_can_be_read_back() {
    let bootstrap = Bootstrap { resamples: 1, ..Bootstrap::default() };
    let mut evaluation = Evaluation::default();
    evaluation.add(&["B-PER", "O"], &["B-PER", "I-LOC"]).unwrap();
    let view = EvaluationView::new(&evaluation, Some(&bootstrap), None);
    let json = serde_json::to_string_pretty(&view).unwrap();
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
        "wrong-boundaries": {},
        "missed": {},
        "spurious": {
          "LOC": 1
        }
      }
    }
    "#);
}
