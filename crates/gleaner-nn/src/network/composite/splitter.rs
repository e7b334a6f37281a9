//! Division of batches that exceed the device's memory.

use crate::{NnError, Packed, dense::padded};
use std::{
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

/// Halves batches until they fit, and remembers the smallest size that did not fit.
pub(super) struct BatchSplitter {
    /// The smallest number of pieces, padding included, that did not fit.
    too_many: AtomicUsize,
}

impl Default for BatchSplitter {
    fn default() -> Self {
        Self::below(usize::MAX)
    }
}

impl BatchSplitter {
    /// A splitter for a device whose memory is too small for `too_many` pieces, padding included.
    pub(super) fn below(too_many: usize) -> Self {
        Self { too_many: AtomicUsize::new(too_many) }
    }

    /// Calls `attempt` with all sentences. If they do not fit, calls it with each half, which is halved again as
    /// often as necessary. Returns the results in the order of the sentences.
    ///
    /// # Errors
    /// A single sentence does not fit, or `attempt` fails for another reason.
    pub(super) fn parts<R>(
        &self,
        packed: &Packed,
        mut attempt: impl FnMut(Range<usize>) -> Result<R, NnError>,
    ) -> Result<Vec<R>, NnError> {
        let whole = 0..packed.sentences();
        let (mut results, mut waiting) = (Vec::new(), Vec::from([whole]));
        while let Some(part) = waiting.pop() {
            let size = size(packed, part.clone());
            // Always try a single sentence, because another program may have used the memory before.
            let outcome = match part.len() > 1 && size >= self.too_many.load(Relaxed) {
                true => Err(NnError::OutOfMemory),
                false => caught(|| attempt(part.clone())),
            };
            match outcome {
                Ok(result) => results.push(result),
                Err(NnError::OutOfMemory) if part.len() > 1 => {
                    self.too_many.fetch_min(size, Relaxed);
                    let middle = part.start + part.len() / 2;
                    waiting.extend([middle..part.end, part.start..middle]);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(results)
    }
}

/// Number of pieces, padding included, if all sentences are padded to the longest.
fn size(packed: &Packed, sentences: Range<usize>) -> usize {
    let lengths: Vec<usize> =
        packed.lengths().skip(sentences.start).take(sentences.len()).collect();
    lengths.len() * padded(&lengths)
}

/// Runs `attempt` and turns burn's panics, by which it reports faults of a device, into errors.
fn caught<R>(attempt: impl FnOnce() -> Result<R, NnError>) -> Result<R, NnError> {
    catch_unwind(AssertUnwindSafe(attempt)).unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().map(String::as_str);
        let said = said.or(panic.downcast_ref::<&str>().copied());
        match said.map(NnError::of_device) {
            Some(error) => Err(error),
            None => resume_unwind(panic),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(lengths: &[usize]) -> Packed {
        let sentences: Vec<Vec<u32>> = lengths.iter().map(|&n| vec![0; n]).collect();
        Packed::new(sentences.iter().map(Vec::as_slice))
    }

    #[test]
    fn batches_are_halved_until_they_fit_and_failed_sizes_are_not_tried_again() {
        let packed = packed(&[5, 30, 7, 8, 2]);
        let (splitter, mut tried) = (BatchSplitter::default(), Vec::new());
        let mut attempt = |part: Range<usize>| {
            tried.push(part.clone());
            match size(&packed, part.clone()) {
                0..=64 => Ok(part),
                65..=100 => panic!("An error happened: out of device memory allocating 7 bytes"),
                _ => Err(NnError::OutOfMemory),
            }
        };
        assert_eq!(splitter.parts(&packed, &mut attempt).unwrap(), [0..2, 2..5]);
        assert_eq!(splitter.parts(&packed, &mut attempt).unwrap(), [0..2, 2..5]);
        assert_eq!(tried, [0..5, 0..2, 2..5, 0..2, 2..5]);
    }

    #[test]
    fn a_sentence_that_does_not_fit_is_an_error_with_a_fix() {
        let packed = packed(&[5, 30]);
        let attempt = |part: Range<usize>| match part.contains(&1) {
            true => Err(NnError::OutOfMemory),
            false => Ok(part),
        };
        let error = BatchSplitter::default().parts(&packed, attempt).unwrap_err();
        assert!(error.to_string().contains("max-pieces"), "{error}");
        assert_eq!(BatchSplitter::below(1).parts(&packed, Ok).unwrap(), [0..1, 1..2]);
        let other = BatchSplitter::default().parts(&packed, |_| -> Result<(), NnError> {
            Err(NnError::of_device("the device is poisoned"))
        });
        assert!(other.unwrap_err().to_string().contains("poisoned"));
        let lost = BatchSplitter::default().parts(&packed, |_| -> Result<(), NnError> {
            panic!("CUDA_ERROR_ILLEGAL_ADDRESS:\nan illegal memory access")
        });
        let expected = "the device failed: CUDA_ERROR_ILLEGAL_ADDRESS: an illegal memory access";
        assert_eq!(lost.unwrap_err().to_string(), expected);
    }
}
