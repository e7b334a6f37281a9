//! The probability of every tag at every word.

use super::{Emitted, Tagger, decode};
use crate::{GleanerError, Labels, pieces::WordPieces};
use gleaner_nn::crf::Crf;
use rayon::prelude::*;

impl Tagger {
    /// The marginal probability of every tag at every word, over all tag sequences: `[words, tags]` for each
    /// sentence. All are 0 at words that are cut off, as under the published protocol.
    ///
    /// # Errors
    /// The weights do not belong to the tokenizer, or a score is NaN or too large.
    pub fn tag_probabilities<S: AsRef<str> + Sync>(
        &self,
        sentences: &[&[S]],
    ) -> Result<Vec<Vec<f64>>, GleanerError> {
        let encoded = self.encode(sentences);
        let crf = self.network.crf();
        let of_sentence = self.emit_by_sentence(&encoded)?;
        self.check_scores(of_sentence.iter().flatten().map(|e| e.emissions.as_slice()))?;
        let of = |(p, windows): (&WordPieces, Vec<Emitted>)| {
            word_probabilities(&crf, 1.0, p.words(), &windows)
        };
        Ok(encoded.pieces.par_iter().zip(of_sentence).map(of).collect())
    }

    /// As [`Tagger::tag_probabilities`], with the tags in the order of `labels`: 0 for tags that the tagger lacks.
    pub(crate) fn tag_probabilities_as<S: AsRef<str> + Sync>(
        &self,
        labels: &Labels,
        sentences: &[&[S]],
    ) -> Result<Vec<Vec<f64>>, GleanerError> {
        let found = self.tag_probabilities(sentences)?;
        Ok(found.iter().map(|rows| renumbered(rows, &self.labels, labels)).collect())
    }
}

/// The marginal probability of every tag at every word of a sentence, `[words, tags]`, with all scores divided by
/// `temperature`; 0 at words that no window covers. The window that decides about a word's tag gives its probabilities.
pub(crate) fn word_probabilities(
    crf: &Crf,
    temperature: f64,
    words: usize,
    windows: &[Emitted],
) -> Vec<f64> {
    let tags = crf.tags;
    let owner = decode::owners(words, windows);
    let mut probabilities = vec![0.0; words * tags];
    for (i, emitted) in windows.iter().enumerate() {
        let marginals = crf.lattice_at(&emitted.emissions, temperature).marginals();
        let labelled = emitted.window.sequence.first_labelled();
        for (word, position) in labelled.filter(|(word, _)| owner[*word] == i) {
            probabilities[word * tags..][..tags]
                .copy_from_slice(&marginals[position * tags..][..tags]);
        }
    }
    probabilities
}

/// Probabilities `[words, tags]` of the tags `own`, in the order of `labels`.
fn renumbered(probabilities: &[f64], own: &Labels, labels: &Labels) -> Vec<f64> {
    let ids: Vec<Option<u16>> = labels.names().iter().map(|name| own.id(name)).collect();
    let of_word = |row: &[f64]| -> Vec<f64> {
        ids.iter().map(|id| id.map_or(0.0, |id| row[usize::from(id)])).collect()
    };
    probabilities.chunks(own.len()).flat_map(of_word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_move_with_their_names() {
        let of = |names: &[&str]| Labels::new(names.iter().map(|n| (*n).to_owned()).collect());
        let (theirs, ours) = (of(&["O", "B-Y", "B-X"]), of(&["O", "B-X", "I-X", "B-Y"]));
        let moved = renumbered(&[0.1, 0.2, 0.7, 1.0, 0.0, 0.0], &theirs, &ours);
        assert_eq!(moved, [0.1, 0.7, 0.0, 0.2, 1.0, 0.0, 0.0, 0.0]);
    }
}
