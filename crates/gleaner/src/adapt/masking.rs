//! Which pieces are hidden, and what the encoder sees in their places.

use super::text::PieceText;
use crate::PieceTokenizer;
use gleaner_nn::{Packed, masked::Masked, rng::Stream};
use std::ops::Range;

/// The share of pieces to predict (Devlin et al. 2019, section 3.1).
const HIDDEN: f32 = 0.15;
/// The share of these that the mask replaces.
const MASKED: f32 = 0.8;
/// The share of these that a random piece replaces; the others stay.
const REPLACED: f32 = 0.1;

/// Hides pieces of sequences.
///
/// Every choice is a function of a stream and of the piece's index in the text, so it does not depend on batches.
pub(super) struct Masking {
    frame: [u32; 2],
    mask: u32,
    unknown: Option<u32>,
    /// The pieces that replace others, sorted.
    others: Vec<u32>,
    whole_words: bool,
}

impl Masking {
    /// `active` are the pieces of all texts and the special ones, sorted.
    pub(super) fn new(
        pieces: &PieceTokenizer,
        mask: u32,
        active: &[u32],
        whole_words: bool,
    ) -> Self {
        let (frame, unknown) = (pieces.frame(), pieces.unknown());
        let mut masking = Self { frame, mask, unknown, others: Vec::new(), whole_words };
        masking.others =
            active.iter().copied().filter(|piece| !masking.is_special(*piece)).collect();
        masking
    }

    fn is_special(&self, piece: u32) -> bool {
        self.frame.contains(&piece) || piece == self.mask || Some(piece) == self.unknown
    }

    /// A batch of some sequences of a text. Of every sequence, a random share of the pieces is hidden, but at least
    /// one. Special pieces, which a text can contain, are never hidden: there is nothing to learn from them.
    pub(super) fn batch(
        &self,
        text: &PieceText,
        sequences: &[Range<usize>],
        stream: Stream,
    ) -> Masked {
        let [fate, other] = ["fate", "other"].map(|name| stream.named(name));
        let (mut framed, mut places, mut hidden) = (Vec::new(), Vec::new(), Vec::new());
        let mut offset = 0;
        for sequence in sequences {
            let [open, close] = self.frame;
            let mut ids = vec![open];
            ids.extend_from_slice(&text.ids[sequence.clone()]);
            ids.push(close);
            for at in self.chosen(text, sequence, stream) {
                let (place, index) = (1 + at - sequence.start, at as u64);
                places.push((offset + place) as u32);
                hidden.push(ids[place]);
                match fate.uniform(index) {
                    f if f < MASKED => ids[place] = self.mask,
                    f if f < MASKED + REPLACED && !self.others.is_empty() => {
                        ids[place] = self.others[other.below(self.others.len(), index)];
                    }
                    _ => {}
                }
            }
            offset += ids.len();
            framed.push(ids);
        }
        Masked::new(Packed::new(framed.iter().map(Vec::as_slice)), places, hidden)
    }

    /// The indices of the pieces to hide in a sequence.
    fn chosen(&self, text: &PieceText, sequence: &Range<usize>, stream: Stream) -> Vec<usize> {
        // Pieces of one unit are hidden together.
        let mut unit = sequence.start;
        let units: Vec<(usize, usize)> = sequence
            .clone()
            .map(|at| {
                if !self.whole_words || text.starts[at] {
                    unit = at;
                }
                (at, unit)
            })
            .filter(|&(at, _)| !self.is_special(text.ids[at]))
            .collect();
        let chance = stream.named("chance");
        let chosen: Vec<usize> = units
            .iter()
            .filter(|(_, unit)| chance.uniform(*unit as u64) < HIDDEN)
            .map(|(at, _)| *at)
            .collect();
        if !chosen.is_empty() || units.is_empty() {
            return chosen;
        }
        let at = stream.named("least").below(units.len(), sequence.start as u64);
        let of_unit = units.iter().filter(|(_, unit)| *unit == units[at].1);
        of_unit.map(|(at, _)| *at).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{adapt::sequences::pack, testing::PIECES};

    fn text(lines: usize) -> PieceText {
        let mut text = PieceText::default();
        for line in 0..lines {
            let words = ["Burgemeester", "Kaapstad", "woon", "\u{a0}", "in", "hierdie", "huis"];
            text.push(&PIECES.sentence(&words[line % 3..]));
        }
        text.files = vec![text.ids.len()];
        text
    }

    fn masking(text: &PieceText, whole_words: bool) -> Masking {
        let mut active = text.ids.clone();
        active.extend(PIECES.frame());
        active.push(PIECES.mask().unwrap());
        active.sort_unstable();
        active.dedup();
        Masking::new(&PIECES, PIECES.mask().unwrap(), &active, whole_words)
    }

    #[test]
    fn special_pieces_of_a_text_are_not_hidden() {
        let mut text = text(300);
        let special = [PIECES.frame()[0], PIECES.frame()[1], PIECES.mask().unwrap()];
        for (at, id) in text.ids.iter_mut().enumerate().filter(|(at, _)| at % 5 < 3) {
            *id = special[at % 5];
        }
        let masking = masking(&text, false);
        let batch = masking.batch(&text, &pack(&text, 126), Stream::new(1));
        assert!(batch.hidden().iter().all(|target| !special.contains(target)));
    }

    #[test]
    fn shares_are_those_of_the_paper() {
        let text = text(3000);
        let masking = masking(&text, false);
        let batch = masking.batch(&text, &pack(&text, 126), Stream::new(1));
        let seen: Vec<u32> =
            batch.places().iter().map(|&at| batch.packed().ids()[at as usize]).collect();
        let known = text.ids.iter().filter(|id| Some(**id) != PIECES.unknown()).count();
        let share = |n: usize, of: usize| n as f64 / of as f64;
        let hidden = batch.hidden().len();
        assert!((share(hidden, known) - 0.15).abs() < 0.01, "{hidden} of {known}");
        let masked = seen.iter().filter(|&&id| id == masking.mask).count();
        assert!((share(masked, hidden) - 0.8).abs() < 0.02);
        let kept = seen.iter().zip(batch.hidden()).filter(|(a, b)| a == b).count();
        // A random piece can be the same one.
        assert!((share(kept, hidden) - 0.1).abs() < 0.025, "{kept} of {hidden}");
        let special = [PIECES.frame()[0], PIECES.frame()[1], PIECES.unknown().unwrap()];
        assert!(seen.iter().chain(batch.hidden()).all(|id| !special.contains(id)));
    }

    #[test]
    fn hidden_pieces_are_those_of_the_text_and_all_others_are_seen() {
        let text = text(40);
        let sequences = pack(&text, 30);
        let batch = masking(&text, false).batch(&text, &sequences, Stream::new(2));
        let mut ids = batch.packed().ids().to_vec();
        for (&at, &piece) in batch.places().iter().zip(batch.hidden()) {
            ids[at as usize] = piece;
        }
        let [open, close] = PIECES.frame();
        let framed = |s: &Range<usize>| [&[open], &text.ids[s.clone()], &[close]].concat();
        assert_eq!(ids, sequences.iter().flat_map(framed).collect::<Vec<_>>());
        for (from, to) in batch.packed().offsets().iter().zip(&batch.packed().offsets()[1..]) {
            let of_sequence = |at: &&u32| (*from..*to).contains(&(**at as usize));
            assert!(batch.places().iter().any(|at| of_sequence(&at)));
        }
    }

    #[test]
    fn choices_do_not_depend_on_batches_and_change_with_the_stream() {
        let text = text(40);
        let (masking, sequences) = (masking(&text, false), pack(&text, 30));
        let together = masking.batch(&text, &sequences, Stream::new(2));
        let alone: Vec<u32> = sequences
            .iter()
            .flat_map(|s| {
                let one = masking.batch(&text, std::slice::from_ref(s), Stream::new(2));
                one.packed().ids().to_vec()
            })
            .collect();
        assert_eq!(together.packed().ids(), alone);
        assert_ne!(masking.batch(&text, &sequences, Stream::new(3)), together);
    }

    #[test]
    fn whole_words_are_hidden_together() {
        let text = text(300);
        let sequences = pack(&text, 126);
        let masking = masking(&text, true);
        let mut partial = 0;
        for sequence in &sequences {
            let chosen = masking.chosen(&text, sequence, Stream::new(4));
            for &at in &chosen {
                let next = at + 1;
                let continues = next < sequence.end && !text.starts[next];
                partial += usize::from(continues && !chosen.contains(&next));
            }
            assert!(!chosen.is_empty());
        }
        assert_eq!(partial, 0);
        assert!(text.starts.iter().any(|start| !start), "the test needs words of several pieces");
    }

    #[test]
    fn a_short_sequence_has_a_hidden_piece_and_one_of_unknown_pieces_has_none() {
        let mut text = PieceText::default();
        (0..50).for_each(|_| text.push(&PIECES.sentence(&["in"])));
        text.push(&PIECES.sentence(&["\u{a0}"]));
        let masking = masking(&text, false);
        let chosen = |at: usize| masking.chosen(&text, &(at..at + 1), Stream::new(1));
        assert!((0..50).all(|at| chosen(at) == [at]));
        assert!(chosen(50).is_empty());
    }
}
