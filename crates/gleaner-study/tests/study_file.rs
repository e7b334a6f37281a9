//! Errors in a study file, with their line, before anything runs.

use gleaner_study::{NoHub, Plan, QUICKSTART, Results, Study};
use insta::assert_snapshot;
use std::path::Path;

const STUDY: &str = "encoder = \"sample:tiny\"
pairs = [\"af <- nl\"]
[settings]
epochs = 3
[languages.af]
data = \"sample:af\"
[languages.nl]
data = \"sample:nl\"
[experiments.transfer]
factors = [1, 2]
[experiments.pseudo]
quantiles = 0.9
pool = \"source\"
";

/// The error of the study with `old` replaced by `new`.
fn error(old: &str, new: &str) -> String {
    assert!(STUDY.contains(old), "{old}");
    let text = STUDY.replacen(old, new, 1);
    let error = Study::parse(Path::new("study.toml"), &text).expect_err(new).to_string();
    assert!(!error.contains('\n'), "{error}");
    error
}

/// The error of planning a study.
fn plan_error(text: &str) -> String {
    let study = Study::parse(Path::new("study.toml"), text).unwrap();
    let plan = Plan::new(&study, &Results::new(Path::new("results")), &NoHub);
    plan.err().expect("an error").to_string()
}

#[test]
fn the_studies_of_the_repository_are_valid() {
    Study::parse(Path::new("study.toml"), STUDY).unwrap();
    let quickstart = Study::parse(Path::new("quickstart.toml"), QUICKSTART).unwrap();
    assert!(Plan::new(&quickstart, &Results::new(Path::new("no")), &NoHub).unwrap().runs.len() > 5);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../studies");
    for name in ["published", "sound", "active"] {
        Study::read(&folder.join(format!("{name}.toml"))).unwrap();
    }
}

#[test]
fn unknown_keys_and_wrong_types_are_refused() {
    assert!(error("epochs = 3", "epoch = 3").starts_with("study.toml:4: unknown key `epoch`"));
    assert!(
        error("factors", "factor")
            .starts_with("study.toml:10: unknown field `factor`, expected one of ")
    );
    assert_snapshot!(error("[experiments.transfer]", "[experiments.tranfer]"), @"study.toml:9: unknown field `tranfer`, expected one of `baseline`, `transfer`, `zero-shot`, `joint`, `pseudo`, `curve`, `active`, `recipes`; see docs/reference/study-file.md for the keys");
    assert_snapshot!(error("encoder = \"sample:tiny\"", "seeds = [1]"), @"study.toml:1: missing field `encoder`; see docs/reference/study-file.md for the keys");
    assert_snapshot!(error("epochs = 3", "epochs = \"many\""), @r#"study.toml:4: invalid type: string "many", expected u32; see docs/reference/study-file.md for the keys"#);
    assert_snapshot!(error("epochs = 3", "epochs = "), @"study.toml:4: string values must be quoted, expected literal string; see docs/reference/study-file.md for the keys");
}

#[test]
fn values_out_of_range_are_refused() {
    assert_snapshot!(error("quantiles = 0.9", "quantiles = [0.9, 1.0]"), @"study.toml:12: quantiles: 1 is out of range; write numbers from 0 to below 1: 0.9, [0.8, 0.9] or { from = 0.82, to = 0.99, step = 0.01 }");
    assert_snapshot!(error("[1, 2]", "[0, 1]"), @"study.toml:10: factors: 0 is not a whole number from 1 to 1000000; write whole numbers: [1, 2, 4] or { from = 1, to = 23 }");
    assert_snapshot!(error("[1, 2]", "{ from = 3, to = 1 }"), @"study.toml:10: factors: the range has no numbers or too many; write whole numbers: [1, 2, 4] or { from = 1, to = 23 }");
    assert_snapshot!(error("epochs = 3", "epochs = 0"), @"study.toml:3: settings: epochs: 0 trains nothing; use 1 or more");
    assert_snapshot!(error("epochs = 3", "seed = 3"), @"study.toml:3: settings: `seed` differs between runs; remove it: docs/reference/study-file.md says where the study sets it");
    assert_snapshot!(error("epochs = 3", "device = \"cpu\""), @"study.toml:3: settings: `device` is set once for the whole study; set it at the top of the file");
    assert_snapshot!(error("pairs", "seeds = [1, 2, 1]\npairs"), @"study.toml:2: seeds: a seed occurs twice; write one or more numbers, each of them once");
    assert_snapshot!(error("pairs", "seeds = []\npairs"), @"study.toml:2: seeds: the list is empty; write one or more numbers, each of them once");
    assert_snapshot!(error("pairs", "jobs = 0\npairs"), @"study.toml:2: jobs: 0 is too small; use 1 or more");
    assert_snapshot!(error("pairs", "protocol = \"best\"\npairs"), @r#"study.toml:2: `best` is none of published, sound; write protocol = "sound" or "published""#);
    assert_snapshot!(error("\"source\"", "\"both\""), @r#"study.toml:13: pool: unknown value `both`; write pool = "source" (training part of the source) or "target" (unlabelled text of the target)"#);
}

#[test]
fn names_must_exist() {
    assert_snapshot!(error("\"sample:af\"", "\"nowhere\""), @"study.toml:6: data: nowhere does not exist; check the path; it is relative to the folder of this file");
    assert_snapshot!(error("\"sample:tiny\"", "\"nowhere\""), @"study.toml:1: encoder: nowhere does not exist; give a folder, `sample:tiny`, or a name on the hub (OWNER/NAME)");
    assert_snapshot!(error("\"af <- nl\"", "\"af <- de\""), @"study.toml:2: pairs: unknown language `de`; use one of af, nl");
    assert_snapshot!(error("\"af <- nl\"", "\"af nl\""), @"study.toml:2: pairs: `af nl` is not a pair; write TARGET <- SOURCE");
    assert_snapshot!(error("\"af <- nl\"", "\"af <- af\""), @"study.toml:2: pairs: `af <- af` is one language; write two different ones");
    assert_snapshot!(error("pairs = [\"af <- nl\"]", ""), @r#"study.toml:10: experiments.transfer: the study has no pair; add pairs = ["TARGET <- SOURCE"]"#);
    assert_snapshot!(error("pool = \"source\"", "pool = \"target\""), @r#"study.toml:11: experiments.pseudo: af has no unlabelled text; add unlabelled = ["FILE"] to [languages.af], or pool = "source""#);
    assert_snapshot!(error("[languages.nl]", "[languages.mean]"), @"study.toml:7: languages: `mean` is reserved for the mean over languages; choose another code");
    assert_snapshot!(error("data = \"sample:af\"", "cutoff = 100"), @r#"study.toml:5: languages.af has no data; add data = "FOLDER" or files = { train = [...] }"#);
}

#[test]
fn recipes_are_checked() {
    let said = |keys: &str| {
        let text = format!("{STUDY}[experiments.recipes.x]\n{keys}\n");
        let error = Study::parse(Path::new("study.toml"), &text).expect_err(keys).to_string();
        assert!(!error.contains('\n'), "{error}");
        error
    };
    assert_snapshot!(said("start = \"y\""), @"study.toml:15: experiments.recipes.x: start: unknown value `y`; use encoder, sources, joint, baseline or the name of another recipe");
    assert_snapshot!(said("start = \"sources\""), @"study.toml:14: experiments.recipes.x: it has sources, but no factor; add factor = 8: eight times `rows` sentences of each source");
    assert_snapshot!(said("start = \"sources\"\nsources = []\nfactor = 1"), @r#"study.toml:14: experiments.recipes.x: it starts from sources, but the list is empty; list languages, or set start = "encoder""#);
    assert_snapshot!(said("start = \"joint\"\nsources = [\"af\"]\nfactor = 1"), @"study.toml:14: experiments.recipes.x: af is its own only source; list another language");
    assert_snapshot!(said("start = \"joint\"\nsources = [\"de\"]\nfactor = 1"), @"study.toml:16: experiments.recipes.x: sources: unknown language `de`; use some of af, nl");
    assert_snapshot!(said("start = \"joint\"\nsources = [\"nl\", \"nl\"]\nfactor = 1"), @"study.toml:16: experiments.recipes.x: sources: `nl` occurs twice; remove one");
    assert_snapshot!(said("start = \"joint\"\nsources = \"nl\"\nfactor = 1"), @r#"study.toml:16: experiments.recipes.x: sources: "nl" is not a list of languages; write "pair" or a list of codes: ["da", "is"]"#);
    assert_snapshot!(said("start = \"joint\"\nfactor = 0"), @"study.toml:16: experiments.recipes.x: factor: not a whole number of 1 or more; write factor = 8");
    assert_snapshot!(said("sources = [\"nl\"]"), @r#"study.toml:15: experiments.recipes.x: sources are not used with start = "encoder"; set start to "joint", "sources", "baseline" or a recipe, or remove sources"#);
    assert_snapshot!(said("pool = \"target\""), @r#"study.toml:14: experiments.recipes.x: af has no unlabelled text; add unlabelled = ["FILE"] to [languages.af], or use pool = "source""#);
    for key in ["factor = 3", "rows = 3", "source-settings = { epochs = 9 }"] {
        let (name, _) = key.split_once(' ').unwrap();
        let what =
            format!("study.toml:15: experiments.recipes.x: {name} is not used without sources; ");
        assert!(said(key).starts_with(&what), "{}", said(key));
    }
    assert_snapshot!(said("encoder = \"nowhere\""), @"study.toml:15: experiments.recipes.x: encoder: nowhere does not exist; give a folder, `sample:tiny`, or a name on the hub (OWNER/NAME)");
    assert_snapshot!(said("start = \"baseline\"\nencoder = \"sample:tiny\""), @r#"study.toml:16: experiments.recipes.x: encoder is not used: it starts from another model, which has its own; remove it, or set start to "encoder", "sources" or "joint""#);
    assert_snapshot!(said("pool-limit = 3"), @r#"study.toml:15: experiments.recipes.x: pool-limit without pool; add pool = "target" or "source""#);
    for other in ["x", "y"] {
        assert!(said(&format!("against = \"{other}\"")).ends_with(&format!("experiments.recipes.x: against: `{other}` is not another recipe; name another recipe; the comparison with the baseline needs no key")));
    }
    assert_snapshot!(said("settings = { fold = 3 }"), @"study.toml:15: settings: `fold` differs between runs; set folds = 5 at the top of the file for a cross-validation");
    assert_snapshot!(said("start = \"x\""), @"study.toml:14: experiments.recipes.x: the recipes that it starts from form a circle; change `start` in one of them");
    assert_snapshot!(said("start = \"y\"\n[experiments.recipes.y]\nstart = \"x\""), @"study.toml:14: experiments.recipes.x: the recipes that it starts from form a circle; change `start` in one of them");
    assert_snapshot!(said("[experiments.recipes.baseline]"), @"study.toml:15: experiments.recipes.baseline: the name is not valid; use letters, digits, - and _, but not encoder, sources, joint or baseline");
    assert_snapshot!(said("start = \"y\"\n[experiments.recipes.y]\nstarts = \"x\""), @"study.toml:17: unknown field `starts`, expected one of `sources`, `factor`, `rows`, `start`, `encoder`, `seeds`, `pool`, `pool-limit`, `members`, `distil`, `against`, `settings`, `source-settings`; see docs/reference/study-file.md for the keys");
    let several = STUDY.replace("[\"af <- nl\"]", "[\"af <- nl\", \"af <- xx\"]")
        + "[languages.xx]\ndata = \"sample:nl\"\n[experiments.recipes.x]\nstart = \"sources\"\nfactor = 1\n";
    let error = Study::parse(Path::new("study.toml"), &several).unwrap_err().to_string();
    assert_snapshot!(error, @r#"study.toml:16: experiments.recipes.x: af is the target of several pairs; list sources, and use pool = "target""#);
    let no_target = STUDY
        .replace("pairs = [\"af <- nl\"]\n", "")
        .split("[experiments")
        .next()
        .unwrap()
        .to_owned()
        + "[experiments.recipes.x]\nstart = \"sources\"\nsources = [\"af\", \"nl\"]\nfactor = 1\n";
    let error = Study::parse(Path::new("study.toml"), &no_target).unwrap_err().to_string();
    assert_snapshot!(error, @"study.toml:1: every language is a source, so no model would be tested; name targets in pairs, or add a [languages] table of one");
    // A recipe may set its quantile.
    let text = format!(
        "{STUDY}[experiments.recipes.x]\nstart = \"baseline\"\npool = \"source\"\nsettings = {{ quantile = 0.3 }}\n"
    );
    Study::parse(Path::new("study.toml"), &text).unwrap();
}

#[test]
fn members_are_checked() {
    let said = |keys: &str| {
        let text = format!("{STUDY}[experiments.recipes.x]\n{keys}\n");
        let error = Study::parse(Path::new("study.toml"), &text).expect_err(keys).to_string();
        assert!(!error.contains('\n'), "{error}");
        error
    };
    assert_snapshot!(said("members = 1"), @"study.toml:15: experiments.recipes.x: members: 1 is not a number of voters; use 2 to 100");
    assert_snapshot!(said("members = 101"), @"study.toml:15: experiments.recipes.x: members: 101 is not a number of voters; use 2 to 100");
    assert_snapshot!(said("members = \"x\""), @r#"study.toml:15: experiments.recipes.x: members: found a value of type string; write members = 5, or a list of recipes: ["first", "second"]"#);
    assert_snapshot!(said("members = [\"x\"]"), @r#"study.toml:15: experiments.recipes.x: members: `x` is not another recipe; write members = 5, or a list of recipes: ["first", "second"]"#);
    assert_snapshot!(said("members = [3]"), @r#"study.toml:15: experiments.recipes.x: members: found a value of type integer; write members = 5, or a list of recipes: ["first", "second"]"#);
    assert_snapshot!(said("members = [\"y\", \"y\"]\n[experiments.recipes.y]"), @"study.toml:15: experiments.recipes.x: members: `y` occurs twice; remove one");
    assert_snapshot!(said("members = []"), @"study.toml:14: experiments.recipes.x: members: fewer than two models vote; list two recipes or more, or one that has members");
    assert_snapshot!(said("members = [\"y\"]\n[experiments.recipes.y]"), @"study.toml:14: experiments.recipes.x: members: fewer than two models vote; list two recipes or more, or one that has members");
    assert_snapshot!(said("members = [\"y\"]\nstart = \"baseline\"\n[experiments.recipes.y]\nmembers = 2"), @"study.toml:16: experiments.recipes.x: start is not used: its members are models of other recipes; remove it, or add distil = true to train a model that learns from them");
    assert_snapshot!(said("members = [\"y\", \"z\"]\n[experiments.recipes.y]\n[experiments.recipes.z]\nstart = \"x\""), @"study.toml:14: experiments.recipes.x: the recipes whose models it needs form a circle; change `start` or `members` in one of them");
    assert_snapshot!(said("distil = true"), @"study.toml:15: experiments.recipes.x: distil without members; add members = 5, or a list of recipes");
    assert_snapshot!(said("members = 2\ndistil = true\nsettings = { piece-labels = \"all\" }"), @r#"study.toml:16: experiments.recipes.x: distil: a model that labels more pieces than the first of a word cannot learn from others; set piece-labels = "first" under [settings], or remove distil"#);
    assert_snapshot!(said("start = \"y\"\n[experiments.recipes.y]\nmembers = 2"), @"study.toml:14: experiments.recipes.x: start: `y` is an ensemble, not one model; add distil = true to `y`, or start from another");
    for valid in [
        "members = [\"y\"]\n[experiments.recipes.y]\nmembers = 2",
        "members = [\"y\", \"z\"]\ndistil = true\nstart = \"baseline\"\n[experiments.recipes.y]\n[experiments.recipes.z]",
        "start = \"y\"\n[experiments.recipes.y]\nmembers = 2\ndistil = true",
    ] {
        let text = format!("{STUDY}[experiments.recipes.x]\n{valid}\n");
        Study::parse(Path::new("study.toml"), &text).unwrap();
    }
    let text = STUDY.replace("pairs", "seeds = [1, 2]\npairs")
        + "[experiments.recipes.x]\nmembers = [\"y\", \"z\"]\n[experiments.recipes.y]\n[experiments.recipes.z]\nseeds = [1]\n";
    let error = Study::parse(Path::new("study.toml"), &text).unwrap_err().to_string();
    assert_snapshot!(error, @"study.toml:15: experiments.recipes.x: members: `z` does not run with seed 2; give both recipes the same `seeds`");
}

#[test]
fn seeds_of_an_experiment_are_checked() {
    let said = |more: &str| {
        let text = STUDY.replace("pairs", "seeds = [1, 2]\npairs") + more;
        Study::parse(Path::new("study.toml"), &text).unwrap_err().to_string()
    };
    assert_snapshot!(said("[experiments.zero-shot]\nfactors = [1]\nseeds = [3]"), @"study.toml:17: seeds: 3 is not a seed of the study; add it to `seeds` at the top of the file, or use other seeds");
    assert_snapshot!(said("[experiments.curve]\nsizes = [9]\nseeds = []"), @"study.toml:17: seeds: the list is empty; write one or more numbers, each of them once");
    assert_snapshot!(said("[experiments.recipes.x]\nseeds = [1]\n[experiments.recipes.y]\nstart = \"x\""), @"study.toml:17: experiments.recipes.y: start: `x` does not run with seed 2; give both recipes the same `seeds`");
    assert_snapshot!(said("[experiments.recipes.x]\nseeds = [1]\n[experiments.recipes.y]\nseeds = [2]\nagainst = \"x\""), @"study.toml:17: experiments.recipes.y: against: `x` runs with none of its seeds; give both recipes a seed in common");
}

#[test]
fn folds_and_sizes_are_checked() {
    assert_snapshot!(error("pairs", "folds = 1\npairs"), @"study.toml:2: folds: 1 leaves no training text; use 2 or more, or remove the key to use each text's own parts");
    assert_snapshot!(error("pairs", "folds = 4611686018427387904\npairs"), @"study.toml:2: folds: 4611686018427387904 is out of range; use 2 to 1000");
    for repeats in ["0", "4000000000"] {
        let error =
            error("[experiments.pseudo]", &format!("[experiments.pseudo]\nrepeats = {repeats}"));
        assert_eq!(
            error,
            format!("study.toml:12: repeats: {repeats} is out of range; use 1 to 1000")
        );
    }
    assert_snapshot!(error("epochs = 3", "split = \"folds\""), @"study.toml:3: settings: `fold` differs between runs; set folds = 5 at the top of the file for a cross-validation");
    assert_snapshot!(error("epochs = 3", "train-limit = 9"), @"study.toml:3: settings: `train-limit` differs between runs; remove it: docs/reference/study-file.md says where the study sets it");
    assert_snapshot!(error("epochs = 3", "exclude = [\"x\"]"), @"study.toml:3: settings: `exclude` differs between runs; remove it: docs/reference/study-file.md says where the study sets it");
    assert_snapshot!(error("[experiments.pseudo]", "[experiments.curve]\nsizes = [0]\n[experiments.pseudo]"), @"study.toml:12: sizes: 0 is not a whole number from 1 to 1000000; write training sentence counts: [50, 100, 150]");
    let own = |key: &str| {
        let text = format!(
            "{STUDY}[experiments.recipes.x]\nstart = \"baseline\"\nsettings = {{ {key} }}\n"
        );
        Study::parse(Path::new("study.toml"), &text).unwrap_err().to_string()
    };
    assert_snapshot!(own("split-seed = 7"), @"study.toml:16: settings: `split-seed` decides which sentences are tested on; set it under the study's [settings], for all experiments");
    assert_snapshot!(own("resamples = 50"), @"study.toml:16: settings: `resamples` decides how all results are compared; set it under the study's [settings], for all experiments");
    assert_snapshot!(own("skip-bad = true"), @"study.toml:16: settings: `skip-bad` decides which sentences are tested on; set it under the study's [settings], for all experiments");
    Study::parse(Path::new("study.toml"), &STUDY.replace("epochs = 3", "split-seed = 7")).unwrap();
    let many = STUDY.replace("pairs", "folds = 90\npairs");
    assert_snapshot!(plan_error(&many), @"study.toml:6: languages.af has 300 sentences for 90 folds; use fewer folds: each needs four sentences or more");
}

#[test]
fn simulated_annotation_is_checked() {
    let said = |keys: &str| {
        let text = format!("{STUDY}[experiments.active]\n{keys}\n");
        Study::parse(Path::new("study.toml"), &text).expect_err(keys).to_string()
    };
    let margin = "strategies = [\"margin\"]";
    assert_snapshot!(said(margin), @"study.toml:14: missing field `to`; see docs/reference/study-file.md for the keys");
    assert_snapshot!(said("to = 9"), @"study.toml:14: missing field `strategies`; see docs/reference/study-file.md for the keys");
    assert_snapshot!(said("strategies = [\"margins\"]\nto = 99"), @r#"study.toml:15: strategies: `margins` is none of random, margin, entropy, disagreement, diverse; write ["margin", "diverse"]"#);
    assert_snapshot!(said("strategies = [\"margin\", \"disagreement\"]\nto = 99"), @"study.toml:15: strategies: `disagreement` needs several models, and a run trains one; use margin, entropy or diverse");
    assert_snapshot!(said("strategies = [\"margin\", \"margin\"]\nto = 99"), @"study.toml:15: strategies: `margin` occurs twice; remove one");
    assert_snapshot!(said("strategies = [\"random\"]\nto = 99"), @r#"study.toml:15: strategies: none to compare with random order; add "margin" or "diverse"; for random order alone, use [experiments.curve]"#);
    assert_snapshot!(said("strategies = []\nto = 99"), @r#"study.toml:15: strategies: none to compare with random order; add "margin" or "diverse"; for random order alone, use [experiments.curve]"#);
    assert_snapshot!(said(&format!("{margin}\nto = 20")), @"study.toml:16: to: 20 sentences are no more than the 20 of the start; use a larger number, or set a smaller `start`");
    assert_snapshot!(said(&format!("{margin}\nstart = 0\nto = 20")), @"study.toml:16: start: 0 is too small; use 1 or more");
    assert_snapshot!(said(&format!("{margin}\nstep = 0\nto = 99")), @"study.toml:16: step: 0 is too small; use 1 or more");
    assert_snapshot!(said(&format!("{margin}\nstep = 1\nto = 9000000000")), @"study.toml:17: to: more than 1000 steps of 1; use a smaller number, or set a larger `step`");
    assert_snapshot!(said(&format!("{margin}\nto = 99\nseeds = [9]")), @"study.toml:17: seeds: 9 is not a seed of the study; add it to `seeds` at the top of the file, or use other seeds");
}

#[test]
fn errors_in_texts_appear_before_anything_runs() {
    assert_snapshot!(plan_error(&STUDY.replace("sample:af", "sample:xx")), @"data: there is no sample `xx`; use sample:af or sample:nl");
    let mapped = STUDY
        .replace("data = \"sample:nl\"", "data = \"sample:nl\"\nlabel-map = { PERSON = \"PER\" }");
    assert!(plan_error(&mapped).starts_with("sample:nl/train.conll:"), "{}", plan_error(&mapped));
    let hub = STUDY.replace("sample:nl", "hub:unimelb-nlp/wikiann:nl");
    assert_snapshot!(plan_error(&hub), @"study.toml:7: hub:unimelb-nlp/wikiann:nl is not on this disk; download it and give its folder");
    let folder = tempfile::tempdir().unwrap();
    let pool = folder.path().join("latin.txt");
    let with_pool = STUDY
        .replace("pool = \"source\"", "pool = \"target\"")
        .replace("[languages.nl]", &format!("unlabelled = ['{}']\n[languages.nl]", pool.display()));
    for (bytes, what) in [(&b"caf\xe9\n"[..], ":1: byte 4 of the line"), (b"", "latin.txt: ")] {
        std::fs::write(&pool, bytes).unwrap();
        assert!(plan_error(&with_pool).contains(what), "{}", plan_error(&with_pool));
    }
    // The study's settings may ask for rounds that only the experiment sets.
    std::fs::write(&pool, "Een zin.\n").unwrap();
    let fresh =
        with_pool.replace("epochs = 3", "student = \"fresh\"") + "settings = { rounds = 3 }\n";
    let fresh = Study::parse(Path::new("study.toml"), &fresh).unwrap();
    Plan::new(&fresh, &Results::new(Path::new("results")), &NoHub).unwrap();
    let zero = STUDY.replace(
        "data = \"sample:nl\"",
        "data = \"sample:nl\"\nlabel-map = { ORG = \"O\", \"*\" = \"PER\" }",
    ) + "[experiments.zero-shot]\nfactors = 1\n";
    assert_snapshot!(plan_error(&zero), @"study.toml:5: languages.af: entity types LOC, ORG do not occur in nl (PER); map them with label-map, or remove the zero-shot experiment");
}

#[test]
fn the_documented_study_is_valid() {
    let docs =
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/study-file.md"));
    let text = docs.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let replacements = [
        ("encoders/mbert", "sample:tiny"),
        ("wikiann/fo", "sample:af"),
        ("danish", "sample:nl"),
        ("icelandic", "sample:nl"),
        ("PERSON = ", "PER = "),
        ("LOCATION = ", "LOC = "),
        ("ORGANIZATION = ", "ORG = "),
    ];
    let text = replacements.iter().fold(text.to_owned(), |text, (theirs, ours)| {
        assert!(text.contains(theirs), "{theirs}");
        text.replace(theirs, ours)
    });
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("fo.txt"), "Unnur býr í Havn .\n").unwrap();
    let study = Study::parse(&folder.path().join("study.toml"), &text).unwrap();
    let plan = Plan::new(&study, &Results::new(Path::new("no")), &NoHub).unwrap();
    assert!(plan.runs.len() > 1000);
}

#[test]
fn references_are_of_a_language_or_of_the_mean() {
    let study = |language: &str| {
        let figure = format!(
            "[[references]]\nlanguage = \"{language}\"\nwhat = \"x\"\nvalue = 1.0\nsource = \"y\"\n"
        );
        Study::parse(Path::new("study.toml"), &(STUDY.to_owned() + &figure))
    };
    assert!(["af", "mean", ""].map(study).iter().all(Result::is_ok));
    assert_snapshot!(study("fo").unwrap_err(), @"study.toml:14: references: unknown language `fo`; use a code from [languages], or `mean`");
}

#[test]
fn a_test_part_is_needed_only_of_texts_that_a_model_is_scored_on() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("nl")).unwrap();
    let text = gleaner_sample::to_conll(&gleaner_sample::source()[..20]);
    std::fs::write(folder.path().join("nl/train.conll"), text).unwrap();
    let error = |experiment: &str| {
        let text = format!(
            "encoder = \"sample:tiny\"\npairs = [\"af <- nl\"]\n[languages.af]\ndata = \"sample:af\"\n\
             [languages.nl]\ndata = \"nl\"\n[experiments.{experiment}]\nfactors = [1]\n"
        );
        let study = Study::parse(&folder.path().join("study.toml"), &text).unwrap();
        let plan = Plan::new(&study, &Results::new(&folder.path().join("results")), &NoHub);
        plan.err().map(|error| error.to_string())
    };
    assert_eq!(error("joint"), None);
    let of_source = error("transfer").unwrap();
    assert!(of_source.contains("languages.nl has no test part to score on"), "{of_source}");
}
