//! `gleaner predict` on columns, JSON and other formats: what is detected and kept.

use crate::common::{FORMATS, Sandbox, objects, tagger};
use serde_json::{Value, json};

fn args(rest: &str) -> String {
    format!("predict {} {rest}", tagger().display())
}

fn run(rest: &str, input: &str) -> (String, String) {
    Sandbox::new().run_with(&args(rest), input)
}

#[test]
fn the_content_of_standard_input_decides_its_format() {
    let (out, err) = run("-", "{\"id\":7,\"text\":\"Anna woon in Bos.\"}\n");
    assert!(err.starts_with("reading <standard input> as JSON Lines (by its content)\n"), "{err}");
    let found = objects(&out).remove(0);
    assert_eq!(found["id"], 7);
    assert_eq!(found["text"], "Anna woon in Bos.");
    assert_eq!(found["tokens"], json!(["Anna", "woon", "in", "Bos", "."]));
    let (out, err) = run("-", "Anna O\nwoon O\nin O\nBos B-LOC\n");
    assert!(
        err.starts_with("reading <standard input> as CoNLL (by its content); words in column 1 "),
        "{err}"
    );
    let words: Vec<&str> = out.lines().map(|line| line.split('\t').next().unwrap()).collect();
    assert_eq!(words, ["Anna", "woon", "in", "Bos", ""]);
    let (_, err) = run("-", "Anna woon in Bos.\n");
    assert!(err.starts_with("reading <standard input> as plain text (by its content)\n"), "{err}");
    // An option decides otherwise.
    let (out, _) = run("- --input text --format conll", "Anna O\nBos B-LOC\n");
    assert_eq!(out.lines().next().unwrap().split('\t').next(), Some("Anna"));
    assert!(out.lines().nth(1).unwrap().starts_with("O\t"), "{out}");
}

#[test]
fn columns_and_comments_are_kept_and_the_tag_comes_before_the_prediction() {
    let input = "# sent_id = d-7\n1\tJan\tB-PER\tx\ty\n2\tlag\tO\tx\ty\n\n# sent_id = d-8\n1\tSy\tO\tx\ty\n";
    let (out, _) = run("- --tag-column 3", input);
    let rows: Vec<Vec<&str>> = out.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(rows[0], ["# sent_id = d-7"]);
    assert_eq!(rows[1][..5], ["1", "Jan", "x", "y", "B-PER"]);
    assert_eq!(rows[2][..5], ["2", "lag", "x", "y", "O"]);
    assert!(rows[1][5] == "O" || rows[1][5].starts_with("B-"), "{out}");
    assert_eq!((rows[3].as_slice(), rows[4].as_slice()), (&[""][..], &["# sent_id = d-8"][..]));
    let found = objects(&run("- --tag-column 3 --format jsonl", input).0);
    assert_eq!(found[0]["gold"], json!(["B-PER", "O"]));
    assert_eq!(found[0]["comments"], json!(["# sent_id = d-7"]));
    assert_eq!(found[0]["columns"], json!([["1", "Jan", "x", "y"], ["2", "lag", "x", "y"]]));
    // Without tags, there is no column for them.
    let (out, _) = run("- --input conll", "Jan\tNNP\nlag\tVBD\n");
    let rows: Vec<Vec<&str>> = out.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!((&rows[0][..2], rows[0].len()), (&["Jan", "NNP"][..], 3));
    // Columns that could both be meant are not guessed, and that is said.
    let (out, err) = run("-", "Die\tO\tO\nUni\tB-ORG\tO\nTrier\tI-ORG\tB-LOC\n");
    assert!(
        err.contains("; its tags are left out: several columns have tags: 2 (ORG), 3 (LOC)"),
        "{err}"
    );
    assert!(out.starts_with("Die\tO\tO\t"), "{out}");
    // Other schemes are written as IOB2, like the prediction.
    let (out, _) = run("-", "Jan\tB-PER\nlag\tE-PER\n\nSy\tS-PER\nook\tO\n");
    let gold: Vec<&str> =
        out.lines().filter(|l| !l.is_empty()).map(|l| l.split('\t').nth(1).unwrap()).collect();
    assert_eq!(gold, ["B-PER", "I-PER", "B-PER", "O"]);
}

#[test]
fn objects_keep_their_fields_and_get_all_sentences() {
    let input = "{\"body\":\"Jan lag. Sy ook.\",\"meta\":{\"page\":3},\"line\":\"x\"}\n\n{\"body\":\"\",\"id\":\"empty\"}\n";
    let found = objects(&run("- --text-field body", input).0);
    assert_eq!(found.len(), 2);
    let first = &found[0];
    assert_eq!((&first["meta"], &first["line"]), (&json!({"page": 3}), &json!("x")));
    assert_eq!(first["tokens"].as_array().unwrap().len(), 6);
    assert_eq!(first["sentences"], json!([0, 3]));
    assert_eq!(first["offsets"][3], json!([9, 11]));
    assert_eq!(
        (&found[1]["id"], &found[1]["line"], &found[1]["tags"]),
        (&json!("empty"), &json!(3), &json!([]))
    );
    for span in first["spans"].as_array().unwrap() {
        let (first_word, start) = (span["first"].as_u64().unwrap() as usize, &span["start"]);
        assert_eq!(&first["offsets"][first_word][0], start);
    }
    // In UTF-16 where the reader of the result counts so.
    let found = objects(&run("- --offsets utf16", "{\"text\":\"😀 Jan lag\"}\n").0);
    assert_eq!(found[0]["offsets"], json!([[0, 2], [3, 6], [7, 10]]));
    // The result is read as it is, sentence by sentence.
    let sandbox = Sandbox::new();
    sandbox.write("out.jsonl", run("- --text-field body", input.lines().next().unwrap()).0);
    let read = objects(&sandbox.run("data inspect out.jsonl --output json").0);
    assert_eq!(read[0]["sentences"], 2);
}

#[test]
fn options_without_effect_are_refused() {
    let sandbox = Sandbox::new();
    sandbox.write("in.txt", "Jan lag.\n");
    sandbox.write("in.conll", "Jan\tO\nlag\tO\n");
    for (options, says) in [
        ("in.txt --offsets utf16 --format jsonl", "--offsets: no effect: in plain text"),
        ("in.txt --offsets utf16 --format brat", "--offsets: no effect: in plain text"),
        ("in.txt --input text --word-column 2", "--word-column: no effect on plain text"),
        ("in.txt --labels O B-PER --text-field body", "--labels, --text-field: no effect on plain"),
        ("in.conll --one-sentence-per-line", "--one-sentence-per-line: no effect on CoNLL"),
    ] {
        let error = sandbox.fails(&args(options), 2);
        assert!(error.contains(says), "{options}: {error}");
    }
    // A text that may be plain has columns if one is named.
    sandbox.write("words.txt", "1\tJan\n2\tlag\n");
    let found = objects(&sandbox.run(&args("words.txt --word-column 2 --format jsonl")).0);
    assert_eq!(found[0]["tokens"], json!(["Jan", "lag"]));
}

#[test]
fn labels_of_objects_are_gold() {
    let input = "{\"text\":\"Ankara'da kaldı\",\"spans\":[{\"start\":0,\"end\":6,\"label\":\"LOC\"}]}\n{\"tokens\":[\"Jan\",\"lag\"],\"tags\":[\"B-PER\",\"O\"],\"id\":2}\n";
    let found = objects(&run("-", input).0);
    assert_eq!(found[0]["tokens"], json!(["Ankara", "'da", "kaldı"]), "split where the span ends");
    assert_eq!(found[0]["gold"], json!(["B-LOC", "O", "O"]));
    assert_eq!((&found[1]["gold"], &found[1]["id"]), (&json!(["B-PER", "O"]), &json!(2)));
    let (out, _) = run("- --to conll", input);
    assert_eq!(
        out.lines().nth(4).map(|line| line.split('\t').take(2).collect()),
        Some(vec!["Jan", "B-PER"])
    );
}

#[test]
fn malformed_sentences_end_the_output_or_are_skipped_and_counted() {
    let sandbox = Sandbox::new();
    for (name, input, kept, says) in [
        (
            "in.jsonl",
            "{\"text\":\"Jan lag.\"}\n{\"text\": 7}\n{\"text\":\"Sy ook.\"}\n",
            2,
            "malformed sentences: 1; the first: in.jsonl:2: ",
        ),
        (
            "in.conll",
            "Jan\tx\n\nPiet\n\nSy\tx\n",
            2,
            "malformed sentences: 1; the first: in.conll:3: ",
        ),
        (
            "in.tsv",
            "Jan\tx\nwoon\tx\n\tx\n\nSy\tx\n",
            2,
            "empty words: 1; the first: in.tsv:3: word 3 is empty",
        ),
    ] {
        sandbox.write(name, input);
        let output = sandbox.command(&args(name)).output().unwrap();
        assert_eq!(output.status.code(), Some(3), "{name}");
        for mode in ["human", "json"] {
            let (out, err) =
                sandbox.run(&args(&format!("{name} --skip-bad --format jsonl --output {mode}")));
            assert_eq!(objects(&out).len(), kept, "{name}");
            assert!(err.contains(says), "{name}: {err}");
        }
    }
    // Plain text has no sentences to skip: a line that is not UTF-8 stays an error.
    sandbox.write("in.txt", b"Jan lag.\n\xff\nSy ook.\n");
    let output = sandbox.command(&args("in.txt --skip-bad")).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
}

#[test]
fn every_format_is_read_and_written() {
    let sandbox = Sandbox::new();
    let text = gleaner_sample::to_conll(&gleaner_sample::target().test[..6]);
    sandbox.write("in.conll", &text);
    let (expected, _) = sandbox.run(&args("in.conll --format jsonl"));
    let tags =
        |lines: &str| -> Vec<Value> { objects(lines).iter().map(|o| o["tags"].clone()).collect() };
    let expected = tags(&expected);
    // CoNLL keeps the columns of the input, JSON Lines are what is expected, and brat needs plain text.
    let others = FORMATS.iter().filter(|(to, _)| !["conll", "jsonl", "brat"].contains(to));
    for (to, extension) in others {
        let output = sandbox.command(&args(&format!("in.conll --to {to}"))).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{to}");
        let name = format!("{to}.{extension}");
        sandbox.write(&name, &output.stdout);
        sandbox.run(&format!("data convert {name} back-{to}.jsonl"));
        assert_eq!(
            tags(&sandbox.text(&format!("back-{to}.jsonl"))),
            expected,
            "{to} is the prediction"
        );
        // Read again, the same words get the same labels, and the labels of the file are gold.
        let (out, _) = sandbox.run(&args(&format!("{name} --format jsonl")));
        // Kept fields have any names.
        let found: Vec<Value> =
            out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(found.iter().map(|o| o["gold"].clone()).collect::<Vec<_>>(), expected, "{to}");
        assert_eq!(found.iter().map(|o| o["tags"].clone()).collect::<Vec<_>>(), expected, "{to}");
    }
    // Words in columns have no offsets.
    let refused = sandbox.command(&args("in.conll --to brat")).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    let err = String::from_utf8(refused.stderr).unwrap();
    assert!(err.contains("--format brat writes annotations of the input, which must be plain text; write jsonl, and convert it"), "{err}");
    assert!(refused.stdout.is_empty());
}

#[test]
fn words_that_columns_cannot_hold_are_refused() {
    let sandbox = Sandbox::new();
    for word in ["\u{200f}", "a\tb", " ", "-DOCSTART-", "\u{feff}a"] {
        sandbox.write("in.jsonl", json!({ "tokens": ["Jan", word] }).to_string());
        let output = sandbox.command(&args("in.jsonl --format conll")).output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{word:?}: {err}");
        assert!(output.stdout.is_empty(), "{word:?}");
        let refusal = format!("CoNLL cannot represent the word {word:?} of the sentence at line 1");
        assert!(err.contains(&refusal), "{err}");
        let (out, _) = sandbox.run(&args("in.jsonl"));
        assert_eq!(objects(&out)[0]["tokens"], json!(["Jan", word]));
    }
    // Words with spaces and those like a comment are read back.
    let input = json!({ "tokens": ["# x", "New York"], "tags": ["O", "B-LOC"] }).to_string();
    let (out, _) = run("- --format conll", &input);
    assert!(out.starts_with("# x\tO\t") && out.contains("\nNew York\tB-LOC\t"), "{out}");
}

#[test]
fn brats_annotations_belong_to_the_text() {
    let sandbox = Sandbox::new();
    // White space of several kinds inside of entities, a byte order mark, and line ends of two characters.
    let names = ["Jan  van\u{a0}Wyk", "Sannie\tMokoena", "😀 Pieter Botha", "Mia Dlamini"];
    let lines: Vec<String> = names.iter().map(|name| format!("{name} woon in Kaapstad.")).collect();
    sandbox.write("letter.txt", format!("\u{feff}{}\r\n", lines.join("\r\n")));
    let (annotations, _) = sandbox.run(&args("letter.txt --format brat"));
    let all: Vec<char> = sandbox.text("letter.txt").chars().collect();
    let found: Vec<(String, usize, usize)> =
        objects(&sandbox.run(&args("letter.txt --format jsonl")).0)
            .iter()
            .flat_map(|sentence| sentence["spans"].as_array().unwrap().clone())
            .map(|span| {
                let place = |key: &str| span[key].as_u64().unwrap() as usize;
                (span["label"].as_str().unwrap().to_owned(), place("start"), place("end"))
            })
            .collect();
    assert!(!found.is_empty());
    let expected: String = (1..)
        .zip(&found)
        .map(|(number, (label, start, end))| {
            let covered: String = all[*start..*end].iter().collect();
            format!("T{number}\t{label} {start} {end}\t{covered}\n")
        })
        .collect();
    assert_eq!(annotations, expected);
    // brat's reader accepts them beside the text.
    sandbox.write("letter.ann", annotations);
    let read = objects(&sandbox.run("data inspect letter.ann --output json").0).remove(0);
    let entities: u64 =
        read["entities"].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum();
    assert_eq!(entities as usize, found.len());
}

#[test]
fn lines_that_are_not_words_are_kept() {
    let input = "# text = Zum Haus\n1-2\tZum\t_\t_\n1\tZu\t_\tO\n2\tdem\t_\tO\n3\tHaus\t_\tB-LOC\n3.1\tleer\t_\t_\n";
    let sandbox = Sandbox::new();
    sandbox.write("mwt.conllu", input);
    let (out, _) = sandbox.run(&args("mwt.conllu --format conll"));
    let shown: Vec<String> =
        out.lines().map(|line| line.split('\t').take(4).collect::<Vec<_>>().join("|")).collect();
    assert_eq!(
        shown,
        [
            "# text = Zum Haus",
            "1-2|Zum|_|_",
            "1|Zu|_|O",
            "2|dem|_|O",
            "3|Haus|_|B-LOC",
            "3.1|leer|_|_",
            ""
        ]
    );
    let width = |line: &str| line.split('\t').count();
    assert!(out.lines().skip(1).take(5).all(|line| width(line) == 5), "{out}");
    // Without tags, the lines have their own columns and one more.
    let (out, _) = sandbox
        .run_with(&args("- --input conll"), "1-2\tZum\tx\n1\tZu\tx\n2\tdem\tx\n3\tHaus\tx\n");
    assert!(out.starts_with("1-2\tZum\tx\t_\n1\tZu\tx\t"), "{out}");
    let documents = "-DOCSTART- -X- O O\n\nJan NNP B-NP B-PER\nlag VBZ B-VP O\n\n-DOCSTART- -X- O O\n\nSy PRP B-NP O\n";
    let (out, _) = sandbox.run_with(&args("-"), documents);
    let start = "-DOCSTART-\t-X-\tO\tO\tO\n\n";
    assert!(out.starts_with(&format!("{start}Jan\tNNP\tB-NP\tB-PER\t")), "{out}");
    assert!(out.contains(&format!("\n\n{start}Sy\tPRP\tB-NP\tO\t")), "{out}");
    // With empty words left out, the lines stay between the same words.
    let empty = "1\ta\tO\n2\t\tO\n2.1\tb\tO\n3\tc\tO\n";
    let (out, _) = sandbox.run_with(&args("- --input conll --tag-column 3 --skip-bad"), empty);
    let first: Vec<&str> = out.lines().map(|line| line.split('\t').next().unwrap()).collect();
    assert_eq!(first, ["1", "2.1", "3", ""]);
    // What is written is read as it was.
    sandbox.write("out.conll", sandbox.run(&args("mwt.conllu --format conll")).0);
    let read =
        objects(&sandbox.run("data inspect out.conll --tag-column 4 --output json").0).remove(0);
    assert_eq!((&read["words"], &read["entities"]["LOC"]), (&json!(3), &json!(1)));
}

#[test]
fn texts_without_an_accepted_answer_are_labelled_too() {
    let input = "{\"text\":\"Jan lag.\",\"answer\":\"reject\",\"id\":1}\n{\"text\":\"Sy ook.\",\"answer\":\"accept\",\"spans\":[],\"id\":2}\n";
    let found = objects(&run("-", input).0);
    assert_eq!(found.iter().map(|o| o["id"].clone()).collect::<Vec<_>>(), [json!(1), json!(2)]);
    assert_eq!(
        (&found[0]["tokens"], &found[0]["gold"]),
        (&json!(["Jan", "lag", "."]), &Value::Null)
    );
    assert_eq!(found[1]["gold"], json!(["O", "O", "O"]));
}

#[test]
fn labelled_tasks_are_read_by_their_prediction() {
    let sandbox = Sandbox::new();
    sandbox.write("tasks.json", "[{\"id\":1,\"data\":{\"text\":\"Jan lag.\"},\"annotations\":[{\"result\":[{\"type\":\"labels\",\"value\":{\"start\":4,\"end\":7,\"text\":\"lag\",\"labels\":[\"X\"]}}]}]}]");
    sandbox.write("out.jsonl", sandbox.run(&args("tasks.json")).0);
    let predicted = objects(&sandbox.text("out.jsonl")).remove(0);
    assert_eq!((&predicted["id"], &predicted["gold"]), (&json!(1), &json!(["O", "B-X", "O"])));
    sandbox.run("data convert out.jsonl again.jsonl");
    assert_eq!(objects(&sandbox.text("again.jsonl"))[0]["tags"], predicted["tags"]);
}

#[test]
fn words_on_lines_of_different_widths_are_written_with_their_tags() {
    // As in the original release of WikiANN.
    let wide = "Jan Jan_(naam) Jan_(naam) PER 0.92 Jan B-PER\n";
    let (out, _) = run("- --format conll", &format!("{wide}lag None O\n\n{wide}"));
    let words: Vec<&str> = out.lines().map(|line| line.split('\t').next().unwrap()).collect();
    assert_eq!(words, ["Jan", "lag", "", "Jan", ""]);
    assert!(out.lines().next().unwrap().starts_with("Jan\tB-PER\t"), "{out}");
}

#[test]
fn tags_of_a_long_array_are_kept() {
    let object = r#"{"tokens": ["Jan", "lag"], "tags": ["B-PER", "O"]}"#;
    let array = format!("[\n{}\n]\n", vec![object; 200].join(",\n"));
    assert!(array.len() > 1 << 13);
    let found = objects(&run("- --format jsonl", &array).0);
    assert_eq!(found.len(), 200);
    assert!(found.iter().all(|object| object["gold"] == json!(["B-PER", "O"])));
}

#[test]
fn columns_that_are_written_can_be_read_again() {
    let sandbox = Sandbox::new();
    let input = "# global.columns = ID FORM NER\n1\tJan\tB-PER\n2\tlag\tO\n";
    sandbox.write("a.conllup", input);
    let (out, _) = sandbox.run(&args("a.conllup --format conll"));
    assert!(out.starts_with("1\tJan\tB-PER\t"), "{out}");
    sandbox.write("out.conll", out);
    sandbox.run("data inspect out.conll --tag-column 3");
}

#[test]
fn empty_words_of_objects_are_errors_or_left_out() {
    let sandbox = Sandbox::new();
    let object = r#"{"tokens": ["Jan", "", "lag"], "tags": ["B-PER", "O", "O"]}"#;
    let other = r#"{"tokens": ["Sy"], "tags": ["O"]}"#;
    sandbox.write("a.jsonl", format!("{object}\n{other}\n"));
    let error = sandbox.fails(&args("a.jsonl --output quiet"), 3);
    assert!(error.contains("a.jsonl:1: word 2 is empty"), "{error}");
    let (out, err) = sandbox.run(&args("a.jsonl --skip-bad --format jsonl"));
    assert!(err.contains("a.jsonl:1"), "{err}");
    let found = objects(&out);
    assert_eq!(found[0]["tokens"], json!(["Jan", "lag"]));
    assert_eq!((&found[0]["gold"], &found[1]["gold"]), (&json!(["B-PER", "O"]), &json!(["O"])));
}
