use super::*;

/// The sentences of a text with spans, as `word/tag`, and the kinds of findings; or the error.
fn divided(
    text: &str,
    spans: &[(usize, usize, &str)],
    nested: Nested,
) -> Result<(Vec<String>, Vec<FindingKind>), String> {
    let spans = spans
        .iter()
        .map(|&(start, end, name)| Span { start, end, entity_type: name.to_owned() })
        .collect();
    let document = Document { text: text.to_owned(), spans, line: 3, ..Document::default() };
    shown(document, nested)
}

fn shown(document: Document, nested: Nested) -> Result<(Vec<String>, Vec<FindingKind>), String> {
    let options = ReadOptions { nested, ..ReadOptions::default() };
    let (sentences, findings) =
        document.into_sentences(Path::new("x"), &options).map_err(|error| error.to_string())?;
    let pairs = |sentence: &Sentence| {
        let pairs =
            sentence.words.iter().zip(&sentence.tags).map(|(word, tag)| format!("{word}/{tag}"));
        pairs.collect::<Vec<_>>().join(" ")
    };
    Ok((
        sentences.iter().map(pairs).collect(),
        findings.iter().map(|finding| finding.kind).collect(),
    ))
}

fn words(text: &str, spans: &[(usize, usize, &str)]) -> String {
    divided(text, spans, Nested::Error).unwrap().0.join(" | ")
}

fn error(text: &str, spans: &[(usize, usize, &str)]) -> String {
    divided(text, spans, Nested::Error).unwrap_err()
}

#[test]
fn offsets_count_scalar_values() {
    assert_eq!(
        words("Çé 🦀 New York.", &[(5, 13, "LOC"), (0, 2, "PER")]),
        "Çé/B-PER 🦀/O New/B-LOC York/I-LOC ./O"
    );
    assert_eq!(words("ab cd", &[(3, 5, "A"), (0, 2, "A")]), "ab/B-A cd/B-A");
}

#[test]
fn words_are_split_where_spans_start_or_end() {
    for (text, span, expected) in [
        ("Ankara'da kaldı", (0, 6), "Ankara/B-X 'da/O kaldı/O"),
        ("l'Aiacciu bellu", (2, 9), "l'/O Aiacciu/B-X bellu/O"),
        ("EU:n lait", (0, 2), "EU/B-X :n/O lait/O"),
        ("a'b'c", (2, 3), "a'/O b/B-X 'c/O"),
    ] {
        let (sentences, kinds) = divided(text, &[(span.0, span.1, "X")], Nested::Error).unwrap();
        assert_eq!((sentences.join("|").as_str(), kinds), (expected, vec![FindingKind::SplitWord]));
    }
    // Two spans that share a border inside a word.
    let (sentences, kinds) =
        divided("AnkaraAdana", &[(0, 6, "X"), (6, 11, "Y")], Nested::Error).unwrap();
    assert_eq!(
        (sentences, kinds),
        (vec!["Ankara/B-X Adana/B-Y".to_owned()], vec![FindingKind::SplitWord])
    );
}

#[test]
fn texts_are_cut_into_sentences_but_not_inside_spans() {
    assert_eq!(
        words("Anna sings. Bo hums.\nYes", &[]),
        "Anna/O sings/O ./O | Bo/O hums/O ./O | Yes/O"
    );
    assert_eq!(
        words("It is. Who? Me", &[(7, 14, "WORK")]),
        "It/O is/O ./O | Who/B-WORK ?/I-WORK Me/I-WORK"
    );
    assert_eq!(words("New\nYork", &[(0, 8, "LOC")]), "New/B-LOC York/I-LOC");
    assert_eq!(divided(" ", &[], Nested::Error).unwrap().0, [""]);
}

#[test]
fn white_space_is_no_part_of_a_span() {
    let (sentences, kinds) = divided("In Oslo now", &[(2, 8, "LOC")], Nested::Error).unwrap();
    assert_eq!(
        (sentences, kinds),
        (vec!["In/O Oslo/B-LOC now/O".to_owned()], vec![FindingKind::TrimmedSpan])
    );
}

#[test]
fn errors_have_the_offsets_of_the_file() {
    let spans = [(0, 9, "PER"), (5, 10, "LOC")];
    let said = error("Anna Berg sings", &spans);
    assert!(said.starts_with("x:3: span 5..10: overlaps the span 0..9"), "{said}");
}

#[test]
fn nested_spans_are_resolved_by_option() {
    let text = "Universität Trier und";
    let spans = [(0, 17, "ORG"), (12, 17, "LOC"), (0, 17, "ORG")];
    assert_eq!(
        error(text, &spans),
        "x:3: span 12..17: overlaps the span 0..17; remove one, or keep the outer or inner spans (--nested outermost or innermost)"
    );
    let read = |nested| divided(text, &spans, nested).unwrap();
    assert_eq!(read(Nested::Outermost).0, ["Universität/B-ORG Trier/I-ORG und/O"]);
    assert_eq!(read(Nested::Innermost).0, ["Universität/O Trier/B-LOC und/O"]);
    assert_eq!(read(Nested::Innermost).1, [FindingKind::DroppedSpan]);
    // A dropped span does not split words.
    let inside = [(0, 11, "ORG"), (0, 3, "X")];
    assert_eq!(
        divided(text, &inside, Nested::Outermost).unwrap().0,
        ["Universität/B-ORG Trier/O und/O"]
    );
    for nested in [Nested::Error, Nested::Outermost, Nested::Innermost] {
        let same = divided(text, &[(0, 11, "ORG"), (0, 11, "LOC")], nested).unwrap_err();
        assert_eq!(same, "x:3: span 0..11: has the types LOC and ORG; keep one");
    }
}

#[test]
fn spans_that_do_not_fit_are_errors() {
    let text = "New York now";
    let no_word = "contains no word; check the offsets, which count characters from 0";
    assert_eq!(error(text, &[(3, 4, "A")]), format!("x:3: span 3..4: {no_word}"));
    assert_eq!(
        error(text, &[(0, 30, "A")]),
        "x:3: span 0..30: ends after the text, which has 12 characters; check the offsets"
    );
    assert_eq!(
        error(text, &[(4, 4, "A")]),
        "x:3: span 4..4: is empty; the end must be greater than the start"
    );
    assert_eq!(
        error(text, &[(0, 8, "O")]),
        "x:3: span 0..8: invalid entity type \"O\"; use a name such as \"PER\""
    );
    assert_eq!(words(text, &[(0, 8, "Place name")]), "New/B-Place name York/I-Place name now/O");
}

#[test]
fn words_and_sentences_of_the_file_are_kept() {
    let document = |words: &[(usize, usize)], sentences: Option<Vec<usize>>| Document {
        text: "a b. c".to_owned(),
        words: Some(words.iter().map(|&(start, end)| start..end).collect()),
        sentences,
        spans: vec![Span { start: 0, end: 4, entity_type: "X".to_owned() }],
        line: 1,
        ..Document::default()
    };
    let read =
        |words: &[(usize, usize)], sentences| shown(document(words, sentences), Nested::Error);
    let words = [(0, 1), (2, 4), (5, 6)];
    assert_eq!(read(&words, None).unwrap().0, ["a/B-X b./I-X c/O"]);
    assert_eq!(read(&words, Some(vec![0, 2])).unwrap().0, ["a/B-X b./I-X", "c/O"]);
    // A sentence does not start inside a span.
    assert_eq!(read(&words, Some(vec![0, 1])).unwrap().0, ["a/B-X b./I-X c/O"]);
    assert_eq!(read(&[(0, 3)], None).unwrap().0, ["a b/B-X"]);
    assert_eq!(
        read(&[(2, 4), (0, 1)], None).unwrap_err(),
        "x:1: word 2: it starts before the end of the word before it; write the words in their order"
    );
    assert_eq!(
        read(&[(5, 9)], None).unwrap_err(),
        "x:1: word 1: it ends after the text; check the offsets"
    );
    assert!(
        read(&words, Some(vec![7])).unwrap_err().contains("word 8: a sentence starts at this word")
    );
}

#[test]
fn unlabelled_texts_have_the_same_words_but_no_faults() {
    let options = ReadOptions { unlabelled: true, ..ReadOptions::default() };
    for (end, expected) in [(6, &["Ankara", "'da"][..]), (60, &["Ankara'da"][..])] {
        let spans = vec![Span { start: 0, end, entity_type: "X".to_owned() }];
        let document =
            Document { text: "Ankara'da".to_owned(), spans, line: 1, ..Document::default() };
        let (sentences, findings) = document.into_sentences(Path::new("x"), &options).unwrap();
        assert_eq!(
            (sentences[0].words.as_slice(), sentences[0].tags.len()),
            (&*expected.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>(), 0)
        );
        assert_eq!(findings, []);
    }
}

#[test]
fn the_unit_of_offsets_is_recognised() {
    let document = |start, end| Document {
        text: "😀 Anna sings".to_owned(),
        spans: vec![Span { start, end, entity_type: "PER".to_owned() }],
        ..Document::default()
    };
    let converted = |mut document: Document, unit| {
        document
            .convert_offsets(unit)
            .map(|()| (document.spans[0].start, document.spans[0].end))
            .map_err(|e| e.to_string())
    };
    assert_eq!(converted(document(3, 7), Offsets::Utf16), Ok((2, 6)));
    assert_eq!(converted(document(2, 6), Offsets::Scalar), Ok((2, 6)));
    assert_eq!(
        converted(document(3, 7), Offsets::Scalar),
        Err(
            "span 3..7: the offsets seem to count UTF-16 units; read the file with --offsets utf16"
                .to_owned()
        )
    );
    assert_eq!(
        converted(document(2, 6), Offsets::Utf16),
        Err("span 2..6: the offsets seem to count characters; read the file with --offsets scalar"
            .to_owned())
    );
    // A suffix does not mean another unit.
    let suffix = Document {
        text: "😀 Ankara'da".to_owned(),
        spans: vec![Span { start: 2, end: 8, entity_type: "LOC".to_owned() }],
        ..Document::default()
    };
    assert_eq!(converted(suffix, Offsets::Scalar), Ok((2, 8)));
}

fn converted(
    text: &str,
    spans: &[(usize, usize)],
    unit: Offsets,
) -> Result<Vec<(usize, usize)>, String> {
    let span = |&(start, end): &(usize, usize)| Span { start, end, entity_type: "X".to_owned() };
    let spans = spans.iter().map(span).collect();
    let mut document = Document { text: text.to_owned(), spans, ..Document::default() };
    document.convert_offsets(unit).map_err(|problem| problem.to_string())?;
    Ok(document.spans.iter().map(|span| (span.start, span.end)).collect())
}

#[test]
fn offsets_in_graphemes_are_recognised_and_read() {
    // Each text with the spans of its names in grapheme clusters and in Unicode scalar values.
    for (text, graphemes, scalars) in [
        ("👨\u{200d}👩\u{200d}👧 Anna, Oslo", [(2, 6), (8, 12)], [(6, 10), (12, 16)]),
        ("🇫🇴 Anna, Oslo", [(2, 6), (8, 12)], [(3, 7), (9, 13)]),
        ("Jo\u{301}gvan i\u{301} Vi\u{301}k", [(0, 6), (9, 12)], [(0, 7), (11, 15)]),
        ("अन्ना दिल्ली में", [(0, 3), (4, 7)], [(0, 5), (6, 12)]),
    ] {
        let error = converted(text, &graphemes, Offsets::Scalar).unwrap_err();
        assert!(
            error.contains("grapheme clusters; read the file with --offsets graphemes"),
            "{error}"
        );
        assert_eq!(converted(text, &graphemes, Offsets::Graphemes).unwrap(), scalars, "{text}");
        assert_eq!(converted(text, &scalars, Offsets::Scalar).unwrap(), scalars, "{text}");
    }
    // One span that ends inside a word does not show another unit, even if it would fit there.
    assert_eq!(converted("दिल्लीमें अन्ना", &[(0, 4)], Offsets::Scalar).unwrap(), [(0, 4)]);
    // UTF-16 and graphemes are distinguished.
    let error = converted("🇫🇴 Anna", &[(5, 9)], Offsets::Graphemes).unwrap_err();
    assert!(error.contains("--offsets utf16"), "{error}");
    let error = converted("🇫🇴 Anna", &[(3, 7)], Offsets::Graphemes).unwrap_err();
    assert!(error.contains("--offsets scalar"), "{error}");
    assert!(
        converted("🇫🇴 Anna", &[(2, 99)], Offsets::Graphemes).unwrap_err().contains("ends after")
    );
}

#[test]
fn offsets_are_written_in_each_unit() {
    let text = "🇫🇴 e\u{301}t";
    let range = std::slice::from_ref(&(3..6));
    for (unit, expected) in
        [(Offsets::Scalar, (3, 6)), (Offsets::Utf16, (5, 8)), (Offsets::Graphemes, (2, 4))]
    {
        assert_eq!(exactly_in_unit(text, range, unit), Ok(vec![expected]), "{unit:?}");
        assert_eq!(in_unit(text, range, unit), [expected], "{unit:?}");
    }
    // A range that cuts a cluster has no offsets in clusters; at least it covers them.
    let cut = [0..2, 4..6];
    assert_eq!(exactly_in_unit(text, &cut, Offsets::Graphemes), Err(1));
    assert_eq!(in_unit(text, &cut, Offsets::Graphemes), [(0, 1), (2, 4)]);
}

#[test]
fn invisible_characters_are_not_words() {
    let (sentences, kinds) =
        divided("\u{feff}דוד\u{200f} גר", &[(1, 4, "PER")], Nested::Error).unwrap();
    assert_eq!((sentences, kinds), (vec!["דוד\u{200f}/B-PER גר/O".to_owned()], vec![]));
    // A span that starts with one does not keep its sentence from starting.
    let text = "Bo sings.\n\u{200f}דוד גר";
    let (sentences, kinds) = divided(text, &[(10, 14, "PER")], Nested::Error).unwrap();
    let expected = ["Bo/O sings/O ./O", "דוד/B-PER גר/O"].map(str::to_owned).to_vec();
    assert_eq!((sentences, kinds), (expected, vec![]));
    // A word of the file may begin with one. A span that ends after the mark does not have that word.
    let document = Document {
        text: "Bo \u{200f}דוד".to_owned(),
        words: Some(vec![0..2, 3..7]),
        spans: vec![Span { start: 0, end: 4, entity_type: "PER".to_owned() }],
        ..Document::default()
    };
    assert_eq!(shown(document, Nested::Error).unwrap().0, ["Bo/B-PER \u{200f}דוד/O"]);
    assert!(error("a\u{200f} b", &[(1, 2, "X")]).contains("contains no word"));
}
