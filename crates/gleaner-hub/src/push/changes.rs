//! The files that a commit adds or changes.

use super::Push;
use crate::{
    answer::Answer,
    commit::Commit,
    error::{HubError, HubErrorKind},
    event::Watch,
    failure::Failure,
    listing::Listing,
    refusal::not_taken,
    target::Target,
    upload::{UploadFile, unreadable},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use gleaner_base::hash::{Fingerprint, git_blob};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
};

/// Number of bytes of a file that the hub sees to tell text from other contents.
const SAMPLE: u64 = 512;
/// Maximum number of files in one question.
const FILES: usize = 256;
/// Maximum size of a file that is part of a commit. The hub's own limit is lower.
const MAX_SMALL: u64 = 64 << 20;

/// How the contents of a file are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Mode {
    /// In the store, under its SHA-256.
    Lfs,
    /// In git.
    Regular,
}

/// A file to send. It stays open, so that a file that replaces it meanwhile is not mixed with it.
pub(super) struct Local<'u> {
    upload: &'u UploadFile,
    pub(super) file: File,
    pub(super) size: u64,
    mode: Mode,
    /// The SHA-256 of the contents, or git's name of them, in hexadecimal digits.
    id: Option<String>,
}

/// The answer to the question which files are large.
#[derive(Deserialize)]
struct Modes {
    files: Vec<FileMode>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FileMode {
    path: String,
    upload_mode: Mode,
    #[serde(default)]
    should_ignore: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CommitReply {
    commit_oid: String,
}

impl<'u> Local<'u> {
    pub(super) fn open(upload: &'u UploadFile) -> Result<Self, HubError> {
        let open = || {
            let file = File::open(&upload.source)?;
            let size = file.metadata()?.len();
            Ok(Self { upload, file, size, mode: Mode::Regular, id: None })
        };
        open().map_err(|e| unreadable(&upload.source, &e))
    }

    /// The path in the repository.
    pub(super) fn path(&self) -> &'u str {
        &self.upload.path
    }

    /// Whether a commit has this file with these contents.
    pub(super) fn is_in(&mut self, listing: &Listing) -> Result<bool, HubError> {
        let Some(listed) = listing.find(self.path()) else { return Ok(false) };
        let id = match self.mode {
            Mode::Lfs => listed.sha256.as_ref(),
            Mode::Regular => listed.blob.as_ref(),
        };
        Ok(id == Some(&self.id()?))
    }

    /// The SHA-256 of a large file, git's name of a small one.
    pub(super) fn id(&mut self) -> Result<String, HubError> {
        if let Some(id) = &self.id {
            return Ok(id.clone());
        }
        let id = match self.mode {
            Mode::Lfs => self.sha256().map_err(|e| self.unreadable(&e))?,
            Mode::Regular => git_blob(&self.bytes(MAX_SMALL)?),
        };
        Ok(self.id.insert(id).clone())
    }

    /// The first bytes, at most this number.
    fn bytes(&mut self, most: u64) -> Result<Vec<u8>, HubError> {
        let mut bytes = Vec::new();
        let mut read = || {
            self.file.seek(SeekFrom::Start(0))?;
            (&self.file).take(most).read_to_end(&mut bytes)
        };
        read().map_err(|e| self.unreadable(&e))?;
        Ok(bytes)
    }

    fn sha256(&mut self) -> io::Result<String> {
        self.file.seek(SeekFrom::Start(0))?;
        Ok(Fingerprint::of(&mut self.file)?.sha256)
    }

    pub(super) fn unreadable(&self, error: &io::Error) -> HubError {
        unreadable(&self.upload.source, error)
    }

    /// The file as a line of a commit.
    fn line(&mut self) -> Result<Value, HubError> {
        let path = self.path();
        Ok(match self.mode {
            Mode::Lfs => json!({"key": "lfsFile", "value":
                {"path": path, "algo": "sha256", "oid": self.id()?, "size": self.size}}),
            Mode::Regular => {
                let content = BASE64_STANDARD.encode(self.bytes(MAX_SMALL)?);
                json!({"key": "file", "value":
                    {"content": content, "path": path, "encoding": "base64"}})
            }
        })
    }
}

impl Push<'_> {
    /// Asks the hub which files are large.
    pub(super) fn find_modes(
        &self,
        files: &mut [Local<'_>],
        watch: Watch<'_>,
    ) -> Result<(), HubError> {
        let url = self.request.api_url(&self.client.config.endpoint, "preupload");
        for files in files.chunks_mut(FILES) {
            let target = self.target("list of files to send");
            let mut asked = Vec::new();
            for file in files.iter_mut() {
                let sample = BASE64_STANDARD.encode(file.bytes(SAMPLE)?);
                asked.push(json!({"path": file.path(), "sample": sample, "size": file.size}));
            }
            let answer = self.post_json(&url, &json!({"files": asked}), target.file, watch)?;
            let modes: Modes = parsed(&answer, &target)?;
            for file in files {
                let found = modes.files.iter().find(|mode| mode.path == file.path());
                let found = found.ok_or_else(|| {
                    target.unexpected(&format!("{} is missing in the answer", file.path()))
                })?;
                if found.should_ignore {
                    return Err(HubError::new(
                        HubErrorKind::Refused,
                        &self.request.id,
                        format!("{}: the repository's .gitignore excludes it", file.path()),
                        "change .gitignore in the repository",
                    ));
                }
                // The store takes no empty files.
                let mode = if file.size == 0 { Mode::Regular } else { found.upload_mode };
                if mode == Mode::Regular && file.size > MAX_SMALL {
                    let what = format!("{} is not to be sent as a large file", file.path());
                    return Err(target.unexpected(&what));
                }
                if mode != file.mode {
                    (file.mode, file.id) = (mode, None);
                }
            }
        }
        Ok(())
    }

    /// Sends the contents of a large file. A small one is part of the commit. Returns the number of bytes sent.
    pub(super) fn send(&self, file: &mut Local<'_>, watch: Watch<'_>) -> Result<u64, HubError> {
        match file.mode {
            Mode::Lfs => self.send_object(file, watch),
            Mode::Regular => Ok(file.size),
        }
    }

    /// Sends the commit once.
    pub(super) fn commit(
        &self,
        files: &mut [&mut Local<'_>],
        message: &str,
    ) -> Result<Commit, Failure> {
        let (summary, description) = message.split_once('\n').unwrap_or((message, ""));
        let header = json!({"summary": summary.trim(), "description": description.trim()});
        let mut lines = json!({"key": "header", "value": header}).to_string() + "\n";
        for file in files {
            lines += &file.line().map_err(Failure::Final)?.to_string();
            lines.push('\n');
        }
        let (target, answer) = (self.target("commit"), self.post_commit(&lines)?);
        let reply: CommitReply = parsed(&answer, &target).map_err(Failure::Final)?;
        Commit::parse(&reply.commit_oid).ok_or_else(|| {
            let what = format!("`{}` is not a commit", reply.commit_oid);
            Failure::Final(target.unexpected(&what))
        })
    }
}

/// The contents of a successful answer.
pub(super) fn parsed<T: DeserializeOwned>(
    answer: &Answer,
    target: &Target<'_>,
) -> Result<T, HubError> {
    match answer.status {
        200..300 => serde_json::from_str(&answer.text)
            .map_err(|e| target.unexpected(&format!("unexpected contents ({e})"))),
        _ => Err(not_taken(answer, target)),
    }
}
