//! One file from the hub into the cache.

use crate::{
    cache::{RepoCache, is_whole},
    error::{HubError, HubErrorKind},
    event::{Event, Watch},
    http::{Client, Method, Purpose, Reply},
    id::Commit,
    listing::{ListedFile, hex, is_sha256},
    patience::Patience,
    refusal::{Failure, Passing},
};
use sha2::{Digest, Sha256};
use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom, Write},
};

const BUFFER: usize = 128 << 10;

/// Attempts that together brought fewer new bytes than this got nowhere.
const PROGRESS: u64 = 64 << 10;

/// What the hub says of a file's contents.
struct Contents {
    /// The blob's name in the cache.
    etag: String,
    /// Bytes.
    size: u64,
    sha256: Option<String>,
}

/// A file being gathered.
struct Part<'p> {
    file: File,
    contents: &'p Contents,
    /// Bytes on disk.
    done: u64,
    /// Bytes that came through the network.
    fetched: u64,
}

/// Fetches a file of a commit from `url`, checks it and puts it into the cache. Returns the bytes that came through the
/// network.
///
/// An earlier attempt of whichever process is taken up where it ended. Until the size is right, and the SHA-256 where the
/// hub states one, the bytes do not stand under their name.
pub(crate) fn download(
    client: &Client,
    cache: &RepoCache,
    commit: &Commit,
    url: &str,
    listed: &ListedFile,
    purpose: &Purpose<'_>,
    watch: Watch<'_>,
) -> Result<u64, HubError> {
    let contents = contents(client, url, listed, purpose, watch)?;
    let _lock = cache.lock(&contents.etag, || watch(Event::Locked { file: &listed.path }))?;
    let blob = cache.blob(&contents.etag);
    let mut fetched = 0;
    if !is_whole(&blob, Some(contents.size)) {
        let path = cache.incomplete(&contents.etag);
        let open = || -> io::Result<Part<'_>> {
            let file = File::options().create(true).append(true).read(true).open(&path)?;
            let done = file.metadata()?.len();
            Ok(Part { file, contents: &contents, done, fetched: 0 })
        };
        let mut part = open().map_err(|e| cache.io(&path, &e))?;
        part.gather(client, url, purpose, watch, |e| cache.io(&path, &e))?;
        fetched = part.fetched;
        part.file
            .sync_all()
            .and_then(|()| fs::rename(&path, &blob))
            .map_err(|e| cache.io(&blob, &e))?;
    }
    cache.point(commit, &listed.path, &contents.etag)?;
    watch(Event::Complete { file: &listed.path, fetched, of: contents.size });
    Ok(fetched)
}

/// Asks what the file holds before any of it is fetched.
fn contents(
    client: &Client,
    url: &str,
    listed: &ListedFile,
    purpose: &Purpose<'_>,
    watch: Watch<'_>,
) -> Result<Contents, HubError> {
    let mut patience = Patience::new(&client.config);
    let reply = loop {
        match client.ask(Method::Head, url, purpose) {
            Ok(reply) => break reply,
            Err(Failure::Final(error)) => return Err(error),
            Err(Failure::Passing(passing)) => {
                if !patience.again(purpose.file, &passing.reason, passing.wait, watch) {
                    return Err(client.given_up(purpose, &passing, None));
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
    // The etag of a redirect to the store would be the redirect's own.
    let redirected = reply.status / 100 == 3;
    let own = |name| reply.header(name).filter(|_| !redirected);
    let etag = reply.first_header("x-linked-etag").or(own("etag")).map(clean).filter(safe);
    let sha256 = etag.clone().filter(|etag| is_sha256(etag));
    if let (Some(a), Some(b)) = (&sha256, &listed.sha256)
        && a != b
    {
        return Err(client.nonsense(purpose, &format!("two SHA-256 are stated, {a} and {b}")));
    }
    let number = |text: &str| text.trim().parse::<u64>().ok();
    let linked = reply.first_header("x-linked-size").and_then(number);
    let stated = linked.or_else(|| own("content-length").and_then(number));
    let size = match (listed.size, stated) {
        (Some(a), Some(b)) if a != b => {
            return Err(
                client.nonsense(purpose, &format!("two sizes are stated, {a} and {b} bytes"))
            );
        }
        (a, b) => a.or(b).ok_or_else(|| client.nonsense(purpose, "no size is stated"))?,
    };
    let sha256 = sha256.or_else(|| listed.sha256.clone());
    let etag = etag
        .or_else(|| sha256.clone())
        .or_else(|| listed.blob.clone().filter(safe))
        .ok_or_else(|| client.nonsense(purpose, "no etag is stated"))?;
    Ok(Contents { etag, size, sha256 })
}

impl Part<'_> {
    /// Fetches what is missing until all of it is here and right.
    fn gather(
        &mut self,
        client: &Client,
        url: &str,
        purpose: &Purpose<'_>,
        watch: Watch<'_>,
        on_disk: impl Fn(io::Error) -> HubError,
    ) -> Result<(), HubError> {
        let mut patience = Patience::new(&client.config);
        let (mut furthest, mut twice_wrong) = (self.done, false);
        loop {
            let mut outcome = self.attempt(client, url, purpose, watch, &on_disk);
            if outcome.is_ok() && !self.is_right().map_err(&on_disk)? {
                // What an earlier attempt left may have been at fault, or the way here: once more from the start.
                self.truncate().map_err(&on_disk)?;
                let passing = damaged("what came has another SHA-256 than the hub states");
                if twice_wrong {
                    return Err(client.given_up(purpose, &passing, None));
                }
                twice_wrong = true;
                outcome = Err(passing.into());
            } else if self.done >= furthest + PROGRESS {
                furthest = self.done;
                patience.renew();
            }
            match outcome {
                Ok(()) => return Ok(()),
                Err(Failure::Final(error)) => return Err(error),
                Err(Failure::Passing(passing)) => {
                    if !patience.again(purpose.file, &passing.reason, passing.wait, watch) {
                        let kept = Some((self.done, self.contents.size));
                        return Err(client.given_up(purpose, &passing, kept));
                    }
                }
            }
        }
    }

    /// One request for what is missing.
    fn attempt(
        &mut self,
        client: &Client,
        url: &str,
        purpose: &Purpose<'_>,
        watch: Watch<'_>,
        on_disk: &impl Fn(io::Error) -> HubError,
    ) -> Result<(), Failure> {
        let on_disk = |e| Failure::Final(on_disk(e));
        let size = self.contents.size;
        if self.done > size {
            self.truncate().map_err(on_disk)?;
        }
        watch(Event::Progress { file: purpose.file, done: self.done, of: size });
        if self.done == size {
            return Ok(());
        }
        let reply = client.ask(Method::Get { from: self.done }, url, purpose)?;
        if !self.continues(&reply) {
            self.truncate().map_err(on_disk)?;
            if reply.status != 200 {
                return Err(Passing::new("the server does not go on where the file ends").into());
            }
        }
        if let Some(total) = stated_total(&reply).filter(|total| *total != size) {
            let reason = format!("{total} bytes are on offer, and the hub states {size}");
            return Err(damaged(reason).into());
        }
        let mut body = reply.body.into_with_config().limit(u64::MAX).reader();
        let mut buffer = vec![0; BUFFER];
        loop {
            let read = match body.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                // A time-out comes wrapped.
                Err(error) => match ureq::Error::from(error) {
                    error @ ureq::Error::Timeout(_) => return Err(client.broken(error, purpose)),
                    error => {
                        let error = error.into_io();
                        let reason = format!("the connection dropped ({error})");
                        return Err(Passing::new(reason).into());
                    }
                },
            };
            if self.done + read as u64 > size {
                self.truncate().map_err(on_disk)?;
                return Err(damaged("more bytes came than the hub states").into());
            }
            self.file.write_all(&buffer[..read]).map_err(on_disk)?;
            self.done += read as u64;
            self.fetched += read as u64;
            watch(Event::Progress { file: purpose.file, done: self.done, of: size });
        }
        match self.done == size {
            true => Ok(()),
            false => Err(damaged("the file ends before its stated size").into()),
        }
    }

    /// Whether an answer's bytes follow those on disk.
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

    /// Whether the bytes on disk are those that the hub states.
    fn is_right(&mut self) -> io::Result<bool> {
        let Some(stated) = &self.contents.sha256 else { return Ok(true) };
        self.file.seek(SeekFrom::Start(0))?;
        let mut hash = Sha256::new();
        let mut buffer = vec![0; BUFFER];
        loop {
            match self.file.read(&mut buffer)? {
                0 => break,
                read => hash.update(&buffer[..read]),
            }
        }
        Ok(hex(&hash.finalize()) == *stated)
    }

    fn truncate(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.done = 0;
        Ok(())
    }
}

fn damaged(reason: impl Into<String>) -> Passing {
    Passing { kind: HubErrorKind::Damaged, ..Passing::new(reason) }
}

/// The size of the whole file as its server states it.
fn stated_total(reply: &Reply) -> Option<u64> {
    match reply.status {
        200 => reply.header("content-length")?.trim().parse().ok(),
        _ => reply.header("content-range")?.rsplit('/').next()?.trim().parse().ok(),
    }
}
