//! Encoders, models and texts by their names on the Hugging Face hub.

use crate::{output::Output, text};
use anyhow::{Context, Error, Result};
use gleaner::{CorpusPath, Settings, is_sample};
use gleaner_hub::{DataId, Event, Fetched, Hub, HubError, HubId, Watch, is_hub_name};
use indicatif::{HumanBytes, ProgressBar};
use serde_json::json;
use std::path::{Path, PathBuf};

/// A download of an encoder or of a model.
type Fetch = fn(&Hub, &HubId, Watch<'_>) -> Result<Fetched, HubError>;

/// Downloads encoders, models and texts, and reports progress.
pub struct Fetcher<'a> {
    output: &'a Output,
    /// Whether a finished download is an event in JSON Lines output.
    events: bool,
}

impl<'a> Fetcher<'a> {
    pub fn new(output: &'a Output) -> Self {
        Self { output, events: true }
    }

    /// For commands whose JSON Lines output is data, not events.
    pub fn without_events(output: &'a Output) -> Self {
        Self { output, events: false }
    }

    /// Replaces names on the hub with folders of the cache: an encoder `OWNER/NAME` if there is no such
    /// folder, texts `hub:OWNER/NAME:CONFIG`.
    ///
    /// # Errors
    /// A download failed.
    pub fn resolve(&self, settings: &mut Settings) -> Result<()> {
        if let Some(encoder) = &mut settings.network.encoder {
            // The folder's name contains the commit, so the saved settings identify the files.
            *encoder = self.encoder_folder(encoder)?;
        }
        let joined = settings.data.join.iter_mut().map(|joined| &mut joined.corpus);
        let others =
            joined.chain(&mut settings.self_training.pool).chain(&mut settings.data.exclude);
        let texts = settings.data.data.iter_mut().chain(others.map(|other| &mut other.path));
        for text in texts {
            *text = self.data_folder(text)?;
        }
        Ok(())
    }

    /// The folder of an encoder: for a name on the hub the folder in the cache, otherwise `encoder`
    /// itself.
    ///
    /// # Errors
    /// A download failed.
    pub fn encoder_folder(&self, encoder: &Path) -> Result<PathBuf> {
        self.folder(encoder, Hub::encoder)
    }

    /// The folder of a model that Gleaner saved: for a name on the hub the folder in the cache, otherwise
    /// `model` itself.
    ///
    /// # Errors
    /// A download failed, or the repository is not a model that Gleaner saved.
    pub fn model_folder(&self, model: &Path) -> Result<PathBuf> {
        self.folder(model, Hub::tagger)
    }

    /// The folder of a text: for a name on the hub the folder in the cache, otherwise `data` itself.
    ///
    /// # Errors
    /// A download failed.
    pub fn data_folder(&self, data: &Path) -> Result<PathBuf> {
        match data.to_str().filter(|d| is_hub_name(d)) {
            Some(name) => self.data(&name.parse()?),
            None => Ok(data.to_owned()),
        }
    }

    /// A corpus whose folder is that of [`data_folder`](Self::data_folder).
    ///
    /// # Errors
    /// A download failed.
    pub fn corpus(&self, corpus: &CorpusPath) -> Result<CorpusPath> {
        Ok(CorpusPath { path: self.data_folder(&corpus.path)?, ..corpus.clone() })
    }

    fn folder(&self, name: &Path, fetch: Fetch) -> Result<PathBuf> {
        match model_id(name) {
            Some(id) => self.fetch(&id, fetch).context("no such folder, so searched on the hub"),
            None => Ok(name.to_owned()),
        }
    }

    fn fetch(&self, id: &HubId, fetch: Fetch) -> Result<PathBuf, HubError> {
        let watcher = Watcher::new(self.output);
        let fetched = fetch(&Hub::from_env()?, id, &mut |event| watcher.on(event))?;
        self.done(&watcher, &id.to_string(), fetched.commit.as_str(), &fetched.folder);
        Ok(fetched.folder)
    }

    fn data(&self, id: &DataId) -> Result<PathBuf, Error> {
        let watcher = Watcher::new(self.output);
        let fetched = Hub::from_env()?.dataset(id, &mut |event| watcher.on(event))?;
        let folder = fetched.folder().ok_or_else(|| {
            gleaner::GleanerError::Settings(format!(
                "{id}: no parquet files; choose another configuration"
            ))
        })?;
        self.done(&watcher, &id.to_string(), fetched.commit.as_str(), folder);
        Ok(folder.to_owned())
    }

    fn done(&self, watcher: &Watcher<'_>, name: &str, commit: &str, folder: &Path) {
        watcher.finish();
        if self.events {
            // The reader may close standard output early; the command itself reports that.
            let _ = self.output.json(&json!({"event": "fetched", "name": name, "commit": commit,
                "folder": folder}));
        }
    }
}

impl gleaner_study::Hub for Fetcher<'_> {
    fn data(&self, name: &str) -> Result<PathBuf, String> {
        let id: DataId = name.parse().map_err(|e: HubError| e.to_string())?;
        Fetcher::data(self, &id).map_err(|e| e.to_string())
    }

    fn encoder(&self, name: &str) -> Result<PathBuf, String> {
        let id = name.parse();
        id.and_then(|id| self.fetch(&id, Hub::encoder)).map_err(|e: HubError| e.to_string())
    }
}

/// The name on the hub, if `folder` is one.
fn model_id(folder: &Path) -> Option<HubId> {
    let name = folder.to_str()?;
    let is_local = !is_hub_name(name) && (folder.exists() || is_sample(folder));
    if is_local { None } else { name.parse().ok() }
}

/// Shows the progress of a download or an upload.
pub struct Watcher<'a> {
    output: &'a Output,
    bar: ProgressBar,
}

impl<'a> Watcher<'a> {
    pub fn new(output: &'a Output) -> Self {
        let bar = output.bar(None, "{msg}  {bar:28} {bytes} of {total_bytes}, {eta} left");
        Self { output, bar }
    }

    /// Removes the bar.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    pub fn on(&self, event: Event) {
        match event {
            Event::Progress { file, done, of } | Event::Sending { file, done, of } => {
                self.bar.set_message(file.to_owned());
                self.bar.set_length(of);
                self.bar.set_position(done);
            }
            Event::Complete { file, fetched, .. } if fetched > 0 => {
                self.output.note(&format!("{file}: downloaded {}", text::bytes(fetched)));
            }
            Event::Sent { file, sent, .. } if sent > 0 => {
                self.output.note(&format!("{file}: sent {}", HumanBytes(sent)));
            }
            Event::Sent { file, .. } => {
                self.output.note(&format!("{file}: the hub has its contents already"));
            }
            Event::Unchecked { reason } => {
                self.output
                    .note(&format!("warning: the sent files could not be checked: {reason}"));
            }
            Event::Waiting { file, wait, reason } => {
                let wait = text::duration(wait);
                self.output.note(&format!("{file}: {reason}; retrying in {wait}"));
            }
            Event::Locked { file } => {
                self.output
                    .note(&format!("{file}: waiting for another process that is downloading it"));
            }
            Event::Stale { reason } => {
                self.output.note(&format!("using the cached copy: {reason}"));
            }
            _ => {}
        }
    }
}
