//! How a tokenizer cuts the words of a text.

use crate::{PieceTokenizer, adapt::text::WordCounts};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// New pieces pay if there are no more pieces per word than this share of those before, ...
const SHORTER: f64 = 0.9;
/// ... or if this share of the words loses its unknown piece.
const KNOWN: f64 = 0.01;

/// How a tokenizer cuts the words of a text.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Fertility {
    /// Number of running words.
    pub words: u64,
    /// Mean number of pieces of a word.
    pub pieces_per_word: f64,
    /// Share of the words with an unknown piece, from 0 to 1.
    pub unknown: f64,
}

impl Fertility {
    pub(super) fn of(pieces: &PieceTokenizer, words: &WordCounts) -> Self {
        let all: Vec<(&String, &u64)> = words.iter().collect();
        let of_word = |(word, count): &(&String, &u64)| {
            let ids = pieces.sentence(&[word]).ids;
            let is_unknown = ids.contains(&pieces.fallback());
            [**count, **count * ids.len() as u64, **count * u64::from(is_unknown)]
        };
        let add = |a: [u64; 3], b: [u64; 3]| [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
        let [words, pieces, unknown] = all.par_iter().map(of_word).reduce(|| [0; 3], add);
        let share = |n: u64| n as f64 / words.max(1) as f64;
        Self { words, pieces_per_word: share(pieces), unknown: share(unknown) }
    }

    /// Whether it is so much better than before that new pieces pay.
    pub(super) fn pays_over(&self, before: &Self) -> bool {
        self.pieces_per_word <= SHORTER * before.pieces_per_word
            || before.unknown - self.unknown >= KNOWN
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::PIECES;

    #[test]
    fn running_words_are_counted() {
        let words = WordCounts::from([("Jan".into(), 3), ("ᚠᚢ".into(), 1)]);
        let jan = PIECES.sentence(&["Jan"]).ids.len() as f64;
        let found = Fertility::of(&PIECES, &words);
        let expected =
            Fertility { words: 4, pieces_per_word: (3.0 * jan + 1.0) / 4.0, unknown: 0.25 };
        assert_eq!(found, expected);
        assert_eq!(Fertility::of(&PIECES, &WordCounts::new()).pieces_per_word, 0.0);
    }

    #[test]
    fn shorter_words_or_fewer_unknown_ones_pay() {
        let of = |pieces_per_word, unknown| Fertility { words: 9, pieces_per_word, unknown };
        assert!(of(1.7, 0.0).pays_over(&of(2.0, 0.0)));
        assert!(!of(1.9, 0.0).pays_over(&of(2.0, 0.005)));
        assert!(of(3.0, 0.01).pays_over(&of(1.0, 0.9)));
    }
}
