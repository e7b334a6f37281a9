//! Settings of self-training: which sentences of a pool are learnt, how, and by whom.

use super::{CorpusPath, Settings, bad, range::Range};
use crate::GleanerError;
use gleaner_corpus::LabelMap;
use std::path::PathBuf;

words! {
    /// How sure a tagger is of a sentence that it labelled; from 0 to 1.
    Confidence {
        /// As published: the mean, over the sentence's labelled positions (special pieces included), of
        /// the softmax probability of the chosen tag. Transitions are ignored.
        Softmax = "softmax",
        /// The least certain decision of the sentence under the CRF: the smallest probability of its
        /// spans and, for each word outside, of being outside. A minimum, because one wrong label
        /// spoils a sentence and a mean hides it among many easy words.
        Marginals = "marginals",
        /// As `marginals`, with the CRF at the temperature that fits dev best, so that confidences
        /// estimate accuracy. The limit is the setting `sure`, not a quantile of the pool.
        Spans = "spans",
    }
}
words! {
    /// What happens to sentences that were added in earlier epochs.
    Additions {
        /// They stay, with their labels; a sentence may be added again.
        Append = "append",
        /// The new additions replace them.
        Replace = "replace",
    }
}
words! {
    /// What happens to sentences that the tagger is not sure of.
    #[derive(Default)]
    Unsure {
        /// They are left out.
        #[default]
        Drop = "drop",
        /// They are added, but words whose decision is less probable than `sure` may carry any tag: the
        /// loss sums over all tags (a partial-label CRF; Liu et al. 2021).
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
    /// Which tagger learns from the additions.
    #[derive(Default)]
    Student {
        /// The tagger that labelled them; its training continues.
        #[default]
        Continue = "continue",
        /// A new tagger each round, from the training's own starting point.
        Fresh = "fresh",
    }
}

group! {
    /// Self-training: which sentences of a pool are learnt, how, and by whom.
    SelfTrainingSettings, SelfTrainingOverrides, self_training {
        /// Label this text during training and learn from it: a folder (its training part), labelled
        /// files, plain text, or `sample:af` (its unlabelled part).
        corpora pool: Vec<CorpusPath> => (long, value_name = "PATH[,KEY=VALUE]...", num_args = 1.., value_parser = str::parse::<CorpusPath>),
        /// Use only the first N sentences of the pool, as `cutoff` does.
        optional pool_limit: usize => (long, value_name = "N"),
        /// New names of the entity types of the pool's own tags, which are reported but never trained
        /// on.
        optional pool_map: LabelMap => (skip),
        /// Add sentences whose confidence is strictly above this quantile of the whole pool's.
        plain quantile: f64 => (long, value_name = "Q"),
        /// Add sentences whose mean entropy per labelled position (natural logarithm) is below this.
        plain entropy: f64 => (long, value_name = "X"),
        /// Label the pool only after epochs whose index, counted from 0, is above this.
        plain delay: u32 => (long, value_name = "N"),
        /// Confidence in a sentence: `softmax` (mean over pieces), `marginals` (the least certain span
        /// or outside word under the CRF) or `spans` (the same, calibrated on dev; added from `sure`
        /// on).
        plain confidence: Confidence => (long, value_name = "KIND"),
        /// Earlier additions: `append` keeps them, `replace` drops them.
        plain additions: Additions => (long, value_name = "HOW"),
        /// Sentences that the tagger is not sure of: `drop` them, or add them as `partial` labels (any
        /// tag is allowed for words that are not sure).
        plain unsure: Unsure => (long, value_name = "HOW"),
        /// Minimum probability of a decision to count as sure, with `confidence = "spans"` or
        /// `unsure = "partial"`.
        plain sure: f64 => (long, value_name = "P"),
        /// Maximum share of a round's sentences that one entity type may account for; 1 disables the
        /// limit.
        plain type_cap: f64 => (long, value_name = "SHARE"),
        /// Targets of added sentences: `hard` (the chosen tags) or `soft` (the tagger's distribution
        /// over tag sequences).
        plain targets: Targets => (long, value_name = "KIND"),
        /// Tagger that learns from the pool: `continue` (the same one) or `fresh` (a new one each
        /// round).
        plain student: Student => (long, value_name = "WHO"),
        /// Maximum number of pool-labelling rounds; 0 disables the limit.
        plain rounds: u32 => (long, value_name = "N"),
        /// Number of epochs of each fresh student [default: as `epochs`].
        optional round_epochs: u32 => (long, value_name = "N"),
        /// Weight of the loss of an added sentence, relative to 1 for a training sentence.
        plain pool_weight: f64 => (long, value_name = "X"),
        /// Learn from these models too: folders of taggers or ensembles, whose mean distribution over tag
        /// sequences is the target. They label the pool, once, before the first epoch.
        paths teacher: Vec<PathBuf> => (long, value_name = "FOLDER", num_args = 1..),
        /// Weight of the teachers in the target of a training sentence; the rest is the sentence's own
        /// tags.
        plain teacher_share: f64 => (long, value_name = "SHARE"),
        /// Minimum share of training sentences in a batch, repeated as needed, once sentences were
        /// added; 0 leaves batches as they are.
        plain gold_share: f64 => (long, value_name = "SHARE"),
    }
}

impl SelfTrainingSettings {
    /// Refuses values that are out of range.
    pub(super) fn check(&self) -> Result<(), GleanerError> {
        if self.pool_limit == Some(0) {
            return bad("pool-limit", "0 leaves no sentence; leave it out to use all");
        }
        Range::ShareBelowOne
            .check(&[("quantile", self.quantile), ("gold-share", self.gold_share)])?;
        Range::Positive.check(&[("entropy", self.entropy)])?;
        Range::ShareAboveZero.check(&[
            ("sure", self.sure),
            ("type-cap", self.type_cap),
            ("pool-weight", self.pool_weight),
        ])?;
        Range::Share.check(&[("teacher-share", self.teacher_share)])?;
        if !self.teacher.is_empty() && self.has_fresh_students() {
            let what =
                "the student is new anyway, and the teachers label the pool once; leave it out";
            return bad("student", what);
        }
        if self.round_epochs == Some(0) {
            return bad(
                "round-epochs",
                "0 trains nothing; leave it out to use the value of epochs",
            );
        }
        if self.has_fresh_students() && self.rounds == 0 {
            return bad("rounds", "fresh students need a number of rounds; use 1 or more");
        }
        Ok(())
    }

    /// Whether each round trains a student of its own.
    pub(crate) fn has_fresh_students(&self) -> bool {
        self.student == Student::Fresh && !self.pool.is_empty()
    }
}

impl Settings {
    /// Maximum number of epochs of a round, counted from 0. Without fresh students there is only
    /// round 0.
    pub(crate) fn epochs_of_round(&self, round: u32) -> u32 {
        let epochs = self.optimizer.epochs;
        if round == 0 { epochs } else { self.self_training.round_epochs.unwrap_or(epochs) }
    }

    /// Maximum number of epochs of the whole training.
    pub fn epochs_in_all(&self) -> u32 {
        let own = &self.self_training;
        let rounds = if own.has_fresh_students() { own.rounds } else { 0 };
        self.optimizer.epochs.saturating_add(rounds.saturating_mul(self.epochs_of_round(1)))
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
            ("teacher-share = 1.1", "teacher-share"),
            ("pool = [\"p\"]\nteacher = [\"t\"]\nstudent = \"fresh\"\nrounds = 1", "student"),
            ("average = 0", "average"),
            ("select = \"last\"\npatience = 2", "patience"),
            ("round-epochs = 0", "round-epochs"),
            ("pool = [\"p\"]\nstudent = \"fresh\"", "rounds"),
        ] {
            let error = of(toml).unwrap_err();
            assert!(error.starts_with(&format!("{key}: ")), "{error}");
        }
        // Without a pool there are no students.
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
            "teacher",
            "teacher-share",
            "decay-on",
            "layer-decay",
            "r-drop",
            "reset-layers",
        ] {
            assert!(json.as_object_mut().unwrap().shift_remove(key).is_some(), "{key}");
        }
        assert_eq!(serde_json::from_value::<Settings>(json).unwrap(), of("seed = 1").unwrap());
    }
}
