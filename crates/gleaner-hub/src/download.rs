//! Downloading a file into the cache.

use crate::{
    backoff::Backoff,
    cache::{RepoCache, is_complete},
    commit::Commit,
    contents::{Contents, contents},
    error::HubError,
    event::{Event, Watch},
    failure::{Failure, Transient},
    http::{Client, Method, Reply},
    listing::ListedFile,
    refusal::no_answer,
    target::Target,
};
use gleaner_base::{
    files::Growing,
    hash::{Fingerprint, git_blob_of},
};
use std::io::{self, Read, Seek, SeekFrom, Write};

const BUFFER: usize = 128 << 10;

/// Number of new bytes that counts as progress, so that failures before it are forgotten.
const PROGRESS: u64 = 64 << 10;

/// A partial download.
struct Partial<'p> {
    file: Growing,
    contents: &'p Contents,
    /// Number of bytes on disk.
    done: u64,
    /// Number of bytes downloaded.
    fetched: u64,
}

/// Downloads a file of a commit from `url`, checks it and adds it to the cache. Returns the number of bytes downloaded.
///
/// A partial download of this or another process is resumed if the hub states a SHA-256: a power cut can leave wrong
/// bytes at its end. The file gets its name only after its size is right, and the hash that the hub states: the
/// SHA-256, or that of git.
pub(crate) fn download(
    client: &Client,
    cache: &RepoCache,
    commit: &Commit,
    url: &str,
    listed: &ListedFile,
    target: &Target<'_>,
    watch: Watch<'_>,
) -> Result<u64, HubError> {
    let contents = contents(client, url, listed, target, watch)?;
    let _lock = cache.lock(&contents.etag, || watch(Event::Locked { file: &listed.path }))?;
    let blob = cache.blob(&contents.etag);
    let mut fetched = 0;
    if !is_complete(&blob, Some(contents.size)) {
        let path = cache.incomplete(&contents.etag);
        let open = || -> io::Result<Partial<'_>> {
            let mut file = Growing::open(&path)?;
            if contents.sha256.is_none() && file.size()? > 0 {
                file.clear()?;
            }
            let done = file.size()?;
            Ok(Partial { file, contents: &contents, done, fetched: 0 })
        };
        let mut partial = open().map_err(|e| cache.io(&path, &e))?;
        partial.complete(client, url, target, watch, |e| cache.io(&path, &e))?;
        fetched = partial.fetched;
        partial.file.finish(&blob).map_err(|e| cache.io(&blob, &e))?;
    }
    cache.link(commit, &listed.path, &contents.etag)?;
    watch(Event::Complete { file: &listed.path, fetched, of: contents.size });
    Ok(fetched)
}

impl Partial<'_> {
    /// Downloads the missing bytes, with retries, and checks the file.
    fn complete(
        &mut self,
        client: &Client,
        url: &str,
        target: &Target<'_>,
        watch: Watch<'_>,
        on_disk: impl Fn(io::Error) -> HubError,
    ) -> Result<(), HubError> {
        let mut backoff = Backoff::new(&client.config);
        let (mut last_progress, mut was_wrong) = (self.done, false);
        loop {
            let mut result = self.attempt(client, url, target, watch, &on_disk);
            let wrong = match result {
                Ok(()) => self.wrong_hash().map_err(&on_disk)?,
                Err(_) => None,
            };
            if let Some(wrong) = wrong {
                // The bytes of an earlier attempt may be damaged: one retry from the start.
                self.truncate().map_err(&on_disk)?;
                let wrong = Transient::damaged(wrong);
                if was_wrong {
                    return Err(target.out_of_retries(&wrong, None));
                }
                was_wrong = true;
                result = Err(wrong.into());
            } else if self.done >= last_progress + PROGRESS {
                last_progress = self.done;
                backoff.reset();
            }
            match result {
                Ok(()) => return Ok(()),
                Err(Failure::Final(error)) => return Err(error),
                Err(Failure::Transient(last)) => {
                    if !backoff.wait(target.file, &last.reason, last.wait, watch) {
                        let done = Some((self.done, self.contents.size));
                        return Err(target.out_of_retries(&last, done));
                    }
                }
            }
        }
    }

    /// Requests the missing bytes once.
    fn attempt(
        &mut self,
        client: &Client,
        url: &str,
        target: &Target<'_>,
        watch: Watch<'_>,
        on_disk: &impl Fn(io::Error) -> HubError,
    ) -> Result<(), Failure> {
        let on_disk = |e| Failure::Final(on_disk(e));
        let size = self.contents.size;
        if self.done > size {
            self.truncate().map_err(on_disk)?;
        }
        watch(Event::Progress { file: target.file, done: self.done, of: size });
        if self.done == size {
            return Ok(());
        }
        let reply = client.send(Method::Get { from: self.done }, url, target)?;
        if !self.continues(&reply) {
            self.truncate().map_err(on_disk)?;
            if reply.status != 200 {
                return Err(Transient::new("the server cannot resume the download").into());
            }
        }
        if let Some(total) = stated_total(&reply).filter(|total| *total != size) {
            let reason = format!("the file has {total} bytes instead of {size}");
            return Err(Transient::damaged(reason).into());
        }
        let mut body = reply.body.into_with_config().limit(u64::MAX).reader();
        let mut buffer = vec![0; BUFFER];
        loop {
            let read = match body.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                // A timeout is wrapped in an IO error.
                Err(error) => match ureq::Error::from(error) {
                    error @ ureq::Error::Timeout(_) => return Err(no_answer(error, target)),
                    error => {
                        let error = error.into_io();
                        let reason = format!("the connection dropped ({error})");
                        return Err(Transient::new(reason).into());
                    }
                },
            };
            if self.done + read as u64 > size {
                self.truncate().map_err(on_disk)?;
                return Err(Transient::damaged("the file is larger than the hub states").into());
            }
            self.file.write_all(&buffer[..read]).map_err(on_disk)?;
            self.done += read as u64;
            self.fetched += read as u64;
            watch(Event::Progress { file: target.file, done: self.done, of: size });
        }
        match self.done == size {
            true => Ok(()),
            false => Err(Transient::damaged("the file is smaller than the hub states").into()),
        }
    }

    /// Whether the bytes of an answer follow those on disk.
    fn continues(&self, reply: &Reply) -> bool {
        match reply.status {
            206 => {
                let range = reply.header("content-range").and_then(|r| r.strip_prefix("bytes "));
                let start = range.and_then(|range| range.split('-').next()?.parse().ok());
                start == Some(self.done)
            }
            200 => self.done == 0,
            _ => false,
        }
    }

    /// Which hash of the bytes on disk differs from that of the hub, if one does.
    fn wrong_hash(&mut self) -> io::Result<Option<&'static str>> {
        self.file.seek(SeekFrom::Start(0))?;
        if let Some(stated) = &self.contents.sha256 {
            let is_right = Fingerprint::of(&mut self.file)?.sha256 == *stated;
            return Ok((!is_right).then_some("the SHA-256 differs from that of the hub"));
        }
        if let Some(stated) = &self.contents.blob {
            let is_right = git_blob_of(self.done, &mut self.file)? == *stated;
            return Ok((!is_right).then_some("the hash of git differs from that of the hub"));
        }
        Ok(None)
    }

    fn truncate(&mut self) -> io::Result<()> {
        self.file.clear()?;
        self.done = 0;
        Ok(())
    }
}

/// The size of the whole file in an answer.
fn stated_total(reply: &Reply) -> Option<u64> {
    match reply.status {
        200 => reply.header("content-length")?.trim().parse().ok(),
        _ => reply.header("content-range")?.rsplit('/').next()?.trim().parse().ok(),
    }
}
