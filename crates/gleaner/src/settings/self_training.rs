//! Choices of self-training: what of the pool is learnt, how, and by whom.

use super::Settings;
use crate::GleanerError;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

words! {
    /// What becomes of sentences that the tagger is not sure of.
    #[derive(Default)]
    Unsure {
        /// They are left out.
        #[default]
        Drop = "drop",
        /// They are added, but words whose decision is less sure than `sure` may carry any tag: the
        /// loss sums over all of them (a partial-label CRF; Liu et al. 2021).
        Partial = "partial",
    }
}
words! {
    /// What is learnt of a sentence that was added.
    #[derive(Default)]
    Targets {
        /// The tags that the tagger chose.
        #[default]
        Hard = "hard",
        /// Its distribution over tag sequences (Wang et al. 2020, section 3).
        Soft = "soft",
    }
}
words! {
    /// Who learns from what was added.
    #[derive(Default)]
    Student {
        /// The tagger that labelled it, which goes on.
        #[default]
        Continue = "continue",
        /// A new one for each round, from the training's own starting point.
        Fresh = "fresh",
    }
}

pub(super) fn sure() -> f64 {
    0.9
}

pub(super) fn one() -> f64 {
    1.0
}

pub(super) fn one_epoch() -> u32 {
    1
}

impl Settings {
    /// Whether each round trains a student of its own.
    pub(crate) fn has_fresh_students(&self) -> bool {
        self.student == Student::Fresh && !self.pool.is_empty()
    }

    /// Epochs of a round at most; the first is numbered 0. Without fresh students there is no other.
    pub(crate) fn epochs_of_round(&self, round: u32) -> u32 {
        if round == 0 { self.epochs } else { self.round_epochs.unwrap_or(self.epochs) }
    }

    /// Epochs of the whole training at most.
    pub fn epochs_in_all(&self) -> u32 {
        let rounds = if self.has_fresh_students() { self.rounds } else { 0 };
        self.epochs.saturating_add(rounds.saturating_mul(self.epochs_of_round(1)))
    }

    /// Refuses values that are out of range.
    pub(super) fn check_self_training(&self) -> Result<(), GleanerError> {
        let bad = |key: &str, what: &str| Err(GleanerError::Settings(format!("{key}: {what}")));
        for (key, value) in
            [("sure", self.sure), ("type-cap", self.type_cap), ("pool-weight", self.pool_weight)]
        {
            if !(value > 0.0 && value <= 1.0) {
                return bad(key, "must be above 0 and at most 1");
            }
        }
        if !(0.0..1.0).contains(&self.gold_share) {
            return bad("gold-share", "must be 0 or more and below 1");
        }
        if self.average == 0 {
            return bad("average", "0 epochs have no average; use 1 for none, or more");
        }
        if self.round_epochs == Some(0) {
            return bad(
                "round-epochs",
                "0 would train nothing; leave it out for as many as epochs",
            );
        }
        if self.has_fresh_students() && self.rounds == 0 {
            return bad("rounds", "fresh students need a number of rounds; use 1 or more");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::{Overrides, Settings};

    fn of(toml: &str) -> Result<Settings, String> {
        let file: Overrides = toml::from_str(toml).unwrap();
        Settings::resolve(&[&file]).map_err(|e| e.to_string())
    }

    #[test]
    fn values_out_of_range_are_refused_by_key() {
        for (toml, key) in [
            ("sure = 0.0", "sure"),
            ("sure = 1.1", "sure"),
            ("type-cap = nan", "type-cap"),
            ("pool-weight = 0.0", "pool-weight"),
            ("gold-share = 1.0", "gold-share"),
            ("average = 0", "average"),
            ("select = \"last\"\npatience = 2", "patience"),
            ("round-epochs = 0", "round-epochs"),
            ("pool = [\"p\"]\nstudent = \"fresh\"", "rounds"),
        ] {
            let error = of(toml).unwrap_err();
            assert!(error.starts_with(&format!("{key}: ")), "{error}");
        }
        // Without a pool nobody is taught.
        assert!(of("student = \"fresh\"").is_ok());
    }

    #[test]
    fn epochs_of_all_rounds_are_counted() {
        let fresh = "epochs = 5\nrounds = 3\nstudent = \"fresh\"";
        let epochs = |toml: &str| of(toml).unwrap().epochs_in_all();
        assert_eq!(epochs(fresh), 5);
        assert_eq!(epochs(&format!("{fresh}\npool = [\"p\"]")), 20);
        assert_eq!(epochs(&format!("{fresh}\npool = [\"p\"]\nround-epochs = 2")), 11);
        assert_eq!(epochs("epochs = 5\nrounds = 3\npool = [\"p\"]"), 5);
    }

    #[test]
    fn settings_of_older_models_are_read() {
        let mut json = serde_json::to_value(of("seed = 1").unwrap()).unwrap();
        for key in [
            "unsure",
            "sure",
            "type-cap",
            "targets",
            "student",
            "rounds",
            "round-epochs",
            "pool-weight",
            "gold-share",
            "average",
        ] {
            assert!(json.as_object_mut().unwrap().shift_remove(key).is_some(), "{key}");
        }
        assert_eq!(serde_json::from_value::<Settings>(json).unwrap(), of("seed = 1").unwrap());
    }
}
