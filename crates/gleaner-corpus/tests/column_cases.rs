//! Files with columns that are easily misread: each is read as its author meant it, or refused.

use std::path::Path;

use gleaner_corpus::{
    Corpus, CorpusError, FindingKind, Format, ReadOptions, find_splits, part_warnings, read_all,
    read_bytes,
};

fn read(name: &str, text: &str, options: &ReadOptions) -> Result<Corpus, CorpusError> {
    read_bytes(text.as_bytes(), Path::new(name), options)
}

/// The sentences of a corpus as `word/tag word/tag`.
fn shown(corpus: &Corpus) -> Vec<String> {
    let pairs = corpus.sentences.iter().map(|sentence| {
        let pairs = sentence.words.iter().zip(&sentence.tags);
        pairs.map(|(word, tag)| format!("{word}/{tag}")).collect::<Vec<_>>().join(" ")
    });
    pairs.collect()
}

#[track_caller]
fn reads(name: &str, text: &str, expected: &[&str]) {
    let corpus = read(name, text, &ReadOptions::default()).unwrap();
    assert_eq!(shown(&corpus), expected, "{name}");
    // The same file without its last line end, and with other line ends.
    for text in [text.trim_end_matches('\n').to_owned(), text.replace('\n', "\r\n")] {
        assert_eq!(shown(&read(name, &text, &ReadOptions::default()).unwrap()), expected);
    }
}

#[test]
fn columns_that_number_words_are_passed_over() {
    reads(
        "words.tsv",
        "0\tAnna\tB-PER\n1\tlives\tO\n2\tin\tO\n3\tOslo\tB-LOC\n\n4\tBergen\tB-LOC\n5\tis\tO\n",
        &["Anna/B-PER lives/O in/O Oslo/B-LOC", "Bergen/B-LOC is/O"],
    );
    reads(
        "short.tsv",
        "1\tAnna\tB-PER\n2\tsings\tO\n\n1\tOslo\tB-LOC\n",
        &["Anna/B-PER sings/O", "Oslo/B-LOC"],
    );
    reads(
        "ids.tsv",
        "d1-1 Anna B-PER\nd1-2 sings O\n\nd2-1 Oslo B-LOC\n",
        &["Anna/B-PER sings/O", "Oslo/B-LOC"],
    );
    reads(
        "webanno.tsv",
        "1-1\t0-4\tAnna\tB-PER\n1-2\t5-10\tsings\tO\n\n2-1\t11-15\tOslo\tB-LOC\n",
        &["Anna/B-PER sings/O", "Oslo/B-LOC"],
    );
}

#[test]
fn documents_and_offsets_before_the_words_are_passed_over() {
    reads(
        "document.tsv",
        "doc1\t1\tAnna\tB-PER\ndoc1\t2\tsings\tO\n\ndoc1\t3\tOslo\tB-LOC\n",
        &["Anna/B-PER sings/O", "Oslo/B-LOC"],
    );
    reads(
        "offsets.tsv",
        "a.txt\t0\t4\tAnna\tB-PER\na.txt\t5\t10\tsings\tO\na.txt\t10\t11\t.\tO\n",
        &["Anna/B-PER sings/O ./O"],
    );
    // Numbers can be words, and a word can be repeated.
    reads("ha.tsv", "ha\tUH\tO\nha\tUH\tO\nha\tUH\tO\n", &["ha/O ha/O ha/O"]);
    let years = "1990\tCARD\tO\n1991\tCARD\tO\n1992\tCARD\tB-DATE\n";
    let error = read("years.tsv", years, &ReadOptions::default()).unwrap_err().to_string();
    assert!(error.contains("--word-column 2"), "{error}");
    let inner = "a.txt\t3\tX\tB-PER\na.txt\t9\tY\tO\na.txt\t7\tZ\tO\n";
    insta::assert_snapshot!(read("inner.tsv", inner, &ReadOptions::default()).unwrap_err(), @"inner.tsv:1: column 2 may only number or name the words or sentences; choose the column of the words (--word-column 3, PATH,word-column=3, or word-column = 3 in a settings file; 2 if it has the words)");
}

#[test]
fn headers_and_comments_are_no_words() {
    reads("header.tsv", "TOKEN\tNE-COARSE\nAnna\tB-PER\nsings\tO\n", &["Anna/B-PER sings/O"]);
    reads("first.tsv", "# text = Vitamin O\nAnna\tB-PER\nsings\tO\n", &["Anna/B-PER sings/O"]);
    reads(
        "four.conll",
        "# sent_id = S-12\nAnna NNP I-NP B-PER\nsings VB I-VP O\n",
        &["Anna/B-PER sings/O"],
    );
    let corpus = read("h.tsv", "TOKEN\tNER\nAnna\tB-PER\n", &ReadOptions::default()).unwrap();
    assert_eq!(corpus.files[0].choices[0], "line 1 is a header (TOKEN, NER)");
}

#[test]
fn conllu_is_read_with_tags_in_misc_ranges_and_empty_nodes() {
    reads(
        "misc.conllu",
        "# text = Anna sings\n1\tAnna\tAnna\tPROPN\t_\t_\t2\tnsubj\t_\tname=B-PER|SpaceAfter=Yes\n2\tsings\tsing\tVERB\t_\t_\t0\troot\t_\tname=O\n",
        &["Anna/B-PER sings/O"],
    );
    let ranges = "# text = Zum Haus\n1-2\tZum\t_\t_\n1\tZu\t_\tO\n2\tdem\t_\tO\n3\tHaus\t_\tO\n3.1\tleer\t_\tO\n";
    reads("mwt.conllu", ranges, &["Zu/O dem/O Haus/O"]);
    let corpus = read("mwt.conllu", ranges, &ReadOptions::default()).unwrap();
    let left_out = "left out: 2 ranges and empty nodes of CoNLL-U";
    assert!(corpus.files[0].choices.iter().any(|choice| choice == left_out));
    // Lines of errors are those of the file, although rows between the words are left out.
    let bad = ranges.replace("3\tHaus\t_\tO", "3\tHaus\t_\tX_Y") + &"\n1\tx\t_\tO\n".repeat(9);
    let error = read("mwt.conllu", &bad, &ReadOptions::default()).unwrap_err().to_string();
    assert!(error.starts_with("mwt.conllu:5: "), "{error}");
    reads(
        "plus.conllup",
        "# global.columns = ID FORM UPOS X:NER X:INNER\n1\tAnna\tPROPN\tB-PER\tO\n2\tsings\tVERB\tO\tO\n",
        &["Anna/B-PER sings/O"],
    );
}

#[test]
fn nested_columns_are_asked_for() {
    let text = "1\tDie\tO\tO\n2\tUniversität\tB-ORG\tO\n3\tTrier\tI-ORG\tB-LOC\n4\tund\tO\tO\n5\tAnna\tB-PER\tO\n";
    insta::assert_snapshot!(read("germeval.tsv", text, &ReadOptions::default()).unwrap_err(), @"germeval.tsv:1: several columns have tags: 3 (ORG, PER), 4 (LOC); choose one of them (--tag-column 3, PATH,tag-column=3, or tag-column = 3 in a settings file)");
    for (column, types) in [(3, vec!["ORG", "PER"]), (4, vec!["LOC"])] {
        let options = ReadOptions { tag_column: Some(column), ..ReadOptions::default() };
        let corpus = read("germeval.tsv", text, &options).unwrap();
        assert_eq!(corpus.entity_types(), types);
        assert_eq!(corpus.sentences[0].words[1], "Universität");
    }
}

#[test]
fn corpora_with_other_columns_are_read_with_their_own_options() {
    let main = "1\tAnna\tB-PER\t-\t-\n2\tsings\tO\t-\t-\n";
    reads("main.tsv", main, &["Anna/B-PER sings/O"]);
    let options =
        ReadOptions { word_column: Some(2), tag_column: Some(3), ..ReadOptions::default() };
    assert_eq!(shown(&read("main.tsv", main, &options).unwrap()), ["Anna/B-PER sings/O"]);
    reads("partner.conll", "Anna NNP B-NP B-PER\nsings VBZ B-VP O\n", &["Anna/B-PER sings/O"]);
}

#[test]
fn the_original_release_of_wikiann_is_read() {
    reads("pan.bio", "fo:Jógvan\tB-PER\nfo:býr\tO\nfo:her\tO\n", &["Jógvan/B-PER býr/O her/O"]);
    reads(
        "ragged.bio",
        "Bergen Bergen_(stad) Bergen_(stad) GPE 0.92 Bergen B-LOC\nog None O\nOslo None B-LOC\n\nAnna Anna_Ek Anna_Ek PER 0.99 Anna_Ek B-PER\n",
        &["Bergen/B-LOC og/O Oslo/B-LOC", "Anna/B-PER"],
    );
    reads(
        "both.bio",
        "fo:Bergen Bergen_(s) Bergen_(s) GPE 0.92 Bergen B-LOC\nfo:og None O\n",
        &["Bergen/B-LOC og/O"],
    );
    let spaces = "a O\nNew York B-LOC\n";
    assert!(read("spaces.bio", spaces, &ReadOptions::default()).is_err());
}

#[test]
fn joined_files_are_two_texts() {
    reads("bom.tsv", "Anna\tB-PER\n\n\u{feff}Bos\tB-LOC\n", &["Anna/B-PER", "Bos/B-LOC"]);
    reads("bom.tsv", "Anna\tB-PER\n\u{feff}Bos\tI-LOC\n", &["Anna/B-PER", "Bos/B-LOC"]);
}

#[test]
fn empty_words_are_errors_or_dropped_and_counted() {
    let text = "Anna\tB-PER\n\tO\nsings\tO\n";
    let error = read("empty.tsv", text, &ReadOptions::default()).unwrap_err();
    insta::assert_snapshot!(error, @"empty.tsv:2: word 2 is empty; write the word, or remove it with its tag");
    let skip = ReadOptions { skip_bad: true, ..ReadOptions::default() };
    let corpus = read("empty.tsv", text, &skip).unwrap();
    assert_eq!(shown(&corpus), ["Anna/B-PER sings/O"]);
    let finding = &corpus.findings[0];
    assert_eq!((finding.line, finding.kind), (2, FindingKind::EmptyWord));
    assert_eq!(finding.detail, "word 2 is empty, left out with its tag O");
    // Later lines are still those of the file.
    let corpus = read("empty.tsv", "\tO\nb\tO\nc\tI-X\n\nd\tB-X\n", &skip).unwrap();
    assert_eq!(shown(&corpus), ["b/O c/B-X", "d/B-X"]);
    assert_eq!(corpus.findings.iter().map(|f| f.line).collect::<Vec<_>>(), [1, 3]);
    let corpus = read("empty.txt", "Anna B-PER\n O\nsings O\n", &skip).unwrap();
    assert_eq!(shown(&corpus), ["Anna/B-PER sings/O"]);
}

#[test]
fn tags_of_other_schemes_are_read() {
    reads(
        "bmes.tsv",
        "Anna\tB-PER\nvan\tM-PER\nEk\tE-PER\nOslo\tS-LOC\n",
        &["Anna/B-PER van/I-PER Ek/I-PER Oslo/B-LOC"],
    );
    reads(
        "io.tsv",
        "Anna\tPER\nEk\tPER\nin\tO\nOslo\tLOC\n",
        &["Anna/B-PER Ek/I-PER in/O Oslo/B-LOC"],
    );
}

#[test]
fn columns_are_recognised_in_a_text_file() {
    let text = "Anna O\nwoon O\nin O\nBos B-LOC\n";
    reads("tagged.txt", text, &["Anna/O woon/O in/O Bos/B-LOC"]);
    // Standard input has no extension.
    assert_eq!(Format::detect(Path::new("-"), text.as_bytes()), Some(Format::Conll));
    let corpus = read("tagged.txt", text, &ReadOptions::default()).unwrap();
    insta::assert_snapshot!(corpus.files[0], @r"
    tagged.txt: CoNLL (by its name), IOB2
      words in column 1 (the first column), tags in column 2 (the last column) of 2
      first sentence: Anna/O woon/O in/O Bos/B-LOC
    ");
}

#[test]
fn parts_are_found_and_checked() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("train.txt", "Anna O\nwoon O\n"), ("val.txt", "Bo B-PER\nsings O\n")] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let files = find_splits(folder.path()).unwrap();
    let parts = files.try_map(|files| read_all(&files, &ReadOptions::default())).unwrap();
    assert_eq!(shown(parts.dev.as_ref().unwrap()), ["Bo/B-PER sings/O"]);
    let warnings: Vec<String> = part_warnings(&parts).iter().map(ToString::to_string).collect();
    assert!(
        warnings[0].ends_with(
            "the training text has no entity; check its tags and the column of the tags"
        )
    );
    assert!(warnings[1].starts_with("type PER occurs in dev (1 entity) but not in train"));
    assert!(warnings[2].starts_with("no test part"));
}
