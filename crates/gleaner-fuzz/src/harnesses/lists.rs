//! Lists and maps: digests of training sentences, mentions, types, gains, and the names of tag numbers.

use super::{
    model::{corpus, made},
    support::{file, sentences},
};
use gleaner::{TrainedOn, sources::Gains};
use gleaner_base::csv::cell;
use gleaner_corpus::{
    Format, LabelMap, Mentions, Offsets, ReadOptions, Sentence, read, read_bytes, write,
};
use std::{fs, path::Path};

pub(super) fn trained_on_seeds() -> Vec<Vec<u8>> {
    vec![fs::read(made().model.join("trained-on.txt")).expect("a file")]
}

/// Every line that is accepted is a digest, and their order and number do not matter.
pub(super) fn trained_on(input: &[u8]) -> Result<(), String> {
    let path = file("trained-on", "trained-on.txt");
    let folder = path.parent().expect("a folder");
    fs::write(&path, input).expect("a file");
    let read = || TrainedOn::read(folder).map_err(|e| e.to_string());
    let known = read()?;
    let text = std::str::from_utf8(input).expect("UTF-8");
    let is_digest = |line: &&str| line.len() == 16 && line.bytes().all(|b| b.is_ascii_hexdigit());
    let mut lines: Vec<&str> = text.lines().collect();
    assert!(lines.iter().all(is_digest), "{lines:?}");
    lines.sort_unstable();
    lines.dedup();
    let sorted: String = lines.iter().map(|line| format!("{line}\n")).collect();
    fs::write(&path, sorted).expect("a file");
    assert_eq!(read(), Ok(known));
    Ok(())
}

pub(super) fn mention_seeds() -> Vec<Vec<u8>> {
    vec![
        Mentions::of(&corpus(sentences())).to_text().into_bytes(),
        b"\xef\xbb\xbfPER\t Anna  Berg\r\n\nLOC\tOslo\n".to_vec(),
    ]
}

/// A list that is accepted and written again is read back equal.
pub(super) fn mentions(input: &[u8]) -> Result<(), String> {
    let path = file("mentions", "names.tsv");
    fs::write(&path, input).expect("a file");
    let read = || Mentions::read(&path).map_err(|e| e.to_string());
    let found = read()?;
    assert!(found.types().all(|name| found.of_type(name).all(|words| !words.is_empty())));
    fs::write(&path, found.to_text()).expect("a file");
    assert_eq!(read(), Ok(found));
    Ok(())
}

pub(super) fn label_map_seeds() -> Vec<Vec<u8>> {
    ["PER = \"PERSON\"\nLOC = \"O\"\n", "\"A B\" = \"C\"\n\"*\" = \"MISC\"\n"]
        .map(|text| text.as_bytes().to_vec())
        .to_vec()
}

/// A map is the same after it was written as JSON, and the types of a text that was mapped are those that it gives.
pub(super) fn label_map(input: &[u8]) -> Result<(), String> {
    let path = file("label-map", "map.toml");
    fs::write(&path, input).expect("a file");
    let map = LabelMap::read(&path).map_err(|e| e.to_string())?;
    let json = serde_json::to_string(&map).expect("plain data");
    let again: LabelMap = serde_json::from_str(&json).expect("what was written");
    assert_eq!(again, map);
    let mut text = Vec::new();
    write(Format::Jsonl, &mut text, &sentences(), Offsets::Scalar).expect("labelled");
    let options = ReadOptions { label_map: Some(map.clone()), ..ReadOptions::default() };
    let mapped = read_bytes(&text, Path::new("x.jsonl"), &options).map_err(|e| e.to_string())?;
    for entity in mapped.sentences.iter().flat_map(Sentence::entities) {
        let given = ["PER", "LOC"].map(|name| map.get(name));
        assert!(given.contains(&Some(entity.entity_type.as_str())), "{entity:?}");
    }
    Ok(())
}

pub(super) fn gain_seeds() -> Vec<Vec<u8>> {
    ["source,gain\nnl,0.5\n\"a,\"\"b\"\"\",-1e-3\n", "\u{feff}gain, n ,source\n1,2,da\n"]
        .map(|text| text.as_bytes().to_vec())
        .to_vec()
}

/// Gains that are accepted and written again are read back equal.
pub(super) fn gains(input: &[u8]) -> Result<(), String> {
    let path = file("gains", "gains.csv");
    fs::write(&path, input).expect("a file");
    let read = || Gains::read(&path, &["nl", "da", "a,\"b\""]).map_err(|e| e.to_string());
    let found = read()?;
    assert!(found.0.iter().all(|(_, gain)| gain.is_finite()));
    let row = |(source, gain): &(String, f64)| format!("{},{gain}\n", cell(source));
    let rows: String = found.0.iter().map(row).collect();
    fs::write(&path, format!("source,gain\n{rows}")).expect("a file");
    assert_eq!(read(), Ok(found));
    Ok(())
}

pub(super) fn dataset_info_seeds() -> Vec<Vec<u8>> {
    let names = r#"{"names": ["O", "B-PER", "I-PER"], "_type": "ClassLabel"}"#;
    [
        format!(r#"{{"features": {{"ner_tags": {{"feature": {names}, "_type": "Sequence"}}}}}}"#),
        format!(r#"{{"features": [{{"name": "ner_tags", "type": [{names}]}}]}}"#),
        r#"{"features": {"tags": {"names": {"0": "O", "1": "B-PER"}}}}"#.to_owned(),
    ]
    .map(String::into_bytes)
    .to_vec()
}

/// The names of the numbers in a file beside it.
pub(super) fn dataset_info(input: &[u8]) -> Result<(), String> {
    let path = file("dataset-info", "train.jsonl");
    let numbers = "{\"tokens\": [\"Anna\", \"bly\"], \"ner_tags\": [1, 0]}\n";
    fs::write(&path, numbers).expect("a file");
    fs::write(path.with_file_name("dataset_info.json"), input).expect("a file");
    let corpus = read(&path, &ReadOptions::default()).map_err(|e| e.to_string())?;
    assert_eq!(corpus.sentences.len(), 1);
    assert_eq!(corpus.sentences[0].tags.len(), 2);
    Ok(())
}
