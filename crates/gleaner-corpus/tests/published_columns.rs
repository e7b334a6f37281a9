//! Files with columns as corpora are published: each is read as its author meant it, or refused with the option that
//! decides.

use std::path::Path;

use gleaner_corpus::{Corpus, CorpusError, FindingKind, Format, ReadOptions, read_bytes};

fn read(text: &str, options: &ReadOptions) -> Result<Corpus, CorpusError> {
    read_bytes(text.as_bytes(), Path::new("x.tsv"), options)
}

/// The sentences as `word/tag word/tag`.
fn shown(corpus: &Corpus) -> Vec<String> {
    let pairs = corpus.sentences.iter().map(|sentence| {
        let pairs = sentence.words.iter().zip(&sentence.tags);
        pairs.map(|(word, tag)| format!("{word}/{tag}")).collect::<Vec<_>>().join(" ")
    });
    pairs.collect()
}

#[track_caller]
fn reads(text: &str, expected: &[&str]) {
    for text in
        [text.to_owned(), text.trim_end_matches('\n').to_owned(), text.replace('\n', "\r\n")]
    {
        let corpus = read(&text, &ReadOptions::default());
        assert_eq!(
            shown(&corpus.unwrap_or_else(|error| panic!("{text}: {error}"))),
            expected,
            "{text}"
        );
    }
}

/// A file is refused with a message that has these parts.
#[track_caller]
fn refuses(text: &str, says: &[&str]) {
    let error =
        read(text, &ReadOptions::default()).map(|corpus| shown(&corpus)).unwrap_err().to_string();
    for part in says {
        assert!(error.contains(part), "{text}: {error}");
    }
}

const ANNA: &str = "Anna/B-PER sings/O";
const OSLO: &str = "Oslo/B-LOC";

#[test]
fn ids_before_the_words_are_passed_over_in_short_files() {
    for ids in [
        ["s12", "s12", "s13"],
        ["w1", "w2", "w1"],
        ["1.", "2.", "1."],
        ["1_1", "1_2", "1_3"],
        ["a.txt", "a.txt", "b.txt"],
    ] {
        let [first, second, third] = ids;
        reads(
            &format!("{first}\tAnna\tB-PER\n{second}\tsings\tO\n\n{third}\tOslo\tB-LOC\n"),
            &[ANNA, OSLO],
        );
    }
    reads("d1-1\tAnna\tB-PER\n\nd1-2\tOslo\tB-LOC\n", &["Anna/B-PER", OSLO]);
    reads("1.1\tAnna\tB-PER\n\n2.1\tOslo\tB-LOC\n", &["Anna/B-PER", OSLO]);
    reads("1-1\t0-4\tAnna\tB-PER\n", &["Anna/B-PER"]);
    reads("1-1\t0-4\tAnna\tB-PER\n\n2-1\t5-9\tOslo\tB-LOC\n", &["Anna/B-PER", OSLO]);
    reads("d1\t1\t1\tAnna\tB-PER\nd1\t1\t2\tsings\tO\n\nd1\t2\t1\tOslo\tB-LOC\n", &[ANNA, OSLO]);
    reads("\tAnna\tB-PER\n\tsings\tO\n", &[ANNA]);
    reads("#1\tAnna\tB-PER\n#2\tsings\tO\n#3\t.\tO\n", &["Anna/B-PER sings/O ./O"]);
}

#[test]
fn ids_that_can_be_words_are_asked_for() {
    for text in [
        "3fa9\tAnna\tB-PER\n0b7e\tsings\tO\n",
        "d1-1\tAnna\tB-PER\n",
        "wiki\tAnna\tB-PER\nwiki\tsings\tO\n",
        "NNP\tAnna\tB-PER\nVBZ\tsings\tO\n",
    ] {
        refuses(
            text,
            &[
                "x.tsv:1: column 1 may only number or name",
                "--word-column 2",
                "1 if it has the words",
            ],
        );
        for (column, word) in [(1, text.split('\t').next().unwrap()), (2, "Anna")] {
            let options = ReadOptions { word_column: Some(column), ..ReadOptions::default() };
            assert_eq!(read(text, &options).unwrap().sentences[0].words[0], word);
        }
    }
    reads("B2B\tname\tB-ORG\nis\tverb\tO\n", &["B2B/B-ORG is/O"]);
    reads("7\tCD\tO\n3\tCD\tO\nAnna\tNNP\tB-PER\n", &["7/O 3/O Anna/B-PER"]);
}

#[test]
fn sentences_without_blank_lines_are_separated_by_a_column() {
    reads("1\tAnna\tB-PER\n1\tsings\tO\n2\tOslo\tB-LOC\n", &[ANNA, OSLO]);
    reads("1\tAnna\tB-PER\n2\tsings\tO\n1\tOslo\tB-LOC\n", &[ANNA, OSLO]);
    reads(
        "Sentence #\tWord\tPOS\tTag\nSentence: 1\tAnna\tNNP\tB-PER\n\tsings\tVBZ\tO\nSentence: 2\tOslo\tNNP\tB-LOC\n",
        &[ANNA, OSLO],
    );
    reads("sentence_id\tword\ttag\n7\tAnna\tB-PER\n7\tsings\tO\n9\tOslo\tB-LOC\n", &[ANNA, OSLO]);
    // A malformed sentence is skipped, and not the rest of the file with it.
    let text = "1\tAnna\tB-PER\n1\tsings\n2\tOslo\tB-LOC\n3\tBo\tB-PER\n3\tis\tO\n";
    let skip = ReadOptions { skip_bad: true, ..ReadOptions::default() };
    let corpus = read(text, &skip).unwrap();
    assert_eq!(shown(&corpus), [OSLO, "Bo/B-PER is/O"]);
    assert_eq!(
        (corpus.findings[0].line, corpus.findings[0].kind),
        (2, FindingKind::SkippedSentence)
    );
}

#[test]
fn headers_are_recognised_in_many_forms() {
    for header in [
        "Palabra\tEtiqueta",
        "Ord\tMerke",
        "Слово\tМетка",
        "词\t标签",
        "Kelime\tEtiket",
        "FORM\tNE",
        "#word\ttag",
    ] {
        for (person, place) in [("B-PER", "B-LOC"), ("PER", "LOC")] {
            let text = format!("{header}\nAnna\t{person}\nsings\tO\n\n{header}\nOslo\t{place}\n");
            reads(&text, &[ANNA, OSLO]);
        }
    }
    reads("\u{feff}Word\tTag\nAnna\tPER\nsings\tO\n\u{feff}Word\tTag\nOslo\tLOC\n", &[ANNA, OSLO]);
    let corpus = read("Word\tTag\na\tO\n\nWord\tTag\nb\tB-X\n", &ReadOptions::default()).unwrap();
    let choices = &corpus.files[0].choices;
    assert_eq!(
        (choices[0].as_str(), choices.last().unwrap().as_str()),
        ("line 1 is a header (Word, Tag)", "left out: 1 repeated header")
    );
    reads("Word\tMISC\nis\tO\nhere\tO\n", &["Word/B-MISC is/O here/O"]);
}

#[test]
fn rows_that_may_be_headers_are_refused() {
    let text = "Wyraz\tKlasa\nAnna\tPER\nsings\tO\n.\tO\nBo\tPER\n";
    insta::assert_snapshot!(read(text, &ReadOptions::default()).unwrap_err(), @"x.tsv:1: the line may name the columns (Wyraz, Klasa); remove it if so, otherwise correct its tag or map the type to itself (--map TYPE=TYPE)");
    refuses(
        "Foo\tBar\nAnna\tB-PER\nsings\tO\n",
        &["x.tsv:1: the line may name the columns (Foo, Bar)"],
    );
    let map = |types: &[&str]| {
        let entries = types.iter().map(|name| ((*name).to_owned(), (*name).to_owned()));
        let map = gleaner_corpus::LabelMap::new(entries.collect()).unwrap();
        ReadOptions { label_map: Some(map), ..ReadOptions::default() }
    };
    let corpus = read(text, &map(&["PER", "Klasa"])).unwrap();
    assert_eq!(shown(&corpus)[0], "Wyraz/B-Klasa Anna/B-PER sings/O ./O Bo/B-PER");
}

#[test]
fn words_are_trimmed_and_those_that_cannot_be_seen_are_empty() {
    reads("Anna \tB-PER\n sings\t O\n", &[ANNA]);
    reads("1\t\u{feff}Anna\u{a0}\tB-PER\n2\tsings\tO\n", &[ANNA]);
    reads("New York\tB-LOC\nis\tO\n", &["New York/B-LOC is/O"]);
    let corpus = read("Anna \tB-PER\nsings\tO\n", &ReadOptions::default()).unwrap();
    assert_eq!(corpus.files[0].choices.last().unwrap(), "left out: white space around 1 word");
    for word in ["\u{a0}", " ", "\u{200b}", "\u{2060}\u{feff}"] {
        let text = format!("Anna\tB-PER\n{word}\tO\nsings\tO\n");
        refuses(&text, &["x.tsv:2: word 2 is empty"]);
        let skip = ReadOptions { skip_bad: true, ..ReadOptions::default() };
        let corpus = read(&text, &skip).unwrap();
        assert_eq!(shown(&corpus), [ANNA]);
        assert_eq!(corpus.findings[0].kind, FindingKind::EmptyWord);
    }
}

#[test]
fn separators_and_encodings_that_are_mixed_up_are_refused() {
    refuses(
        "Anna NNP\tB-PER\nsings VBZ\tO\n",
        &["x.tsv:1: every word in column 1 has a space", "--word-column 1"],
    );
    let options = ReadOptions { word_column: Some(1), ..ReadOptions::default() };
    assert_eq!(shown(&read("a b\tB-X\nc d\tO\n", &options).unwrap()), ["a b/B-X c d/O"]);
    refuses("An\0na\tB-PER\n", &["x.tsv:1: the line has a character NUL", "UTF-16"]);
    let utf16 = b"\xff\xfeA\0\t\0O\0\n\0";
    let error = read_bytes(
        utf16,
        Path::new("x.txt"),
        &ReadOptions { skip_bad: true, ..ReadOptions::default() },
    );
    assert_eq!(error.unwrap_err().to_string(), "x.txt: the file is UTF-16; save it as UTF-8");
}

#[test]
fn documents_start_in_many_spellings() {
    for start in [
        "-DOCSTART- O",
        "-docstart-\tO",
        "--DOCSTART--",
        "<DOCSTART> O",
        "-DOCSTART-_1 O",
        "#begin document (x); part 000",
    ] {
        reads(&format!("{start}\nAnna\tB-PER\nsings\tO\n{start}\nOslo\tB-LOC\n"), &[ANNA, OSLO]);
    }
    reads("0\t-DOCSTART-\tO\n\n0\tAnna\tB-PER\n1\tsings\tO\n", &[ANNA]);
    reads("#begin document (x);\nAnna B-PER\nsings O\n#end document\n", &[ANNA]);
}

#[test]
fn columns_of_conllu_plus_are_those_of_the_file() {
    reads(
        "# global.columns = FORM NER ID\nZum\t_\t1-2\nZu\tO\t1\ndem\tO\t2\nHaus\tB-LOC\t3\nx\tO\t3.1\n",
        &["Zu/O dem/O Haus/B-LOC"],
    );
    reads("# global.columns = NER FORM\nB-PER\tAnna\nO\tsings\n", &[ANNA]);
    reads("# global.columns = ID FORM CHUNK NER\n1\tAnna\tB-GN\tPER\n2\tsings\tB-GV\tO\n", &[ANNA]);
    refuses(
        "# global.columns = ID FORM LEMMA NER\n1\tAnna\tB-PER\n2\tsings\tO\n",
        &[
            "x.tsv:2: # global.columns names 4 columns, but the lines have 3",
            "--word-column N --tag-column N",
        ],
    );
    reads(
        "1\tAnna\t_\tNER=PER|SpaceAfter=No\n2\tsings\t_\t_\n3\t.\t_\t_\n",
        &["Anna/B-PER sings/O ./O"],
    );
    let options = ReadOptions { tag_column: Some(4), ..ReadOptions::default() };
    let corpus =
        read("1\tAnna\t_\tname=B-PER|X=Y\n2\tsings\t_\t_\n3\t.\t_\t_\n", &options).unwrap();
    assert_eq!(shown(&corpus), ["Anna/B-PER sings/O ./O"]);
}

#[test]
fn columns_of_types_without_letters_are_not_guessed() {
    refuses("Die\tO\tO\nUni\tORG\tO\nTrier\tORG\tLOC\n", &["2 (ORG), 3 (LOC)", "--tag-column 2"]);
    refuses("Anna\tB-GN\tPER\nsings\tB-GV\tO\n", &["2 (GN, GV), 3 (PER)", "--tag-column 2"]);
    reads("Anna\tNNP\tPER\tx\nsings\tVBZ\tO\ty\n", &[ANNA]);
    reads("B-ACTOR\tAnna\nO\tsings\n", &["Anna/B-ACTOR sings/O"]);
    let first = ReadOptions { tag_column: Some(1), ..ReadOptions::default() };
    assert_eq!(shown(&read("O\tsings\nO\there\n", &first).unwrap()), ["sings/O here/O"]);
    refuses("a\tB\tPER\nb\tI\tPER\nc\tO\t_\n", &["2 (B, I), 3 (PER)", "--tag-column 2"]);
}

#[test]
fn other_spellings_of_tags_are_read_and_named() {
    for outside in ["_", "-", "0", "*", "None", "OTHER"] {
        for (person, place) in [("B-PER", "B-LOC"), ("PER-B", "LOC-B"), ("PER", "LOC")] {
            let text = format!("Anna\tN\t{person}\nsings\tV\t{outside}\n\nOslo\tN\t{place}\n");
            reads(&text, &[ANNA, OSLO]);
            let corpus = read(&text, &ReadOptions::default()).unwrap();
            assert_eq!(
                corpus.files[0].choices.last().unwrap(),
                &format!("the tag {outside} is read as O")
            );
        }
    }
    reads("colon\tB\ncancer\tI\nis\tO\n", &["colon/B-_ cancer/I-_ is/O"]);
    let (brackets, read_as) = (
        "Anna\tN\t(PER*\nEk\tN\t*)\nsings\tV\t*\nOslo\tN\t(LOC)\n",
        "Anna/B-PER Ek/I-PER sings/O Oslo/B-LOC",
    );
    reads(brackets, &[read_as]);
    reads(
        "Anna\tI-PER\nEk\tE-PER\nin\tO\nOslo\tE-LOC\nParis\tE-LOC\n",
        &["Anna/B-PER Ek/I-PER in/O Oslo/B-LOC Paris/B-LOC"],
    );
    let options = ReadOptions {
        labels: Some(["O", "B-PER"].map(str::to_owned).to_vec()),
        ..ReadOptions::default()
    };
    assert_eq!(shown(&read("Anna\tN\t1\nsings\tV\t0\n", &options).unwrap()), [ANNA]);
    refuses(
        "Anna\t1\nsings\t0\n",
        &["x.tsv:1: tags are numbers without names", "--labels O B-PER I-PER"],
    );
    refuses("Uni\tB-ORG|B-FAC\nis\tO\n", &["several tags", "--tag-column N"]);
}

#[test]
fn tables_with_tabs_can_be_named_csv() {
    let text = "Anna\tB-PER\nsings\tO\n";
    assert_eq!(Format::detect(Path::new("x.csv"), text.as_bytes()), Some(Format::Conll));
    assert_eq!(Format::detect(Path::new("x.csv"), b"Word,Tag\na\tb,O\n"), Some(Format::Csv));
}
