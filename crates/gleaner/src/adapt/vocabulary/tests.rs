//! Pieces learnt from a made-up respelling, and from small tokenizers of every kind.

use super::*;
use crate::testing::PIECES;
use serde_json::{Value, json};

/// A text with its Latin letters replaced by Georgian ones, which the sample's tokenizer does not know.
fn respelt(text: &str) -> String {
    let letter = |c: char| match c {
        'a'..='z' => char::from_u32(u32::from(c) - u32::from('a') + 0x10d0),
        'A'..='Z' => char::from_u32(u32::from(c) - u32::from('A') + 0x10a0),
        _ => Some(c),
    };
    text.chars().filter_map(letter).collect()
}

/// The words of the sample's unlabelled text.
fn sample() -> WordCounts {
    let mut words = WordCounts::new();
    for word in gleaner_sample::unlabelled().into_iter().flatten() {
        *words.entry(word).or_default() += 1;
    }
    words
}

/// Its respelt words that have no letter which the tokenizer knows.
fn respelt_sample() -> WordCounts {
    let respelt = sample().into_iter().map(|(word, count)| (respelt(&word), count));
    respelt
        .filter(|(word, _)| word.chars().all(|c| ('\u{10a0}'..='\u{10ff}').contains(&c)))
        .collect()
}

fn extended(json: &[u8], words: &WordCounts, most: usize) -> (Learnt, PieceTokenizer, Vec<u8>) {
    let path = Path::new("tokenizer.json");
    let pieces = PieceTokenizer::new(path, json, false).unwrap();
    let description = Description::read(json).unwrap();
    let learnt = learn(&description, path, &pieces, words, most).unwrap();
    let with = description.with(&learnt);
    let pieces = PieceTokenizer::new(path, &with, false).unwrap();
    (learnt, pieces, with)
}

#[test]
fn a_script_that_the_tokenizer_lacks_is_learnt() {
    let json = gleaner_sample::encoder().tokenizer.as_bytes();
    let words = respelt_sample();
    let (learnt, pieces, with) = extended(json, &words, 300);
    let letters = learnt.pieces.iter().filter(|piece| piece.halves.is_none()).count();
    assert!((100..=300).contains(&learnt.pieces.len()) && (30..100).contains(&letters));
    let (before, after) = (Fertility::of(&PIECES, &words), Fertility::of(&pieces, &words));
    assert!(before.unknown == 1.0 && after.unknown < 0.02, "{before:?} {after:?}");
    assert!(after.pieces_per_word < 3.0 && after.pays_over(&before), "{after:?}");
    let first = Description::read(json).unwrap().first();
    for (id, piece) in (first as u32..).zip(&learnt.pieces) {
        assert_eq!(pieces.id(&piece.text), Some(id));
        let unknown = PIECES.unknown().unwrap();
        let letters = piece.text.trim_start_matches("##").chars().count();
        assert_eq!(piece.parts, vec![unknown; letters], "{}", piece.text);
        assert!(piece.count >= LEAST);
    }
    // Nothing depends on the order of a hash table, and other words are cut as before.
    assert_eq!(extended(json, &words, 300).2, with);
    for word in sample().keys() {
        assert_eq!(pieces.sentence(&[word]), PIECES.sentence(&[word]));
    }
    assert_eq!(extended(json, &words, 20).0.pieces.len(), 20);
}

#[test]
fn only_pieces_that_pay_are_added_unless_they_are_forced() {
    let folder = tempfile::tempdir().unwrap();
    let encoder = EncoderFiles::open("sample:tiny".as_ref()).unwrap();
    let lines: Vec<String> =
        gleaner_sample::unlabelled().iter().map(|words| words.join(" ") + "\n").collect();
    let of = |text: String, most, force| {
        let path = folder.path().join("a.txt");
        std::fs::write(&path, text).unwrap();
        let mut settings = AdaptSettings::new("sample:tiny", [path]);
        settings.force_new_pieces = force;
        extend(&settings, most, &encoder, &PIECES).unwrap()
    };
    let (none, record) = of(lines.concat(), 3, false);
    assert!(none.is_none() && !record.added && record.learnt > 0, "{record:?}");
    assert!(record.note().starts_with("no new pieces, because "), "{}", record.note());
    let (forced, record) = of(lines.concat(), 3, true);
    let forced = forced.unwrap();
    assert!(record.added && record.after.pieces_per_word < record.before.pieces_per_word);
    assert_eq!((forced.first, forced.parts.len()), (encoder.config.vocab_size, record.learnt));
    assert!(forced.parts.iter().all(|parts| parts.len() > 1));
    let (some, record) = of(respelt(&lines.concat()), 100, false);
    assert!(some.is_some() && record.note().contains(" of at most 100 new pieces, "));
    let (none, record) = of("Ek lag.\n".repeat(3), 100, true);
    assert!(none.is_none() && record.note().starts_with("no new pieces: no letter "), "{record:?}");
}

fn tokenizer(model: Value, added: Value, pre_tokenizer: Value) -> Vec<u8> {
    json!({"version": "1.0", "truncation": null, "padding": null, "added_tokens": added, "normalizer": null,
        "pre_tokenizer": pre_tokenizer, "decoder": null, "model": model,
        "post_processor": {"type": "RobertaProcessing", "sep": ["</s>", 1], "cls": ["<s>", 0],
            "trim_offsets": true, "add_prefix_space": false}})
    .to_string()
    .into_bytes()
}

fn token(id: usize, content: &str) -> Value {
    json!({"id": id, "content": content, "single_word": false, "lstrip": false, "rstrip": false,
        "normalized": false, "special": true})
}

fn unigram(added: Value) -> Vec<u8> {
    let vocab = json!([
        ["<s>", 0.0],
        ["</s>", 0.0],
        ["<unk>", 0.0],
        ["▁", -2.0],
        ["a", -3.0],
        ["b", -3.0],
        ["▁b", -4.0]
    ]);
    let model = json!({"type": "Unigram", "unk_id": 2, "vocab": vocab, "byte_fallback": false});
    let metaspace =
        json!({"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true});
    tokenizer(model, added, metaspace)
}

#[test]
fn pieces_of_unigram_follow_all_tokens_and_are_preferred_to_their_halves() {
    // As in DeBERTa, the mask follows the pieces.
    let json = unigram(json!([token(0, "<s>"), token(1, "</s>"), token(7, "[MASK]")]));
    let words = WordCounts::from([
        ("bab".into(), 30),
        ("bac".into(), 6),
        ("ca".into(), 4),
        ("cd".into(), 4),
    ]);
    let (learnt, pieces, with) = extended(&json, &words, 9);
    let texts: Vec<&str> = learnt.pieces.iter().map(|piece| &*piece.text).collect();
    // `▁ba` is but a step; `d` is too rare.
    assert_eq!(texts, ["c", "▁bab", "▁c", "▁bac"]);
    let parts: Vec<&[u32]> = learnt.pieces.iter().map(|piece| &*piece.parts).collect();
    assert_eq!(parts, [&[2][..], &[6, 4, 5], &[3, 2], &[6, 4, 2]]);
    assert_eq!(pieces.sentence(&["bab", "bac", "ba"]).ids, [9, 11, 6, 4]);
    assert_eq!(pieces.sentence(&["[MASK]", "d"]).ids[..1], [7]);
    let vocab = &serde_json::from_slice::<Value>(&with).unwrap()["model"]["vocab"];
    assert_eq!(vocab[7], json!(["[MASK]", 0.0]));
    // Six of 132 pieces, in nats.
    let score = vocab[11][1].as_f64().unwrap();
    assert!((score - (6.0f64 / 132.0).ln()).abs() < 1e-9, "{score}");
    let gap = unigram(json!([token(8, "[MASK]")]));
    assert_eq!(Description::read(&gap).err().unwrap(), "no piece has the id 7");
}

#[test]
fn merges_of_bpe_continue_those_of_the_tokenizer() {
    let byte_level = json!({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true,
        "use_regex": true});
    for merges in [json!(["a b"]), json!([["a", "b"]])] {
        let vocab = json!({"<s>": 0, "</s>": 1, "a": 2, "b": 3, "Ġ": 4, "ab": 5, "c": 6});
        let model = json!({"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null,
            "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false, "vocab": vocab, "merges": merges});
        let json = tokenizer(model.clone(), json!([token(7, "<mask>")]), byte_level.clone());
        let words = WordCounts::from([("abc".into(), 30), ("abb".into(), 6)]);
        let (learnt, pieces, with) = extended(&json, &words, 9);
        let texts: Vec<&str> = learnt.pieces.iter().map(|piece| &*piece.text).collect();
        assert_eq!(texts, ["Ġab", "Ġabc", "Ġabb"]);
        assert_eq!(learnt.pieces[1].parts, [4, 5, 6]);
        assert_eq!(pieces.sentence(&["abc", "abb", "ab"]).ids, [9, 10, 8]);
        // As before, although the pieces that it follows are more.
        assert_eq!(pieces.id("<mask>"), Some(7));
        let vocab = &serde_json::from_slice::<Value>(&with).unwrap()["model"]["vocab"];
        assert_eq!(vocab["<mask>"], 7);
        let merges = &serde_json::from_slice::<Value>(&with).unwrap()["model"]["merges"];
        assert_eq!(merges.as_array().unwrap().len(), 4);
        assert_eq!(merges[3].is_string(), merges[0].is_string());
        let gap = tokenizer(model, json!([token(9, "<mask>")]), byte_level.clone());
        let refused = "the token \"<mask>\" has the id 9, but 7 follows the pieces";
        assert_eq!(Description::read(&gap).err().unwrap(), refused);
    }
}

#[test]
fn bytes_of_unknown_letters_become_letters() {
    let bytes: Vec<Value> = (0..256).map(|b| json!([format!("<0x{b:02X}>"), -9.0])).collect();
    let mut json: Value = serde_json::from_slice(&unigram(json!([]))).unwrap();
    json["model"]["byte_fallback"] = true.into();
    json["model"]["vocab"].as_array_mut().unwrap().extend(bytes);
    let words = WordCounts::from([("é".into(), 9)]);
    let (learnt, pieces, _) = extended(json.to_string().as_bytes(), &words, 1);
    assert_eq!(
        (&*learnt.pieces[0].text, &learnt.pieces[0].parts[..]),
        ("é", &[7 + 0xc3, 7 + 0xa9][..])
    );
    assert_eq!(pieces.sentence(&["é"]).ids, [3, 7 + 256]);
}

#[test]
fn other_tokenizers_are_refused_by_name() {
    let bpe = json!({"type": "BPE", "end_of_word_suffix": "</w>", "vocab": {"a": 0}, "merges": []});
    for (model, says) in [
        (
            json!({"type": "WordLevel", "vocab": {}}),
            "no pieces can be added to a WordLevel tokenizer",
        ),
        (bpe, "no pieces can be added to BPE with a `end_of_word_suffix`"),
        (json!({"vocab": {}}), "no pieces can be added to a tokenizer without a `type`"),
        (json!({"type": "Unigram"}), "it has no `vocab`"),
    ] {
        let json = tokenizer(model, json!([]), Value::Null);
        assert_eq!(Description::read(&json).err().unwrap(), says);
    }
}
