//! Sending a model to the hub, with the requests of the library huggingface_hub (version 2.4: `create_repo`,
//! `create_branch` and `create_commit` in `hf_api.py`, `_commit_api.py`, `lfs.py`):
//!
//! 1. create the repository, and the branch if it is not `main`;
//! 2. ask which files are large (`preupload`);
//! 3. for each large file, ask Git LFS how to send it, send it to the store in one or several parts, and let the hub
//!    verify it;
//! 4. send one commit, which has the small files and the names of the large ones.

mod changes;
mod objects;
mod repository;
mod slice;

use crate::{
    backoff::Backoff,
    commit::Commit,
    error::{HubError, HubErrorKind},
    event::{Event, Watch},
    failure::Failure,
    http::Client,
    id::HubId,
    listing::Listing,
    request::Request,
    target::Target,
    upload::Upload,
};
use changes::Local;
use std::collections::BTreeMap;

/// How a model is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushOptions {
    /// Create a private repository, and refuse a public one. Default: false.
    pub private: bool,
    /// The message of the commit. Default: `Upload with gleaner`.
    pub message: String,
}

impl Default for PushOptions {
    fn default() -> Self {
        Self { private: false, message: "Upload with gleaner".to_owned() }
    }
}

/// A model that is on the hub.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pushed {
    /// The address of the repository's page.
    pub page: String,
    /// The commit with the model.
    pub commit: Commit,
    /// Whether the repository is new.
    pub created: bool,
    /// The files that the commit adds or changes. Empty if the repository had all files; then there is no new commit.
    pub sent: Vec<Sent>,
    /// Files of the repository that are not part of the model, sorted.
    pub others: Vec<String>,
}

/// A file that a commit adds or changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Path in the repository.
    pub file: String,
    /// Number of bytes sent; 0 if the hub had the contents from an earlier attempt.
    pub bytes: u64,
}

/// A repository that a model is sent to.
struct Push<'a> {
    client: &'a Client,
    request: Request<'a>,
}

/// As [`Hub::push`](crate::Hub::push).
pub(crate) fn push(
    client: &Client,
    upload: &Upload,
    id: &HubId,
    options: &PushOptions,
    watch: Watch<'_>,
) -> Result<Pushed, HubError> {
    let push = Push { client, request: Request::model(id) };
    push.check()?;
    let files = upload.files.iter().map(Local::open);
    let mut files: Vec<Local> = files.collect::<Result<_, _>>()?;
    let created = push.prepare(options.private, watch)?;
    let mut bytes: BTreeMap<String, u64> = BTreeMap::new();
    let mut backoff = Backoff::new(&client.config);
    // A commit without an answer may be complete. So the state of the repository is asked for before another attempt.
    loop {
        let (commit, listing) = push.state(options.private, watch)?;
        push.find_modes(&mut files, watch)?;
        let mut changed = Vec::new();
        for file in &mut files {
            if !file.is_in(&listing)? {
                changed.push(file);
            }
        }
        if changed.is_empty() {
            return Ok(push.result(upload, commit, created, bytes, &listing));
        }
        for file in &mut changed {
            let sent = push.send(file, watch)?;
            *bytes.entry(file.path().to_owned()).or_default() += sent;
        }
        match push.commit(&mut changed, &options.message) {
            Ok(commit) => {
                let listing = push.check_commit(&commit, &mut files, watch)?.unwrap_or(listing);
                return Ok(push.result(upload, commit, created, bytes, &listing));
            }
            Err(Failure::Final(error)) => return Err(error),
            Err(Failure::Transient(last)) => {
                if !backoff.wait("commit", &last.reason, last.wait, watch) {
                    return Err(push.target("commit").out_of_retries(&last, None));
                }
            }
        }
    }
}

impl Push<'_> {
    /// Refuses what needs no network to be refused.
    fn check(&self) -> Result<(), HubError> {
        let new =
            |kind, what: &str, fix: &str| Err(HubError::new(kind, &self.request.id, what, fix));
        if self.client.config.offline {
            let what = "HF_HUB_OFFLINE is set, and sending needs the network";
            return new(HubErrorKind::Offline, what, "unset it");
        }
        if self.client.config.token.is_none() {
            let fix = "set HF_TOKEN to a token with write access, or run `hf auth login`";
            return new(HubErrorKind::Access, "sending requires a token", fix);
        }
        if Commit::parse(self.request.revision).is_some() {
            let what = "a commit cannot be changed";
            return new(HubErrorKind::Settings, what, "name a branch, or no revision");
        }
        Ok(())
    }

    /// What is asked for, for errors.
    fn target<'t>(&'t self, file: &'t str) -> Target<'t> {
        let Request { id, page, revision, .. } = &self.request;
        Target { config: &self.client.config, id, page, revision, file }
    }

    /// Compares the files of a new commit with those that were sent. `None` if the hub does not list them.
    fn check_commit(
        &self,
        commit: &Commit,
        files: &mut [Local],
        watch: Watch<'_>,
    ) -> Result<Option<Listing>, HubError> {
        let listing = match self.listing_of(commit, watch) {
            Ok(listing) => listing,
            Err(error) => {
                watch(Event::Unchecked { reason: &error.to_string() });
                return Ok(None);
            }
        };
        for file in files {
            if !file.is_in(&listing)? {
                let what = format!("{}: the hub has other contents than were sent", file.path());
                let fix = "push again; if it happens again, check the proxy (HTTPS_PROXY)";
                return Err(HubError::new(HubErrorKind::Damaged, &self.request.id, what, fix));
            }
        }
        Ok(Some(listing))
    }

    fn result(
        &self,
        upload: &Upload,
        commit: Commit,
        created: bool,
        bytes: BTreeMap<String, u64>,
        listing: &Listing,
    ) -> Pushed {
        let is_other = |path: &&str| {
            // The hub itself adds this file to new repositories.
            *path != ".gitattributes" && upload.files.iter().all(|file| file.path != **path)
        };
        let others = listing.paths().into_iter().filter(is_other).map(str::to_owned);
        let mut others: Vec<String> = others.collect();
        others.sort_unstable();
        Pushed {
            page: format!("{}/{}", self.client.config.endpoint, self.request.page),
            commit,
            created,
            sent: bytes.into_iter().map(|(file, bytes)| Sent { file, bytes }).collect(),
            others,
        }
    }
}
