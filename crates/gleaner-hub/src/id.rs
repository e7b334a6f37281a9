//! Names of repositories on the hub.

use crate::error::{HubError, HubErrorKind};
use std::{fmt, str::FromStr};

const ENCODER_EXAMPLE: &str = "intfloat/multilingual-e5-small";
const DATA_EXAMPLE: &str = "hub:unimelb-nlp/wikiann:fo";

/// What the hub calls the newest state of a repository.
pub(crate) const MAIN: &str = "main";

/// An encoder on the hub: `OWNER/NAME` or `OWNER/NAME@REVISION`.
///
/// A revision is a branch, a tag or a commit; without one it is the branch `main`.
///
/// ```
/// let id: gleaner_hub::HubId = "google-bert/bert-base-multilingual-cased@main".parse()?;
/// assert_eq!(id.repository(), "google-bert/bert-base-multilingual-cased");
/// # Ok::<(), gleaner_hub::HubError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HubId {
    repository: String,
    revision: Option<String>,
}

/// One configuration of a data set on the hub: `hub:OWNER/NAME:CONFIG` or `hub:OWNER/NAME:CONFIG@REVISION`.
///
/// In multilingual data sets a configuration is often a language: `hub:unimelb-nlp/wikiann:fo`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DataId {
    repository: String,
    config: String,
    revision: Option<String>,
}

/// The hash of a commit, to which a branch or tag points at one time: 40 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Commit(String);

impl HubId {
    /// `OWNER/NAME`.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The branch, tag or commit; `main` where none was named.
    pub fn revision(&self) -> &str {
        self.revision.as_deref().unwrap_or(MAIN)
    }

    /// The same encoder at this commit.
    pub fn pinned(&self, commit: &Commit) -> Self {
        Self { revision: Some(commit.0.clone()), ..self.clone() }
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

    /// The branch, tag or commit; `main` where none was named.
    pub fn revision(&self) -> &str {
        self.revision.as_deref().unwrap_or(MAIN)
    }

    /// The same data at this commit.
    pub fn pinned(&self, commit: &Commit) -> Self {
        Self { revision: Some(commit.0.clone()), ..self.clone() }
    }
}

impl Commit {
    /// The hash in `text`; `None` where it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
        (text.len() == 40 && text.bytes().all(digits)).then(|| Self(text.to_owned()))
    }

    /// 40 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for HubId {
    type Err = HubError;

    fn from_str(text: &str) -> Result<Self, HubError> {
        let fault = |what: String| {
            let fix = format!("write OWNER/NAME or OWNER/NAME@REVISION, such as {ENCODER_EXAMPLE}");
            HubError::new(HubErrorKind::Id, shown(text), what, fix)
        };
        let (rest, revision) = cut_revision(text).map_err(fault)?;
        Ok(Self { repository: repository(rest).map_err(fault)?, revision })
    }
}

impl FromStr for DataId {
    type Err = HubError;

    fn from_str(text: &str) -> Result<Self, HubError> {
        let fault = |what: String| {
            let fix = format!(
                "write hub:OWNER/NAME:CONFIG or hub:OWNER/NAME:CONFIG@REVISION, such as {DATA_EXAMPLE}"
            );
            HubError::new(HubErrorKind::Id, shown(text), what, fix)
        };
        let rest = text.strip_prefix("hub:").ok_or_else(|| fault("no hub: in front".into()))?;
        let (rest, revision) = cut_revision(rest).map_err(fault)?;
        let Some((name, config)) = rest.split_once(':').filter(|_| !rest.contains("://")) else {
            return Err(fault(match repository(rest) {
                Ok(_) => "no configuration after the repository".into(),
                Err(what) => what,
            }));
        };
        let repository = repository(name).map_err(fault)?;
        let odd = |c: char| matches!(c, '/' | '\\' | ':') || c.is_control();
        if config.is_empty() || config.starts_with('.') || config.contains(odd) {
            return Err(fault(format!("`{config}` is no configuration's name")));
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
        write!(f, "hub:{}:{}", self.repository, self.config)?;
        write_revision(f, self.revision.as_deref())
    }
}

impl fmt::Display for Commit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn write_revision(f: &mut fmt::Formatter<'_>, revision: Option<&str>) -> fmt::Result {
    revision.map_or(Ok(()), |revision| write!(f, "@{revision}"))
}

/// An error's subject is never nothing.
fn shown(text: &str) -> &str {
    if text.is_empty() { "\"\"" } else { text }
}

/// What stands before `@`, and the revision behind it.
fn cut_revision(text: &str) -> Result<(&str, Option<String>), String> {
    let Some((rest, revision)) = text.split_once('@') else { return Ok((text, None)) };
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-/+".contains(c);
    // A revision names a file below the cache's `refs`: no step of it may lead out of there.
    let steps = |s: &str| !s.is_empty() && !s.starts_with('.') && !s.starts_with('-');
    match revision.chars().all(allowed) && revision.split('/').all(steps) {
        true => Ok((rest, Some(revision.to_owned()))),
        false => Err(format!("`{revision}` is no branch, tag or commit")),
    }
}

/// `OWNER/NAME` under the hub's rules for names. What they allow is also safe as a folder's name.
fn repository(text: &str) -> Result<String, String> {
    if text.contains("://") {
        return Err("an address, not a name".into());
    }
    let Some((owner, name)) = text.split_once('/') else {
        return Err(match text.is_empty() {
            true => "no name".into(),
            false => "no owner in front of the name".into(),
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
        Some(odd) => Err(format!("the hub has no names like `{odd}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_as_they_were_read() {
        for text in ["a/b", "google-bert/bert-base-multilingual-cased@refs/pr/1", "A_1/b.c@v1.0"] {
            assert_eq!(text.parse::<HubId>().unwrap().to_string(), text);
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
    fn a_name_can_be_pinned() {
        let commit = Commit::parse(&"0a".repeat(20)).unwrap();
        let pinned = "a/b@v1".parse::<HubId>().unwrap().pinned(&commit);
        assert_eq!(pinned.to_string(), format!("a/b@{commit}"));
        let pinned = "hub:a/b:fo".parse::<DataId>().unwrap().pinned(&commit);
        assert_eq!(pinned.to_string(), format!("hub:a/b:fo@{commit}"));
        for odd in [
            "",
            "main",
            &"0A".repeat(20),
            &"0a".repeat(21),
            "../../../../../../../../../../../../../etc",
        ] {
            assert_eq!(Commit::parse(odd), None, "{odd}");
        }
    }

    #[test]
    fn what_is_no_name_is_said() {
        let encoder = |text: &str| text.parse::<HubId>().unwrap_err().to_string();
        insta::assert_snapshot!(encoder(""), @r#""": no name; write OWNER/NAME or OWNER/NAME@REVISION, such as intfloat/multilingual-e5-small"#);
        insta::assert_snapshot!(encoder("bert-base"), @"bert-base: no owner in front of the name; write OWNER/NAME or OWNER/NAME@REVISION, such as intfloat/multilingual-e5-small");
        insta::assert_snapshot!(encoder("../b"), @"../b: the hub has no names like `..`; write OWNER/NAME or OWNER/NAME@REVISION, such as intfloat/multilingual-e5-small");
        insta::assert_snapshot!(encoder("a/b/c"), @"a/b/c: the hub has no names like `b/c`; write OWNER/NAME or OWNER/NAME@REVISION, such as intfloat/multilingual-e5-small");
        insta::assert_snapshot!(encoder("a/b@"), @"a/b@: `` is no branch, tag or commit; write OWNER/NAME or OWNER/NAME@REVISION, such as intfloat/multilingual-e5-small");
        insta::assert_snapshot!(encoder("a/b@../../x"), @"a/b@../../x: `../../x` is no branch, tag or commit; write OWNER/NAME or OWNER/NAME@REVISION, such as intfloat/multilingual-e5-small");
        insta::assert_snapshot!(encoder("https://huggingface.co/a/b"), @"https://huggingface.co/a/b: an address, not a name; write OWNER/NAME or OWNER/NAME@REVISION, such as intfloat/multilingual-e5-small");
        let data = |text: &str| text.parse::<DataId>().unwrap_err().to_string();
        insta::assert_snapshot!(data("a/b:fo"), @"a/b:fo: no hub: in front; write hub:OWNER/NAME:CONFIG or hub:OWNER/NAME:CONFIG@REVISION, such as hub:unimelb-nlp/wikiann:fo");
        insta::assert_snapshot!(data("hub:a/b"), @"hub:a/b: no configuration after the repository; write hub:OWNER/NAME:CONFIG or hub:OWNER/NAME:CONFIG@REVISION, such as hub:unimelb-nlp/wikiann:fo");
        insta::assert_snapshot!(data("hub:wikiann:fo"), @"hub:wikiann:fo: no owner in front of the name; write hub:OWNER/NAME:CONFIG or hub:OWNER/NAME:CONFIG@REVISION, such as hub:unimelb-nlp/wikiann:fo");
        insta::assert_snapshot!(data("hub:a/b:../c"), @"hub:a/b:../c: `../c` is no configuration's name; write hub:OWNER/NAME:CONFIG or hub:OWNER/NAME:CONFIG@REVISION, such as hub:unimelb-nlp/wikiann:fo");
        insta::assert_snapshot!(data("hub:https://x/a/b:fo"), @"hub:https://x/a/b:fo: an address, not a name; write hub:OWNER/NAME:CONFIG or hub:OWNER/NAME:CONFIG@REVISION, such as hub:unimelb-nlp/wikiann:fo");
    }
}
