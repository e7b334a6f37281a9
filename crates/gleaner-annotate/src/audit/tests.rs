//! What is doubtful in corpora with planted errors, and the file that keeps it.

use super::*;
use crate::testing::corpus;

fn span(start: usize, end: usize, name: &str) -> Span {
    Span { start, end, entity_type: name.into() }
}

/// The spans of a suggestion.
fn spans(doubt: &Doubt) -> Vec<Span> {
    doubt.suggested.iter().flatten().map(|shown| shown.span.clone()).collect()
}

#[test]
fn all_copies_that_contradict_each_other_are_shown_together() {
    let (_folder, set) = corpus(&[
        ("train.conll", "a b\nHavn/B-LOC won\nHavn/B-LOC won\nc/I-PER d"),
        ("test.conll", "Havn/B-ORG won"),
    ]);
    let found = doubts(&set, None, &[]);
    let order: Vec<(usize, Reason)> = found.iter().map(|doubt| (doubt.id, doubt.why)).collect();
    let contradictory = Reason::ContradictoryTags;
    let expected =
        [(1, contradictory), (2, contradictory), (4, contradictory), (3, Reason::BrokenTags)];
    assert_eq!(order, expected);
    assert_eq!(found[0].notes, ["the same sentence has other tags at test.conll:1: ORG “Havn”"]);
    assert_eq!(
        found[2].notes,
        ["the same sentence has other tags at train.conll:4 and in 1 more place: LOC “Havn”"]
    );
    assert_eq!(
        (spans(&found[0]), spans(&found[2])),
        (vec![span(0, 1, "ORG")], vec![span(0, 1, "LOC")])
    );
    assert_eq!(found[3].suggested, None);
    // Another part still counts as a place.
    let of_test = doubts(&set, Some(Part::Test), &[]);
    assert_eq!(of_test, [found[2].clone()]);
}

#[test]
fn the_first_of_equally_frequent_versions_is_suggested() {
    let versions = ["ORG", "LOC", "PER", "LOC", "PER", "X"];
    let text: String = versions.iter().map(|name| format!("Havn/B-{name} won\n")).collect();
    let (_folder, set) = corpus(&[("train.conll", &text)]);
    let found = doubts(&set, None, &[]);
    let suggested: Vec<String> =
        found.iter().map(|doubt| spans(doubt)[0].entity_type.clone()).collect();
    assert_eq!(suggested, ["LOC", "PER", "LOC", "PER", "LOC", "LOC"]);
    assert!(found[1].notes[0].contains("at train.conll:7 and in 1 more place: PER"));
}

/// To compare each copy with all others, or each place with all spans of its sentence, takes many minutes here.
#[test]
fn many_copies_and_long_sentences_take_little_time() {
    let copies: String = (0..20_000).map(|n| format!("Havn/B-T{} won\n", n % 30)).collect();
    let (_folder, set) = corpus(&[("train.conll", &copies)]);
    let found = doubts(&set, None, &[]);
    assert_eq!((found.len(), &spans(&found[0])[0].entity_type[..]), (20_000, "T1"));

    // A mention of 3,000 words, and a sentence of 100,000 that begins with it almost everywhere.
    let mention = format!("ab/B-LOC{}", " ab/I-LOC".repeat(2_999));
    let names = " x/B-PER y".repeat(50_000);
    let text = format!("{mention}\n{}\n{names}", "ab ".repeat(100_000));
    let (_folder, set) = corpus(&[("train.conll", &text)]);
    let found = doubts(&set, None, &[]);
    assert_eq!(found.iter().map(|doubt| doubt.id).collect::<Vec<_>>(), [0]);
    assert_eq!(spans(&found[0]), []);
    // A model that contradicts every word of a long sentence.
    let found_there = (0..50_000).map(|n| span(2 * n + 1, 2 * n + 2, "PER").into()).collect();
    let says = Some(Predicted { spans: found_there, outside: None });
    let found = doubts(&set, None, &[None, None, says]);
    let of_names = &found[1];
    assert_eq!((of_names.id, of_names.notes.len(), spans(of_names).len()), (2, 100_000, 50_000));
}

/// Sentences with `Havn` as a place, and others.
fn havn(places: usize, others: &str) -> Vec<Doubt> {
    let all: String = (0..places).map(|n| format!("in Havn/B-LOC {n}\n")).collect();
    let (_folder, set) = corpus(&[("train.conll", &(all + others))]);
    doubts(&set, None, &[])
}

#[test]
fn mentions_that_are_mostly_tagged_otherwise_are_doubtful() {
    let others = "Havn/B-ORG won\nto Havn today\nNy/B-LOC Havn/I-LOC fell";
    let found = havn(4, others);
    assert_eq!(
        found.iter().map(|doubt| (doubt.id, doubt.why)).collect::<Vec<_>>(),
        [(4, Reason::RareTags), (5, Reason::RareTags)]
    );
    assert_eq!(
        found[0].notes,
        ["“Havn” is ORG here, but LOC in 4 other places, the first at train.conll:1"]
    );
    assert_eq!(
        found[1].notes,
        ["“Havn” is not an entity here, but LOC in 4 other places, the first at train.conll:1"]
    );
    assert_eq!(
        (spans(&found[0]), spans(&found[1])),
        (vec![span(0, 1, "LOC")], vec![span(1, 2, "LOC")])
    );
    // Three times as many are not enough.
    assert_eq!(havn(3, others), []);
}

#[test]
fn words_that_are_mostly_no_entity_are_doubtful_and_the_longest_mention_counts() {
    let plain: String = (0..4).map(|n| format!("the May {n}\n")).collect();
    let found = havn(0, &format!("the May/B-PER x\n{plain}"));
    assert_eq!(
        found[0].notes,
        ["“May” is PER here, but not an entity in 4 other places, the first at train.conll:5"]
    );
    assert_eq!((found.len(), spans(&found[0])), (1, Vec::new()));
    let names: String = (0..4).map(|n| format!("Ny/B-LOC Havn/I-LOC {n}\n")).collect();
    let found = havn(4, &format!("{names}at Ny Havn ."));
    assert_eq!((found.len(), found[0].notes.len()), (1, 1));
    assert_eq!(spans(&found[0]), [span(1, 3, "LOC")]);
}

/// The remarks on “In Ny Havn sang Anna .”, where the corpus has Ny Havn and Anna, if a model finds `says`.
fn contradicted(says: &[(usize, usize, &str, f64)], outside: f64) -> (Vec<String>, Vec<f64>) {
    let words = ["In", "Ny", "Havn", "sang", "Anna", "."].map(String::from);
    let shown = |&(start, end, name, confidence): &(usize, usize, &str, f64)| ShownSpan {
        span: span(start, end, name),
        confidence: Some(confidence),
    };
    let says = Predicted {
        spans: says.iter().map(shown).collect(),
        outside: Some(vec![0.9, 0.9, outside, 0.9, 0.9, 0.9]),
    };
    let own = [span(1, 3, "LOC"), span(4, 5, "PER")];
    let remarks = predicted::remarks(0, &words, &own, &says);
    assert!(remarks.iter().all(|r| r.suggested.as_deref() == Some(&says.spans[..])));
    remarks.into_iter().map(|remark| (remark.note, remark.score)).unzip()
}

#[test]
fn a_model_contradicts_types_borders_and_entities() {
    let anna = (4, 5, "PER", 0.9);
    assert_eq!(contradicted(&[(1, 3, "LOC", 0.7), anna], 0.9).0, [""; 0]);
    let (notes, scores) = contradicted(&[(1, 3, "ORG", 0.93), anna], 0.9);
    assert_eq!(notes, ["the model says ORG for “Ny Havn” (0.93); the corpus says LOC"]);
    assert_eq!(scores, [0.93]);
    let (notes, _) = contradicted(&[(0, 1, "PER", 0.6), (2, 3, "LOC", 0.8), anna], 0.9);
    assert_eq!(
        notes,
        [
            "the model says PER for “In” (0.60); the corpus says no entity",
            "the model says LOC for “Havn” (0.80); the corpus says LOC for “Ny Havn”",
        ]
    );
    // As probable as the word that is least probably outside.
    let (notes, scores) = contradicted(&[anna], 0.75);
    assert_eq!(notes, ["the model finds no entity in “Ny Havn” (0.75); the corpus says LOC"]);
    assert_eq!(scores, [0.75]);
    // What is improbable to the model itself is left out.
    assert_eq!(contradicted(&[(1, 3, "ORG", 0.45), anna], 0.9).0, [""; 0]);
    assert_eq!(contradicted(&[anna], 0.45).0, [""; 0]);
}

#[test]
fn only_changes_that_a_note_names_are_suggested() {
    let words = ["In", "Ny", "Havn", "sang", "Anna", "B", "."].map(String::from);
    let own = [span(1, 3, "LOC"), span(4, 6, "PER")];
    let found = |says: &[(usize, usize, &str, f64)], outside: f64| {
        let shown = |&(start, end, name, confidence): &(usize, usize, &str, f64)| ShownSpan {
            span: span(start, end, name),
            confidence: Some(confidence),
        };
        let spans = says.iter().map(shown).collect();
        let says = Predicted { spans, outside: Some(vec![outside; 7]) };
        let remarks = predicted::remarks(0, &words, &own, &says);
        let suggested = remarks.first().and_then(|remark| remark.suggested.as_deref());
        let suggested = suggested.map(|all| all.iter().map(|shown| shown.span.clone()).collect());
        (remarks.len(), suggested.unwrap_or_default())
    };
    // Neither an improbable entity, nor an improbable type, border or removal.
    let sure = (1, 3, "ORG", 0.9);
    let changed: Vec<Span> = vec![span(1, 3, "ORG"), span(4, 6, "PER")];
    assert_eq!(found(&[(0, 1, "PER", 0.4), sure], 0.4), (1, changed.clone()));
    assert_eq!(found(&[sure, (4, 6, "ORG", 0.4)], 0.9), (1, changed.clone()));
    assert_eq!(found(&[sure, (4, 5, "PER", 0.4)], 0.9), (1, changed));
    // A probable removal, and two probable entities in place of one.
    assert_eq!(found(&[sure], 0.9), (2, vec![span(1, 3, "ORG")]));
    let split = [(1, 3, "LOC", 0.3), (4, 5, "PER", 0.8), (5, 6, "ORG", 0.7)];
    let expected = vec![span(1, 3, "LOC"), span(4, 5, "PER"), span(5, 6, "ORG")];
    assert_eq!(found(&split, 0.9), (2, expected));
    assert_eq!(found(&[(1, 3, "ORG", 0.4)], 0.4), (0, Vec::new()));
}

#[test]
fn the_most_confident_contradictions_come_first() {
    let (_folder, set) = corpus(&[("train.conll", "a/B-X b\nc/B-X d\ne f")]);
    let says = |confidence: f64| {
        let spans = vec![ShownSpan { span: span(0, 1, "Y"), confidence: Some(confidence) }];
        Some(Predicted { spans, outside: Some(vec![0.0; 2]) })
    };
    let found = doubts(&set, None, &[says(0.6), says(0.4), says(0.8)]);
    assert_eq!(found.iter().map(|doubt| doubt.id).collect::<Vec<_>>(), [2, 0]);
    assert_eq!(types(&set, &found), ["X", "Y"]);
}

#[test]
fn a_labelled_text_says_what_a_model_found_in_the_same_words() {
    let (_folder, set) = corpus(&[("train.conll", "a/B-X b\nc/B-X d\ne f")]);
    let (_other, labelled) = corpus(&[("train.conll", "e f\nc/B-Y d\na b\nother words")]);
    let labelled: Vec<_> = labelled.entries.into_iter().map(|entry| entry.sentence).collect();
    let predicted = predicted_in(&set, &labelled[..2]);
    assert_eq!(predicted.iter().map(Option::is_some).collect::<Vec<_>>(), [false, true, true]);
    let found = doubts(&set, None, &predicted_in(&set, &labelled));
    assert_eq!(found.iter().map(|doubt| doubt.id).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(found[0].notes, ["the model finds no entity in “a”; the corpus says X"]);
    assert_eq!(found[1].notes, ["the model says Y for “c”; the corpus says X"]);
    assert_eq!(found[1].suggested.as_ref().unwrap()[0], span(0, 1, "Y").into());
}

#[test]
fn an_audit_reads_back_and_damage_is_reported() {
    let (folder, set) = corpus(&[("train.conll", "a/B-X b\na b\nc d"), ("test.conll", "e f")]);
    let audit = Audit::new(audited_files(&set).unwrap(), doubts(&set, None, &[]));
    let path = folder.path().join("audit.json");
    audit.write(&path).unwrap();
    let texts = crate::texts::of_set(&set);
    let types = ["X".to_owned()];
    assert_eq!(Audit::read(&path, &texts, &types).unwrap(), audit);
    let place = |id: usize| audit.file(id).map(|(file, at)| (file.part, file.sentences, at));
    assert_eq!(place(2), Some((Part::Train, 3, 2)));
    assert_eq!((place(3), place(4)), (Some((Part::Test, 1, 0)), None));
    let whole = fs::read_to_string(&path).unwrap();
    for (damage, expected) in [
        (whole.replace("\"format\":1", "\"format\":2"), ":1: format 2, but this program reads 1"),
        (whole.replace("\"sentences\":3", "\"sentences\":2"), ":1: 3 sentences, but texts.jsonl"),
        (whole.replace("\"id\":1", "\"id\":9"), ":1: there is no sentence 9; restore the file"),
        (whole.replace("\"type\":\"X\"", "\"type\":\"Y\""), ":1: `Y` is not a type of the project"),
        (whole[..20].to_owned(), ":1: EOF while parsing"),
    ] {
        fs::write(&path, damage).unwrap();
        let error = Audit::read(&path, &texts, &types).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn a_file_that_has_changed_is_refused() {
    let (folder, set) = corpus(&[("train.conll", "a/B-X b")]);
    // Read before the file changes, also if the audit is made later.
    let files = audited_files(&set).unwrap();
    Audit::new(files.clone(), Vec::new()).check_files().unwrap();
    let path = folder.path().join("corpus/train.conll");
    fs::write(&path, fs::read_to_string(&path).unwrap().replace("B-X", "B-Y")).unwrap();
    let audit = Audit::new(files, Vec::new());
    let error = audit.check_files().unwrap_err().to_string();
    assert!(error.contains("train.conll: the file has changed since"), "{error}");
    fs::remove_file(&path).unwrap();
    assert!(audit.check_files().is_err());
}
