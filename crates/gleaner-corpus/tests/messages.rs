//! Error messages about invalid files.

use std::path::Path;

use gleaner_corpus::{FindingKind, ReadOptions, read, read_bytes};

/// The error of a file with this name and content.
fn error(name: &str, content: &[u8], options: &ReadOptions) -> String {
    read_bytes(content, Path::new(name), options).unwrap_err().to_string()
}

fn skip_bad() -> ReadOptions {
    ReadOptions { skip_bad: true, ..ReadOptions::default() }
}

fn error_by_default(name: &str, content: &[u8]) -> String {
    error(name, content, &ReadOptions::default())
}

#[test]
fn errors_are_one_line_with_place_and_fix() {
    let cases: [(&str, &[u8]); 13] = [
        ("a.conll", b""),
        ("a.conll", b"\n# only a comment\n"),
        ("a.conll", b"Anna\nsings\n"),
        ("a.conll", b"Anna\tB-PER\nsings\n"),
        ("a.conll", b"Anna\tB-PER\n\nsings\tX-PER\n"),
        ("a.conll", b"Anna B-\n"),
        ("a.conll", b"ok\tO\nAnn\xe9\tB-PER\n"),
        ("a.conll", b"\tO\n"),
        ("a.conll", b"a\tS-PER\nb\tO\nc\tU-PER\n"),
        ("a.jsonl", b"{\"tokens\": [\"a\"], \"tags\": [\"PER\"]}"),
        ("a.jsonl", b"{\"tokens\": [\"a\", \"\"], \"tags\": [\"O\", \"O\"]}"),
        ("a.parquet", b"PAR1"),
        ("a.docx", b"x"),
    ];
    let messages: Vec<String> =
        cases.iter().map(|(name, content)| error_by_default(name, content)).collect();
    insta::assert_snapshot!(messages.join("\n"));
    let missing = read(Path::new("no/such.conll"), &ReadOptions::default()).unwrap_err();
    assert_eq!(missing.to_string(), "no/such.conll: no such file or folder; check the path");
}

#[test]
fn strictness_turns_findings_into_errors() {
    let stray = b"a\tB-P\nb\tO\n\nc\tO\nd\tI-P\n";
    let corpus = read_bytes(stray, Path::new("a.conll"), &ReadOptions::default()).unwrap();
    assert_eq!(corpus.sentences[1].tags, ["O", "B-P"]);
    assert_eq!(corpus.findings.len(), 1);
    assert_eq!(corpus.findings[0].to_string(), "a.conll:5: I-P with no P before it, read as B-P");
    let two = read_bytes(b"a\tI-P\n\n\tO\n\nb\tB-P\n", Path::new("a.conll"), &skip_bad()).unwrap();
    assert_eq!(two.findings.iter().map(|finding| finding.line).collect::<Vec<_>>(), [1, 3]);
    let strict = ReadOptions { strict: true, ..ReadOptions::default() };
    insta::assert_snapshot!(error("a.conll", stray, &strict), @"a.conll:5: I-P with no P before it, which IOB2 does not allow; fix the tag, or turn `strict` off");
    insta::assert_snapshot!(error("a.conll", b"a\tB-P\nb\tS-P\n", &strict), @"a.conll:1: entity of type P without its last tag, which BIOES does not allow; fix the tag, or turn `strict` off");
}

#[test]
fn bad_sentences_are_skipped_only_on_request_and_then_listed() {
    let bad = b"a\tO\n\nb\tO\nc\tB_P\n\nd\xff\tO\ne\tO\n\nf\tO\tO\n\ng\tB-P\n";
    assert_eq!(error_by_default("a.conll", bad).split(": ").next(), Some("a.conll:4"));
    let skip = skip_bad();
    let corpus = read_bytes(bad, Path::new("a.conll"), &skip).unwrap();
    let words: Vec<_> = corpus.sentences.iter().map(|sentence| sentence.words.join(" ")).collect();
    assert_eq!(words, ["a", "g"]);
    let lines: Vec<_> =
        corpus.findings.iter().map(|finding| (finding.line, finding.kind)).collect();
    assert_eq!(lines, [4, 6, 9].map(|line| (line, FindingKind::SkippedSentence)));
    assert_eq!(
        error("a.conll", b"a\tx\n", &skip),
        "a.conll: all sentences (1) are malformed; the first, at line 1: unknown tag \"x\"; expected O, or B-, I-, E-, S-, L- or U- and a type, such as B-PER"
    );
    assert!(error("a.conll", b"a\n", &skip).starts_with("a.conll:1: only one column"));
    assert!(error("a.jsonl", b"[1", &skip).starts_with("a.jsonl:1: damaged JSON array"));

    let spans = b"{\"text\": \"ab\", \"spans\": [{\"start\": 1, \"end\": 3, \"label\": \"X\"}]}\n{\"text\": \"c\", \"spans\": []}";
    let corpus = read_bytes(spans, Path::new("a.jsonl"), &skip).unwrap();
    insta::assert_snapshot!(corpus.findings[0], @"a.jsonl:1: sentence skipped: span 1..3: ends after the text, which has 2 characters; check the offsets");
}
