//! Settings of the run: preset, seed and device.

use super::bad;
use crate::GleanerError;

words! {
    /// The preset that settings start from.
    Protocol {
        /// As the authors of the study ran it.
        Published = "published",
        /// As we recommend it.
        Sound = "sound",
    }
}

group! {
    /// The run: preset, seed and device.
    RunSettings, RunOverrides, run {
        /// Preset that all other settings start from: `sound` or `published`.
        plain protocol: Protocol => (long, value_name = "NAME"),
        /// Seed of everything random in training.
        plain seed: u64 => (long, value_name = "N"),
        /// Number of bootstrap resamples of each confidence interval.
        plain resamples: usize => (long, value_name = "N"),
        /// Number of threads [default: the number of physical cores].
        optional threads: usize => (long, value_name = "N"),
        /// Device to compute on: `cpu`, or a GPU as `gleaner devices` names it (`cuda:1` is the second).
        text device: String => (long, value_name = "NAME"),
        /// Seconds between checkpoints, which are written at the end of an epoch; 0 writes one every
        /// epoch.
        plain checkpoint_seconds: u64 => (long, value_name = "N"),
    }
}

impl RunSettings {
    /// Refuses values that are out of range.
    pub(super) fn check(&self) -> Result<(), GleanerError> {
        match self.threads {
            Some(0) => {
                bad("threads", "0 threads compute nothing; leave it out to use the physical cores")
            }
            _ => Ok(()),
        }
    }
}
