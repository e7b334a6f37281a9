//! Settings of the labelled text: where it is, how it is read and how it is split.

use super::{CorpusPath, Joined, bad, range::Range};
use crate::GleanerError;
use std::path::PathBuf;

words! {
    /// Where training, dev and test sentences come from.
    Split {
        /// The files as given.
        Given = "given",
        /// All sentences of all files, in the order train, dev, test, split 80/10/10 as
        /// scikit-learn's `train_test_split` does.
        Shuffled = "80-10-10",
        /// Cross-validation over all sentences of all files, in the order train, dev, test: one of
        /// several folds is the test part, and about a tenth of all sentences are the dev part.
        Folds = "folds",
    }
}

group! {
    /// The labelled text: where it is, how it is read and how it is split.
    DataSettings, DataOverrides, data {
        /// Read the files named train, dev (or validation) and test of a folder, of a data set of the
        /// Hugging Face hub (hub:OWNER/NAME:CONFIG), or of `sample:af` or `sample:nl`.
        path data: PathBuf => (long, value_name = "FOLDER"),
        /// Read training sentences from these files, in any format.
        paths train: Vec<PathBuf> => (long, value_name = "FILE", num_args = 1..),
        /// Read dev sentences from these files. Confidences are calibrated on dev, and `select` may
        /// choose the epoch by its score on dev.
        paths dev: Vec<PathBuf> => (long, value_name = "FILE", num_args = 1..),
        /// Read test sentences from these files. They are scored once, after training.
        paths test: Vec<PathBuf> => (long, value_name = "FILE", num_args = 1..),
        /// Split the sentences: `given` (files as they are), `80-10-10` (all sentences, as
        /// scikit-learn splits them) or `folds` (cross-validation over all sentences).
        plain split: Split => (long, value_name = "HOW"),
        /// Seed of an 80-10-10 split, of folds, and of the sentences that `train-limit` draws.
        plain split_seed: u32 => (long, value_name = "N"),
        /// Number of folds, with `split = "folds"`.
        plain folds: usize => (long, value_name = "N"),
        /// Fold to test on, counted from 1, with `split = "folds"`.
        plain fold: usize => (long, value_name = "N"),
        /// Use only the first N sentences: of all sentences before an 80-10-10 split, otherwise of the
        /// training part.
        optional cutoff: usize => (long, value_name = "N"),
        /// Train on N sentences of the training part, drawn after splitting and after dropping leaks. A
        /// smaller N draws a subset of a larger one.
        optional train_limit: usize => (long, value_name = "N"),
        /// Add the training parts of these corpora before the main one, in this order; `=N` uses only
        /// the first N sentences, as `cutoff` does. An 80-10-10 split applies to them too; folds do
        /// not. The keys after a comma say how the corpus is read; the help of `gleaner train` ends with
        /// them. A settings file may also give `whole = true` to add all parts.
        plain join: Vec<Joined> => (long, value_name = "PATH[=N][,KEY=VALUE]...", num_args = 1..),
        /// Drop training sentences that also occur in dev, in test or in `exclude`.
        plain drop_leaks: bool => (long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true"),
        /// Drop training sentences that occur in these files or folders, such as the texts that a
        /// model is tested on later.
        corpora exclude: Vec<CorpusPath> => (long, value_name = "PATH[,KEY=VALUE]...", num_args = 1.., value_parser = str::parse::<CorpusPath>),
        /// Replace each mention of the training text by another of its type with this probability, in
        /// every epoch.
        plain replace_mentions: f64 => (long, value_name = "SHARE"),
        /// Take mentions from these lists too, with a type, a tab and a mention per line, as `gleaner data
        /// mentions` writes them.
        paths mentions: Vec<PathBuf> => (long, value_name = "FILE", num_args = 1..),
        /// Treat a stray inside tag (I-X that continues no entity) as an error.
        plain strict: bool => (long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true"),
        /// Skip malformed sentences; count and list them.
        plain skip_bad: bool => (long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true"),
    }
}

impl DataSettings {
    /// Refuses values that are out of range.
    pub(super) fn check(&self) -> Result<(), GleanerError> {
        let joined = self.join.iter().map(|j| ("join: limit", j.limit));
        let limits = [("cutoff", self.cutoff), ("train-limit", self.train_limit)];
        for (key, limit) in limits.into_iter().chain(joined) {
            if limit == Some(0) {
                return bad(key, "0 leaves no sentence; leave it out to use all");
            }
        }
        Range::Share.check(&[("replace-mentions", self.replace_mentions)])?;
        if !self.mentions.is_empty() && self.replace_mentions == 0.0 {
            return bad("mentions", "has an effect only with replace-mentions; set it to a share");
        }
        if self.split == Split::Folds && self.folds < 2 {
            return bad("folds", "one fold leaves nothing to train on; use 2 or more");
        }
        if self.split == Split::Folds && !(1..=self.folds).contains(&self.fold) {
            let what = format!("there is no fold {} of {}; count from 1", self.fold, self.folds);
            return bad("fold", &what);
        }
        if self.data.is_some()
            && !(self.train.is_empty() && self.dev.is_empty() && self.test.is_empty())
        {
            return bad(
                "data",
                "already names the files of train, dev and test; use either data or these",
            );
        }
        Ok(())
    }
}
