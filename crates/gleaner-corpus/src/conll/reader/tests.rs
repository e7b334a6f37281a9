use super::*;

fn read(text: &str, options: &ReadOptions) -> Vec<Result<Sentence, String>> {
    Reader::new(text.as_bytes(), Path::new("x"), options)
        .map(|item| item.map(Rows::into_sentence).map_err(|error| error.to_string()))
        .collect()
}

/// The sentences as `line word/tag word/tag`.
fn shown(text: &str) -> Vec<String> {
    let shown = |sentence: Sentence| {
        let pairs =
            sentence.words.iter().zip(&sentence.tags).map(|(word, tag)| format!(" {word}/{tag}"));
        format!("{}{}", sentence.line, pairs.collect::<String>())
    };
    read(text, &ReadOptions::default())
        .into_iter()
        .map(|item| item.map_or_else(|error| error, shown))
        .collect()
}

#[test]
fn sentences_end_at_blank_lines_and_documents() {
    assert_eq!(
        shown(
            "\u{feff}\n-DOCSTART- -X- O\n\nA x O\r\n  \t\nB  x   B-P\nC x I-P\n-DOCSTART- O\nD x O"
        ),
        ["4 A/O", "6 B/B-P C/I-P", "9 D/O"]
    );
}

#[test]
fn tabs_go_before_spaces() {
    assert_eq!(shown("New York\tB-P\n,\tO \n"), ["1 New York/B-P ,/O"]);
    assert_eq!(shown("a b O\n"), ["1 a/O"]);
}

#[test]
fn comments_are_distinguished_from_words() {
    assert_eq!(shown("# text = a\n#\tO\n#1\tO\n\n# b\n#\tO\n"), ["2 #/O #1/O", "6 #/O"]);
    assert_eq!(
        shown("# id 1 domain=en\nA _ _ O\n\n# id 2 domain=en\n# _ _ O\n"),
        ["2 A/O", "5 #/O"]
    );
    assert_eq!(shown("#\nA O\n\n# O\n"), ["2 A/O", "4 #/O"]);
    // As in MultiCoNER.
    assert_eq!(
        shown("# id f1\tdomain=en\nA _ _ O\n\n# id f2\tdomain=en\n# _ _ O\n"),
        ["2 A/O", "5 #/O"]
    );
}

#[test]
fn lines_inside_a_sentence_are_data() {
    assert_eq!(
        shown("A\tO\n# b\nB\tO\n"),
        ["x:2: expected 2 columns as in line 1, found 1; separate all columns with tabs"]
    );
    assert_eq!(shown("A O\n# B_P\n"), ["1 A/O #/B_P"]);
    assert_eq!(shown("A\tO\n# b = c\nB\tO\n"), ["1 A/O B/O"]);
    assert_eq!(shown("#a\tB_P\nb\tO\n"), ["1 #a/B_P b/O"]);
}

#[test]
fn errors_have_a_line_and_concern_one_sentence() {
    assert_eq!(
        shown("A O\n\nB O\nC x O\nD O\n\nE O\n"),
        [
            "1 A/O",
            "x:4: expected 2 columns as in line 1, found 3; separate all columns with spaces",
            "7 E/O"
        ]
    );
    assert_eq!(
        shown("A O\n\nB\rC O\n"),
        ["1 A/O", "x:3: carriage return inside the line; convert line ends to \\n or \\r\\n"]
    );
    assert!(shown("A\n")[0].starts_with("x:1: only one column"));
}

#[test]
fn columns_can_be_chosen() {
    let text = "1\tA\tB-P\tO\n2\tB\tO\tB-Q\n";
    let options =
        ReadOptions { word_column: Some(2), tag_column: Some(3), ..ReadOptions::default() };
    let sentence = read(text, &options).remove(0).unwrap();
    assert_eq!(
        (sentence.words, sentence.tags),
        (vec!["A".into(), "B".into()], vec!["B-P".into(), "O".into()])
    );
    for (word, tag, message) in [
        (Some(5), None, "x:1: no column 5: the line has 4; columns count from 1"),
        (None, Some(0), "x:1: no column 0: the line has 4; columns count from 1"),
        (
            Some(4),
            Some(4),
            "x:1: column 4 is set for both words and tags; choose two different columns",
        ),
    ] {
        let options = ReadOptions { word_column: word, tag_column: tag, ..ReadOptions::default() };
        assert_eq!(read(text, &options)[0], Err(message.to_owned()));
    }
}

#[test]
fn numbers_of_words_are_not_read_as_words() {
    let text = "1-2\tzum\tO\n1\tzu\tO\n2\tdem\tO\n3\tHaus\tO\n3.1\tx\tO\n";
    assert_eq!(shown(text), ["2 zu/O dem/O Haus/O"]);
    let chosen = |column| ReadOptions { word_column: Some(column), ..ReadOptions::default() };
    for (column, first) in [(1, "1-2"), (2, "zu")] {
        assert_eq!(read(text, &chosen(column))[0].as_ref().unwrap().words[0], first);
    }
    // No other column can have the words.
    assert_eq!(shown("1\tO\n2\tO\n3\tO\n"), ["1 1/O 2/O 3/O"]);
    assert_eq!(shown("1\tx\tO\n2\ty\tO\n4\tz\tO\n"), ["1 x/O y/O z/O"]);
    for unsure in ["1\tx\tO\n2\tx\tO\n", "2\tx\tO\n1\ty\tO\n3\tz\tO\n"] {
        insta::allow_duplicates! {
            insta::assert_snapshot!(shown(unsure)[0], @"x:1: column 1 may only number or name the words or sentences; choose the column of the words (--word-column 2, PATH,word-column=2, or word-column = 2 in a settings file; 1 if it has the words)");
        }
    }
}

#[test]
fn columns_of_many_kinds_are_detected() {
    for (text, expected) in [
        ("0\tAnna\tB-P\n1\tin\tO\n\n2\tOslo\tB-L\n", vec!["1 Anna/B-P in/O", "4 Oslo/B-L"]),
        ("1\tAnna\tB-P\n2\tin\tO\n\n1\tOslo\tB-L\n", vec!["1 Anna/B-P in/O", "4 Oslo/B-L"]),
        (
            "d1-1\tAnna\tB-P\nd1-2\tin\tO\n\nd2-1\tOslo\tB-L\n",
            vec!["1 Anna/B-P in/O", "4 Oslo/B-L"],
        ),
        (
            "1-1\t0-4\tAnna\tB-P\n1-2\t5-7\tin\tO\n\n2-1\t8-12\tOslo\tO\n",
            vec!["1 Anna/B-P in/O", "4 Oslo/O"],
        ),
        ("1\tAnna\tB-P\t-\t-\n2\tin\tO\t-\t-\n3\tX\tO\t-\t-\n", vec!["1 Anna/B-P in/O X/O"]),
        ("TOKEN\tNE\nAnna\tB-P\n", vec!["2 Anna/B-P"]),
        ("fo:Anna\tB-P\nfo:í\tO\n", vec!["1 Anna/B-P í/O"]),
        (
            "# a = b\nAnna N I-NP B-P\nin P I-PP O\n\n# s = S-12\nX N I-NP O\n",
            vec!["2 Anna/B-P in/O", "6 X/O"],
        ),
        ("# text = Vitamin O\nAnna\tB-P\n", vec!["2 Anna/B-P"]),
        (
            "# global.columns = ID FORM NER X\n1\tAnna\tB-P\tO\n2\tin\tO\tO\n",
            vec!["2 Anna/B-P in/O"],
        ),
        ("1\tAnna\t_\tname=B-P|X=Y\n2\tin\t_\t_\n3\t.\t_\tname=O\n", vec!["1 Anna/B-P in/O ./O"]),
        ("Oslo O_(s) O_(s) GPE 0.9 Oslo B-L\nog None O\n", vec!["1 Oslo/B-L og/O"]),
    ] {
        assert_eq!(shown(text), expected, "{text}");
    }
}

#[test]
fn byte_order_marks_start_a_sentence() {
    assert_eq!(shown("A\tO\n\n\u{feff}B\tO\n"), ["1 A/O", "3 B/O"]);
    assert_eq!(shown("A\tO\n\u{feff}B\tO\nC\tO\n"), ["1 A/O", "2 B/O C/O"]);
    assert_eq!(shown("A\tO\n\u{feff}# b\nB\tO\n"), ["1 A/O", "3 B/O"]);
}

#[test]
fn several_columns_of_tags_are_not_guessed() {
    let text = "1\tDie\tO\tO\n2\tUni\tB-ORG\tO\n3\tTrier\tI-ORG\tB-LOC\n";
    insta::assert_snapshot!(shown(text)[0], @"x:1: several columns have tags: 3 (ORG), 4 (LOC); choose one of them (--tag-column 3, PATH,tag-column=3, or tag-column = 3 in a settings file)");
    for (column, tags) in [(3, ["O", "B-ORG", "I-ORG"]), (4, ["O", "O", "B-LOC"])] {
        let options = ReadOptions { tag_column: Some(column), ..ReadOptions::default() };
        let sentence = read(text, &options).remove(0).unwrap();
        assert_eq!(sentence.tags, tags);
        assert_eq!(sentence.words, ["Die", "Uni", "Trier"]);
    }
}

#[test]
fn the_first_bytes_decide_and_the_rest_is_checked() {
    let mut text = "1\tword\tO\n".repeat(200_000);
    text = text.lines().zip(1..).map(|(line, n)| format!("{n}{}\n", &line[1..])).collect();
    text += "\n1-2\tx\tO\n1\tlast\tO\ttoo\n";
    let mut sentences = read(&text, &ReadOptions::default()).into_iter();
    assert_eq!(sentences.next().unwrap().unwrap().words.len(), 200_000);
    assert!(sentences.next().unwrap().unwrap_err().contains("expected 3 columns"));
    assert!(sentences.next().is_none());
}

#[test]
fn unlabelled_files_may_have_one_column() {
    let options = ReadOptions { unlabelled: true, ..ReadOptions::default() };
    let sentences = read("# a comment\nA\n#\n\n# another\n#b\n", &options);
    let words: Vec<_> =
        sentences.into_iter().map(|s| s.unwrap()).map(|s| (s.words, s.tags)).collect();
    assert_eq!(
        words,
        [(vec!["A".into(), "#".into()], vec![]), (vec!["#b".to_owned()], Vec::<String>::new())]
    );
}

#[test]
fn a_sentence_whose_first_line_is_malformed_is_not_read_without_it() {
    let ragged = "x:3: expected 4 columns as in line 1, found 3; separate all columns with spaces";
    let numbered =
        "1 Anna N B-P\n1 sings V O\n2 Bo B-P\n2 hums V O\n2 . P O\n3 Eva N B-P\n3 . P O\n";
    assert_eq!(shown(numbered), ["1 Anna/B-P sings/O", ragged, "6 Eva/B-P ./O"]);
    let last = "1 Anna N B-P\n1 sings O\n2 Bo N B-P\n2 hums V O\n";
    assert_eq!(shown(last), [&ragged.replace("x:3", "x:2"), "3 Bo/B-P hums/O"]);
    // A line that does not say where it belongs may be the first of the next sentence.
    let bytes = b"1 Anna N B-P\n1 sings V O\n\xff\n2 hums V O\n2 . P O\n3 Eva N B-P\n3 . P O\n";
    let read = Reader::new(&bytes[..], Path::new("x"), &ReadOptions::default());
    let lines: Vec<_> = read.map(|item| item.map(|rows| rows.line).ok()).collect();
    assert_eq!(lines, [None, Some(6)]);
    let restarts = "1 Anna N B-P\n2 sings V O\n3 Bo B-P\n1 Eva N B-P\n2 . P O\n";
    assert_eq!(shown(restarts), [ragged, "4 Eva/B-P ./O"]);
}

#[test]
fn a_repeated_header_starts_a_file() {
    let file = "Word\tTag\nAnna\tB-P\nsings\tO\n";
    let joined = ["2 Anna/B-P sings/O", "5 Anna/B-P sings/O"];
    assert_eq!(shown(&file.repeat(2)), joined);
    assert_eq!(shown(&format!("{file}\n{file}")), [joined[0], "6 Anna/B-P sings/O"]);
}

#[test]
fn what_a_malformed_line_has_is_no_number_of_a_sentence_unless_it_looks_like_one() {
    let ragged = |line: usize| {
        format!(
            "x:{line}: expected 3 columns as in line 1, found 1; separate all columns with spaces"
        )
    };
    let stray = "1 Anna B-P\n1 sings O\nfoo\n1 . O\n2 Eva B-P\n2 . O\n";
    assert_eq!(shown(stray), [ragged(3), "5 Eva/B-P ./O".into()]);
    let restarts = "1 Anna B-P\n2 sings O\nfoo\n1 Eva B-P\n2 . O\n1 Bo B-P\n2 . O\n";
    assert_eq!(shown(restarts), [ragged(3), "4 Eva/B-P ./O".into(), "6 Bo/B-P ./O".into()]);
}

#[test]
fn a_repeated_header_leaves_the_column_that_separates_sentences() {
    let file = "id\tword\ttag\n1\tAnna\tB-P\n2\tsings\tO\n1\tBo\tB-P\n2\thums\tO\n";
    assert_eq!(
        shown(&file.repeat(2)),
        ["2 Anna/B-P sings/O", "4 Bo/B-P hums/O", "7 Anna/B-P sings/O", "9 Bo/B-P hums/O"]
    );
}
