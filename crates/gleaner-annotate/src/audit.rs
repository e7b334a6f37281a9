//! What an audit reviews: the files of a labelled corpus, and its doubtful sentences (`audit.json`).

mod copies;
mod doubts;
mod mentions;
mod phrases;
mod predicted;

pub use doubts::doubts;
pub use predicted::{Predicted, predict, predicted_in};

use crate::{
    answer::{ShownSpan, Span, check_spans},
    error::AnnotateError,
    texts::Text,
};
use gleaner_base::{
    files,
    hash::{Digest, Sha256, hex},
};
use gleaner_corpus::audit::{DataSet, Entry, Part};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The version of the format of `audit.json`.
const FORMAT: u32 = 1;
const FIX: &str = "restore the file, or create the audit again";

/// Why a sentence is doubtful.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The same words have other tags elsewhere in the corpus.
    ContradictoryTags,
    /// The tags break their scheme.
    BrokenTags,
    /// A model contradicts a tag.
    DoubtfulTags,
    /// A mention is tagged otherwise in most of its other places.
    RareTags,
}

impl Reason {
    /// All reasons, the most certain first.
    pub const ALL: [Self; 4] =
        [Self::ContradictoryTags, Self::BrokenTags, Self::DoubtfulTags, Self::RareTags];

    /// The reason in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::ContradictoryTags => "contradictory tags",
            Self::BrokenTags => "tags that break their scheme",
            Self::DoubtfulTags => "doubtful tags",
            Self::RareTags => "unlike other places",
        }
    }
}

/// A sentence to review.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Doubt {
    /// The number of the sentence: its position in the corpus, from 0.
    pub id: usize,
    /// The strongest reason.
    pub why: Reason,
    /// What speaks against its tags, one remark each.
    pub notes: Vec<String>,
    /// The entities that it may have instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggested: Option<Vec<ShownSpan>>,
}

/// A file of the corpus.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditedFile {
    /// Its part of the corpus.
    pub part: Part,
    /// The file as it was named.
    pub name: String,
    /// Where it is.
    path: PathBuf,
    /// Number of sentences.
    pub sentences: usize,
    /// The SHA-256 of its contents.
    sha256: String,
}

/// The corpus that is reviewed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Audit {
    format: u32,
    /// The files, in the order of their sentences.
    pub files: Vec<AuditedFile>,
    /// The doubtful sentences, the most doubtful first.
    pub doubts: Vec<Doubt>,
}

impl Audit {
    /// The audit of [`audited_files`] with these doubtful sentences.
    pub fn new(files: Vec<AuditedFile>, doubts: Vec<Doubt>) -> Self {
        Self { format: FORMAT, files, doubts }
    }

    /// Reads the audit of a project with these sentences and types.
    ///
    /// # Errors
    /// The file cannot be read, is damaged, or does not fit the sentences.
    pub(crate) fn read(
        path: &Path,
        texts: &[Text],
        types: &[String],
    ) -> Result<Self, AnnotateError> {
        let bytes = fs::read(path).map_err(|e| AnnotateError::io(path, e))?;
        let audit: Self = serde_json::from_slice(&bytes)
            .map_err(|e| AnnotateError::damaged(path, e.line(), e.to_string(), FIX))?;
        match audit.fault(texts, types) {
            Some(what) => Err(AnnotateError::damaged(path, 1, what, FIX)),
            None => Ok(audit),
        }
    }

    /// Writes the audit.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn write(&self, path: &Path) -> Result<(), AnnotateError> {
        let bytes = serde_json::to_vec(self).map_err(|e| AnnotateError::io(path, e.into()))?;
        files::write(path, &bytes).map_err(|e| AnnotateError::io(path, e))
    }

    /// What does not fit the sentences, if anything.
    fn fault(&self, texts: &[Text], types: &[String]) -> Option<String> {
        if self.format != FORMAT {
            return Some(format!("format {}, but this program reads {FORMAT}", self.format));
        }
        let of_files =
            self.files.iter().fold(0, |sum: usize, file| sum.saturating_add(file.sentences));
        if of_files != texts.len() {
            return Some(format!("{of_files} sentences, but texts.jsonl has {}", texts.len()));
        }
        self.doubts.iter().find_map(|doubt| {
            let Some(text) = texts.get(doubt.id) else {
                return Some(format!("there is no sentence {}", doubt.id));
            };
            let spans = doubt.suggested.iter().flatten().map(|shown| shown.span.clone());
            let fits = check_spans(&spans.collect::<Vec<Span>>(), text.words.len(), types);
            fits.err().map(|misfit| misfit.to_string())
        })
    }

    /// The doubt about a sentence, if there is one.
    pub(crate) fn doubt(&self, id: usize) -> Option<&Doubt> {
        self.doubts.iter().find(|doubt| doubt.id == id)
    }

    /// The file of a sentence, and the sentence's position in it, from 0.
    pub(crate) fn file(&self, id: usize) -> Option<(&AuditedFile, usize)> {
        let mut rest = id;
        self.files.iter().find_map(|file| match rest.checked_sub(file.sentences) {
            Some(after) => {
                rest = after;
                None
            }
            None => Some((file, rest)),
        })
    }

    /// Refuses files that have changed: the answers are for the sentences that they had.
    ///
    /// # Errors
    /// A file cannot be read, or its contents are others than when [`audited_files`] read it.
    pub fn check_files(&self) -> Result<(), AnnotateError> {
        for file in &self.files {
            if fingerprint(&file.path)? != file.sha256 {
                let what = "the file has changed since the audit began";
                let fix = "restore it, or create another audit of the changed text";
                return Err(AnnotateError::folder(Path::new(&file.name), what, fix));
            }
        }
        Ok(())
    }
}

/// The files of a data set with their fingerprints. Call it as soon as the set is read: a model may label it for hours,
/// and a file that changes meanwhile has other sentences.
///
/// # Errors
/// A file cannot be read again.
pub fn audited_files(set: &DataSet) -> Result<Vec<AuditedFile>, AnnotateError> {
    let is_same = |a: &Entry, b: &Entry| a.part == b.part && a.place().file == b.place().file;
    let files = set.entries.chunk_by(is_same).map(|entries| {
        let place = entries[0].place();
        let io = |e| AnnotateError::io(&place.file, e);
        Ok(AuditedFile {
            part: place.part,
            name: place.file.display().to_string(),
            path: place.file.canonicalize().map_err(io)?,
            sentences: entries.len(),
            sha256: fingerprint(&place.file)?,
        })
    });
    files.collect()
}

/// The entity types of a data set and of what is suggested for it, sorted.
pub fn types(set: &DataSet, doubts: &[Doubt]) -> Vec<String> {
    let of_set = set.entries.iter().flat_map(|entry| entry.sentence.entities());
    let suggested = doubts.iter().flat_map(|doubt| doubt.suggested.iter().flatten());
    let of_set = of_set.map(|entity| entity.entity_type);
    let all = of_set.chain(suggested.map(|shown| shown.span.entity_type.clone()));
    all.collect::<BTreeSet<_>>().into_iter().collect()
}

/// The SHA-256 of a file; of a file of brat, with its text.
fn fingerprint(path: &Path) -> Result<String, AnnotateError> {
    let mut hash = Sha256::new();
    let text = path.with_extension("txt");
    let has_text = path.extension().is_some_and(|extension| extension == "ann") && text.is_file();
    for path in std::iter::once(path).chain(has_text.then_some(text.as_path())) {
        hash.update(fs::read(path).map_err(|e| AnnotateError::io(path, e))?);
    }
    Ok(hex(hash.finalize()))
}

#[cfg(test)]
mod tests;
