//! Sending large files: the batch API of Git LFS, with its transfer `basic` and the hub's own, `multipart`.

use super::{
    Push,
    changes::{Local, parsed},
    slice::Slice,
};
use crate::{
    error::{HubError, HubErrorKind},
    event::{Event, Watch},
    failure::Failure,
    refusal::not_taken,
    target::Target,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The type of requests and answers of Git LFS.
const LFS: &str = "application/vnd.git-lfs+json";

#[derive(Deserialize)]
struct Batch {
    objects: Vec<Object>,
}

#[derive(Deserialize)]
struct Object {
    oid: String,
    size: u64,
    /// Absent if the hub has the object.
    actions: Option<Actions>,
    error: Option<ObjectError>,
}

#[derive(Deserialize)]
struct ObjectError {
    message: String,
}

#[derive(Deserialize)]
struct Actions {
    upload: Option<Action>,
    verify: Option<Action>,
}

#[derive(Deserialize)]
struct Action {
    href: String,
    /// For `multipart`: `chunk_size`, and the address of each part under its number.
    #[serde(default)]
    header: Map<String, Value>,
}

/// The parts of a file and their addresses, in order.
struct Parts {
    size: u64,
    addresses: Vec<String>,
}

impl Push<'_> {
    /// Sends a large file to the store. Returns the number of bytes sent: 0 if the hub has it.
    pub(super) fn send_object(
        &self,
        local: &mut Local<'_>,
        watch: Watch<'_>,
    ) -> Result<u64, HubError> {
        let (path, size, oid) = (local.path(), local.size, local.id()?);
        let target = self.target(path);
        let actions = self.actions(&oid, size, &target, watch)?;
        let mut sent = 0;
        if let Some(upload) = actions.as_ref().and_then(|actions| actions.upload.as_ref()) {
            match parts(upload, size, &target)? {
                None => {
                    self.send_part(local, &upload.href, (0, size), &target, watch)?;
                }
                Some(parts) => self.send_parts(local, &oid, upload, &parts, watch)?,
            }
            sent = size;
        }
        if let Some(verify) = actions.as_ref().and_then(|actions| actions.verify.as_ref()) {
            let what = json!({"oid": oid, "size": size});
            let answer = self.post_json(&verify.href, &what, path, watch)?;
            match answer.status {
                200..300 => {}
                401 | 403 => return Err(not_taken(&answer, &target)),
                _ => {
                    let what = format!("{path}: the hub cannot verify it ({})", answer.said());
                    let fix = "push again; if it happens again, check the proxy (HTTPS_PROXY)";
                    return Err(HubError::new(HubErrorKind::Damaged, target.id, what, fix));
                }
            }
        }
        watch(Event::Sent { file: path, sent, of: size });
        Ok(sent)
    }

    /// Asks how to send an object. `None` if the hub has it.
    fn actions(
        &self,
        oid: &str,
        size: u64,
        target: &Target<'_>,
        watch: Watch<'_>,
    ) -> Result<Option<Actions>, HubError> {
        let url = self.request.objects_url(&self.client.config.endpoint);
        let what = json!({
            "operation": "upload",
            "transfers": ["basic", "multipart"],
            "objects": [{"oid": oid, "size": size}],
            "hash_algo": "sha256",
            "ref": {"name": self.request.revision},
        });
        let answer = self.post(&url, &what, (LFS, LFS), true, target.file, watch)?;
        let batch: Batch = parsed(&answer, target)?;
        let object = match <[Object; 1]>::try_from(batch.objects) {
            Ok([object]) if object.oid == oid && object.size == size => object,
            _ => return Err(target.unexpected("the answer is about another file")),
        };
        if let Some(error) = object.error {
            return Err(HubError::new(
                HubErrorKind::Refused,
                target.id,
                format!("{}: the hub refuses it ({})", target.file, error.message),
                "change what it names",
            ));
        }
        Ok(object.actions)
    }

    /// Sends a file in parts and asks the hub to join them.
    fn send_parts(
        &self,
        local: &mut Local<'_>,
        oid: &str,
        upload: &Action,
        parts: &Parts,
        watch: Watch<'_>,
    ) -> Result<(), HubError> {
        let (size, target) = (local.size, self.target(local.path()));
        let mut sent = Vec::new();
        for (index, address) in (0..).zip(&parts.addresses) {
            let start = index * parts.size;
            let place = (start, parts.size.min(size - start));
            let etag = self.send_part(local, address, place, &target, watch)?;
            let etag = etag.filter(|etag| !etag.is_empty());
            let etag = etag.ok_or_else(|| target.unexpected("a part has no etag"))?;
            sent.push(json!({"partNumber": index + 1, "etag": etag}));
        }
        let what = json!({"oid": oid, "parts": sent});
        // The address has a signature.
        let joined = match self.post(&upload.href, &what, (LFS, LFS), false, target.file, watch) {
            Ok(answer) if (200..300).contains(&answer.status) => return Ok(()),
            Ok(answer) => not_taken(&answer, &target),
            Err(error) => error,
        };
        // An answer may be lost after the parts were joined, and they cannot be joined twice. Then the hub has the
        // file.
        match self.actions(oid, size, &target, watch) {
            Ok(actions) if actions.as_ref().is_none_or(|a| a.upload.is_none()) => Ok(()),
            _ => Err(joined),
        }
    }

    /// Sends the bytes of a file from `start` on, with retries. Returns their etag.
    fn send_part(
        &self,
        local: &mut Local<'_>,
        address: &str,
        (start, length): (u64, u64),
        target: &Target<'_>,
        watch: Watch<'_>,
    ) -> Result<Option<String>, HubError> {
        let (file, of) = (local.path(), local.size);
        self.client.retried(target, watch, |watch| {
            watch(Event::Sending { file, done: start, of });
            let mut progress = |done| watch(Event::Sending { file, done: start + done, of });
            let on_disk = |local: &Local<'_>, error| Failure::Final(local.unreadable(&error));
            let slice = Slice::new(&mut local.file, start, length, &mut progress);
            let (answer, failed) = match slice {
                Ok(mut slice) => {
                    let answer = self.client.put(address, &mut slice, length, target);
                    (answer, slice.failed)
                }
                Err(error) => return Err(on_disk(local, error)),
            };
            match failed {
                Some(error) => Err(on_disk(local, error)),
                None => answer,
            }
        })
    }
}

/// The parts that the hub asks for, or `None` if it wants the file whole.
fn parts(upload: &Action, size: u64, target: &Target<'_>) -> Result<Option<Parts>, HubError> {
    let Some(stated) = upload.header.get("chunk_size") else { return Ok(None) };
    let odd = |what: &str| target.unexpected(what);
    let part = match stated {
        Value::String(text) => text.parse().ok(),
        other => other.as_u64(),
    };
    let part = part.filter(|part| *part > 0).ok_or_else(|| odd("an invalid size of parts"))?;
    let mut numbered: Vec<(u64, String)> = Vec::new();
    for (name, address) in &upload.header {
        if let (Ok(number), Some(address)) = (name.parse(), address.as_str()) {
            numbered.push((number, address.to_owned()));
        }
    }
    numbered.sort_unstable();
    let numbers = numbered.iter().map(|(number, _)| *number);
    if !numbers.eq(1..=size.div_ceil(part)) {
        return Err(odd("the number of parts does not fit the size of the file"));
    }
    let addresses = numbered.into_iter().map(|(_, address)| address).collect();
    Ok(Some(Parts { size: part, addresses }))
}
