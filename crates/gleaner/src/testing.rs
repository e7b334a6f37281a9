//! What several tests of this crate start from.

use crate::{Labels, PieceTokenizer, Settings, pieces::WordPieces};
use proptest::prelude::*;
use std::{path::Path, sync::LazyLock};

/// The sample encoder's tokenizer.
pub(crate) static PIECES: LazyLock<PieceTokenizer> = LazyLock::new(|| {
    let json = gleaner_sample::encoder().tokenizer.as_bytes();
    PieceTokenizer::new(Path::new("tokenizer.json"), json, false).unwrap()
});

/// Settings of a training of a moment, with a teacher that does not exist.
pub(crate) fn with_a_missing_teacher() -> Settings {
    let settings = Settings::builder().data("sample:af").encoder("sample:tiny").epochs(1);
    let mut settings = settings.lstm_units(4).lstm_layers(1).build().unwrap();
    settings.self_training.teacher = vec!["no such model".into()];
    settings
}

/// O and two types.
pub(crate) fn labels() -> Labels {
    Labels::new(["O", "B-LOC", "I-LOC", "B-PER", "I-PER"].map(String::from).to_vec())
}

/// Words of one to a dozen pieces with IOB2 tags of [`labels`].
#[derive(Clone, Debug)]
pub(crate) struct Tagged {
    pub(crate) pieces: WordPieces,
    pub(crate) tags: Vec<u16>,
}

impl Tagged {
    /// Number of entities.
    pub(crate) fn entities(&self) -> usize {
        begins(&self.tags)
    }
}

/// How many tags begin an entity.
pub(crate) fn begins(tags: &[u16]) -> usize {
    tags.iter().filter(|t| matches!(t, 1 | 3)).count()
}

/// Sentences of up to 40 words.
pub(crate) fn sentence() -> impl Strategy<Value = Tagged> {
    let run = (0u16..3, prop::collection::vec("[A-Za-zêô.]{1,12}", 1..4));
    prop::collection::vec(run, 1..14).prop_map(|runs| {
        let (mut words, mut tags) = (Vec::new(), Vec::new());
        for (kind, run) in runs {
            let begin = if kind == 0 { 0 } else { 2 * kind - 1 };
            tags.push(begin);
            tags.resize(tags.len() + run.len() - 1, if kind == 0 { 0 } else { begin + 1 });
            words.extend(run);
        }
        Tagged { pieces: PIECES.sentence(&words), tags }
    })
}
