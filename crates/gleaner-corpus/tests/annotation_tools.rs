//! Files of annotation tools. Small inputs of every kind that users have.

use std::path::Path;

use gleaner_corpus::{
    Corpus, CorpusError, FindingKind, Format, LabelMap, Offsets, ReadOptions, read, read_bytes,
};

fn read_as(name: &str, text: &str, options: &ReadOptions) -> Result<Corpus, CorpusError> {
    read_bytes(text.as_bytes(), Path::new(name), options)
}

/// The sentences as `word/tag word/tag`.
fn shown(corpus: &Corpus) -> Vec<String> {
    let pairs = |(word, tag): (&String, &String)| format!("{word}/{tag}");
    let sentences = corpus.sentences.iter();
    sentences
        .map(|s| s.words.iter().zip(&s.tags).map(pairs).collect::<Vec<_>>().join(" "))
        .collect()
}

fn by_default(name: &str, text: &str) -> Corpus {
    read_as(name, text, &ReadOptions::default()).unwrap()
}

fn detected(name: &str, text: &str) -> Option<Format> {
    Format::detect(Path::new(name), text.as_bytes())
}

const DOCCANO: &str = r#"{"id":1,"text":"Anna sings in Oslo.","label":[[0,4,"PER"],[14,18,"LOC"]]}
{"id":2,"text":"Oslo","entities":[{"id":5,"start_offset":0,"end_offset":4,"label":"LOC"}],"relations":[]}
"#;

#[test]
fn doccano() {
    let corpus = by_default("doccano.jsonl", DOCCANO);
    assert_eq!(shown(&corpus), ["Anna/B-PER sings/O in/O Oslo/B-LOC ./O", "Oslo/B-LOC"]);
    assert_eq!(corpus.findings, []);
    assert_eq!(detected("doccano.jsonl", DOCCANO), Some(Format::Doccano));
    let array = format!("[{}]", DOCCANO.trim().replace('\n', ","));
    assert_eq!(shown(&by_default("doccano.json", &array)), shown(&corpus));
}

const TASK: &str = r#"[{"id":3,"data":{"text":"Anna sings in Oslo."},"annotations":[{"id":9,"was_cancelled":false,"result":[{"from_name":"label","to_name":"text","type":"labels","value":{"start":0,"end":4,"text":"Anna","labels":["PER"]}},{"from_name":"label","to_name":"text","type":"labels","value":{"start":14,"end":18,"text":"Oslo","labels":["Place name"]}}]}]}]"#;

#[test]
fn label_studio() {
    let corpus = by_default("export.json", TASK);
    // White space in a type becomes `_`. A label map can rename it.
    assert_eq!(shown(&corpus), ["Anna/B-PER sings/O in/O Oslo/B-Place_name ./O"]);
    insta::assert_snapshot!(corpus.findings[0], @r#"export.json:1: white space in the type of "B-Place name", read as type Place_name"#);
    let label_map = Some(LabelMap::from_toml("\"Place name\" = \"LOC\"\nPER = \"PER\"").unwrap());
    let options = ReadOptions { label_map, ..ReadOptions::default() };
    let mapped = read_as("export.json", TASK, &options).unwrap();
    assert_eq!(shown(&mapped), ["Anna/B-PER sings/O in/O Oslo/B-LOC ./O"]);
    assert_eq!(mapped.findings, []);
    let both = TASK.replace("\"PER\"", "\"Place_name\"");
    let error = read_as("export.json", &both, &ReadOptions::default()).unwrap_err();
    assert!(error.to_string().contains("would be the same; rename one of them"), "{error}");
    assert_eq!(detected("export.json", TASK), Some(Format::LabelStudio));
    let min = r#"[{"text":"Anna sings.","id":3,"label":[{"start":0,"end":4,"text":"Anna","labels":["PER"]}],"annotator":1,"annotation_id":9,"created_at":"2024-01-01T00:00:00Z","updated_at":"2024-01-01T00:00:00Z","lead_time":3.2}]"#;
    assert_eq!(shown(&by_default("min.json", min)), ["Anna/B-PER sings/O ./O"]);
    assert_eq!(detected("min.json", min), Some(Format::LabelStudioMin));
}

#[test]
fn prodigy() {
    let tokens = r#"{"text":"Anna sings.","tokens":[{"text":"Anna","start":0,"end":4,"id":0,"ws":true},{"text":"sings","start":5,"end":10,"id":1,"ws":false},{"text":".","start":10,"end":11,"id":2,"ws":false}],"spans":[{"start":0,"end":4,"token_start":0,"token_end":0,"label":"PER"}],"answer":"accept"}"#;
    assert_eq!(shown(&by_default("tokens.jsonl", tokens)), ["Anna/B-PER sings/O ./O"]);
    assert_eq!(detected("tokens.jsonl", tokens), Some(Format::Prodigy));
    let answers = r#"{"text":"Per er her","spans":[{"start":7,"end":10,"label":"LOC"}],"answer":"reject"}
{"text":"Per er her","spans":[{"start":0,"end":3,"label":"PER"}],"answer":"accept"}
{"text":"Hm","answer":"ignore"}
{"text":"Hm","answer":"ignore"}
"#;
    let corpus = by_default("answers.jsonl", answers);
    assert_eq!(shown(&corpus), ["Per/B-PER er/O her/O"]);
    let findings: Vec<String> = corpus.findings.iter().map(ToString::to_string).collect();
    assert_eq!(
        findings,
        [
            "answers.jsonl:1: text left out: answer \"reject\"",
            "answers.jsonl:3: text left out: answer \"ignore\" (2 in the file, the first one here)",
        ]
    );
    assert!(corpus.findings.iter().all(|finding| finding.kind == FindingKind::LeftOut));
    let rejected = r#"{"text":"Hm","answer":"ignore"}"#;
    assert_eq!(
        read_as("x.jsonl", rejected, &ReadOptions::default()).unwrap_err().to_string(),
        "x.jsonl: all texts (1) are left out: none has an accepted annotation; check the export"
    );
}

#[test]
fn spans_inside_words_are_counted() {
    let suffix = r#"{"text":"Ankara'da kaldı","spans":[{"start":0,"end":6,"label":"LOC"}]}"#;
    let corpus = by_default("suffix.jsonl", &format!("{suffix}\n{suffix}\n"));
    assert_eq!(shown(&corpus), ["Ankara/B-LOC 'da/O kaldı/O", "Ankara/B-LOC 'da/O kaldı/O"]);
    assert_eq!(
        corpus.findings.iter().map(ToString::to_string).collect::<Vec<_>>(),
        [
            "suffix.jsonl:1: a span starts or ends inside a word, which is split there (2 in the file, the first one here)"
        ]
    );
}

#[test]
fn offsets_in_utf16_need_the_option() {
    let text = r#"{"text":"😀 Anna sings","spans":[{"start":3,"end":7,"label":"PER"}]}"#;
    let options = ReadOptions { offsets: Offsets::Utf16, ..ReadOptions::default() };
    let corpus = read_as("utf16.jsonl", text, &options).unwrap();
    assert_eq!(shown(&corpus), ["😀/O Anna/B-PER sings/O"]);
    assert_eq!(
        read_as("utf16.jsonl", text, &ReadOptions::default()).unwrap_err().to_string(),
        "utf16.jsonl:1: span 3..7: the offsets seem to count UTF-16 units; read the file with --offsets utf16"
    );
}

#[test]
fn the_names_of_numbers_come_from_the_file_or_its_folder() {
    let names = r#"{"feature": {"names": ["O", "B-PER", "I-PER"], "_type": "ClassLabel"}, "_type": "Sequence"}"#;
    let rows = r#"[{"id": "0", "tokens": ["Anna", "Ek"], "ner_tags": [1, 2]}, {"id": "1", "tokens": ["Ja"], "ner_tags": [0]}]"#;
    let whole = format!("{{\"features\": {{\"ner_tags\": {names}}}, \"data\": {rows}}}");
    let expected = ["Anna/B-PER Ek/I-PER", "Ja/O"];
    assert_eq!(shown(&by_default("train.json", &whole)), expected);

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("train.json");
    std::fs::write(&path, rows).unwrap();
    let error = read(&path, &ReadOptions::default()).unwrap_err();
    assert!(error.to_string().contains("tags are numbers without names"), "{error}");
    let info = format!(
        "{{\"features\": {{\"tokens\": {{\"feature\": {{\"dtype\": \"string\"}}}}, \"ner_tags\": {names}}}}}"
    );
    std::fs::write(folder.path().join("dataset_info.json"), info).unwrap();
    assert_eq!(shown(&read(&path, &ReadOptions::default()).unwrap()), expected);
}

#[test]
fn the_content_decides_on_the_format() {
    assert_eq!(detected("a.txt", "{\"id\":7,\"text\":\"Anna woon in Bos.\"}"), Some(Format::Jsonl));
    assert_eq!(
        detected("-", "\u{feff} [\n {\"tokens\": [\"a\"], \"tags\": [\"O\"]}]"),
        Some(Format::Json)
    );
    assert_eq!(detected("a.conll", "[ O\n{ O\n"), Some(Format::Conll));
    assert_eq!(detected("a.txt", "Anna woon in Bos.\n"), None);
    assert_eq!(detected("a.txt", "Anna O\nwoon O\nin O\nBos B-LOC\n"), Some(Format::Conll));
    assert_eq!(detected("x", "PAR1\u{15}"), Some(Format::Parquet));
    let long =
        format!("[{{\"data\": {{\"text\": \"{}\"}}, \"annotations\": [{{\"res", "a ".repeat(100));
    assert_eq!(detected("x", &long), Some(Format::LabelStudio));
    for &format in Format::ALL {
        assert_eq!(Format::of_name(format.name()), Some(format));
    }
}
