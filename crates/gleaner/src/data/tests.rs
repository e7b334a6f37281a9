//! What a run's texts become.

use super::*;
use crate::Overrides;

fn load(toml: &str) -> Result<Dataset, GleanerError> {
    let file: Overrides = toml::from_str(toml).unwrap();
    Dataset::load(&Settings::resolve(&[&file]).unwrap())
}

fn sizes(data: &Dataset) -> (usize, usize, Option<usize>) {
    let test = data.test.as_ref().map(|c| c.sentences.len());
    (data.train.sentences.len(), data.dev.sentences.len(), test)
}

fn words(corpus: &Corpus) -> Vec<Vec<String>> {
    corpus.sentences.iter().map(|s| s.words.clone()).collect()
}

#[test]
fn the_sample_is_divided_as_given_or_anew() {
    let given = load("data = \"sample:af\"").unwrap();
    assert_eq!(sizes(&given), (240, 30, Some(30)));
    let divided = load("data = \"sample:af\"\nsplit = \"80-10-10\"").unwrap();
    assert_eq!(sizes(&divided), (240, 30, Some(30)));
    let sorted = |data: &Dataset| {
        let mut all: Vec<_> = data.corpora().flat_map(words).collect();
        all.sort_unstable();
        all
    };
    assert_eq!(sorted(&given), sorted(&divided));
    assert_ne!(words(&given.dev), words(&divided.dev));
    let cut = load("data = \"sample:af\"\nsplit = \"80-10-10\"\ncutoff = 100").unwrap();
    assert_eq!(sizes(&cut), (80, 10, Some(10)));
    let first: Vec<_> = words(&given.train)[..100].to_vec();
    assert!(cut.corpora().flat_map(words).all(|s| first.contains(&s)));
}

#[test]
fn a_drawn_dev_part_is_taken_out_of_the_training_part() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("train.conll");
    let text: String = (0..20).map(|i| format!("w{i}\tB-X\n\n")).collect();
    std::fs::write(&path, text).unwrap();
    let load = |seed: u32| load(&format!("train = [{path:?}]\nsplit-seed = {seed}")).unwrap();
    let data = load(1);
    assert_eq!(sizes(&data), (18, 2, None));
    assert!(words(&data.dev).iter().all(|s| !words(&data.train).contains(s)));
    assert_eq!(data.notes.len(), 1);
    assert_eq!(words(&load(1).dev), words(&data.dev));
    assert_ne!(words(&load(2).dev), words(&data.dev));
}

#[test]
fn leaks_are_dropped_by_words_alone() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("train.conll", "a\tB-X\n\nb\tO\n\na\tO\n\nc\tB-X\n\nd\tO\n\n"),
        ("dev.conll", "a\tB-Y\n\n"),
        ("test.conll", "c\tB-X\n\n"),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let load = |more: &str| load(&format!("data = {:?}\n{more}", folder.path())).unwrap();
    assert_eq!(words(&load("").train), [["b"], ["d"]]);
    assert_eq!(sizes(&load("drop-leaks = false")), (5, 1, Some(1)));
}

/// A folder with files of one-word sentences.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, words) in files {
        let text: String = words.split(' ').map(|w| format!("{w}\tB-X\n\n")).collect();
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

#[test]
fn a_joined_corpus_with_the_same_file_is_reported() {
    let main = folder(&[("train.conll", "a b"), ("dev.conll", "c")]);
    let other = folder(&[("train.conll", "d e")]);
    let warned = |joined: &[&std::path::Path]| -> Vec<String> {
        let data = load(&format!("data = {:?}\njoin = {joined:?}", main.path())).unwrap();
        data.warnings
            .iter()
            .map(ToString::to_string)
            .filter(|w| w.contains("same content"))
            .collect()
    };
    assert!(warned(&[other.path()]).is_empty());
    assert_eq!(warned(&[main.path()]).len(), 1);
    assert_eq!(warned(&[other.path(), other.path()]).len(), 1);
}

#[test]
fn every_sentence_is_tested_in_one_fold_and_keeps_its_position() {
    let all = load("data = \"sample:af\"").unwrap();
    let all: Vec<_> = all.corpora().flat_map(words).collect();
    let mut tested = Vec::new();
    for fold in 1..=4 {
        let data = load(&format!(
            "data = \"sample:af\"\nsplit = \"folds\"\nfolds = 4\nfold = {fold}\ncutoff = 100"
        ))
        .unwrap();
        let (train, dev, tests) = sizes(&data);
        assert_eq!((train, tests), (100, Some(75)));
        assert!((28..=32).contains(&dev), "{dev}");
        let test = words(data.test.as_ref().unwrap());
        let placed: Vec<_> = data.test_positions.iter().map(|&at| all[at].clone()).collect();
        assert_eq!(placed, test);
        assert!(words(&data.train).iter().all(|s| !test.contains(s)));
        tested.extend(data.test_positions);
    }
    tested.sort_unstable();
    assert_eq!(tested, (0..300).collect::<Vec<_>>());
    let error = load("data = \"sample:af\"\nsplit = \"folds\"\nfolds = 900").err().unwrap();
    assert!(error.to_string().contains("cannot be divided into 900 folds"), "{error}");
}

#[test]
fn joined_corpora_are_not_folded_and_keep_the_given_order() {
    let main =
        folder(&[("train.conll", "a b c d e f g h i"), ("dev.conll", "r"), ("test.conll", "s t")]);
    let (one, two) = (folder(&[("train.conll", "k l m n")]), folder(&[("train.conll", "p q")]));
    let toml = |split: &str| {
        format!(
            "data = {:?}\nsplit = \"{split}\"\nfolds = 3\njoin = [{:?}, {{ path = {:?}, limit = 2 }}]\npool = [{:?}]",
            main.path(),
            two.path(),
            one.path(),
            one.path()
        )
    };
    let data = load(&toml("folds")).unwrap();
    assert_eq!(words(&data.train)[..4], [["p"], ["q"], ["k"], ["l"]]);
    let (train, dev, test) = sizes(&data);
    assert_eq!((train - 4 + dev, test), (8, Some(4)));
    assert_eq!(words(data.pool.as_ref().unwrap()), [["k"], ["l"], ["m"], ["n"]]);
    // Where the parts are given nothing of it is held back either.
    let data = load(&toml("given")).unwrap();
    assert_eq!(words(&data.train)[..4], [["p"], ["q"], ["k"], ["l"]]);
    assert_eq!(data.pool.unwrap().sentences.len(), 4);
}

#[test]
fn a_joined_text_may_give_all_its_parts_but_not_what_is_measured_on() {
    let main = folder(&[("train.conll", "a b"), ("dev.conll", "x"), ("test.conll", "y z")]);
    let other = folder(&[("train.conll", "k"), ("dev.conll", "l y"), ("test.conll", "m n")]);
    let toml = |rest: &str| {
        format!("data = {:?}\njoin = [{{ path = {:?}{rest} }}]\n", main.path(), other.path())
    };
    let joined = |rest: &str| words(&load(&toml(rest)).unwrap().train).concat().concat();
    assert_eq!(joined(""), "kab");
    assert_eq!(joined(", whole = true"), "klmnab", "y is tested on");
    assert_eq!(joined(", whole = true, limit = 2"), "klab");
}

#[test]
fn excluded_sentences_are_trained_on_nowhere() {
    let main = folder(&[("train.conll", "a b c d"), ("dev.conll", "x"), ("test.conll", "y z")]);
    let second = folder(&[("train.conll", "b k z")]);
    let other = folder(&[("train.conll", "a"), ("dev.conll", "k x"), ("some.txt", "b")]);
    std::fs::write(other.path().join("some.txt"), "b\n").unwrap();
    let toml = format!(
        "data = {:?}\njoin = [{:?}]\npool = [{:?}]\nexclude = [{:?}, {:?}]\n",
        main.path(),
        second.path(),
        second.path(),
        other.path(),
        other.path().join("some.txt")
    );
    // The pool loses b, k and z too, and with them all it has.
    let error = load(&toml).err().unwrap().to_string();
    assert!(error.contains("no sentence of the pool is left"), "{error}");
    let data =
        load(&toml.replacen("pool", "pool-limit = 9\npool-map = { X = \"Y\" }\n#", 1)).unwrap();
    assert_eq!(words(&data.train), [["c"], ["d"]]);
    assert_eq!(sizes(&data), (2, 1, Some(2)), "dev and test stay whole");
    assert!(
        data.notes.contains(
            &"1 training sentences also occur in dev or test and were dropped".to_owned()
        ),
        "{:?}",
        data.notes
    );
    assert!(
        data.notes.contains(
            &"4 training sentences also occur in excluded texts and were dropped".to_owned()
        ),
        "{:?}",
        data.notes
    );
    let kept = load(&format!("drop-leaks = false\n{toml}")).unwrap();
    assert_eq!((sizes(&kept), kept.pool.as_ref().unwrap().sentences.len()), ((7, 1, Some(2)), 3));
    assert!(
        kept.notes.iter().any(
            |n| n.starts_with("4 training sentences also occur in excluded texts and are kept")
        ),
        "{:?}",
        kept.notes
    );
}

#[test]
fn a_dev_part_that_is_drawn_has_no_excluded_sentence() {
    let words: Vec<String> = (0..30).map(|n| format!("w{n}")).collect();
    let all = words.join(" ");
    let main = folder(&[("train.conll", &all)]);
    let drawn = load(&format!("data = {:?}", main.path())).unwrap();
    let dev: Vec<String> = drawn.dev.sentences.iter().map(|s| s.words[0].clone()).collect();
    let other = folder(&[("train.conll", &dev[0])]);
    let toml = format!("data = {:?}\nexclude = [{:?}]\n", main.path(), other.path());
    let data = load(&toml).unwrap();
    let left: Vec<String> = data.dev.sentences.iter().map(|s| s.words[0].clone()).collect();
    assert_eq!(left, dev[1..]);
    assert_eq!(load(&format!("{toml}drop-leaks = false")).unwrap().dev.sentences.len(), dev.len());
}

#[test]
fn a_dev_part_that_is_drawn_has_no_sentence_of_test() {
    let all: Vec<String> = (0..30).map(|n| format!("w{n}")).collect();
    let all = all.join(" ");
    let dev_of = |toml: &str, test: &str| {
        let main = folder(&[("train.conll", &all), ("test.conll", test)]);
        load(&format!("data = {:?}\n{toml}", main.path())).map(|data| words(&data.dev).concat())
    };
    let drawn = dev_of("", "x").unwrap();
    assert!(drawn.len() > 1);
    assert_eq!(dev_of("", &drawn[0]).unwrap(), drawn[1..]);
    assert_eq!(dev_of("drop-leaks = false", &drawn[0]).unwrap(), drawn);
    let error = dev_of("", &all).unwrap_err().to_string();
    assert!(error.contains("no dev sentence is left"), "{error}");
}

#[test]
fn excluded_texts_are_read_as_what_they_are() {
    let main = folder(&[("train.conll", "a b c d e f"), ("dev.conll", "x"), ("test.conll", "y")]);
    let other = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(other.path().join(name), text).unwrap();
    // Running text by its name, words with tags by its content.
    write("tagged.txt", "a\tB-X\n\nb\tO\n");
    // Comments with as many columns as the words.
    // One of them has a wrong tag: the other sentences are still not taken for words with their comments.
    write("comments.conll", "# id 1\nc _ B-X\n\n# id 2\nd _ O\n\ng _ B_X\n");
    write("plain.txt", "e\n");
    std::fs::create_dir(other.path().join("folder")).unwrap();
    write("folder/test.conll", "f\tO\n");
    let train = |names: &[&str]| {
        let paths: Vec<_> = names.iter().map(|name| other.path().join(name)).collect();
        let text = format!("data = {:?}\nexclude = {paths:?}", main.path());
        words(&load(&text).unwrap().train).concat().concat()
    };
    assert_eq!(train(&["tagged.txt"]), "cdef");
    assert_eq!(train(&["comments.conll"]), "abef");
    assert_eq!(train(&["plain.txt", "folder"]), "abcd");
    std::fs::remove_file(other.path().join("folder/test.conll")).unwrap();
    let empty = format!("data = {:?}\nexclude = [{:?}]", main.path(), other.path().join("folder"));
    assert!(load(&empty).err().unwrap().to_string().contains("folder: no training data"));
}

#[test]
fn sentences_of_a_pool_that_occur_in_the_test_part_are_reported() {
    let main = folder(&[("train.conll", "a b"), ("dev.conll", "x"), ("test.conll", "y z")]);
    let notes = |drop: bool| {
        let pool = main.path().join("test.conll");
        let text = format!(
            "data = {:?}\npool = [{pool:?}, {:?}]\ndrop-leaks = {drop}\npool-map = {{ X = \"X\" }}",
            main.path(),
            main.path().join("train.conll")
        );
        load(&text).unwrap().notes.join("\n")
    };
    assert!(
        notes(true).contains("2 sentences of the pool also occur in dev or test and were dropped")
    );
    assert!(
        notes(false)
            .contains("2 sentences of the pool also occur in dev or test: scores are too high")
    );
}

#[test]
fn the_content_of_a_pool_decides_how_it_is_read() {
    let main = folder(&[("train.conll", "a b c"), ("dev.conll", "x")]);
    let pool = |name: &str, text: &str| {
        let path = main.path().join(name);
        std::fs::write(&path, text).unwrap();
        let toml = format!("data = {:?}\npool = [{path:?}]", main.path());
        load(&toml).unwrap().pool.unwrap()
    };
    let columns = pool("tagged.txt", "Anna O\nwoon O\nin O\nBos B-LOC\n");
    assert_eq!(words(&columns), [["Anna", "woon", "in", "Bos"]]);
    assert!(columns.files[0].choices[0].starts_with("words in column 1"));
    let text = pool("text.txt", "Anna woon in Bos. Bo O\n");
    assert_eq!(words(&text)[0], ["Anna", "woon", "in", "Bos", "."]);
    assert!(text.files[0].to_string().contains("plain text"));
    let json = pool("json.txt", "{\"id\": 7, \"text\": \"Anna woon in Bos.\"}\n");
    assert_eq!(words(&json), [["Anna", "woon", "in", "Bos", "."]]);
}

#[test]
fn no_sentence_is_lost_for_tags_that_nobody_needs() {
    let main = folder(&[("train.conll", "a b c d e"), ("dev.conll", "x"), ("test.conll", "y z")]);
    let excluded = tempfile::tempdir().unwrap();
    std::fs::write(excluded.path().join("train.conll"), "a\tB_X\n\nb\tO\n").unwrap();
    let pool = main.path().join("pool.jsonl");
    let rows = [
        r#"{"tokens": ["k"], "tags": ["B_X"]}"#,
        r#"{"tokens": ["l"]}"#,
        r#"{"tokens": ["m"], "tags": ["B-X"]}"#,
        "no json",
    ];
    std::fs::write(&pool, rows.join("\n")).unwrap();
    let toml = format!(
        "data = {:?}\nexclude = [{:?}]\npool = [{pool:?}]\nskip-bad = true",
        main.path(),
        excluded.path()
    );
    let data = load(&toml).unwrap();
    assert_eq!(words(&data.train), [["c"], ["d"], ["e"]]);
    assert_eq!(words(data.pool.as_ref().unwrap()), [["k"], ["l"], ["m"]]);
    let note = data.notes.iter().find(|n| n.starts_with("sentences of the pool left out: 1, "));
    assert!(note.is_some_and(|n| n.contains("pool.jsonl:4: ")), "{:?}", data.notes);
}

#[test]
fn findings_of_a_text_that_is_split_are_reported_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("train.conll");
    let text = |i: usize| format!("a{i}\tO\nb\tI-Y\nc\tB-Y\nd\tB-X\n\n");
    std::fs::write(&path, (0..20).map(text).collect::<String>()).unwrap();
    for split in ["given", "80-10-10", "folds"] {
        let data = load(&format!("train = [{path:?}]\nsplit = \"{split}\"")).unwrap();
        let reported: usize = data.corpora().map(|corpus| corpus.findings.len()).sum();
        assert_eq!(reported, 20, "{split}");
    }
}

#[test]
fn limited_training_parts_are_nested_and_drawn_after_leaks_are_dropped() {
    let load = |limit: usize| {
        let data = load(&format!("data = \"sample:af\"\nsplit = \"folds\"\ntrain-limit = {limit}"));
        words(&data.unwrap().train)
    };
    let (some, more, all) = (load(20), load(50), load(1000));
    assert_eq!((some.len(), more.len(), all.len()), (20, 50, 210));
    assert!(some.iter().all(|s| more.contains(s)));
    assert_ne!(some, all[..20]);
    // In the text's order.
    let places: Vec<usize> =
        some.iter().map(|s| all.iter().position(|t| t == s).unwrap()).collect();
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn records_differ_by_words_tags_and_boundaries() {
    let of = |text: &str| {
        let options = ReadOptions::default();
        TextRecord::of(&read_bytes(text.as_bytes(), Path::new("x.conll"), &options).unwrap()).sha256
    };
    let texts = ["a\tO\nb\tB-X\n", "a\tO\n\nb\tB-X\n", "a\tO\nb\tB-Y\n", "a\tO\nc\tB-X\n"];
    let prints: std::collections::BTreeSet<String> = texts.iter().map(|t| of(t)).collect();
    assert_eq!(prints.len(), texts.len());
    assert_eq!(of(texts[0]), of("# comment\na O\nb  B-X\n\n\n"));
}

#[test]
fn folders_of_a_hub_cache_are_named_as_on_the_hub() {
    for (path, name) in [
        ("a/b/c.txt", "c.txt"),
        (
            "cache/hub/models--intfloat--multilingual-e5-small/snapshots/0a1b",
            "intfloat/multilingual-e5-small",
        ),
        ("datasets--o--n--x/snapshots/0a1b/fo", "o/n--x:fo"),
        ("snapshots/0a1b", "0a1b"),
        ("mine/snapshots/0a1b/fo", "fo"),
        ("models--o--n/snapshots", "snapshots"),
    ] {
        assert_eq!(short_name(Path::new(path)), name);
    }
}
