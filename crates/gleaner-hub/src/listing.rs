//! The files of a commit.

use crate::{
    backoff::Backoff, commit::Commit, error::HubError, event::Watch, http::Client,
    request::Request, target::Target,
};
use serde::{Deserialize, Serialize};

/// The files of a repository at one commit.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Listing {
    pub(crate) files: Vec<ListedFile>,
    /// Whether these are all files. False for a list of the files in the cache.
    #[serde(skip, default = "all")]
    pub(crate) complete: bool,
}

/// A file and what the hub states about its contents.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ListedFile {
    pub(crate) path: String,
    pub(crate) size: Option<u64>,
    /// 64 hexadecimal digits; only for large files.
    pub(crate) sha256: Option<String>,
    /// The hash of git; only for small files.
    pub(crate) blob: Option<String>,
}

fn all() -> bool {
    true
}

impl Listing {
    /// Files in the cache, possibly not all of the commit.
    pub(crate) fn partial(paths: Vec<String>) -> Self {
        let file = |path| ListedFile { path, size: None, sha256: None, blob: None };
        Self { files: paths.into_iter().map(file).collect(), complete: false }
    }

    pub(crate) fn find(&self, path: &str) -> Option<&ListedFile> {
        self.files.iter().find(|file| file.path == path)
    }

    pub(crate) fn paths(&self) -> Vec<&str> {
        self.files.iter().map(|file| file.path.as_str()).collect()
    }
}

/// The answer of the hub to `GET /api/KIND/ID/revision/REVISION?blobs=true`.
#[derive(Deserialize)]
pub(crate) struct RevisionReply {
    /// The commit.
    pub(crate) sha: String,
    /// Whether only its owners see the repository.
    #[serde(default)]
    pub(crate) private: bool,
    #[serde(default)]
    siblings: Vec<Sibling>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sibling {
    rfilename: String,
    size: Option<u64>,
    blob_id: Option<String>,
    lfs: Option<LargeFile>,
}

#[derive(Deserialize)]
struct LargeFile {
    sha256: Option<String>,
    size: Option<u64>,
}

impl RevisionReply {
    pub(crate) fn listing(self) -> Listing {
        let file = |s: Sibling| {
            let large = s.lfs.as_ref();
            ListedFile {
                path: s.rfilename,
                // For a large file, `size` can be the size of the pointer to it.
                size: large.and_then(|l| l.size).or(s.size),
                sha256: large.and_then(|l| l.sha256.clone()).filter(|hash| is_sha256(hash)),
                // That of a large file is of the pointer to it.
                blob: s.blob_id.filter(|_| s.lfs.is_none()),
            }
        };
        Listing { files: self.siblings.into_iter().map(file).collect(), complete: true }
    }
}

/// Asks the hub for the commit of a revision and what it lists.
pub(crate) fn revision(
    client: &Client,
    request: &Request<'_>,
    target: &Target<'_>,
    backoff: Backoff<'_>,
    watch: Watch<'_>,
) -> Result<(Commit, RevisionReply), HubError> {
    let url = request.listing_url(&client.config.endpoint);
    let text = client.text(&url, target, backoff, watch)?;
    let reply: RevisionReply = serde_json::from_str(&text)
        .map_err(|e| target.unexpected(&format!("unexpected contents ({e})")))?;
    let commit = Commit::parse(&reply.sha)
        .ok_or_else(|| target.unexpected(&format!("`{}` is not a commit", reply.sha)))?;
    if Commit::parse(request.revision).is_some_and(|asked| asked != commit) {
        return Err(target.unexpected(&format!("commit {commit} instead of {}", request.revision)));
    }
    Ok((commit, reply))
}

/// Whether these are 64 hexadecimal digits in lower case.
pub(crate) fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_answer_of_the_hub() {
        let hash = "5".repeat(64);
        let text = format!(
            r#"{{"id": "a/b", "sha": "abc", "siblings": [
                {{"rfilename": "config.json", "size": 12, "blobId": "77"}},
                {{"rfilename": "model.safetensors", "size": 134, "blobId": "88",
                  "lfs": {{"sha256": "{hash}", "size": 9000, "pointerSize": 134}}}},
                {{"rfilename": "old"}}]}}"#
        );
        let reply: RevisionReply = serde_json::from_str(&text).unwrap();
        assert_eq!(reply.sha, "abc");
        let listing = reply.listing();
        assert_eq!(listing.paths(), ["config.json", "model.safetensors", "old"]);
        let large = listing.find("model.safetensors").unwrap();
        assert_eq!((large.size, large.sha256.as_ref()), (Some(9000), Some(&hash)));
        let small = listing.find("config.json").unwrap();
        assert_eq!(
            (small.size, small.sha256.as_ref(), small.blob.as_deref()),
            (Some(12), None, Some("77"))
        );
        assert!(listing.find("missing").is_none());
        assert_eq!(large.blob, None);
        let again: Listing =
            serde_json::from_slice(&serde_json::to_vec(&listing).unwrap()).unwrap();
        assert!(again.complete && again.files == listing.files);
    }
}
