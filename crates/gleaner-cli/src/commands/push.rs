//! `gleaner push`: sends a model to the Hugging Face hub.

use crate::{cli::PushArgs, hub, output::Output};
use anyhow::Result;
use gleaner::{Ensemble, GleanerError};
use gleaner_base::bounded;
use gleaner_hub::{Hub, HubId, PushOptions, Pushed, Upload};
use indicatif::HumanBytes;
use serde_json::{Value, json};
use std::path::Path;

/// Maximum length of a model card in bytes.
const MAX_CARD: u64 = 8 << 20;

pub fn run(args: &PushArgs, output: &Output) -> Result<()> {
    let id = repository(args)?;
    let upload = Upload::of(&args.model)?;
    Ensemble::check_files(&args.model)?;
    if let Some(note) = licence_note(&args.model) {
        output.note(&format!("note: {note}"));
    }
    for file in upload.files.iter().filter(|file| file.source.is_symlink()) {
        output.note(&format!("note: {} is a link; the file that it points to is sent", file.path));
    }
    if args.dry_run {
        return list(&upload, &id, output);
    }
    if !upload.left_out.is_empty() {
        output.note(&format!("not sent: {}", upload.left_out.join(", ")));
    }
    let watcher = hub::Watcher::new(output);
    let options = PushOptions { private: args.private, message: args.message.clone() };
    let pushed = Hub::from_env()?.push(&upload, &id, &options, &mut |event| watcher.on(event));
    watcher.finish();
    report(&pushed?, &upload, &id, output)
}

/// The repository with the branch.
fn repository(args: &PushArgs) -> Result<HubId> {
    let Some(branch) = &args.revision else { return Ok(args.repository.clone()) };
    if args.repository.to_string() != args.repository.repository() {
        let what = format!("--revision: {} names a revision too; give one", args.repository);
        return Err(GleanerError::Settings(what).into());
    }
    Ok(format!("{}@{branch}", args.repository.repository()).parse()?)
}

/// What is missing in the model card about the licence.
fn licence_note(folder: &Path) -> Option<&'static str> {
    let Ok(card) = bounded::read(&folder.join("README.md"), MAX_CARD) else {
        return Some("there is no README.md, so the hub shows no model card and no licence");
    };
    let has_licence = states_licence(&String::from_utf8_lossy(&card));
    (!has_licence).then_some(
        "README.md states no licence, so nobody knows whether they may use the model; add a line such as \
         `license: cc-by-4.0` between the lines `---` at its start",
    )
}

/// Whether the YAML head of a model card has a licence.
fn states_licence(card: &str) -> bool {
    let mut lines = card.lines();
    if lines.next().map(str::trim_end) != Some("---") {
        return false;
    }
    let head = lines.take_while(|line| line.trim_end() != "---");
    head.filter_map(|line| line.strip_prefix("license:")).any(|licence| !licence.trim().is_empty())
}

/// Lists what would be sent.
fn list(upload: &Upload, id: &HubId, output: &Output) -> Result<()> {
    let mut text = format!(
        "{} ({}) to {} (branch {}):\n",
        upload.folder.display(),
        upload.kind,
        id.repository(),
        id.revision()
    );
    let width = upload.files.iter().map(|file| file.path.chars().count()).max().unwrap_or(0);
    for file in &upload.files {
        text += &format!("  {:width$}  {}\n", file.path, HumanBytes(file.size));
    }
    text += &format!("{} files, {}\n", upload.files.len(), HumanBytes(upload.size()));
    if !upload.left_out.is_empty() {
        text += &format!("not part of the model: {}\n", upload.left_out.join(", "));
    }
    text += "nothing was sent (--dry-run)";
    output.human(&text)?;
    let files: Vec<Value> =
        upload.files.iter().map(|file| json!({"path": file.path, "bytes": file.size})).collect();
    output.event(
        "planned",
        &json!({"repository": id.repository(), "revision": id.revision(), "files": files,
            "bytes": upload.size(), "left-out": upload.left_out}),
    )
}

fn report(pushed: &Pushed, upload: &Upload, id: &HubId, output: &Output) -> Result<()> {
    if !pushed.others.is_empty() {
        let others = pushed.others.join(", ");
        output.note(&format!("note: the repository has other files, which stay: {others}"));
    }
    let bytes: u64 = pushed.sent.iter().map(|sent| sent.bytes).sum();
    let what = match pushed.sent.len() {
        0 => "the repository has all files already; nothing was sent".to_owned(),
        new => format!("{new} of {} files are new, {} sent", upload.files.len(), HumanBytes(bytes)),
    };
    output.human(&format!("{}, commit {}: {what}", pushed.page, pushed.commit))?;
    let sent: Vec<Value> =
        pushed.sent.iter().map(|sent| json!({"path": sent.file, "bytes": sent.bytes})).collect();
    output.event(
        "pushed",
        &json!({"repository": id.repository(), "revision": id.revision(),
            "commit": pushed.commit.as_str(), "created": pushed.created, "page": pushed.page,
            "sent": sent, "others": pushed.others}),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_licence_is_a_key_of_the_head() {
        assert!(states_licence("---\nlanguage:\n- fo\nlicense: mit\n---\n# Model\n"));
        assert!(states_licence("---\r\nlicense: \"cc-by-4.0\"\r\n---\r\n"));
        for card in [
            "",
            "# Model\nlicense: mit\n",
            "---\nlanguage: fo\n---\nlicense: mit\n",
            "---\nlicense:\n---\n",
            "---\nmodel-index:\n  license: mit\n---\n",
        ] {
            assert!(!states_licence(card), "{card}");
        }
    }
}
