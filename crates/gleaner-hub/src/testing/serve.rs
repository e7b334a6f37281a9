//! Answers of the local hub.

use super::{Fault, Request, State};
use crate::commit::Commit;
use gleaner_base::hash::{Digest, Sha256, git_blob, hex};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::{Value, json};
use std::{
    fs,
    io::{self, BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

/// Maximum size of files whose contents are part of a commit's hash; of larger files only the size is.
const HASHED: u64 = 64 << 10;

/// Maximum time that a connection without data stays open.
const LONGEST_STALL: Duration = Duration::from_secs(30);

pub(super) fn accept(listener: &TcpListener, state: &Arc<State>, is_store: bool) {
    for stream in listener.incoming().flatten() {
        if state.stop.load(Ordering::SeqCst) {
            return;
        }
        let state = Arc::clone(state);
        // Errors of clients that disconnect are ignored.
        std::thread::spawn(move || Connection { state, stream, is_store }.answer().ok());
    }
}

pub(super) struct Connection {
    pub(super) state: Arc<State>,
    stream: TcpStream,
    pub(super) is_store: bool,
}

/// Status and headers.
pub(super) struct Head {
    status: u16,
    headers: Vec<(&'static str, String)>,
}

impl Head {
    pub(super) fn new(status: u16, headers: Vec<(&'static str, String)>) -> Self {
        Self { status, headers }
    }
}

impl Connection {
    fn answer(mut self) -> io::Result<()> {
        let Some(request) = self.read()? else { return Ok(()) };
        self.state.requests.lock().expect("no panic").push(request.clone());
        let at_once = |fault: &Fault| matches!(fault, Fault::Status(..) | Fault::Answer(_));
        match self.fault(&request, at_once) {
            Some(Fault::Status(code, headers)) => {
                return self.send(&request, &Head::new(code, headers), b"");
            }
            Some(Fault::Answer(text)) => return self.json(&request, 200, &text),
            _ => {}
        }
        if !matches!(request.method.as_str(), "GET" | "HEAD") {
            return self.receive(&request);
        }
        let steps: Vec<&str> = request.path.trim_start_matches('/').split('/').collect();
        match steps.as_slice() {
            ["store", place @ ..] if self.is_store => self.file(&request, &place.join("/")),
            _ if self.is_store => self.refuse(&request, 403, ""),
            ["api", "resolve-cache", kind, owner, name, _, file @ ..] => {
                self.file(&request, &format!("{kind}/{owner}/{name}/{}", file.join("/")))
            }
            ["api", kind @ ("models" | "datasets"), owner, name, "revision", revision @ ..] => {
                self.listing(&request, &format!("{kind}/{owner}/{name}"), &revision.join("/"))
            }
            ["datasets", owner, name, "resolve", rest @ ..] => {
                self.resolve(&request, &format!("datasets/{owner}/{name}"), &rest.join("/"))
            }
            [owner, name, "resolve", rest @ ..] => {
                self.resolve(&request, &format!("models/{owner}/{name}"), &rest.join("/"))
            }
            _ => self.refuse(&request, 404, ""),
        }
    }

    fn read(&self) -> io::Result<Option<Request>> {
        let mut reader = BufReader::new(self.stream.try_clone()?);
        let Some(first) = (&mut reader).lines().next().transpose()? else { return Ok(None) };
        let mut words = first.split(' ');
        let (Some(method), Some(target)) = (words.next(), words.next()) else { return Ok(None) };
        let path = target.split('?').next().unwrap_or_default();
        let mut request = Request {
            method: method.to_owned(),
            path: percent_decode_str(path).decode_utf8_lossy().into_owned(),
            range: None,
            authorization: None,
            content_type: None,
            body: Vec::new(),
        };
        let mut length = Some(0);
        for line in (&mut reader).lines() {
            let line = line?;
            let Some((name, value)) = line.split_once(": ") else { break };
            match name.to_ascii_lowercase().as_str() {
                "range" => request.range = Some(value.to_owned()),
                "authorization" => request.authorization = Some(value.to_owned()),
                "content-type" => request.content_type = Some(value.to_owned()),
                "content-length" => length = value.trim().parse().ok(),
                "transfer-encoding" => length = None,
                _ => {}
            }
        }
        let drops = |fault: &Fault| matches!(fault, Fault::DropSent(_));
        if let Some(Fault::DropSent(after)) = self.fault(&request, drops) {
            reader.take(after).read_to_end(&mut request.body)?;
            self.state.requests.lock().expect("no panic").push(request);
            return Ok(None);
        }
        match length {
            Some(length) => {
                request.body.resize(length, 0);
                reader.read_exact(&mut request.body)?;
            }
            None => request.body = chunks(&mut reader)?,
        }
        Ok(Some(request))
    }

    /// Takes a planned error that applies to this request.
    pub(super) fn fault(&self, request: &Request, fits: impl Fn(&Fault) -> bool) -> Option<Fault> {
        let mut faults = self.state.faults.lock().expect("no panic");
        let due = |p: &&mut super::Planned| {
            p.times > 0 && request.path.ends_with(&p.path_end) && fits(&p.fault)
        };
        let planned = faults.iter_mut().find(due)?;
        planned.times -= 1;
        Some(planned.fault.clone())
    }

    /// The status and error code of the hub if it refuses access to the repository or revision.
    pub(super) fn barred(
        &self,
        request: &Request,
        place: &str,
        revision: &str,
    ) -> Option<(u16, &'static str)> {
        let folder = self.state.root.join(place);
        let repository = place.split_once('/').map_or("", |(_, repository)| repository);
        if let Some(token) = self.state.tokens.lock().expect("no panic").get(repository) {
            match &request.authorization {
                None => return Some((401, "GatedRepo")),
                Some(sent) if *sent != format!("Bearer {token}") => {
                    return Some((403, "GatedRepo"));
                }
                Some(_) => {}
            }
        }
        if !folder.is_dir() {
            return Some((401, "RepoNotFound"));
        }
        let received = self.state.received.lock().expect("no panic");
        let is_writer =
            request.authorization == received.writer.as_ref().map(|t| format!("Bearer {t}"));
        if received.private.contains(repository) && !is_writer {
            return Some((401, "RepoNotFound"));
        }
        let known = self.state.revisions.lock().expect("no panic").contains(revision);
        (!known && revision != commit(&folder)).then_some((404, "RevisionNotFound"))
    }

    fn listing(&mut self, request: &Request, place: &str, revision: &str) -> io::Result<()> {
        if let Some((code, error)) = self.barred(request, place, revision) {
            return self.refuse(request, code, error);
        }
        let folder = self.state.root.join(place);
        let siblings: Vec<Value> = files(&folder)
            .into_iter()
            .map(|path| {
                let bytes = fs::read(folder.join(&path)).unwrap_or_default();
                let etag = etag(&path, &bytes);
                let mut file = json!({"rfilename": path, "size": bytes.len(), "blobId": etag});
                if is_large(&path) {
                    file["blobId"] = etag[..40].into();
                    file["lfs"] = json!({"sha256": etag, "size": bytes.len(), "pointerSize": 130});
                }
                file
            })
            .collect();
        let repository = place.split_once('/').map_or("", |(_, repository)| repository);
        let private = self.state.received.lock().expect("no panic").private.contains(repository);
        let body = json!({"id": repository, "sha": commit(&folder), "private": private,
            "siblings": siblings});
        self.json(request, 200, &body.to_string())
    }

    /// `REVISION/FILE`: a redirect to the store, or to the hub itself for small files.
    fn resolve(&mut self, request: &Request, place: &str, rest: &str) -> io::Result<()> {
        let folder = self.state.root.join(place);
        let names = self.state.revisions.lock().expect("no panic").clone();
        let named = names
            .iter()
            .find_map(|r| Some((r.as_str(), rest.strip_prefix(r.as_str())?.strip_prefix('/')?)));
        let Some((revision, file)) = named.or_else(|| rest.split_once('/')) else {
            return self.refuse(request, 404, "");
        };
        if let Some((code, error)) = self.barred(request, place, revision) {
            return self.refuse(request, code, error);
        }
        let Ok(bytes) = fs::read(folder.join(file)) else {
            return self.refuse(request, 404, "EntryNotFound");
        };
        let commit = commit(&folder);
        let mut headers = vec![("x-repo-commit", commit.clone())];
        if !is_large(file) {
            headers.push((
                "location",
                format!("/api/resolve-cache/{place}/{commit}/{}", escape(file)),
            ));
            return self.send(request, &Head::new(307, headers), b"moved");
        }
        headers.push(("x-linked-etag", format!("\"{}\"", etag(file, &bytes))));
        headers.push(("x-linked-size", bytes.len().to_string()));
        headers.push(("etag", "\"of-the-redirect\"".into()));
        headers.push((
            "location",
            format!("{}/store/{place}/{}?signature=1", self.state.store, escape(file)),
        ));
        self.send(request, &Head::new(302, headers), b"found")
    }

    fn file(&mut self, request: &Request, path: &str) -> io::Result<()> {
        let Ok(mut bytes) = fs::read(self.state.root.join(path)) else {
            return self.refuse(request, 404, "EntryNotFound");
        };
        let etag = etag(path, &bytes);
        let is_of_body = |fault: &Fault| {
            use Fault::{Answer, DropSent, Mute, Status};
            !matches!(fault, Status(..) | Answer(_) | DropSent(_) | Mute)
        };
        let fault = match request.method.as_str() {
            "GET" => self.fault(request, is_of_body),
            _ => None,
        };
        match fault {
            Some(Fault::Truncate(to)) => bytes.truncate(to as usize),
            Some(Fault::Corrupt) => *bytes.last_mut().expect("not empty") ^= 1,
            _ => {}
        }
        let total = bytes.len();
        let from = match (&request.range, &fault) {
            (None, _) | (_, Some(Fault::IgnoreRange)) => None,
            (Some(range), _) => {
                range.trim_start_matches("bytes=").trim_end_matches('-').parse().ok()
            }
        };
        let mut headers = vec![("etag", format!("\"{etag}\"")), ("accept-ranges", "bytes".into())];
        let (status, body) = match from {
            None => (200, &bytes[..]),
            Some(from) if from >= total => {
                headers.push(("content-range", format!("bytes */{total}")));
                return self.send(request, &Head::new(416, headers), b"");
            }
            Some(from) => {
                headers.push(("content-range", format!("bytes {from}-{}/{total}", total - 1)));
                (206, &bytes[from..])
            }
        };
        let head = Head::new(status, headers);
        match fault {
            Some(Fault::Unstated(after)) => {
                self.head(&head, None)?;
                self.stream.write_all(&body[..body.len().min(after as usize)])
            }
            Some(Fault::Drop(after)) => self.send_part(&head, body, after),
            Some(Fault::Stall(after)) => {
                self.send_part(&head, body, after)?;
                self.hold(LONGEST_STALL);
                Ok(())
            }
            Some(Fault::Slow(pause)) => {
                self.head(&head, Some(body.len()))?;
                for quarter in body.chunks(body.len().div_ceil(4)) {
                    self.hold(pause);
                    self.stream.write_all(quarter)?;
                }
                Ok(())
            }
            _ => self.send(request, &head, body),
        }
    }

    pub(super) fn json(&mut self, request: &Request, status: u16, text: &str) -> io::Result<()> {
        let head = Head::new(status, vec![("content-type", "application/json".into())]);
        self.send(request, &head, text.as_bytes())
    }

    pub(super) fn refuse(&mut self, request: &Request, status: u16, error: &str) -> io::Result<()> {
        self.send(request, &Head::new(status, vec![("x-error-code", error.to_owned())]), b"{}")
    }

    pub(super) fn send(&mut self, request: &Request, head: &Head, body: &[u8]) -> io::Result<()> {
        self.head(head, Some(body.len()))?;
        match request.method.as_str() {
            "HEAD" => Ok(()),
            _ => self.stream.write_all(body),
        }
    }

    /// States the size of the whole body and sends its first bytes.
    fn send_part(&mut self, head: &Head, body: &[u8], bytes: u64) -> io::Result<()> {
        self.head(head, Some(body.len()))?;
        self.stream.write_all(&body[..body.len().min(bytes as usize)])
    }

    fn head(&mut self, head: &Head, length: Option<usize>) -> io::Result<()> {
        let mut text = format!("HTTP/1.1 {} Status\r\n", head.status);
        for (name, value) in &head.headers {
            text += &format!("{name}: {value}\r\n");
        }
        if let Some(length) = length {
            text += &format!("content-length: {length}\r\n");
        }
        text += "connection: close\r\n\r\n";
        self.stream.write_all(text.as_bytes())
    }

    /// Waits until the time is over or the server stops.
    fn hold(&self, time: Duration) {
        let step = Duration::from_millis(10);
        for _ in 0..time.as_millis() / step.as_millis() {
            if self.state.stop.load(Ordering::SeqCst) {
                return;
            }
            std::thread::sleep(step);
        }
    }
}

fn escape(path: &str) -> String {
    let steps: Vec<String> = path
        .split('/')
        .map(|step| utf8_percent_encode(step, NON_ALPHANUMERIC).to_string())
        .collect();
    steps.join("/")
}

/// A body in chunks (RFC 9112, section 7.1).
fn chunks(reader: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let length = usize::from_str_radix(line.trim(), 16).map_err(io::Error::other)?;
        let start = body.len();
        body.resize(start + length + 2, 0);
        reader.read_exact(&mut body[start..])?;
        // Each chunk ends with a line break.
        body.truncate(start + length);
        if length == 0 {
            return Ok(body);
        }
    }
}

pub(super) fn is_large(path: &str) -> bool {
    [".safetensors", ".parquet", ".bin"].iter().any(|end| path.ends_with(end))
}

/// The SHA-256 of a large file, git's name of a small one.
fn etag(path: &str, bytes: &[u8]) -> String {
    match is_large(path) {
        true => hex(Sha256::digest(bytes)),
        false => git_blob(bytes),
    }
}

pub(super) fn commit(folder: &Path) -> String {
    let mut hash = Sha256::new();
    for path in files(folder) {
        let file = folder.join(&path);
        let size = fs::metadata(&file).map_or(0, |file| file.len());
        hash.update(format!("{path} {size}\n"));
        if size <= HASHED {
            hash.update(fs::read(file).unwrap_or_default());
        }
    }
    let mut commit = hex(hash.finalize());
    commit.truncate(40);
    Commit::parse(&commit).expect("40 digits").to_string()
}

fn files(folder: &Path) -> Vec<String> {
    crate::cache::files_below(folder)
}
