//! Made-up vocabularies of the three kinds.

use super::*;

/// A tokenizer with this model, which puts `[C]` before and `[S]` after a sentence.
fn tokenizer(model: Value, special: &[(&str, u32)]) -> Value {
    let token = |(content, id): &(&str, u32)| {
        json!({"id": id, "content": content, "single_word": false, "lstrip": false, "rstrip": false,
            "normalized": false, "special": true})
    };
    let id = |name: &str| special.iter().find(|(content, _)| *content == name).expect("given").1;
    let frame = |name: &str| json!({"id": name, "ids": [id(name)], "tokens": [name]});
    let single = json!([{"SpecialToken": {"id": "[C]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
        {"SpecialToken": {"id": "[S]", "type_id": 0}}]);
    json!({"version": "1.0", "truncation": null, "padding": null,
        "added_tokens": special.iter().map(token).collect::<Vec<_>>(), "normalizer": null,
        "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": {"type": "TemplateProcessing", "single": single, "pair": single,
            "special_tokens": {"[C]": frame("[C]"), "[S]": frame("[S]")}},
        "decoder": null, "model": model})
}

/// The pieces of a word in a vocabulary, by their texts.
fn cut(json: &[u8], word: &str) -> Vec<String> {
    let tokenizer = tokenizers::Tokenizer::from_bytes(json).unwrap();
    tokenizer.encode(word, true).unwrap().get_tokens().to_vec()
}

fn wordpiece(pieces: &[&str]) -> Value {
    let vocab: serde_json::Map<String, Value> =
        (0..).zip(pieces).map(|(id, piece)| (piece.to_string(), json!(id))).collect();
    let model = json!({"type": "WordPiece", "unk_token": "[U]", "continuing_subword_prefix": "##",
        "max_input_chars_per_word": 100, "vocab": vocab});
    tokenizer(model, &[("[U]", 0), ("[C]", 1), ("[S]", 2)])
}

/// A vocabulary with the essential pieces and the given ones, as a tokenizer.
fn trimmed(json: &Value, further: &[&str]) -> (Vocabulary, NewIds, Vec<u8>) {
    let vocabulary = Vocabulary::read(json.to_string().as_bytes()).unwrap();
    let mut kept = BTreeSet::new();
    let further = further.iter().map(|piece| vocabulary.ids[*piece]);
    for id in vocabulary.essential().into_iter().chain(further) {
        vocabulary.keep(id, &mut kept);
    }
    let ids = vocabulary.new_ids(&kept);
    let json = vocabulary.trimmed(&ids);
    (vocabulary, ids, json)
}

#[test]
fn wordpiece_keeps_characters_special_pieces_and_the_given_ones() {
    let json = wordpiece(&["[U]", "[C]", "[S]", "a", "ab", "abc", "##c", "##cd", "##d", "b"]);
    let (vocabulary, ids, json) = trimmed(&json, &["ab", "##cd"]);
    let kept: Vec<u32> = (0..ids.len() as u32).map(|id| ids.old(id).unwrap()).collect();
    assert_eq!(kept, [0, 1, 2, 3, 4, 6, 7, 8, 9], "all but `abc`");
    assert_eq!(cut(&json, "abcd"), ["[C]", "ab", "##cd", "[S]"]);
    let parts = vocabulary.parts("abcd");
    assert_eq!(parts, [3, 4, 5, 6, 7, 8, 9].into());
    assert_eq!(vocabulary.ranked()[..3], [0, 1, 2]);
}

#[test]
fn unigram_keeps_the_least_likely_piece_and_renumbers() {
    let model = json!({"type": "Unigram", "unk_id": 4, "byte_fallback": false, "vocab": [
        ["[C]", 0.0], ["[S]", 0.0], ["ab", -3.0], ["rare piece", -30.0], ["[U]", 0.0], ["a", -4.0], ["b", -4.5],
        ["abab", -3.5], ["<0x41>", -9.0], ["cc", -5.0]]});
    let json = tokenizer(model, &[("[C]", 0), ("[S]", 1), ("[U]", 4), ("[M]", 10)]);
    let (vocabulary, ids, trimmed) = trimmed(&json, &["abab"]);
    let kept: Vec<u32> = (0..ids.len() as u32).map(|id| ids.old(id).unwrap()).collect();
    assert_eq!(kept, [0, 1, 3, 4, 5, 6, 7, 8, 10], "all but `ab` and `cc`");
    let new: Value = serde_json::from_slice(&trimmed).unwrap();
    assert_eq!(new["model"]["unk_id"], 3);
    assert_eq!(new["added_tokens"][3]["id"], 8);
    assert_eq!(new["model"]["vocab"].as_array().unwrap().len(), 8);
    assert_eq!(cut(&trimmed, "ababa"), cut(json.to_string().as_bytes(), "ababa"));
    let tokenizer = tokenizers::Tokenizer::from_bytes(&trimmed).unwrap();
    assert_eq!(tokenizer.token_to_id("[M]"), Some(8), "an added piece follows those of the model");
    // The most likely first; of two alike the first.
    assert_eq!(vocabulary.ranked()[..4], [0, 1, 4, 2]);
}

#[test]
fn bpe_keeps_what_pieces_are_merged_from() {
    let vocab = ["[C]", "[S]", "a", "b", "c", "ab", "abc", "bc", "abcab", "cab"];
    let vocab: serde_json::Map<String, Value> =
        (0..).zip(vocab).map(|(id, piece)| (piece.to_owned(), json!(id))).collect();
    let merges = json!([["a", "b"], ["ab", "c"], ["b", "c"], ["abc", "ab"], ["c", "ab"]]);
    let model = json!({"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null,
        "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false, "vocab": vocab, "merges": merges});
    let json = tokenizer(model, &[("[C]", 0), ("[S]", 1)]);
    let (_, ids, trimmed) = trimmed(&json, &["abcab"]);
    let kept: Vec<u32> = (0..ids.len() as u32).map(|id| ids.old(id).unwrap()).collect();
    assert_eq!(kept, [0, 1, 2, 3, 4, 5, 6, 8], "all but `bc` and `cab`");
    let new: Value = serde_json::from_slice(&trimmed).unwrap();
    assert_eq!(new["model"]["merges"], json!([["a", "b"], ["ab", "c"], ["abc", "ab"]]));
    for word in ["abcab", "abc", "ab", "cba"] {
        assert_eq!(cut(&trimmed, word), cut(json.to_string().as_bytes(), word), "{word}");
    }
}

#[test]
fn other_tokenizers_are_refused() {
    let refused = |json: Value| Vocabulary::read(json.to_string().as_bytes()).err().unwrap();
    insta::assert_snapshot!(refused(json!({"model": {"type": "WordLevel", "vocab": {}}})), @"a tokenizer of the kind WordLevel cannot be trimmed");
    insta::assert_snapshot!(refused(json!({"model": {"type": "Unigram", "vocab": {}}})), @"its vocabulary is malformed");
    insta::assert_snapshot!(refused(json!({"model": {"type": "BPE", "vocab": {"a": 0}, "merges": [["a", "b"]]}})), @r#"["a","b"] merges unknown pieces"#);
}
