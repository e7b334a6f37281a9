//! Models of SentencePiece (`sentencepiece_model.proto`).

use super::protobuf::{Field, Fields};

/// The part of a Unigram model that cutting words needs.
#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) pieces: Vec<Piece>,
    /// Rules for the replacement of characters.
    pub(super) charsmap: Vec<u8>,
    /// Whether SentencePiece cuts characters without a piece into bytes.
    pub(super) falls_back_to_bytes: bool,
}

#[derive(Debug)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) score: f32,
    pub(super) kind: Kind,
}

/// The use of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Normal,
    Unknown,
    Control,
    /// Always a piece of its own.
    UserDefined,
    /// Unused, or a byte.
    Other,
}

impl Model {
    /// Reads a `ModelProto`.
    ///
    /// # Errors
    /// The bytes are not one, or the model is not Unigram or has an option that changes how it cuts words.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, String> {
        let mut model = Self::default();
        for field in Fields::of(bytes) {
            match field? {
                (1, Field::Bytes(piece)) => model.pieces.push(Piece::read(piece)?),
                (2, Field::Bytes(trainer)) => model.falls_back_to_bytes = check_trainer(trainer)?,
                (3, Field::Bytes(normalizer)) => model.charsmap = charsmap(normalizer)?,
                _ => {}
            }
        }
        if model.pieces.is_empty() {
            return Err("it has no pieces, so it is not a model of SentencePiece".into());
        }
        Ok(model)
    }
}

impl Piece {
    /// Reads a `SentencePiece`.
    fn read(message: &[u8]) -> Result<Self, String> {
        let mut piece = Self { text: String::new(), score: 0.0, kind: Kind::Normal };
        for field in Fields::of(message) {
            match field? {
                (1, Field::Bytes(text)) => {
                    let text = std::str::from_utf8(text).map_err(|_| "a piece is not UTF-8")?;
                    text.clone_into(&mut piece.text);
                }
                (2, Field::Four(score)) => piece.score = f32::from_le_bytes(score),
                (3, Field::Number(kind)) => {
                    piece.kind = match kind {
                        1 => Kind::Normal,
                        2 => Kind::Unknown,
                        3 => Kind::Control,
                        4 => Kind::UserDefined,
                        _ => Kind::Other,
                    }
                }
                _ => {}
            }
        }
        if piece.text.is_empty() || !piece.score.is_finite() {
            return Err("a piece has no text or no score".into());
        }
        Ok(piece)
    }
}

/// Refuses options of a `TrainerSpec` that change how words are cut. Returns whether characters fall back to bytes.
fn check_trainer(message: &[u8]) -> Result<bool, String> {
    let mut falls_back_to_bytes = false;
    for field in Fields::of(message) {
        match field? {
            (3, Field::Number(1)) => {}
            (3, Field::Number(kind)) => {
                let name = match kind {
                    2 => "BPE",
                    3 => "words",
                    4 => "characters",
                    _ => "an unknown kind",
                };
                return Err(format!("it is a model of {name}, expected Unigram"));
            }
            (24, Field::Number(1)) => return Err("it puts spaces behind words".into()),
            (35, Field::Number(falls_back)) => falls_back_to_bytes = falls_back != 0,
            _ => {}
        }
    }
    Ok(falls_back_to_bytes)
}

/// The rules of a `NormalizerSpec`.
fn charsmap(message: &[u8]) -> Result<Vec<u8>, String> {
    let mut rules = Vec::new();
    for field in Fields::of(message) {
        match field? {
            (2, Field::Bytes(found)) => rules = found.to_vec(),
            (3, Field::Number(0)) => return Err("it puts no space before the first word".into()),
            (5, Field::Number(0)) => return Err("it does not replace spaces".into()),
            _ => {}
        }
    }
    Ok(rules)
}
