//! A repository at a revision, and its addresses.

use crate::{
    error::{HubError, HubErrorKind},
    id::{DataId, HubId, RepoKind},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Characters that need no escape in an address.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A requested repository and revision.
pub(crate) struct Request<'a> {
    /// The id as the user wrote it.
    pub(crate) id: String,
    pub(crate) kind: RepoKind,
    /// `OWNER/NAME`.
    pub(crate) repository: &'a str,
    /// The path of its page.
    pub(crate) page: String,
    pub(crate) revision: &'a str,
}

impl<'a> Request<'a> {
    /// A request for an encoder or a tagger.
    pub(crate) fn model(id: &'a HubId) -> Self {
        Self {
            id: id.to_string(),
            kind: RepoKind::Model,
            repository: id.repository(),
            page: id.repository().to_owned(),
            revision: id.revision(),
        }
    }

    /// A request for a configuration of a data set.
    pub(crate) fn dataset(id: &'a DataId) -> Self {
        Self {
            id: id.to_string(),
            kind: RepoKind::Dataset,
            repository: id.repository(),
            page: format!("datasets/{}", id.repository()),
            revision: id.revision(),
        }
    }

    /// The address of the commit of the revision and of the list of its files.
    pub(crate) fn listing_url(&self, endpoint: &str) -> String {
        let (kind, revision) = (self.kind.plural(), escape(self.revision));
        format!("{endpoint}/api/{kind}/{}/revision/{revision}?blobs=true", self.repository)
    }

    /// The address of a file of a commit.
    pub(crate) fn file_url(&self, endpoint: &str, commit: &str, file: &str) -> String {
        let file: Vec<String> = file.split('/').map(escape).collect();
        format!("{endpoint}/{}/resolve/{}/{}", self.page, escape(commit), file.join("/"))
    }

    /// An address of the API about this repository and revision, such as `preupload`.
    pub(crate) fn api_url(&self, endpoint: &str, what: &str) -> String {
        let (kind, revision) = (self.kind.plural(), escape(self.revision));
        format!("{endpoint}/api/{kind}/{}/{what}/{revision}", self.repository)
    }

    /// The address at which Git LFS is asked how to send large files.
    pub(crate) fn objects_url(&self, endpoint: &str) -> String {
        format!("{endpoint}/{}.git/info/lfs/objects/batch", self.page)
    }

    /// An error about files that the repository lacks.
    pub(crate) fn missing(&self, (what, fix): (String, String)) -> HubError {
        HubError::new(HubErrorKind::Missing, &self.id, what, fix)
    }
}

fn escape(step: &str) -> String {
    utf8_percent_encode(step, PLAIN).to_string()
}
