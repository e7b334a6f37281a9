//! What a request asks for, and errors about it.

use crate::{
    HubConfig,
    error::{HubError, HubErrorKind},
    failure::Transient,
};

/// What a request asks for.
pub(crate) struct Target<'a> {
    pub(crate) config: &'a HubConfig,
    /// The id as the user wrote it, which errors start with.
    pub(crate) id: &'a str,
    /// `OWNER/NAME` of a model, `datasets/OWNER/NAME` of a data set: the path of its page.
    pub(crate) page: &'a str,
    pub(crate) revision: &'a str,
    /// Path in the repository, or a name for something else.
    pub(crate) file: &'a str,
}

impl Target<'_> {
    /// An error after the last retry. `done` has the bytes on disk and the size of the file.
    pub(crate) fn out_of_retries(&self, last: &Transient, done: Option<(u64, u64)>) -> HubError {
        let endpoint = &self.config.endpoint;
        let mut what = format!("{}: {}", self.file, last.reason);
        let mut fix = match last.kind {
            HubErrorKind::RateLimited => {
                "wait a few minutes, or set HF_TOKEN for a higher limit".to_owned()
            }
            HubErrorKind::Damaged => {
                "try again later, and check that HF_ENDPOINT and the proxy do not change files"
                    .to_owned()
            }
            _ => format!("check the network, the proxy (HTTPS_PROXY) and HF_ENDPOINT ({endpoint})"),
        };
        if let Some((done, size)) = done.filter(|(done, _)| *done > 0) {
            what += &format!(" ({done} of {size} bytes downloaded)");
            fix = format!("run the command again to resume, or {fix}");
        }
        HubError::new(last.kind, self.id, what, fix)
    }

    /// An error about an answer that a hub does not give.
    pub(crate) fn unexpected(&self, what: &str) -> HubError {
        HubError::new(
            HubErrorKind::Reply,
            self.id,
            format!("{}: {what}", self.file),
            format!("check that HF_ENDPOINT ({}) is a Hugging Face hub", self.config.endpoint),
        )
    }
}
