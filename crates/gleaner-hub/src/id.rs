//! Ids of models and data sets on the hub: their grammar, in one place.

use crate::{
    commit::Commit,
    error::{HubError, HubErrorKind},
};
use std::{fmt, str::FromStr};

const MODEL_EXAMPLE: &str = "intfloat/multilingual-e5-small";
const DATA_EXAMPLE: &str = "hub:unimelb-nlp/wikiann:fo";

/// The branch with the newest state of a repository.
pub(crate) const MAIN: &str = "main";

/// The optional start of a model's id, and the required start of a data set's.
const PREFIX: &str = "hub:";

/// A kind of repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RepoKind {
    Model,
    Dataset,
}

impl RepoKind {
    /// `models` or `datasets`, as addresses and the cache have it.
    pub(crate) fn plural(self) -> &'static str {
        match self {
            Self::Model => "models",
            Self::Dataset => "datasets",
        }
    }
}

/// A model on the hub: `OWNER/NAME` or `OWNER/NAME@REVISION`, with or without `hub:` before it.
///
/// A revision is a branch, a tag or a commit. Default: the branch `main`.
///
/// ```
/// let id: gleaner_hub::HubId = "google-bert/bert-base-multilingual-cased@main".parse()?;
/// assert_eq!(id.repository(), "google-bert/bert-base-multilingual-cased");
/// assert_eq!(id, "hub:google-bert/bert-base-multilingual-cased@main".parse()?);
/// # Ok::<(), gleaner_hub::HubError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HubId {
    repository: String,
    revision: Option<String>,
}

/// A configuration of a data set on the hub: `hub:OWNER/NAME:CONFIG` or
/// `hub:OWNER/NAME:CONFIG@REVISION`.
///
/// In multilingual data sets a configuration is often a language.
///
/// ```
/// let id: gleaner_hub::DataId = "hub:unimelb-nlp/wikiann:fo".parse()?;
/// assert_eq!((id.repository(), id.config(), id.revision()), ("unimelb-nlp/wikiann", "fo", "main"));
/// # Ok::<(), gleaner_hub::HubError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DataId {
    repository: String,
    config: String,
    revision: Option<String>,
}

/// Whether a name refers to the hub, not to a local path: it starts with `hub:`.
pub fn is_hub_name(name: &str) -> bool {
    name.starts_with(PREFIX)
}

impl HubId {
    /// `OWNER/NAME`.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The branch, tag or commit. Default: `main`.
    pub fn revision(&self) -> &str {
        self.revision.as_deref().unwrap_or(MAIN)
    }

    /// The same model at a commit.
    pub fn pinned(&self, commit: &Commit) -> Self {
        Self { revision: Some(commit.to_string()), ..self.clone() }
    }
}

impl DataId {
    /// `OWNER/NAME`.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The configuration.
    pub fn config(&self) -> &str {
        &self.config
    }

    /// The branch, tag or commit. Default: `main`.
    pub fn revision(&self) -> &str {
        self.revision.as_deref().unwrap_or(MAIN)
    }

    /// The same configuration at a commit.
    pub fn pinned(&self, commit: &Commit) -> Self {
        Self { revision: Some(commit.to_string()), ..self.clone() }
    }
}

impl FromStr for HubId {
    type Err = HubError;

    fn from_str(text: &str) -> Result<Self, HubError> {
        let invalid = |what: String| {
            let fix = format!("write OWNER/NAME or OWNER/NAME@REVISION, such as {MODEL_EXAMPLE}");
            HubError::new(HubErrorKind::Id, shown(text), what, fix)
        };
        let rest = text.strip_prefix(PREFIX).unwrap_or(text);
        let (rest, revision) = split_revision(rest).map_err(invalid)?;
        Ok(Self { repository: repository(rest).map_err(invalid)?, revision })
    }
}

impl FromStr for DataId {
    type Err = HubError;

    fn from_str(text: &str) -> Result<Self, HubError> {
        let invalid = |what: String| {
            let fix = format!(
                "write hub:OWNER/NAME:CONFIG or hub:OWNER/NAME:CONFIG@REVISION, such as {DATA_EXAMPLE}"
            );
            HubError::new(HubErrorKind::Id, shown(text), what, fix)
        };
        let rest = text.strip_prefix(PREFIX).ok_or_else(|| invalid("hub: is missing".into()))?;
        let (rest, revision) = split_revision(rest).map_err(invalid)?;
        let Some((name, config)) = rest.split_once(':').filter(|_| !rest.contains("://")) else {
            return Err(invalid(match repository(rest) {
                Ok(_) => "the configuration is missing".into(),
                Err(what) => what,
            }));
        };
        let repository = repository(name).map_err(invalid)?;
        let odd = |c: char| matches!(c, '/' | '\\' | ':') || c.is_control();
        if config.is_empty() || config.starts_with('.') || config.contains(odd) {
            return Err(invalid(format!("invalid configuration `{config}`")));
        }
        Ok(Self { repository, config: config.to_owned(), revision })
    }
}

impl fmt::Display for HubId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.repository)?;
        write_revision(f, self.revision.as_deref())
    }
}

impl fmt::Display for DataId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}:{}", self.repository, self.config)?;
        write_revision(f, self.revision.as_deref())
    }
}

fn write_revision(f: &mut fmt::Formatter<'_>, revision: Option<&str>) -> fmt::Result {
    revision.map_or(Ok(()), |revision| write!(f, "@{revision}"))
}

/// An error starts with the text, also if it is empty.
fn shown(text: &str) -> &str {
    if text.is_empty() { "\"\"" } else { text }
}

/// Splits at the first `@`.
fn split_revision(text: &str) -> Result<(&str, Option<String>), String> {
    let Some((rest, revision)) = text.split_once('@') else { return Ok((text, None)) };
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-/+".contains(c);
    // A revision is a path below `refs` in the cache and must not leave it.
    let is_step = |s: &str| !s.is_empty() && !s.starts_with('.') && !s.starts_with('-');
    match revision.chars().all(allowed) && revision.split('/').all(is_step) {
        true => Ok((rest, Some(revision.to_owned()))),
        false => Err(format!("invalid revision `{revision}`")),
    }
}

/// Checks `OWNER/NAME` by the rules of the hub. Valid names are safe as names of folders.
fn repository(text: &str) -> Result<String, String> {
    if text.contains("://") {
        return Err("an address instead of a name".into());
    }
    let Some((owner, name)) = text.split_once('/') else {
        return Err(match text.is_empty() {
            true => "the name is missing".into(),
            false => "the owner is missing".into(),
        });
    };
    let plain = |s: &str| {
        !s.is_empty()
            && s.len() <= 96
            && s.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
            && !s.starts_with(['.', '-'])
            && !s.ends_with(['.', '-'])
            && !s.contains("--")
            && !s.contains("..")
    };
    match [owner, name].into_iter().find(|s| !plain(s)) {
        None => Ok(text.to_owned()),
        Some(odd) => Err(format!("invalid name `{odd}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_displayed_as_they_were_parsed() {
        for text in ["a/b", "google-bert/bert-base-multilingual-cased@refs/pr/1", "A_1/b.c@v1.0"] {
            assert_eq!(text.parse::<HubId>().unwrap().to_string(), text);
            assert_eq!(format!("hub:{text}").parse::<HubId>().unwrap().to_string(), text);
        }
        for text in ["hub:a/b:fo", "hub:unimelb-nlp/wikiann:be-x-old@refs/convert/parquet"] {
            assert_eq!(text.parse::<DataId>().unwrap().to_string(), text);
        }
        let id: DataId = "hub:a/b:fo@v2".parse().unwrap();
        assert_eq!((id.repository(), id.config(), id.revision()), ("a/b", "fo", "v2"));
        let id: HubId = "a/b".parse().unwrap();
        assert_eq!((id.repository(), id.revision()), ("a/b", "main"));
    }

    #[test]
    fn an_id_can_be_pinned() {
        let commit = Commit::parse(&"0a".repeat(20)).unwrap();
        let pinned = "a/b@v1".parse::<HubId>().unwrap().pinned(&commit);
        assert_eq!(pinned.to_string(), format!("a/b@{commit}"));
        let pinned = "hub:a/b:fo".parse::<DataId>().unwrap().pinned(&commit);
        assert_eq!(pinned.to_string(), format!("hub:a/b:fo@{commit}"));
    }

    #[test]
    fn invalid_ids_are_errors() {
        let model = |text: &str| text.parse::<HubId>().unwrap_err().to_string();
        insta::assert_snapshot!(model(""), @r#""": the name is missing; write OWNER/NAME or OWNER/NAME@REVISION, such as intfloat/multilingual-e5-small"#);
        insta::assert_snapshot!(model("bert-base"), @"bert-base: the owner is missing; write OWNER/NAME or OWNER/NAME@REVISION, such as intfloat/multilingual-e5-small");
        for text in ["../b", "a/b/c", "./bert", "/bert", "a/..", "a/b:c", "-a/b", "a--b/c"] {
            assert!(model(text).contains(": invalid name `"), "{text}");
        }
        for text in ["a/b@", "a/b@../../x", "a/b@-x"] {
            assert!(model(text).contains(": invalid revision `"), "{text}");
        }
        assert!(model("https://huggingface.co/a/b").contains(": an address instead of a name; "));
        let data = |text: &str| text.parse::<DataId>().unwrap_err().to_string();
        insta::assert_snapshot!(data("a/b:fo"), @"a/b:fo: hub: is missing; write hub:OWNER/NAME:CONFIG or hub:OWNER/NAME:CONFIG@REVISION, such as hub:unimelb-nlp/wikiann:fo");
        insta::assert_snapshot!(data("hub:a/b"), @"hub:a/b: the configuration is missing; write hub:OWNER/NAME:CONFIG or hub:OWNER/NAME:CONFIG@REVISION, such as hub:unimelb-nlp/wikiann:fo");
        assert!(data("hub:wikiann:fo").contains(": the owner is missing; "));
        assert!(data("hub:https://x/a/b:fo").contains(": an address instead of a name; "));
        for text in ["hub:a/b:", "hub:a/b:../c", "hub:a/b:c:d"] {
            assert!(data(text).contains(": invalid configuration `"), "{text}");
        }
    }
}
