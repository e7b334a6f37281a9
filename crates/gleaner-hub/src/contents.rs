//! Size and hash of a file, before it is downloaded.

use crate::{
    backoff::Backoff,
    error::HubError,
    event::Watch,
    failure::Failure,
    http::{Client, Method},
    listing::{ListedFile, is_sha256},
    target::Target,
};

/// What the hub states about the contents of a file.
pub(crate) struct Contents {
    /// Name of the blob in the cache.
    pub(crate) etag: String,
    /// Number of bytes.
    pub(crate) size: u64,
    pub(crate) sha256: Option<String>,
    /// The hash of git, of files without a SHA-256.
    pub(crate) blob: Option<String>,
}

/// Asks the hub for size and hash of a file.
pub(crate) fn contents(
    client: &Client,
    url: &str,
    listed: &ListedFile,
    target: &Target<'_>,
    watch: Watch<'_>,
) -> Result<Contents, HubError> {
    let mut backoff = Backoff::new(&client.config);
    let reply = loop {
        match client.send(Method::Head, url, target) {
            Ok(reply) => break reply,
            Err(Failure::Final(error)) => return Err(error),
            Err(Failure::Transient(last)) => {
                if !backoff.wait(target.file, &last.reason, last.wait, watch) {
                    return Err(target.out_of_retries(&last, None));
                }
            }
        }
    };
    let clean = |text: &str| text.trim_start_matches("W/").trim_matches('"').to_owned();
    let safe = |etag: &String| {
        !etag.is_empty()
            && !etag.starts_with('.')
            && etag.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
    };
    // A redirect to the store has an etag and size of its own.
    let redirected = reply.status / 100 == 3;
    let own = |name| reply.header(name).filter(|_| !redirected);
    let etag = reply.first_header("x-linked-etag").or(own("etag")).map(clean).filter(safe);
    let sha256 = etag.clone().filter(|etag| is_sha256(etag));
    if let (Some(a), Some(b)) = (&sha256, &listed.sha256)
        && a != b
    {
        return Err(target.unexpected(&format!("contradictory SHA-256: {a} and {b}")));
    }
    let number = |text: &str| text.trim().parse::<u64>().ok();
    let linked = reply.first_header("x-linked-size").and_then(number);
    let stated = linked.or_else(|| own("content-length").and_then(number));
    let size = match (listed.size, stated) {
        (Some(a), Some(b)) if a != b => {
            return Err(target.unexpected(&format!("contradictory sizes: {a} and {b} bytes")));
        }
        (a, b) => a.or(b).ok_or_else(|| target.unexpected("no size"))?,
    };
    let sha256 = sha256.or_else(|| listed.sha256.clone());
    let etag = etag
        .or_else(|| sha256.clone())
        .or_else(|| listed.blob.clone().filter(safe))
        .ok_or_else(|| target.unexpected("no etag"))?;
    let is_hash = |blob: &String| blob.len() == 40 && blob.bytes().all(|b| b.is_ascii_hexdigit());
    let blob = listed.blob.clone().filter(|blob| sha256.is_none() && is_hash(blob));
    Ok(Contents { etag, size, sha256, blob })
}
