//! Sentences that must not be trained on: those of dev and test, and those of excluded texts.

use super::{
    FileReport, GleanerError, Role, Settings, divide::Divided, pool, read_parts, sample_name,
    skipped,
};
use gleaner_corpus::{
    Corpus, ReadOptions, overlap::sentence_key, read as read_file, text::Segmenter,
};
use std::{collections::HashSet, path::Path};

/// The sentences, by their keys.
pub(super) struct Leaks {
    held: HashSet<String>,
    excluded: HashSet<String>,
    drop: bool,
}

/// How many were found.
#[derive(Clone, Copy, Default)]
pub(super) struct Count {
    /// In dev or test.
    pub(super) held: usize,
    /// In an excluded text, and not in dev or test.
    pub(super) excluded: usize,
}

impl Leaks {
    /// The sentences of dev and test alone.
    pub(super) fn held(drop: bool, divided: &Divided) -> Self {
        let held = std::iter::once(&divided.dev).chain(&divided.test).flat_map(keys).collect();
        Self { held, excluded: HashSet::new(), drop }
    }

    pub(super) fn of(
        settings: &Settings,
        divided: &Divided,
        segmenter: &Segmenter,
        notes: &mut Vec<String>,
        files: &mut Vec<FileReport>,
    ) -> Result<Self, GleanerError> {
        let mut leaks = Self::held(settings.data.drop_leaks, divided);
        for path in &settings.data.exclude {
            // Only their words count: a missing or wrong tag lets no sentence slip through.
            let options = ReadOptions {
                label_map: None,
                unlabelled: true,
                segmenter: segmenter.clone(),
                ..settings.read_options_beside(path)
            };
            for corpus in texts(&path.path, &options)? {
                notes.extend(skipped(&corpus, "an excluded text"));
                for report in FileReport::of(Role::Exclude, &corpus) {
                    // A file with a wrong tag is read twice.
                    if !files.iter().any(|f| (f.role, &f.path) == (Role::Exclude, &report.path)) {
                        files.push(report);
                    }
                }
                leaks.excluded.extend(keys(&corpus));
            }
        }
        Ok(leaks)
    }

    /// Counts the sentences of a text that must not be trained on, and drops them if leaks are dropped.
    pub(super) fn drop_from(&self, corpus: &mut Corpus, count: &mut Count) {
        corpus.sentences.retain(|sentence| {
            let key = sentence_key(&sentence.words);
            let held = self.held.contains(&key);
            let excluded = !held && self.excluded.contains(&key);
            count.held += usize::from(held);
            count.excluded += usize::from(excluded);
            !(self.drop && (held || excluded))
        });
    }

    /// Drops the sentences of test and of excluded texts from a dev part that was drawn from the training text. Nothing
    /// of test may choose an epoch.
    ///
    /// # Errors
    /// No dev sentence is left.
    pub(super) fn drop_from_drawn(
        &self,
        divided: &mut Divided,
        count: &mut Count,
    ) -> Result<(), GleanerError> {
        if !(divided.is_dev_drawn && self.drop) {
            return Ok(());
        }
        let of_dev = Self {
            held: divided.test.iter().flat_map(keys).collect(),
            excluded: self.excluded.clone(),
            drop: true,
        };
        of_dev.drop_from(&mut divided.dev, count);
        match divided.dev.sentences.is_empty() {
            true => Err(GleanerError::NoTrainingText(format!(
                "{}: no dev sentence is left: all that were drawn occur in test or in excluded texts; give a dev part",
                divided.dev.path.display()
            ))),
            false => Ok(()),
        }
    }

    /// Adds a note on the leaks among training sentences.
    pub(super) fn note(&self, count: Count, notes: &mut Vec<String>) {
        let Count { held, excluded } = count;
        let [of_held, of_excluded] = self.consequences();
        if held > 0 {
            notes.push(format!("{held} training sentences also occur in dev or test{of_held}"));
        }
        if excluded > 0 {
            notes.push(format!(
                "{excluded} training sentences also occur in excluded texts{of_excluded}"
            ));
        }
    }

    /// Adds notes on the leaks in a pool.
    pub(super) fn note_pool(&self, count: Count, notes: &mut Vec<String>) {
        let [of_held, of_excluded] = self.consequences();
        for (n, place, what) in
            [(count.held, "dev or test", of_held), (count.excluded, "excluded texts", of_excluded)]
        {
            if n > 0 {
                notes.push(format!("{n} sentences of the pool also occur in {place}{what}"));
            }
        }
    }

    /// The consequence for sentences of dev or test, and for excluded ones.
    fn consequences(&self) -> [&'static str; 2] {
        match self.drop {
            true => [" and were dropped"; 2],
            false => [": scores are too high", " and are kept, because leaks are kept"],
        }
    }
}

fn keys(corpus: &Corpus) -> impl Iterator<Item = String> {
    corpus.sentences.iter().map(|s| sentence_key(&s.words))
}

/// The texts that a path names: the parts of a folder, or a file with or without tags. A text is read with its tags
/// where possible, because only tags show where words end, what is a comment, and that a `.txt` file is not running
/// text. Where a tag is wrong, both readings count: that of all other sentences by their tags, and that of the words.
/// Plain text is cut as the pool is, so that its sentences are found there.
pub(crate) fn texts(path: &Path, options: &ReadOptions) -> Result<Vec<Corpus>, GleanerError> {
    let tagged = ReadOptions { unlabelled: false, skip_bad: false, ..options.clone() };
    let lenient = ReadOptions { skip_bad: true, ..tagged.clone() };
    if sample_name(path).is_none() && !path.is_dir() {
        return match read_file(path, &tagged) {
            Ok(corpus) => Ok(vec![corpus]),
            Err(_) => {
                let words = pool::of_file(path, options)?;
                Ok(read_file(path, &lenient)
                    .into_iter()
                    .map(without_findings)
                    .chain([words])
                    .collect())
            }
        };
    }
    parts(path, &tagged).or_else(|_| {
        let words = parts(path, options)?;
        Ok(parts(path, &lenient).into_iter().flatten().map(without_findings).chain(words).collect())
    })
}

/// A corpus without its findings: the sentences that it leaves out are read in another way.
fn without_findings(corpus: Corpus) -> Corpus {
    Corpus { findings: Vec::new(), ..corpus }
}

/// The parts of a folder.
fn parts(folder: &Path, options: &ReadOptions) -> Result<Vec<Corpus>, GleanerError> {
    Ok(read_parts(folder, options)?.into_iter().map(|(_, part)| part).collect())
}
