use crate::{EncoderFiles, GleanerError, SAMPLE_ENCODER, Tagger, TaggerConfig};
use gleaner_nn::weights::{self, NamedTensor};
use serde_json::{Value, json};
use std::{fs, path::Path};

/// A folder as transformers saves it: the sample encoder and a linear layer that gives every piece the logits `bias`.
fn folder(class: &str, labels: &[&str], bias: &[f32]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let encoder = EncoderFiles::open(Path::new(SAMPLE_ENCODER)).unwrap();
    let mut config = encoder.config_json;
    config["architectures"] = json!([class]);
    let ids = labels.iter().enumerate().map(|(id, label)| (id.to_string(), json!(label)));
    config["id2label"] = Value::Object(ids.collect());
    let at = |name: &str| folder.path().join(name);
    fs::write(at("config.json"), config.to_string()).unwrap();
    fs::write(at("tokenizer.json"), &encoder.tokenizer_json).unwrap();
    let file = &encoder.weights;
    let tensor = |name: &str| {
        let shape = file.shape(name).unwrap().to_vec();
        let values = file.read(name, &shape).unwrap();
        NamedTensor::new(format!("bert.{name}"), &shape, move || values.clone())
    };
    let mut tensors: Vec<NamedTensor> = file.names().map(tensor).collect();
    let shape = [bias.len(), encoder.config.hidden_size];
    let zeros = vec![0.0f32; shape.iter().product()];
    tensors.push(NamedTensor::new("classifier.weight", &shape, move || zeros.clone()));
    tensors.push(NamedTensor::new("classifier.bias", &[bias.len()], || bias));
    weights::write(&at("model.safetensors"), &tensors).unwrap();
    folder
}

const CLASS: &str = "BertForTokenClassification";
const WORDS: [&str; 3] = ["Anna", "van", "Wyk"];

fn tagged(labels: &[&str], bias: &[f32]) -> crate::Tagged {
    let folder = folder(CLASS, labels, bias);
    let tagger = Tagger::load(folder.path()).unwrap();
    assert_eq!(tagger.temperature(), 1.0);
    tagger.tag(&[&WORDS[..]]).unwrap().remove(0)
}

#[test]
fn labels_of_iob2_in_any_order_tag_words() {
    let found = tagged(&["I-PER", "B-PER", "O"], &[0.0, 1.0, 0.0]);
    assert_eq!(found.tags, ["B-PER", "B-PER", "B-PER"]);
    // A stray I-PER begins an entity, as in the pipeline of transformers.
    let found = tagged(&["I-PER", "B-PER", "O"], &[2.0, 1.0, 0.0]);
    assert_eq!(found.tags, ["B-PER", "I-PER", "I-PER"]);
}

#[test]
fn labels_without_letters_become_iob2_with_the_probabilities_of_the_softmax() {
    let found = tagged(&["O", "PER"], &[0.0, 1.0]);
    assert_eq!(found.tags, ["B-PER", "I-PER", "I-PER"]);
    let of_word = 1f64.exp() / (1.0 + 1f64.exp());
    assert_eq!(found.spans.len(), 1);
    assert!((found.spans[0].confidence - of_word.powi(3)).abs() < 1e-6, "{:?}", found.spans);
    assert_eq!(tagged(&["O", "PER"], &[1.0, 0.0]).tags, ["O"; 3]);
}

#[test]
fn a_text_is_cut_where_the_tokenizer_cuts_it() {
    let folder = folder(CLASS, &["O", "PER"], &[0.0, 1.0]);
    let limit = || TaggerConfig::imported(folder.path()).unwrap().unwrap().max_pieces;
    assert_eq!(limit(), 126);
    let set = |text: &str| fs::write(folder.path().join("tokenizer_config.json"), text).unwrap();
    for (length, expected) in [("20", 18), ("1000000000000000019884624838656", 126), ("null", 126)]
    {
        set(&format!("{{\"model_max_length\": {length}}}"));
        assert_eq!(limit(), expected, "{length}");
    }
    set("{\"model_max_length\": 2}");
    assert!(refused(&folder).contains("model_max_length leaves no room for a word; set model"));
    set("{");
    assert!(refused(&folder).starts_with("tokenizer_config.json: not JSON"));
}

/// The error of loading a folder, without the path of the temporary folder.
fn refused(folder: &tempfile::TempDir) -> String {
    let error: GleanerError = Tagger::load(folder.path()).err().expect("an error");
    error.to_string().replace(&format!("{}/", folder.path().display()), "")
}

#[test]
fn classes_with_other_layers_are_refused_by_name() {
    for (class, says) in [
        (
            "ModernBertForTokenClassification",
            "a ModernBertForTokenClassification is not known; use a BertForTokenClassification, ",
        ),
        (
            "GleanerForTokenClassification",
            "`gleaner export` wrote it, for transformers alone; use the model ",
        ),
    ] {
        let folder = folder(class, &["O", "B-X"], &[0.0, 0.0]);
        let error = refused(&folder);
        assert!(error.starts_with(&format!("config.json: {says}")), "{error}");
        let error = TaggerConfig::imported(folder.path()).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let bioes = folder(CLASS, &["O", "S-X"], &[0.0, 0.0]);
    assert!(
        refused(&bioes).starts_with("config.json: its label `S-X` belongs to the scheme BIOES")
    );
    let short = folder(CLASS, &["O", "B-X", "I-X"], &[0.0, 0.0]);
    let error = refused(&short);
    assert!(
        error.contains("tensor `classifier.weight`: shape [2, 64], expected [3, 64]"),
        "{error}"
    );
    let path = bioes.path().join("config.json");
    let mut config: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    config["gleaner"] = json!({"temperature": 2.0});
    fs::write(&path, config.to_string()).unwrap();
    assert!(refused(&bioes).starts_with("config.json: gleaner: missing field `head`"));
}

#[test]
fn a_folder_of_another_kind_is_not_imported() {
    let encoder = folder("BertModel", &["O", "B-X"], &[0.0, 0.0]);
    assert_eq!(TaggerConfig::imported(encoder.path()).unwrap(), None);
    assert!(
        refused(&encoder).ends_with("name a folder with a finished training of `gleaner train`")
    );
    let trained = folder(CLASS, &["O", "B-X"], &[0.0, 0.0]);
    assert!(TaggerConfig::imported(trained.path()).unwrap().is_some());
    fs::write(trained.path().join("gleaner.json"), "{}").unwrap();
    assert_eq!(TaggerConfig::imported(trained.path()).unwrap(), None);
}
