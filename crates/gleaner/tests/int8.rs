//! Rounding to 8 bits and its check, on a tagger that was trained in memory.

use gleaner::{
    Corpus, Dataset, GleanerError, Quantization, Scheme, Sentence, Settings, Splits, Tagger,
    quantize, train,
};
use std::sync::{LazyLock, Mutex};

fn sentence(text: &str) -> Sentence {
    let pairs = text.split(' ').map(|pair| pair.split_once('/').expect("word/tag"));
    let (words, tags) = pairs.map(|(word, tag)| (word.to_owned(), tag.to_owned())).unzip();
    Sentence { words, tags, ..Sentence::default() }
}

fn sentences() -> Vec<Sentence> {
    let texts =
        ["Anna/B-PER woon/O in/O Brakfontein/B-LOC ./O", "Dit/O reën/O in/O Oudrif/B-LOC ./O"];
    (0..40).map(|i| sentence(texts[i % 2])).collect()
}

fn corpus() -> Corpus {
    let (path, scheme) = ("text".into(), Scheme::Iob2);
    Corpus { path, sentences: sentences(), scheme, findings: Vec::new(), files: Vec::new() }
}

static TAGGER: LazyLock<Mutex<Tagger>> = LazyLock::new(|| {
    let settings =
        Settings::builder().encoder("sample:tiny").epochs(10).drop_leaks(false).build().unwrap();
    let parts = Splits { train: sentences(), dev: None, test: None };
    let data = Dataset::from_sentences(parts, &settings).unwrap();
    Mutex::new(train::fit(&settings, data, None, &mut |_: &train::Event| {}).unwrap().tagger)
});

#[test]
fn a_rounding_that_costs_nothing_keeps_no_projection_and_the_tagger_stays_as_it_was() {
    let mut tagger = TAGGER.lock().unwrap();
    let before = tagger.predict("Anna woon in Oudrif.").unwrap();
    let mut steps = Vec::new();
    let int8 =
        quantize(&mut tagger, &corpus(), &corpus(), 0.0, &mut |step| steps.push(step)).unwrap();
    assert_eq!(steps[0], Quantization::Measured { sentences: 40 });
    assert!(matches!(steps[1], Quantization::Scored { kept: 0, .. }) && steps.len() == 2);
    assert_eq!((int8.cost.f32_f1, int8.cost.int8_f1, int8.cost.same_tags), (1.0, 1.0, 1.0));
    assert!(int8.kept.is_empty() && int8.cost.sentences == 40);
    assert_eq!(tagger.predict("Anna woon in Oudrif.").unwrap(), before);
}

#[test]
fn more_and_more_projections_are_kept_up_to_half_and_then_the_rounding_is_refused() {
    let mut tagger = TAGGER.lock().unwrap();
    let before = tagger.predict("Anna woon in Oudrif.").unwrap();
    let mut kept = Vec::new();
    // No rounding is better than f32 by a point.
    let refused = quantize(&mut tagger, &corpus(), &corpus(), -0.01, &mut |step| {
        if let Quantization::Scored { kept: now, .. } = step {
            kept.push(now);
        }
    });
    let Err(GleanerError::Quantization { kept: last, all, .. }) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(last, all / 2);
    let expected = [0, 1, 3, 7, 15, 31].into_iter().take_while(|&n| n < last).chain([last]);
    assert_eq!(kept, expected.collect::<Vec<_>>());
    assert_eq!(tagger.predict("Anna woon in Oudrif.").unwrap(), before);
}

#[test]
fn texts_without_sentences_or_entities_are_refused() {
    let mut tagger = TAGGER.lock().unwrap();
    let empty = Corpus { sentences: Vec::new(), ..corpus() };
    let refused = quantize(&mut tagger, &empty, &corpus(), 0.0, &mut |_| {});
    assert!(matches!(refused, Err(GleanerError::NoTrainingText(_))));
    let refused = quantize(&mut tagger, &corpus(), &empty, 0.0, &mut |_| {});
    assert!(matches!(refused, Err(GleanerError::NoTestText(_))));
}
