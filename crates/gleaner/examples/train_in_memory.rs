//! Trains a tagger on sentences in memory and labels a string. Only the encoder is read from a file.

use gleaner::{Dataset, GleanerError, Sentence, Settings, Splits, train};

fn sentence(text: &str) -> Sentence {
    let pairs = text.split(' ').map(|pair| pair.split_once('/').expect("word/tag"));
    let (words, tags) = pairs.map(|(word, tag)| (word.to_owned(), tag.to_owned())).unzip();
    Sentence { words, tags, ..Sentence::default() }
}

fn main() -> Result<(), GleanerError> {
    let texts =
        ["Anna/B-PER woon/O in/O Brakfontein/B-LOC ./O", "Dit/O reën/O in/O Oudrif/B-LOC ./O"];
    let settings =
        Settings::builder().encoder("sample:tiny").epochs(20).drop_leaks(false).build()?;
    let train = (0..40).map(|i| sentence(texts[i % 2])).collect();
    let data = Dataset::from_sentences(Splits { train, dev: None, test: None }, &settings)?;
    let trained = train::fit(&settings, data, None, &mut |_: &train::Event| {})?;
    for entity in trained.tagger.predict("Anna woon in Oudrif.")? {
        println!("{}\t{}\t{:.2}", entity.label, entity.text, entity.confidence);
    }
    Ok(())
}
