//! Where texts and encoders come from, and who finds those of the hub.

use gleaner::is_sample;
use std::{
    fmt,
    path::{Path, PathBuf},
};

/// A data set of the Hugging Face hub, written `hub:OWNER/NAME:CONFIG` or, at a revision,
/// `hub:OWNER/NAME:CONFIG@REVISION`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HubData {
    /// Such as `unimelb-nlp/wikiann`.
    pub repository: String,
    /// Such as `fo`.
    pub config: String,
    /// A branch, tag or commit.
    pub revision: Option<String>,
}

/// A model of the Hugging Face hub, written `OWNER/NAME`, `hub:OWNER/NAME`, or with `@REVISION`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HubModel {
    /// Such as `google-bert/bert-base-multilingual-cased`.
    pub repository: String,
    /// A branch, tag or commit.
    pub revision: Option<String>,
}

/// Finds what a study names of the hub: downloads it, or takes it from a cache.
pub trait Hub: Sync {
    /// A folder with the files of a data set, named as `gleaner_corpus::find_splits` reads them.
    ///
    /// # Errors
    /// Why it is not to be had, and what to do, in one line.
    fn data(&self, id: &HubData) -> Result<PathBuf, String>;

    /// A folder with `config.json`, `tokenizer.json` and `model.safetensors`.
    ///
    /// # Errors
    /// Why it is not to be had, and what to do, in one line.
    fn encoder(&self, id: &HubModel) -> Result<PathBuf, String>;
}

/// A hub that cannot be reached.
pub struct NoHub;

impl Hub for NoHub {
    fn data(&self, id: &HubData) -> Result<PathBuf, String> {
        Err(format!("{id} is not on this disk; download it and name its folder"))
    }

    fn encoder(&self, id: &HubModel) -> Result<PathBuf, String> {
        Err(format!("{id} is not on this disk; download it and name its folder"))
    }
}

/// Where a language's labelled sentences come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DataSource {
    /// A folder, or `sample:af`.
    Folder(PathBuf),
    /// Files by part.
    Files { train: Vec<PathBuf>, dev: Vec<PathBuf>, test: Vec<PathBuf> },
    /// The hub.
    Hub(HubData),
}

/// Where the encoder comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum EncoderSource {
    /// A folder, or `sample:tiny`.
    Folder(PathBuf),
    /// The hub.
    Hub(HubModel),
}

impl HubData {
    /// Reads `OWNER/NAME:CONFIG`, `OWNER/NAME:CONFIG@REVISION`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (text, revision) = revision(text)?;
        let (repository, config) = text.split_once(':')?;
        let named = is_repository(repository) && is_name(config);
        named.then(|| Self { repository: repository.into(), config: config.into(), revision })
    }
}

impl HubModel {
    /// Reads `OWNER/NAME`, `OWNER/NAME@REVISION`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (repository, revision) = revision(text)?;
        is_repository(repository).then(|| Self { repository: repository.into(), revision })
    }
}

impl fmt::Display for HubData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hub:{}:{}", self.repository, self.config)?;
        self.revision.iter().try_for_each(|r| write!(f, "@{r}"))
    }
}

impl fmt::Display for HubModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hub:{}", self.repository)?;
        self.revision.iter().try_for_each(|r| write!(f, "@{r}"))
    }
}

fn revision(text: &str) -> Option<(&str, Option<String>)> {
    match text.split_once('@') {
        None => Some((text, None)),
        Some((text, revision)) => (!revision.is_empty()).then(|| (text, Some(revision.to_owned()))),
    }
}

fn is_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    !text.is_empty() && !text.starts_with('.') && text.chars().all(plain)
}

fn is_repository(text: &str) -> bool {
    text.split_once('/').is_some_and(|(owner, name)| is_name(owner) && is_name(name))
}

/// A path of the study file: the built-in names as they are, others from the file's folder.
pub(crate) fn local(base: &Path, text: &str) -> PathBuf {
    match is_sample(Path::new(text)) {
        true => PathBuf::from(text),
        false => base.join(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hub_names_are_read_and_shown() {
        for text in ["hub:unimelb-nlp/wikiann:map-bms", "hub:a/b:c@main"] {
            let id = HubData::parse(text.strip_prefix("hub:").unwrap()).unwrap();
            assert_eq!(id.to_string(), text);
        }
        let id = HubModel::parse("google-bert/bert-base-multilingual-cased@v1").unwrap();
        assert_eq!(id.to_string(), "hub:google-bert/bert-base-multilingual-cased@v1");
        for bad in ["wikiann:fo", "a/b", "a/b:", "a/b/c:d", "../b:c", "a/b:c@", "a/b:c d"] {
            assert_eq!(HubData::parse(bad), None, "{bad}");
        }
        for bad in ["bert", "a/b/c", "./bert", "/bert", "a/..", "a/b@"] {
            assert_eq!(HubModel::parse(bad), None, "{bad}");
        }
    }
}
