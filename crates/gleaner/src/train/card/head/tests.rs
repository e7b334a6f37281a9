use super::*;
use crate::{Dataset, Joined, Sentence, Splits};
use gleaner_metrics::{Bootstrap, Evaluation, SeqevalMode};
use yaml_rust2::{Yaml, YamlLoader};

/// The head of a training with these settings, with scores on a test part if `tested`.
fn head(settings: &Settings, tested: bool) -> Yaml {
    let [words, tags] =
        [["Anna", "woon"], ["B-PER", "O"]].map(|all| all.map(str::to_owned).to_vec());
    let sentence = Sentence { words, tags, ..Sentence::default() };
    let parts = Splits { train: vec![sentence.clone(); 20], dev: Some(vec![sentence]), test: None };
    let plain = Settings::builder().drop_leaks(false).build().unwrap();
    let data = Dataset::from_sentences(parts, &plain).unwrap();
    let mut provenance = Provenance::new(settings, &data, None);
    provenance.test = tested.then(scores);
    let text = text(&provenance);
    let inner = text.strip_prefix("---\n").unwrap().strip_suffix("---\n").unwrap();
    let documents = YamlLoader::load_from_str(inner).unwrap_or_else(|e| panic!("{e}\n{text}"));
    assert_eq!(documents.len(), 1, "{text}");
    documents.into_iter().next().unwrap()
}

/// The scores on two sentences. In one, the entity is found.
fn scores() -> Scores {
    let mut evaluation = Evaluation::default();
    for predicted in [["B-PER", "O"], ["O", "O"]] {
        evaluation.add(&["B-PER", "O"], &predicted).unwrap();
    }
    let bootstrap = Bootstrap { resamples: 50, ..Bootstrap::default() };
    Scores {
        entities: evaluation.report(SeqevalMode::Default),
        intervals: evaluation.intervals(SeqevalMode::Default, &bootstrap),
        token_accuracy: evaluation.token_accuracy(),
        published_score: 0.0,
    }
}

fn texts(yaml: &Yaml) -> Vec<&str> {
    yaml.as_vec().unwrap().iter().map(|item| item.as_str().unwrap()).collect()
}

#[test]
fn a_model_from_the_hub_names_its_sources_and_scores() {
    let joined =
        ["hub/datasets--o--n/snapshots/0a1b/da", "hub/datasets--p--q/snapshots/2c", "mine"];
    let joined = joined.map(|path| path.parse::<Joined>().unwrap());
    let settings = Settings::builder()
        .data("hub/datasets--o--n/snapshots/0a1b/fo")
        .join(joined.to_vec())
        .encoder("hub/models--intfloat--e5/snapshots/3d")
        .language(vec!["fo".to_owned(), "no".to_owned()])
        .license("cc-by-4.0".to_owned())
        .build()
        .unwrap();
    let head = head(&settings, true);
    // Without quotes, `no` is false.
    assert_eq!(texts(&head["language"]), ["fo", "no"]);
    assert_eq!(head["license"].as_str(), Some("cc-by-4.0"));
    assert_eq!(head["pipeline_tag"].as_str(), Some("token-classification"));
    assert_eq!(texts(&head["datasets"]), ["o/n", "p/q"]);
    assert_eq!(head["base_model"].as_str(), Some("intfloat/e5"));
    assert_eq!(texts(&head["metrics"]), ["f1", "precision", "recall", "accuracy"]);
    let model = &head["model-index"][0];
    assert!(model["name"].as_str().is_some());
    let result = &model["results"][0];
    assert_eq!(result["task"]["type"].as_str(), Some("token-classification"));
    let dataset = &result["dataset"];
    let keys = ["name", "type", "config", "revision", "split"];
    let values = keys.map(|key| dataset[key].as_str().unwrap());
    assert_eq!(values, ["o/n:fo", "o/n", "fo", "0a1b", "test"]);
    let metrics = result["metrics"].as_vec().unwrap();
    let kinds: Vec<&str> = metrics.iter().map(|m| m["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, texts(&head["metrics"]));
    let values: Vec<f64> = metrics.iter().map(|m| m["value"].as_f64().unwrap()).collect();
    // One of two entities is found, and three of four words have the right tag.
    assert_eq!(values, [0.6667, 1.0, 0.5, 0.75]);
    let interval = &metrics[0]["args"]["interval"];
    let [low, high, level] = ["low", "high", "level"].map(|key| interval[key].as_f64().unwrap());
    assert!(low <= 0.6667 && 0.6667 <= high && low < high, "{low} to {high}");
    assert_eq!((level, interval["resamples"].as_i64()), (0.95, Some(50)));
}

#[test]
fn what_is_unknown_is_left_out() {
    let settings = Settings::builder().data("mine").encoder("my-encoder").build().unwrap();
    let untested = head(&settings, false);
    for key in ["language", "license", "datasets", "base_model", "metrics", "model-index"] {
        assert!(untested[key].is_badvalue(), "{key}");
    }
    let tested = head(&settings, true);
    let dataset = &tested["model-index"][0]["results"][0]["dataset"];
    let [name, kind] = ["name", "type"].map(|key| dataset[key].as_str().unwrap());
    assert_eq!((name, kind), ("mine", "custom"));
    assert!(dataset["revision"].is_badvalue());
}

#[test]
fn the_sample_has_its_language_and_its_own_split_is_named() {
    let settings = Settings::builder().data("sample:af").split(Split::Shuffled).split_seed(7);
    let head = head(&settings.build().unwrap(), true);
    assert_eq!(texts(&head["language"]), ["af"]);
    let dataset = &head["model-index"][0]["results"][0]["dataset"];
    assert!(dataset["split"].is_badvalue());
    assert_eq!(dataset["args"]["split"].as_str(), Some("80-10-10"));
    assert_eq!(dataset["args"]["split-seed"].as_i64(), Some(7));
}

#[test]
fn hostile_paths_remain_names() {
    let file = "a\": b\n---\n- license: \"mit\" #'{%";
    let hub = "cache/datasets--o--n\": x\n/snapshots/\"0a\": 1/fo: #\n-";
    for data in [file, hub] {
        let settings = Settings::builder()
            .data(data)
            .encoder("cache/models--o--n\n- x: \"y/snapshots/1")
            .build()
            .unwrap();
        let head = head(&settings, true);
        assert!(head["license"].is_badvalue());
        assert_eq!(head["base_model"].as_str(), Some("o/n\n- x: \"y"));
        let dataset = &head["model-index"][0]["results"][0]["dataset"];
        assert_eq!(dataset["name"].as_str().unwrap(), short_name(data.as_ref()));
    }
}
