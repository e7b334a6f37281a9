//! How the texts of each language are read.

use super::ids::changed;
use super::*;
use gleaner::Settings;

fn settings_of(plan: &Plan, name: &str) -> Settings {
    plan.runs.iter().find(|run| run.name == name).unwrap().settings.clone()
}

#[test]
fn each_language_is_read_by_its_own_options() {
    let folder = folder();
    let map = "label-map = { PERSON = \"PER\" }";
    let text = STUDY.replace(map, &format!("{map}\nword-column = 1\ntag-column = 2"));
    let plan = plan_in(folder.path(), &text);
    let columns = |name: &str| {
        let options = settings_of(&plan, name).corpus;
        (options.word_column, options.tag_column)
    };
    assert_eq!(columns("baseline/xx/seed1"), (Some(1), Some(2)));
    assert_eq!(columns("baseline/af/seed1"), (None, None));
    assert_eq!(columns("source/nl/x1/seed1"), (None, None));
    // A text beside another one takes no columns from it.
    let joined = settings_of(&plan, "joint/xx-nl/x1/seed1").data.join.remove(0);
    assert!(joined.corpus.alone && joined.corpus.options.is_empty());
    let pool = settings_of(&plan, "pseudo/xx-nl/q0.8/r1/seed1").self_training.pool.remove(0);
    assert!(pool.alone && pool.options.is_empty());
}

#[test]
fn options_of_the_study_hold_for_languages_without_their_own() {
    let folder = folder();
    let text = STUDY
        .replace("epochs = 3", "epochs = 3\nword-column = 1\noffsets = \"utf16\"")
        .replace("data = \"xx\"", "data = \"xx\"\ntag-column = 2");
    let plan = plan_in(folder.path(), &text);
    let af = settings_of(&plan, "baseline/af/seed1").corpus;
    assert_eq!((af.word_column, af.tag_column), (Some(1), None));
    let xx = settings_of(&plan, "baseline/xx/seed1").corpus;
    assert_eq!((xx.word_column, xx.tag_column), (None, Some(2)), "columns go together");
    assert_eq!(xx.offsets, Some(gleaner_corpus::Offsets::Utf16));
    let joined = settings_of(&plan, "joint/xx-nl/x1/seed1").data.join.remove(0);
    assert_eq!(joined.corpus.options.word_column, Some(1));
}

#[test]
fn ids_change_with_how_a_text_is_read() {
    let folder = folder();
    let path = folder.path();
    let source = changed(path, "data = \"sample:nl\"", "data = \"sample:nl\"\nword-column = 1");
    assert!(source.iter().all(|name| !name.starts_with("baseline/")), "{source:?}");
    let all = ids(&plan_in(path, STUDY)).len();
    assert_eq!(source.len(), all - 4, "every run but the baselines uses it");
    let target = changed(path, "data = \"xx\"", "data = \"xx\"\nword-column = 1");
    assert!(target.iter().all(|name| name.contains("/xx")), "{target:?}");
    assert_eq!(target.len(), 18);
}

#[test]
fn unlabelled_texts_are_paths_or_tables() {
    let folder = folder();
    fs::write(folder.path().join("u.txt"), "Anna\nis\n\nBo\n").unwrap();
    let study = |text: &str| {
        STUDY
            .replace("\"af <- nl\", ", "")
            .replace("data = \"xx\"", &format!("data = \"xx\"\nunlabelled = [{text}]"))
            .replace("repeats = 2", "pool = \"target\"")
    };
    let plain = plan_in(folder.path(), &study("\"u.txt\""));
    let words = plan_in(folder.path(), &study("{ path = \"u.txt\", format = \"conll\" }"));
    let name = "pseudo/xx-nl/q0.8/r1/seed1";
    assert_ne!(ids(&plain)[name], ids(&words)[name]);
    let pool = settings_of(&words, name).self_training.pool.remove(0);
    assert_eq!(pool.path, folder.path().join("u.txt"));
    assert_eq!(pool.options.format, Some(gleaner_corpus::Format::Conll));
    let missing = Study::parse(&folder.path().join("study.toml"), &study("{ path = \"no.txt\" }"));
    assert!(missing.unwrap_err().to_string().contains("no.txt does not exist"));
}

#[test]
fn a_plan_keeps_how_texts_were_read() {
    let folder = folder();
    fs::create_dir(folder.path().join("results")).unwrap();
    let shown = || -> Vec<String> {
        let plan = plan_in(folder.path(), STUDY);
        let lines = plan.texts().into_iter().map(|text| {
            let first = text.files[0].first_words(1);
            format!(
                "{}: {} files, {first}, {} warnings",
                text.language,
                text.files.len(),
                text.warnings.len()
            )
        });
        lines.collect()
    };
    let first = shown();
    assert!(first.contains(&"xx: 1 files, Ann0/B-PER ..., 0 warnings".to_owned()), "{first:?}");
    assert_eq!(shown(), first, "from the cache");
}
