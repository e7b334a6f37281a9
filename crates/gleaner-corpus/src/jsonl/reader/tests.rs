use super::*;

fn shown(text: &str, options: &ReadOptions) -> Vec<String> {
    let shown = |item: Result<Sentence, CorpusError>| match item {
        Ok(sentence) => {
            format!("{} {} | {}", sentence.line, sentence.words.join(" "), sentence.tags.join(" "))
        }
        Err(error) => error.to_string(),
    };
    Reader::new(text.as_bytes(), Path::new("x"), options).map(shown).collect()
}

fn by_default(text: &str) -> Vec<String> {
    shown(text, &ReadOptions::default())
}

#[test]
fn reads_all_shapes_of_lines() {
    let text = r#"{"label_names": ["O", "B-P", "I-P"]}
{"tokens": ["Anna", "B"], "ner_tags": [1, 2], "spans": ["PER: Anna B"], "text": "no"}

{"words": ["a"], "tags": ["B-Q"]}
{"text": "In New York.", "spans": [{"start": 3, "end": 11, "type": "LOC", "id": 4}]}
{"text": "None", "spans": []}
{"data": "It is. Anna", "labels": [[7, 11, "PER"]]}
{"text": "Anna's", "tokens": ["Anna", "'s"], "spans": [{"start": 0, "end": 4, "label": "PER"}]}"#;
    assert_eq!(
        by_default(text),
        [
            "2 Anna B | B-P I-P",
            "4 a | B-Q",
            "5 In New York . | O B-LOC I-LOC O",
            "6 None | O",
            "7 It is . | O O O",
            "7 Anna | B-PER",
            "8 Anna 's | B-PER O",
        ]
    );
    let labels = Some(["O", "B-X", "I-X"].map(String::from).to_vec());
    let options = ReadOptions { labels, ..ReadOptions::default() };
    assert_eq!(shown(text, &options)[0], "2 Anna B | B-X I-X");
    let beside = r#"{"tokens": ["a"], "words": ["b"], "tags": [7], "ner_tags": ["B-X"]}"#;
    assert_eq!(by_default(beside), ["1 a | B-X"]);
    let options = ReadOptions { unlabelled: true, ..ReadOptions::default() };
    let text = "{\"text\": \"a b\"}\n{\"tokens\": [\"c\"], \"tags\": [\"?\"]}";
    assert_eq!(shown(text, &options), ["1 a b | ", "2 c | "]);
}

#[test]
fn arrays_and_containers_keep_the_lines_of_their_objects() {
    let array = "[\n {\"tokens\": [\"a\"],\n  \"tags\": [\"B-X\"]},\n\n {\"tokens\": [\"b\"], \"tags\": [0]}, 3]";
    assert_eq!(
        by_default(array),
        [
            "2 a | B-X",
            "x:5: tags are numbers without names; give the names in the order of the numbers (--labels O B-PER I-PER), in JSONL also as a line {\"label_names\": [...]}",
            "x:5: invalid type: integer `3`, expected a map (column 1); expected a JSON object with `tokens` and `tags`, or with `text` and `spans`",
        ]
    );
    let served = r#"{"features": [
  {"feature_idx": 0, "name": "tokens", "type": {"feature": {"dtype": "string", "_type": "Value"}, "_type": "Sequence"}},
  {"feature_idx": 1, "name": "ner_tags", "type": {"feature": {"names": ["O", "B-X"], "_type": "ClassLabel"}, "_type": "Sequence"}}],
 "rows": [{"row_idx": 0, "row": {"id": "0", "tokens": ["a", "b"], "ner_tags": [1, 0]}, "truncated_cells": []}]}"#;
    assert_eq!(by_default(served), ["4 a b | B-X O"]);
    let one = "{\n \"tokens\": [\"a\"],\n \"tags\": [\"O\"]\n}\n";
    assert_eq!(by_default(one), ["1 a | O"]);
    assert_eq!(by_default("[]"), Vec::<String>::new());
    assert_eq!(
        by_default("[{\"tokens\": [\"a\"], \"tags\": [\"O\"]},\n {\"tokens\""),
        [
            "x:2: damaged JSON array (EOF while parsing an object, column 10); export it again, or write one object per line"
        ]
    );
}

#[test]
fn features_name_the_numbers() {
    for features in [
        r#"{"ner_tags": {"feature": {"names": ["O", "B-X"], "_type": "ClassLabel"}, "_type": "Sequence"}}"#,
        r#"{"ner_tags": [{"names": ["O", "B-X"], "_type": "ClassLabel"}]}"#,
        r#"{"tags": {"sequence": {"class_label": {"names": {"0": "O", "1": "B-X"}}}}}"#,
    ] {
        let text = format!("{{\"features\": {features}}}\n{{\"tokens\": [\"a\"], \"tags\": [1]}}");
        assert_eq!(by_default(&text), ["2 a | B-X"], "{features}");
    }
}

#[test]
fn errors_have_line_and_fix() {
    let text = r#"{"tokens": ["a"]
{"tokens": ["a"], "tags": [0]}
{"tokens": ["a"], "tags": ["O", "O"]}
{"tokens": ["a"]}
{"tags": ["O"]}
{"text": "a"}
{"text": "a", "spans": [{"start": 0}]}
{"text": "a", "spans": "none"}
{"tokens": ["a"], "tags": [true]}
{"tokens": ["a"], "tags": [-100], "label_names": ["O"]}
{"text": "a b", "label": [[0, 1, "X"]], "entities": [[2, 3, "X"]]}
{"text": "a b", "label": [[0, 1, 7]]}
{"text": "a b", "tokens": ["a", "c"], "spans": []}
{"text": "a", "label": ["sport"]}
{"tokens": ["a"], "tags": ["O"]}
{"tokens": ["a", null], "tags": ["O", "O"]}"#;
    let shapes = "; expected a JSON object with `tokens` and `tags`, or with `text` and `spans`";
    let no_tags = "no tags; add `tags` or `ner_tags` to `tokens`, or `spans` to `text`";
    assert_eq!(
        by_default(text),
        [
            format!("x:1: EOF while parsing an object (column 16){shapes}"),
            "x:2: tags are numbers without names; give the names in the order of the numbers (--labels O B-PER I-PER), in JSONL also as a line {\"label_names\": [...]}".to_owned(),
            "x:3: 1 words but 2 tags; give each word one tag".to_owned(),
            format!("x:4: {no_tags}"),
            "x:5: no words; add `tokens`, or `text` with `spans`, or name the key of the text (--text-field)".to_owned(),
            format!("x:6: {no_tags}"),
            format!("x:7: `spans`: item 1 has no `end`{shapes}"),
            format!("x:8: `spans` is not a list{shapes}"),
            format!("x:9: tags are neither a list of names nor a list of numbers{shapes}"),
            "x:10: tag number -100 is out of range: there are 1 label names; check the label names".to_owned(),
            "x:11: `entities` and `label` have different spans; remove one of them".to_owned(),
            format!("x:12: `label`: item 1 has a label that is not a name{shapes}"),
            "x:13: word 2: the text does not continue with \"c\" at character 2; write the words as in the text".to_owned(),
            format!("x:14: {no_tags}"),
            "15 a | O".to_owned(),
            format!("x:16: `tokens`: item 2 is not a string, but others are{shapes}"),
        ]
    );
}

#[test]
fn tasks_of_label_studio_need_one_result() {
    let task = |annotations: &str| {
        format!(
            "[{{\"id\": 1, \"data\": {{\"text\": \"Anna\"}}, \"annotations\": [{annotations}]}}]"
        )
    };
    let result = |label: &str, more: &str| {
        format!(
            "{{\"result\": [{{\"type\": \"labels\", \"value\": {{\"start\": 0, \"end\": 4, \"text\": \"Anna\", \"labels\": [\"{label}\"]}}}}, {{\"type\": \"relation\"}}]{more}}}"
        )
    };
    let (per, loc) = (result("PER", ""), result("LOC", ""));
    assert_eq!(by_default(&task(&per)), ["1 Anna | B-PER"]);
    assert_eq!(by_default(&task(&format!("{per}, {per}"))), ["1 Anna | B-PER"]);
    assert_eq!(
        by_default(&task(&format!("{per}, {loc}"))),
        [
            "x:1: the task has annotations that differ; mark one as ground truth, or delete the others"
        ]
    );
    let truth = result("LOC", ", \"ground_truth\": true");
    assert_eq!(by_default(&task(&format!("{per}, {truth}"))), ["1 Anna | B-LOC"]);
    let cancelled = result("LOC", ", \"was_cancelled\": true");
    assert_eq!(by_default(&task(&format!("{cancelled}, {per}"))), ["1 Anna | B-PER"]);
    for (annotations, detail) in [
        ("", "text left out: not annotated"),
        (cancelled.as_str(), "text left out: annotation cancelled"),
    ] {
        let text = task(annotations);
        let mut reader = Reader::new(text.as_bytes(), Path::new("x"), &ReadOptions::default());
        assert!(reader.next().is_none());
        assert_eq!(reader.take_findings()[0].detail, detail);
    }
    let html = task(
        "{\"result\": [{\"type\": \"hypertextlabels\", \"value\": {\"start\": \"/p[1]\", \"end\": \"/p[1]\", \"hypertextlabels\": [\"PER\"]}}]}",
    );
    assert_eq!(
        by_default(&html),
        [
            "x:1: result 1 has `hypertextlabels`, which mark no plain text; export labels of plain text"
        ]
    );
    let named = |data: &str| format!("[{{\"data\": {{{data}}}, \"annotations\": [{per}]}}]");
    assert_eq!(by_default(&named("\"review\": \"Anna\"")), ["1 Anna | B-PER"]);
    let two = named("\"title\": \"Bo\", \"body\": \"Anna\"");
    assert_eq!(
        by_default(&two),
        ["x:1: the task has several texts: title, body; choose one (--text-field title)"]
    );
    let options = ReadOptions { text_field: Some("body".into()), ..ReadOptions::default() };
    assert_eq!(shown(&two, &options), ["1 Anna | B-PER"]);
}

#[test]
fn json_min_has_its_regions_under_any_name() {
    let region = "{\"start\": 0, \"end\": 4, \"text\": \"Anna\", \"labels\": [\"PER\"]}";
    let row = |more: &str| format!("{{\"text\": \"Anna\", \"id\": 1, \"annotation_id\": 2{more}}}");
    assert_eq!(
        by_default(&format!("[{}]", row(&format!(", \"ner\": [{region}]")))),
        ["1 Anna | B-PER"]
    );
    assert_eq!(by_default(&format!("[{}]", row(""))), ["1 Anna | O"]);
    let review = format!(
        "[{{\"review\": \"Anna\", \"id\": 1, \"annotation_id\": 2, \"created_at\": \"now\", \"ner\": [{region}]}}]"
    );
    assert_eq!(by_default(&review), ["1 Anna | B-PER"]);
    let twice = format!("[{},\n{}]", row(""), row(&format!(", \"ner\": [{region}]")));
    assert_eq!(
        by_default(&twice)[1],
        "x:2: another annotation of the task 1 at line 1; keep one, or export as JSON with a ground truth"
    );
}

#[test]
fn the_text_of_a_span_is_compared() {
    let row = |start: usize, end: usize| {
        format!(
            "{{\"text\": \"😀 Anna Ek\", \"spans\": [{{\"start\": {start}, \"end\": {end}, \"label\": \"PER\", \"text\": \"Anna\"}}]}}"
        )
    };
    assert_eq!(by_default(&row(2, 6)), ["1 😀 Anna Ek | O B-PER O"]);
    assert_eq!(
        by_default(&row(3, 7)),
        [
            "x:1: span 3..7: the offsets seem to count UTF-16 units; read the file with --offsets utf16"
        ]
    );
    assert_eq!(
        by_default(&row(0, 4)),
        ["x:1: span 0..4: covers \"😀 An\", but its `text` is \"Anna\"; check the offsets"]
    );
}

#[test]
fn repeated_keys_are_errors() {
    let text = "{\"tokens\": [\"a\"], \"tags\": [\"O\"], \"tags\": [\"B-X\"]}\n{\"tokens\": [\"b\"], \"tags\": [\"O\"]}";
    let found = by_default(text);
    assert!(found[0].starts_with("x:1: the key `tags` occurs twice; remove one"), "{found:?}");
    assert_eq!(found[1], "2 b | O");
}

#[test]
fn answers_to_single_spans_are_no_annotations_of_texts() {
    let row = |more: &str| {
        format!(
            "{{\"text\": \"Anna met Bo\", \"spans\": [{{\"start\": 0, \"end\": 4, \"label\": \"PER\"}}]{more}}}"
        )
    };
    let accepted = row(", \"answer\": \"accept\", \"_is_binary\": true");
    let found = by_default(&accepted);
    assert!(found[0].starts_with("x:1: the answer is about single spans"), "{found:?}");
    let whole = accepted.replace("true", "false");
    assert_eq!(by_default(&whole), ["1 Anna met Bo | B-PER O O"]);
}

#[test]
fn texts_without_an_accepted_answer_are_texts_all_the_same() {
    let unlabelled = ReadOptions { unlabelled: true, ..ReadOptions::default() };
    for answer in ["reject", "ignore"] {
        let text = format!(
            "{{\"text\": \"Anna met Bo\", \"spans\": [{{\"start\": 0, \"end\": 2, \"label\": \"X\"}}], \"answer\": \"{answer}\"}}"
        );
        assert_eq!(by_default(&text), Vec::<String>::new());
        assert_eq!(
            shown(&text, &unlabelled),
            ["1 Anna met Bo | "],
            "words of a wrong span are not cut"
        );
    }
}

#[test]
fn labelled_words_come_before_what_an_object_was() {
    let labels = "\"tokens\": [\"Anna\"], \"tags\": [\"B-PER\"]";
    for was in [
        "\"data\": {\"text\": \"Anna\"}, \"annotations\": [{\"result\": []}]",
        "\"text\": \"Anna\", \"answer\": \"reject\"",
        "\"text\": \"Anna\", \"label\": [[0, 4, \"LOC\"]]",
    ] {
        assert_eq!(by_default(&format!("{{{was}, {labels}}}")), ["1 Anna | B-PER"], "{was}");
    }
}

#[test]
fn labels_of_several_controls_are_reported() {
    let result = |control: &str, start: usize, end: usize, text: &str, label: &str| {
        format!(
            "{{\"from_name\": \"{control}\", \"type\": \"labels\", \"value\": {{\"start\": {start}, \"end\": {end}, \"text\": \"{text}\", \"labels\": [\"{label}\"]}}}}"
        )
    };
    let task = |control: &str| {
        let both = [result("ner", 0, 4, "Anna", "PER"), result(control, 5, 10, "sings", "VERB")];
        format!(
            "{{\"data\": {{\"text\": \"Anna sings\"}}, \"annotations\": [{{\"result\": [{}]}}]}}",
            both.join(", ")
        )
    };
    for (control, details) in [
        ("ner", vec![]),
        (
            "pos",
            vec![
                "labels of several controls (ner, pos), all read as entities; drop types with --map",
            ],
        ),
    ] {
        let text = task(control);
        let mut reader = Reader::new(text.as_bytes(), Path::new("x"), &ReadOptions::default());
        assert_eq!(reader.next().unwrap().unwrap().tags, ["B-PER", "B-VERB"]);
        let findings = reader.take_findings();
        assert_eq!(findings.iter().map(|f| f.detail.as_str()).collect::<Vec<_>>(), details);
    }
}

#[test]
fn words_come_before_what_is_under_other_keys() {
    let labelled =
        r#"{"tokens": ["Anna", "sings"], "ner_tags": ["B-P", "O"], "data": {"source": "x"}}"#;
    assert_eq!(by_default(labelled), ["1 Anna sings | B-P O"]);
    let options = ReadOptions { unlabelled: true, ..ReadOptions::default() };
    let words = r#"{"tokens": ["Anna", "sings"], "data": {"source": "x"}}"#;
    assert_eq!(shown(words, &options), ["1 Anna sings | "]);
    let field = Some("body".to_owned());
    let options = ReadOptions { text_field: field, ..ReadOptions::default() };
    let row = r#"{"body": "Anna", "spans": [], "documents": [], "data": [{"x": 1}]}"#;
    assert_eq!(shown(&format!("{row}\n{row}"), &options), ["1 Anna | O", "2 Anna | O"]);
}

#[test]
fn words_are_all_of_their_text() {
    let text = r#"{"text": "Anna sings in Oslo ", "tokens": ["Anna", "sings"], "spans": []}"#;
    assert_eq!(
        by_default(text),
        ["x:1: word 2: the text continues after it, at character 10; write all words of the text"]
    );
    let all = text.replace("\"sings\"]", "\"sings\", \"in\", \"Oslo\"]");
    assert_eq!(by_default(&all), ["1 Anna sings in Oslo | O O O O"]);
}
