//! Sentences as vectors.

use super::Tagger;
use crate::{GleanerError, batches};
use gleaner_nn::Packed;

impl Tagger {
    /// The mean of the encoder's last hidden states over the pieces of each sentence, without the special pieces around
    /// them: `[hidden]` for each sentence. A long sentence is read in overlapping windows, of which all pieces count;
    /// a sentence without words is 0.
    ///
    /// # Errors
    /// The weights do not belong to the tokenizer, or the device failed.
    pub(crate) fn sentence_vectors<S: AsRef<str> + Sync>(
        &self,
        sentences: &[&[S]],
    ) -> Result<Vec<Vec<f32>>, GleanerError> {
        let windows = self.encode(sentences).windows;
        let lengths: Vec<usize> = windows.iter().map(|w| w.sequence.ids.len()).collect();
        let width = self.network.encoder_config().hidden_size;
        // Of each window: the sum over its pieces, and their number.
        let mut sums = vec![(Vec::new(), 0); windows.len()];
        for indices in batches::by_length(&lengths, batches::PIECES_OF_ALL_THREADS) {
            let ids = indices.iter().map(|&i| windows[i].sequence.ids.as_slice());
            let packed = Packed::new(ids);
            let hidden = self.network.hidden(&packed)?;
            for (&i, ends) in indices.iter().zip(packed.offsets().windows(2)) {
                let pieces = ends[0] + 1..ends[1] - 1;
                let rows = hidden[pieces.start * width..pieces.end * width].chunks(width);
                sums[i] = (rows.fold(vec![0.0; width], add), pieces.len());
            }
        }
        let mut vectors = vec![vec![0.0; width]; sentences.len()];
        let mut pieces = vec![0; sentences.len()];
        // In the order of the windows, so that sums do not depend on batches.
        for (window, (sum, count)) in windows.iter().zip(sums) {
            let vector = std::mem::take(&mut vectors[window.sentence]);
            vectors[window.sentence] = add(vector, &sum);
            pieces[window.sentence] += count;
        }
        let mean = |(vector, count): (Vec<f64>, usize)| {
            vector.into_iter().map(|x| (x / count.max(1) as f64) as f32).collect()
        };
        Ok(vectors.into_iter().zip(pieces).map(mean).collect())
    }
}

/// Adds numbers to a vector, in double precision.
fn add<T: Copy + Into<f64>>(mut vector: Vec<f64>, numbers: &[T]) -> Vec<f64> {
    vector.iter_mut().zip(numbers).for_each(|(sum, &x)| *sum += x.into());
    vector
}
