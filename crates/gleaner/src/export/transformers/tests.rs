use super::write;
use crate::{
    EncoderFiles, Tagger, TaggerConfig,
    export::{
        folder::Folder,
        source::Source,
        testing::{of_family, sample},
    },
    framing::PieceLabels,
};
use gleaner_nn::{Batch, Packed, network::HeadKind, weights::WeightFile};
use serde_json::{Value, json};
use std::path::Path;

fn exported(source: &Source) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let files = write(source, Folder::claim(folder.path()).unwrap()).unwrap();
    let last = files.last().map(String::as_str);
    assert_eq!((files.len(), last), (6, Some("config.json")));
    assert!(files.iter().all(|name| folder.path().join(name).is_file()));
    folder
}

fn json_of(folder: &Path, name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(folder.join(name)).unwrap()).unwrap()
}

fn batch(vocabulary: usize) -> Batch {
    let sentences =
        [4, 9, 1].map(|n| (0..n).map(|i| (i * 17 % vocabulary) as u32).collect::<Vec<_>>());
    let packed = Packed::new(sentences.iter().map(Vec::as_slice));
    let tags = vec![0; packed.pieces()];
    Batch::of_pieces(packed, tags)
}

#[test]
fn linear_heads_of_all_families_are_read_again_as_they_were() {
    for (name, model_type, class, first) in [
        ("pooler", "bert", "BertForTokenClassification", "bert.embeddings"),
        ("distilbert", "distilbert", "DistilBertForTokenClassification", "distilbert.embeddings"),
        ("electra", "electra", "ElectraForTokenClassification", "electra.embeddings"),
        ("roberta", "roberta", "RobertaForTokenClassification", "roberta.embeddings"),
        ("roberta", "xlm-roberta", "XLMRobertaForTokenClassification", "roberta.embeddings"),
        ("roberta", "camembert", "CamembertForTokenClassification", "roberta.embeddings"),
        ("deberta", "deberta-v2", "DebertaV2ForTokenClassification", "deberta.embeddings"),
    ] {
        let source = of_family(name, model_type, HeadKind::Linear);
        let folder = exported(&source);
        let config = json_of(folder.path(), "config.json");
        assert_eq!(
            (&config["architectures"], &config["model_type"]),
            (&json!([class]), &json!(model_type))
        );
        assert_eq!(config["id2label"]["3"], "B-PER");
        assert_eq!(config["label2id"]["I-PER"], 4);
        let weights = WeightFile::open(&folder.path().join("model.safetensors")).unwrap();
        let hidden = source.network.encoder_config().hidden_size;
        assert_eq!(weights.shape("classifier.weight"), Some(&[5, hidden][..]));
        assert_eq!(weights.shape("classifier.bias"), Some(&[5][..]));
        let others = weights.names().filter(|name| !name.starts_with("classifier."));
        assert!(others.min().unwrap().starts_with(first));

        let settings = TaggerConfig::imported(folder.path()).unwrap().unwrap();
        assert_eq!((settings.head, settings.piece_labels), (HeadKind::Linear, PieceLabels::All));
        assert!(settings.constraints && settings.max_pieces == 20);
        let tagger = Tagger::load(folder.path()).unwrap();
        assert_eq!(tagger.temperature(), 1.5);
        assert_eq!(tagger.labels(), &source.labels);
        let batch = batch(source.network.encoder_config().vocab_size);
        let emissions = tagger.network.emissions(&batch).unwrap();
        assert_eq!(emissions, source.network.emissions(&batch).unwrap(), "{model_type}");
    }
}

#[test]
fn other_heads_have_the_class_of_the_module_and_the_encoders_own_names() {
    for (source, names) in [
        (sample(HeadKind::BilstmCrf), "encoder.encoder.layer.0.attention.self.query.weight"),
        (sample(HeadKind::Crf), "encoder.encoder.layer.0.attention.self.query.weight"),
        (
            of_family("distilbert", "distilbert", HeadKind::Crf),
            "encoder.transformer.layer.0.attention.q_lin.weight",
        ),
        // Its class in transformers has a further layer.
        (
            of_family("modernbert", "modernbert", HeadKind::Linear),
            "encoder.layers.0.attn.Wqkv.weight",
        ),
    ] {
        let folder = exported(&source);
        let config = json_of(folder.path(), "config.json");
        assert_eq!(config["architectures"], json!(["GleanerForTokenClassification"]));
        assert_eq!(config["auto_map"]["AutoConfig"], "gleaner_tagger.GleanerConfig");
        assert_eq!(config["model_type"], "gleaner");
        let model_type = &source.network.encoder_config().model_type;
        assert_eq!(config["encoder_config"]["model_type"], model_type.as_str());
        assert_eq!(config["encoder_config"].get("id2label"), None);
        assert_eq!(config["gleaner"]["head"], json!(source.decoding.head));
        let weights = WeightFile::open(&folder.path().join("model.safetensors")).unwrap();
        assert!(weights.shape(names).is_some(), "{names}");
        assert!(weights.shape("classifier.bias").is_some());
        let has = |name: &str| weights.shape(name).is_some();
        let head = source.decoding.head;
        assert_eq!(has("crf.transitions"), head != HeadKind::Linear);
        assert_eq!(has("lstm.weight_hh_l1_reverse"), head == HeadKind::BilstmCrf);
        let error = Tagger::load(folder.path()).err().expect("an error").to_string();
        assert!(error.contains("`gleaner export` wrote it"), "{error}");
    }
}

#[test]
fn the_tokenizer_is_taken_as_it_is() {
    let folder = exported(&sample(HeadKind::Crf));
    let settings = json_of(folder.path(), "tokenizer_config.json");
    let expected = json!({
        "tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 22,
        "model_input_names": ["input_ids", "attention_mask"], "clean_up_tokenization_spaces": false,
        "cls_token": "[CLS]", "sep_token": "[SEP]", "unk_token": "[UNK]", "pad_token": "[PAD]"
    });
    assert_eq!(settings, expected);
    let original = EncoderFiles::open(Path::new(crate::SAMPLE_ENCODER)).unwrap().tokenizer_json;
    let original: Value = serde_json::from_slice(&original).unwrap();
    assert_eq!(json_of(folder.path(), "tokenizer.json"), original);
}

#[test]
fn a_folder_with_files_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("config.json"), "{}").unwrap();
    let error = Folder::claim(folder.path()).err().expect("an error").to_string();
    assert!(error.ends_with("the folder is not empty; choose another folder, or empty this one"));
}
