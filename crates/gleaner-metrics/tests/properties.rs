//! Properties that hold for any tags.

use gleaner_metrics::{Bootstrap, Confusion, Entity, Evaluation, SeqevalMode, entities};
use proptest::collection::vec;
use proptest::prelude::*;

type Sentence = Vec<(&'static str, &'static str)>;

const FEW: Bootstrap = Bootstrap { resamples: 50, level: 0.9, seed: 3 };

fn tag() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-ORG", "I-ORG"])
}

/// Sentences of gold and predicted tags; half of the predicted tags are correct.
fn sentences() -> impl Strategy<Value = Vec<Sentence>> {
    let word = (tag(), tag(), any::<bool>())
        .prop_map(|(gold, other, correct)| (gold, if correct { gold } else { other }));
    vec(vec(word, 0..10), 0..8)
}

fn evaluate(sentences: &[Sentence]) -> Evaluation {
    let mut evaluation = Evaluation::default();
    for sentence in sentences {
        let (gold, predicted): (Vec<_>, Vec<_>) = sentence.iter().copied().unzip();
        evaluation.add(&gold, &predicted).expect("IOB2 tags of equal number");
    }
    evaluation
}

fn to_tags(entities: &[Entity], words: usize) -> Vec<String> {
    let mut tags = vec!["O".to_owned(); words];
    for Entity { entity_type, start, end } in entities {
        tags[*start..*end].fill(format!("I-{entity_type}"));
        tags[*start] = format!("B-{entity_type}");
    }
    tags
}

/// The numbers of gold, predicted and correct entities of a type that a confusion accounts for.
fn accounted(confusion: &Confusion, name: &str) -> (usize, usize, usize) {
    let of =
        |counts: &std::collections::BTreeMap<String, usize>| counts.get(name).copied().unwrap_or(0);
    let row: usize = confusion.matched.get(name).map_or(0, |row| row.values().sum());
    let column: usize = confusion.matched.values().map(of).sum();
    let wrong = of(&confusion.wrong_boundaries);
    let correct = confusion.matched.get(name).map_or(0, of);
    (row + wrong + of(&confusion.missed), column + wrong + of(&confusion.spurious), correct)
}

proptest! {
    #[test]
    fn entities_are_ordered_apart_and_inside(tags in vec(tag(), 0..20)) {
        for mode in SeqevalMode::ALL {
            let found = entities(&tags, mode);
            prop_assert!(found.iter().all(|e| e.start < e.end && e.end <= tags.len()));
            prop_assert!(found.is_sorted_by(|a, b| a.end <= b.start));
        }
    }

    #[test]
    fn strict_finds_those_that_begin_with_b(tags in vec(tag(), 0..20)) {
        let default = entities(&tags, SeqevalMode::Default);
        let strict = entities(&tags, SeqevalMode::Strict);
        let begins = default.into_iter().filter(|e| tags[e.start].starts_with("B-")).collect::<Vec<_>>();
        prop_assert_eq!(strict.len(), tags.iter().filter(|tag| tag.starts_with("B-")).count());
        prop_assert_eq!(strict, begins);
    }

    #[test]
    fn entities_survive_writing_and_reading(tags in vec(tag(), 0..20)) {
        for mode in SeqevalMode::ALL {
            let found = entities(&tags, mode);
            let written = to_tags(&found, tags.len());
            for again in SeqevalMode::ALL {
                prop_assert_eq!(&entities(&written, again), &found);
            }
        }
    }

    #[test]
    fn scores_are_in_bounds(sentences in sentences()) {
        let evaluation = evaluate(&sentences);
        for mode in SeqevalMode::ALL {
            let report = evaluation.report(mode);
            for score in report.types.values().chain([&report.micro]) {
                for ratio in [score.precision, score.recall, score.f1] {
                    prop_assert!((0.0..=1.0).contains(&ratio));
                }
                prop_assert!(score.correct <= score.gold.min(score.predicted));
                let (low, high) = (score.precision.min(score.recall), score.precision.max(score.recall));
                prop_assert!(score.f1 == 0.0 || (low - 1e-12..=high + 1e-12).contains(&score.f1));
            }
            let words: usize = sentences.iter().map(Vec::len).sum();
            prop_assert!(report.micro.gold.max(report.micro.predicted) <= words);
            prop_assert_eq!(report.micro.gold, report.types.values().map(|s| s.gold).sum::<usize>());
            prop_assert!(report.types.values().all(|s| s.gold + s.predicted > 0));
        }
        for ratio in [evaluation.token_accuracy(), evaluation.token_macro_f1()] {
            prop_assert!((0.0..=1.0).contains(&ratio));
        }
    }

    #[test]
    fn a_perfect_prediction_scores_one(mut sentences in sentences()) {
        sentences.iter_mut().flatten().for_each(|word| word.1 = word.0);
        let evaluation = evaluate(&sentences);
        for mode in SeqevalMode::ALL {
            let report = evaluation.report(mode);
            prop_assert!(report.types.values().all(|s| s.f1 == 1.0));
            prop_assert_eq!(report.micro.f1, if report.types.is_empty() { 0.0 } else { 1.0 });
            if let Some(intervals) = evaluation.intervals(mode, &FEW) {
                for interval in intervals.types.values().chain([&intervals.micro_f1, &intervals.macro_f1]) {
                    prop_assert_eq!((interval.low, interval.high), (1.0, 1.0));
                }
            }
        }
    }

    #[test]
    fn the_order_of_sentences_changes_nothing(
        (one, other) in sentences().prop_flat_map(|s| (Just(s.clone()), Just(s).prop_shuffle()))
    ) {
        let (one, other) = (evaluate(&one), evaluate(&other));
        for mode in SeqevalMode::ALL {
            prop_assert_eq!(one.report(mode), other.report(mode));
        }
        prop_assert_eq!(one.confusion(), other.confusion());
        prop_assert_eq!(one.token_macro_f1(), other.token_macro_f1());
    }

    #[test]
    fn exchanging_the_sides_exchanges_precision_and_recall(mut sentences in sentences()) {
        let one = evaluate(&sentences);
        sentences.iter_mut().flatten().for_each(|word| *word = (word.1, word.0));
        let other = evaluate(&sentences);
        for mode in SeqevalMode::ALL {
            let (one, other) = (one.report(mode).micro, other.report(mode).micro);
            prop_assert_eq!((one.precision, one.recall, one.f1), (other.recall, other.precision, other.f1));
        }
    }

    #[test]
    fn every_entity_is_in_the_confusion_once(sentences in sentences()) {
        let evaluation = evaluate(&sentences);
        let report = evaluation.report(SeqevalMode::Default);
        let confusion = evaluation.confusion();
        prop_assert!(confusion.types().into_iter().eq(report.types.keys()));
        for (name, score) in &report.types {
            prop_assert_eq!(accounted(confusion, name), (score.gold, score.predicted, score.correct), "{}", name);
        }
    }

    #[test]
    fn intervals_are_ordered_nested_and_repeatable(sentences in sentences(), seed: u64) {
        let evaluation = evaluate(&sentences);
        let at = |level| evaluation.intervals(SeqevalMode::Default, &Bootstrap { level, seed, ..FEW });
        prop_assert_eq!(at(0.9), at(0.9));
        prop_assert!(at(0.9).is_none_or(|i| evaluation.report(SeqevalMode::Default).types.len() >= i.types.len()));
        if let (Some(wide), Some(narrow)) = (at(0.9), at(0.5)) {
            let pairs = wide.types.values().zip(narrow.types.values());
            for (wide, narrow) in pairs.chain([(&wide.micro_f1, &narrow.micro_f1), (&wide.macro_f1, &narrow.macro_f1)]) {
                prop_assert!(0.0 <= wide.low && wide.low <= narrow.low && narrow.low <= narrow.high);
                prop_assert!(narrow.high <= wide.high && wide.high <= 1.0);
            }
        }
    }

    #[test]
    fn of_one_sentence_the_interval_is_the_score(sentence in sentences().prop_filter_map("empty", |mut s| s.pop())) {
        let evaluation = evaluate(&[sentence]);
        let report = evaluation.report(SeqevalMode::Strict);
        let intervals = evaluation.intervals(SeqevalMode::Strict, &FEW);
        prop_assert_eq!(intervals.is_none(), report.types.is_empty());
        if let Some(intervals) = intervals {
            prop_assert_eq!((intervals.micro_f1.low, intervals.micro_f1.high), (report.micro.f1, report.micro.f1));
            prop_assert!(intervals.types.keys().eq(report.types.keys()));
        }
    }
}
