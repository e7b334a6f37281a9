//! How many steps an adaptation has, and the batches of each.

use super::AdaptSettings;
use crate::{GleanerError, batches};
use gleaner_nn::rng::Stream;
use std::ops::Range;

/// The steps of an adaptation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// Number of steps.
    pub(super) steps: u64,
    /// Number of first steps that train the head alone.
    pub(super) head_steps: u64,
    /// Number of steps per epoch.
    pub(super) of_epoch: u64,
    /// Number of steps between measurements of the held-out loss.
    pub(super) interval: u64,
}

impl Plan {
    /// The plan for these sequences, and for an encoder that has no head if `new_head`.
    pub(super) fn new(
        settings: &AdaptSettings,
        sequences: &[Range<usize>],
        new_head: bool,
    ) -> Result<Self, GleanerError> {
        let of_epoch = sequences.len().div_ceil(settings.batch) as u64;
        let pieces: usize = sequences.iter().map(framed).sum();
        let steps = match (settings.steps, settings.pieces) {
            (Some(steps), _) => steps,
            (None, Some(wanted)) => {
                (wanted as f64 * of_epoch as f64 / pieces as f64).round().max(1.0) as u64
            }
            (None, None) => u64::from(settings.epochs.unwrap_or(1)) * of_epoch,
        };
        let default = if new_head { steps / 10 } else { 0 };
        let head_steps = settings.head_steps.unwrap_or(default);
        if head_steps >= steps {
            return Err(GleanerError::Settings(format!(
                "head-steps: {head_steps} of {steps} steps leave none for the encoder; use fewer"
            )));
        }
        Ok(Self { steps, head_steps, of_epoch, interval: steps.div_ceil(settings.measurements) })
    }

    /// The epoch of a step, from 0, and the step's index in it.
    pub(super) fn place(&self, step: u64) -> (u64, usize) {
        (step / self.of_epoch, (step % self.of_epoch) as usize)
    }

    /// Whether the held-out loss is measured after this number of steps.
    pub(super) fn is_measured(&self, steps: u64) -> bool {
        steps.is_multiple_of(self.interval) || steps == self.steps
    }

    /// How often it is measured from the first step to the last.
    pub(super) fn measurements(&self) -> u64 {
        self.steps.div_ceil(self.interval)
    }
}

/// The batches of an epoch, as indices of sequences: shuffled and length-bucketed.
pub(super) fn epoch(
    sequences: &[Range<usize>],
    batch: usize,
    epoch: u64,
    stream: Stream,
) -> Vec<Vec<usize>> {
    let lengths: Vec<usize> = sequences.iter().map(framed).collect();
    batches::epoch(&lengths, batch, Some(stream.named("order").child(epoch)))
}

/// Number of pieces of a sequence, special ones included.
pub(super) fn framed(sequence: &Range<usize>) -> usize {
    sequence.len() + 2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(change: impl Fn(&mut AdaptSettings), new_head: bool) -> Result<Plan, GleanerError> {
        let mut settings = AdaptSettings::new("sample:tiny", ["a.txt"]);
        change(&mut settings);
        // 100 sequences of 48 pieces, in 7 batches of 16.
        let sequences: Vec<Range<usize>> = (0..100).map(|i| 46 * i..46 * (i + 1)).collect();
        Plan::new(&settings, &sequences, new_head)
    }

    #[test]
    fn measurements_are_counted_without_a_loop() {
        for (steps, measurements) in [(1, 1), (9, 10), (20, 10), (21, 10), (7, 3)] {
            let change = |s: &mut AdaptSettings| {
                (s.steps, s.measurements) = (Some(steps), measurements);
            };
            let plan = plan(change, false).unwrap();
            let counted = (1..=steps).filter(|&step| plan.is_measured(step)).count();
            assert_eq!(plan.measurements(), counted as u64, "{steps} {measurements}");
        }
    }

    #[test]
    fn steps_follow_from_epochs_steps_or_pieces() {
        let steps = |change: &dyn Fn(&mut AdaptSettings)| plan(change, false).unwrap().steps;
        assert_eq!(steps(&|_| {}), 7);
        assert_eq!(steps(&|s| s.epochs = Some(3)), 21);
        assert_eq!(steps(&|s| s.steps = Some(9)), 9);
        assert_eq!(steps(&|s| s.pieces = Some(48 * 1000)), 70);
        assert_eq!(steps(&|s| s.pieces = Some(1)), 1);
    }

    #[test]
    fn a_new_head_learns_alone_for_a_tenth_of_the_steps() {
        let head = |change: &dyn Fn(&mut AdaptSettings), new| plan(change, new).unwrap().head_steps;
        assert_eq!(head(&|s| s.steps = Some(50), true), 5);
        assert_eq!(head(&|s| s.steps = Some(50), false), 0);
        assert_eq!(head(&|s| (s.steps, s.head_steps) = (Some(50), Some(8)), false), 8);
        let error = plan(|s| s.head_steps = Some(7), true).unwrap_err().to_string();
        assert!(error.starts_with("head-steps: 7 of 7 steps leave none"), "{error}");
    }

    #[test]
    fn the_last_step_is_measured_and_others_at_intervals() {
        let plan = plan(|s| (s.steps, s.measurements) = (Some(23), 4), false).unwrap();
        let measured: Vec<u64> = (1..=23).filter(|&step| plan.is_measured(step)).collect();
        assert_eq!(measured, [6, 12, 18, 23]);
        assert_eq!((plan.place(6), plan.place(15)), ((0, 6), (2, 1)));
    }

    #[test]
    fn every_epoch_has_all_sequences_in_an_order_of_its_own() {
        let sequences: Vec<Range<usize>> = (0..100).map(|i| 46 * i..46 * (i + 1)).collect();
        let of = |n| epoch(&sequences, 16, n, Stream::new(3));
        let mut all = of(0).concat();
        assert_eq!(of(0).len(), 7);
        all.sort_unstable();
        assert_eq!(all, (0..100).collect::<Vec<_>>());
        assert_ne!(of(0), of(1));
    }
}
