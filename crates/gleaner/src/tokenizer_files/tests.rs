use super::*;
use crate::PieceTokenizer;
use proptest::prelude::*;
use std::fs;

const VOCAB: &str = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nJan\njan\n##ne\nmore\nmo\u{302}re\n,\n";

fn config(model_type: &str, vocab_size: usize) -> EncoderConfig {
    let text = format!(
        r#"{{"model_type": "{model_type}", "vocab_size": {vocab_size}, "hidden_size": 12, "num_hidden_layers": 1,
            "num_attention_heads": 3, "intermediate_size": 24, "max_position_embeddings": 64, "dim": 12,
            "n_layers": 1, "n_heads": 3, "hidden_dim": 24, "relative_attention": true, "position_buckets": 32,
            "norm_rel_ebd": "layer_norm", "share_att_key": true, "pos_att_type": "p2c|c2p",
            "position_biased_input": false}}"#
    );
    EncoderConfig::parse(Path::new("config.json"), &text).unwrap()
}

/// The tokenizer of a folder with these files.
fn tokenizer(config: &EncoderConfig, files: &[(&str, &[u8])]) -> Result<PieceTokenizer, String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    let shown = |e: GleanerError| e.to_string().replace(&folder.path().display().to_string(), "F");
    let json = read(folder.path(), config, &Value::Null).map_err(shown)?;
    PieceTokenizer::new(Path::new(TOKENIZER), &json, false).map_err(shown)
}

#[test]
fn word_pieces_are_those_of_the_lines() {
    let config = config("bert", 16);
    let pieces = tokenizer(&config, &[("vocab.txt", VOCAB.as_bytes())]).unwrap();
    assert_eq!(pieces.frame(), [2, 3]);
    // A capital letter in the vocabulary: case and accents are kept.
    assert_eq!(pieces.sentence(&["Janne,", "more", "Xyz"]).ids, [5, 7, 10, 8, 1]);
    let windows = VOCAB.replace('\n', "\r\n");
    let same = tokenizer(&config, &[("vocab.txt", windows.as_bytes())]).unwrap();
    assert_eq!(same.sentence(&["Janne,"]).ids, [5, 7, 10]);
}

#[test]
fn case_follows_the_settings_or_else_the_vocabulary() {
    let config = config("distilbert", 16);
    let settings: &[u8] = br#"{"do_lower_case": true, "tokenizer_class": "DistilBertTokenizer"}"#;
    let files = [("vocab.txt", VOCAB.as_bytes()), ("tokenizer_config.json", settings)];
    let pieces = tokenizer(&config, &files).unwrap();
    assert_eq!(pieces.sentence(&["Janne", "Môre"]).ids, [6, 7, 8]);
    let small = VOCAB.replace("Jan\n", "Dan\n").to_lowercase();
    let small =
        small.replace("[pad]\n[unk]\n[cls]\n[sep]\n[mask]", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]");
    let pieces = tokenizer(&config, &[("vocab.txt", small.as_bytes())]).unwrap();
    assert_eq!(pieces.sentence(&["JANNE"]).ids, [6, 7]);
}

/// The field of a message of Protocol Buffers with these bytes.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    [&[number << 3 | 2, bytes.len() as u8], bytes].concat()
}

fn model(pieces: &[(&str, u8)], trainer: &[u8]) -> Vec<u8> {
    let piece = |(i, (text, kind)): (usize, &(&str, u8))| {
        let score = [&[2 << 3 | 5][..], &(-(i as f32) / 2.0).to_le_bytes()].concat();
        field(1, &[field(1, text.as_bytes()), score, vec![3 << 3, *kind]].concat())
    };
    let pieces: Vec<Vec<u8>> = pieces.iter().enumerate().map(piece).collect();
    [pieces.concat(), field(2, trainer), field(3, &field(1, b"identity"))].concat()
}

const PIECES: [(&str, u8); 7] =
    [("<unk>", 2), ("<s>", 3), ("</s>", 3), ("▁Jan", 1), ("ne", 1), ("▁", 1), ("n", 1)];

#[test]
fn unigram_pieces_are_numbered_as_fairseq_did() {
    let bytes = model(&PIECES, &[3 << 3, 1]);
    let files = [("sentencepiece.bpe.model", &bytes[..])];
    let pieces = tokenizer(&config("xlm-roberta", 9), &files).unwrap();
    assert_eq!(pieces.frame(), [0, 2]);
    assert_eq!(pieces.sentence(&["Janne", "n", "Jan"]).ids, [4, 5, 6, 7, 4]);
    let pieces = tokenizer(&config("camembert", 12), &files).unwrap();
    assert_eq!(pieces.frame(), [5, 6]);
    assert_eq!(pieces.sentence(&["Janne", "n", "Jan"]).ids, [7, 8, 9, 10, 7]);
    // An unknown letter is the unknown piece, after the space.
    assert_eq!(pieces.sentence(&["x"]).ids, [9, 3]);
}

/// fairseq put four pieces (XLM-R) or five (CamemBERT) in the place of three or one, and gave unknown pieces the id 3.
#[test]
fn pieces_are_those_of_sentencepiece() {
    let oracles = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../oracles");
    let bytes = fs::read(oracles.join("unigram.model")).unwrap();
    let oracle: Value =
        serde_json::from_slice(&fs::read(oracles.join("unigram.json")).unwrap()).unwrap();
    let size = oracle["pieces"].as_u64().unwrap() as usize;
    let files = [(SENTENCEPIECE, &bytes[..])];
    for (family, added) in [("xlm-roberta", 1), ("camembert", 4)] {
        let pieces = tokenizer(&config(family, size + added + 1), &files).unwrap();
        for entry in oracle["words"].as_array().unwrap() {
            let word = entry["word"].as_str().unwrap();
            let ids: Vec<usize> = serde_json::from_value(entry["ids"].clone()).unwrap();
            let id = |id: &usize| if *id == 0 { 3 } else { (id + added) as u32 };
            let mut expected: Vec<u32> = ids.iter().map(id).collect();
            if expected.is_empty() {
                expected.push(3); // a word without pieces
            }
            assert_eq!(pieces.sentence(&[word]).ids, expected, "{family} {word:?}");
        }
    }
}

/// SentencePiece would cut characters without a piece into bytes.
#[test]
fn pieces_of_deberta_are_those_of_transformers() {
    let oracles = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../oracles");
    let bytes = fs::read(oracles.join(SPM)).unwrap();
    let oracle: Value =
        serde_json::from_slice(&fs::read(oracles.join("spm.json")).unwrap()).unwrap();
    let ids = |value: &Value| -> Vec<u32> { serde_json::from_value(value.clone()).unwrap() };
    let size = oracle["pieces"].as_u64().unwrap() as usize;
    let pieces = tokenizer(&config("deberta-v2", size + 1), &[(SPM, &bytes[..])]).unwrap();
    assert_eq!(pieces.frame().to_vec(), ids(&oracle["frame"]));
    assert_eq!(pieces.warning(), None);
    for entry in oracle["words"].as_array().unwrap() {
        let word = entry["word"].as_str().unwrap();
        let mut expected = ids(&entry["ids"]);
        if expected.is_empty() {
            expected.push(3); // a word without pieces
        }
        assert_eq!(pieces.sentence(&[word]).ids, expected, "{word:?}");
    }
    // [MASK] follows the pieces of the model.
    assert_eq!(pieces.sentence(&["[MASK]"]).ids, [size as u32]);
    let error = tokenizer(&config("deberta-v2", size), &[(SPM, &bytes[..])]).err().unwrap();
    assert!(error.contains(&format!("it has {} pieces", size + 1)), "{error}");
}

#[test]
fn other_tokenizers_are_refused_by_name() {
    let unigram = model(&PIECES, &[3 << 3, 1]);
    // The key of field 35 takes two bytes.
    let with_bytes = model(&PIECES, &[3 << 3, 1, 0x98, 2, 1]);
    let lower: &[u8] = br#"{"do_lower_case": true}"#;
    let bpe = model(&PIECES, &[3 << 3, 2]);
    let mut user_defined = PIECES;
    user_defined[4].1 = 4;
    let user_defined = model(&user_defined, &[]);
    let fewer = VOCAB.replace("[SEP]\n", "");
    let japanese: &[u8] = br#"{"tokenizer_class": "BertJapaneseTokenizer"}"#;
    let split: &[u8] = br#"{"do_basic_tokenize": false}"#;
    let vocab = ("vocab.txt", VOCAB.as_bytes());
    let sentencepiece = "sentencepiece.bpe.model";
    for (family, size, files, says) in [
        (
            "bert",
            16,
            Vec::<(&str, &[u8])>::new(),
            "F: no tokenizer.json and no vocab.txt in it; save the tokenizer",
        ),
        ("roberta", 16, vec![], "that of a `roberta` encoder cannot be built"),
        (
            "bert",
            16,
            vec![vocab, ("tokenizer_config.json", japanese)],
            "a BertJapaneseTokenizer cannot",
        ),
        ("bert", 16, vec![vocab, ("tokenizer_config.json", split)], "`do_basic_tokenize` is false"),
        ("bert", 16, vec![vocab, ("tokenizer_config.json", &b"{"[..])], "not JSON"),
        ("bert", 10, vec![vocab], "it has 11 pieces, but config.json has a vocab_size of 10"),
        ("electra", 16, vec![("vocab.txt", fewer.as_bytes())], "the piece [SEP] is missing"),
        ("bert", 16, vec![("vocab.txt", &b"\xff\n"[..])], "not UTF-8"),
        ("xlm-roberta", 16, vec![(sentencepiece, &bpe[..])], "a model of BPE, expected Unigram"),
        (
            "xlm-roberta",
            16,
            vec![(sentencepiece, &user_defined[..])],
            "its piece `ne` is of a special kind",
        ),
        ("xlm-roberta", 16, vec![(sentencepiece, &unigram[..40])], "not a complete message"),
        ("xlm-roberta", 16, vec![(sentencepiece, &b""[..])], "it has no pieces"),
        ("camembert", 11, vec![(sentencepiece, &unigram[..])], "it has 12 pieces"),
        ("xlm-roberta", 16, vec![(sentencepiece, &with_bytes[..])], "it falls back to bytes"),
        ("deberta-v2", 16, vec![], "F: no tokenizer.json and no spm.model in it"),
        ("deberta-v2", 16, vec![(SPM, &unigram[..])], "the piece [CLS] is missing"),
        (
            "deberta-v2",
            16,
            vec![(SPM, &unigram[..]), ("tokenizer_config.json", lower)],
            "`do_lower_case` is true",
        ),
    ] {
        let error = tokenizer(&config(family, size), &files).err().expect(says);
        assert!(error.contains(says) && !error.contains('\n'), "{error}");
    }
}

proptest! {
    #[test]
    fn damaged_models_never_panic(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..9),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = model(&PIECES, &[3 << 3, 1]);
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes.truncate(cut.index(bytes.len()) + 1);
        let _ = unigram::build(&bytes, unigram::Ids::XlmRoberta);
        let _ = spm::build(&bytes, &Value::Null);
    }
}
