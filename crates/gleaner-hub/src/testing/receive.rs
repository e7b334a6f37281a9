//! What clients send to the local hub.

use super::{
    Fault, Received, Request,
    serve::{Connection, Head, commit, is_large},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use gleaner_base::{
    files,
    hash::{Digest, Sha256, hex},
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    io,
    path::{Component, Path},
    sync::MutexGuard,
};

/// The types of requests.
const JSON: &str = "application/json";
const LFS: &str = "application/vnd.git-lfs+json";
const LINES: &str = "application/x-ndjson";

/// An answer: status, code of the error, and JSON.
type Answer = (u16, &'static str, Value);

impl Connection {
    /// Answers a request that changes something.
    pub(super) fn receive(&mut self, request: &Request) -> io::Result<()> {
        let steps: Vec<&str> = request.path.trim_start_matches('/').split('/').collect();
        let answer = match (request.method.as_str(), steps.as_slice()) {
            ("PUT", ["upload", oid]) if self.is_store => return self.object(request, oid, None),
            ("PUT", ["upload", oid, number]) if self.is_store => {
                return self.object(request, oid, number.parse().ok());
            }
            ("POST", _) if !self.is_store => self.change(request, &steps),
            _ => refusal(404, "not found"),
        };
        let mute = |fault: &Fault| matches!(fault, Fault::Mute);
        if self.fault(request, mute).is_some() {
            return Ok(());
        }
        let (status, code, body) = answer;
        let mut headers = vec![("content-type", JSON.to_owned())];
        headers.extend((!code.is_empty()).then(|| ("x-error-code", code.to_owned())));
        self.send(request, &Head::new(status, headers), body.to_string().as_bytes())
    }

    fn change(&self, request: &Request, steps: &[&str]) -> Answer {
        if let ["api", "complete", oid] = steps {
            return self.complete(request, oid);
        }
        let writer = self.received().writer.clone();
        match (&request.authorization, writer) {
            (None, _) => return refusal(401, "Invalid username or password."),
            (Some(sent), Some(token)) if *sent == format!("Bearer {token}") => {}
            _ => return refusal(403, "You do not have write access."),
        }
        let expected = match steps {
            [.., "commit", _] => LINES,
            [.., "batch"] => LFS,
            _ => JSON,
        };
        if request.content_type.as_deref() != Some(expected) {
            return refusal(415, &format!("expected {expected}"));
        }
        let body: Value = match expected {
            LINES => Value::Null,
            _ => match serde_json::from_slice(&request.body) {
                Ok(body) => body,
                Err(error) => return refusal(400, &error.to_string()),
            },
        };
        match steps {
            ["api", "repos", "create"] => self.create(&body),
            ["api", "validate-yaml"] => (200, "", json!({"errors": [], "warnings": []})),
            ["api", "models", owner, name, "branch", branch @ ..] => {
                let place = format!("models/{owner}/{name}");
                self.branch(request, &place, &branch.join("/"))
            }
            ["api", "models", owner, name, "preupload", revision @ ..] => {
                let place = format!("models/{owner}/{name}");
                match self.barred(request, &place, &revision.join("/")) {
                    Some((status, code)) => (status, code, json!({"error": "barred"})),
                    None => modes(&body),
                }
            }
            ["api", "models", owner, name, "commit", revision @ ..] => {
                let place = format!("models/{owner}/{name}");
                match self.barred(request, &place, &revision.join("/")) {
                    Some((status, code)) => (status, code, json!({"error": "barred"})),
                    None => self.add_commit(request, &place),
                }
            }
            [owner, repository, "info", "lfs", "objects", "batch"] => {
                let name = repository.trim_end_matches(".git");
                match self.barred(request, &format!("models/{owner}/{name}"), "main") {
                    Some((status, code)) => (status, code, json!({"error": "barred"})),
                    None => self.batch(&body),
                }
            }
            ["api", "verify"] => match self.received().objects.get(text(&body["oid"])) {
                Some(bytes) if body["size"] == bytes.len() => (200, "", json!({})),
                _ => refusal(404, "the object was not received"),
            },
            _ => refusal(404, "not found"),
        }
    }

    fn create(&self, body: &Value) -> Answer {
        let (owner, name) = (text(&body["organization"]), text(&body["name"]));
        let id = format!("{owner}/{name}");
        let folder = self.state.root.join("models").join(&id);
        // Models are what is created if no type is given; huggingface_hub gives none.
        let is_model = body["type"].is_null() || body["type"] == "model";
        if !is_model || owner.is_empty() || name.is_empty() {
            return refusal(400, "not the name of a model");
        }
        let url = format!("{}/{id}", self.state.home);
        if folder.exists() {
            let error = "You already created this model repo";
            return (409, "", json!({"error": error, "url": url}));
        }
        let first = || -> io::Result<()> {
            files::create_folder(&folder)?;
            files::write(&folder.join(".gitattributes"), b"*.bin filter=lfs\n")
        };
        if let Err(error) = first() {
            return refusal(500, &error.to_string());
        }
        if body["visibility"] == "private" {
            self.received().private.insert(id.clone());
        }
        (200, "", json!({"url": url, "name": id}))
    }

    fn branch(&self, request: &Request, place: &str, branch: &str) -> Answer {
        if let Some((status, code)) = self.barred(request, place, "main") {
            return (status, code, json!({"error": "barred"}));
        }
        match self.state.revisions.lock().expect("no panic").insert(branch.to_owned()) {
            true => (200, "", json!({})),
            false => refusal(409, "Reference already exists"),
        }
    }

    /// The batch API of Git LFS, for objects that are sent.
    fn batch(&self, body: &Value) -> Answer {
        let transfers = &body["transfers"];
        if body["operation"] != "upload"
            || body["hash_algo"] != "sha256"
            || *transfers != json!(["basic", "multipart"])
        {
            return refusal(422, "not a request of uploads");
        }
        let received = self.received();
        let objects = body["objects"].as_array().into_iter().flatten().map(|object| {
            let (oid, size) = (text(&object["oid"]), object["size"].as_u64().unwrap_or(0));
            let mut answer = json!({"oid": oid, "size": size});
            if !received.objects.contains_key(oid) {
                let verify = format!("{}/api/verify", self.state.home);
                answer["actions"] =
                    json!({"upload": self.upload(&received, oid, size), "verify": {"href": verify}});
            }
            answer
        });
        let objects: Vec<Value> = objects.collect();
        (200, "", json!({"transfer": "basic", "objects": objects}))
    }

    /// Where an object is sent.
    fn upload(&self, received: &Received, oid: &str, size: u64) -> Value {
        let store = format!("{}/upload/{oid}", self.state.store);
        let Some(part) = received.part.filter(|part| size > *part) else {
            return json!({"href": format!("{store}?signature=1")});
        };
        let number = |n| (format!("{n:05}"), format!("{store}/{n}?signature=1").into());
        let mut header: serde_json::Map<String, Value> =
            (1..=size.div_ceil(part)).map(number).collect();
        header.insert("chunk_size".to_owned(), part.to_string().into());
        json!({"href": format!("{}/api/complete/{oid}?signature=1", self.state.home),
            "header": header})
    }

    /// Receives an object or a part of one. The store needs no token, and answers with an etag.
    fn object(&mut self, request: &Request, oid: &str, part: Option<u64>) -> io::Result<()> {
        if request.authorization.is_some() {
            return self.refuse(request, 400, "");
        }
        let mut bytes = request.body.clone();
        let corrupt = |fault: &Fault| matches!(fault, Fault::Corrupt);
        if let (Some(_), Some(last)) = (self.fault(request, corrupt), bytes.last_mut()) {
            *last ^= 1;
        }
        let etag = format!("\"{}\"", hex(Sha256::digest(&bytes)));
        let mut received = self.received();
        match part {
            Some(number) => drop(received.parts.insert((oid.to_owned(), number), bytes)),
            None => drop(received.objects.insert(oid.to_owned(), bytes)),
        }
        drop(received);
        self.send(request, &Head::new(200, vec![("etag", etag)]), b"")
    }

    /// Joins the parts of an object, whose numbers and etags the client states.
    fn complete(&self, request: &Request, oid: &str) -> Answer {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let mut received = self.received();
        let mut whole = Vec::new();
        for stated in body["parts"].as_array().into_iter().flatten() {
            let number = stated["partNumber"].as_u64().unwrap_or(0);
            let Some(part) = received.parts.get(&(oid.to_owned(), number)) else {
                return refusal(400, "no such part");
            };
            if text(&stated["etag"]).trim_matches('"') != hex(Sha256::digest(part)) {
                return refusal(400, "the etag of another part");
            }
            whole.extend_from_slice(part);
        }
        if body["oid"] != oid || hex(Sha256::digest(&whole)) != oid {
            return refusal(400, "the parts are not those of the object");
        }
        // As in a store, parts are there until they are joined.
        received.parts.retain(|(part_of, _), _| part_of != oid);
        received.objects.insert(oid.to_owned(), whole);
        (200, "", json!({"success": true}))
    }

    /// Adds the files of a commit, or none of them.
    fn add_commit(&self, request: &Request, place: &str) -> Answer {
        let folder = self.state.root.join(place);
        let lines = String::from_utf8_lossy(&request.body);
        let lines: Result<Vec<Value>, _> = lines.lines().map(serde_json::from_str).collect();
        let lines = match lines {
            Ok(lines) => lines,
            Err(error) => return refusal(400, &error.to_string()),
        };
        let Some((header, changes)) = lines.split_first() else {
            return refusal(400, "no lines");
        };
        if header["key"] != "header" || text(&header["value"]["summary"]).is_empty() {
            return refusal(400, "no header with a summary");
        }
        let mut added = BTreeMap::new();
        for change in changes {
            match self.contents(change) {
                Ok((path, bytes)) => drop(added.insert(path, bytes)),
                Err(what) => return refusal(422, &what),
            }
        }
        for (path, bytes) in added {
            let path = folder.join(path);
            let parent = path.parent().expect("below the folder");
            let written = files::create_folder(parent).and_then(|()| files::write(&path, &bytes));
            if let Err(error) = written {
                return refusal(500, &error.to_string());
            }
        }
        let commit = commit(&folder);
        let url = format!("{}/{place}/commit/{commit}", self.state.home);
        (200, "", json!({"success": true, "commitOid": commit, "commitUrl": url}))
    }

    /// The path and the contents of a file of a commit.
    fn contents(&self, change: &Value) -> Result<(String, Vec<u8>), String> {
        let value = &change["value"];
        let path = text(&value["path"]).to_owned();
        let plain = |step: Component| matches!(step, Component::Normal(_));
        if path.is_empty() || !Path::new(&path).components().all(plain) {
            return Err(format!("invalid path `{path}`"));
        }
        let bytes = match text(&change["key"]) {
            "file" if value["encoding"] == "base64" && !is_large(&path) => {
                BASE64_STANDARD.decode(text(&value["content"])).map_err(|e| e.to_string())?
            }
            "lfsFile" if value["algo"] == "sha256" => {
                let received = self.received();
                let bytes = received.objects.get(text(&value["oid"]));
                bytes.ok_or_else(|| format!("{path} was not received"))?.clone()
            }
            other => return Err(format!("invalid change `{other}` of {path}")),
        };
        Ok((path, bytes))
    }

    fn received(&self) -> MutexGuard<'_, Received> {
        self.state.received.lock().expect("no panic")
    }
}

/// Which files are large.
fn modes(body: &Value) -> Answer {
    let files = body["files"].as_array().into_iter().flatten().map(|file| {
        let mode = if is_large(text(&file["path"])) { "lfs" } else { "regular" };
        json!({"path": file["path"], "uploadMode": mode, "shouldIgnore": false, "oid": null})
    });
    let files: Vec<Value> = files.collect();
    (200, "", json!({"files": files}))
}

fn refusal(status: u16, why: &str) -> Answer {
    (status, "", json!({"error": why}))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
