//! A local hub with one encoder and one data set, and an empty cache.

use gleaner_hub::testing::{Request, TestHub};
use gleaner_hub::{Event, Fetched, FetchedData, Hub, HubConfig, HubError};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Bytes of `model.safetensors`.
pub(crate) const WEIGHTS: usize = 400_000;

pub(crate) const ENCODER: &str = "our/encoder";
pub(crate) const DATA: &str = "hub:our/data:fo";

pub(crate) struct World {
    pub(crate) root: tempfile::TempDir,
    pub(crate) cache: tempfile::TempDir,
    pub(crate) hub: TestHub,
}

impl World {
    pub(crate) fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let hub = TestHub::serve(root.path());
        let world = Self { root, cache: tempfile::tempdir().unwrap(), hub };
        world.write("models/our/encoder/config.json", b"{}");
        world.write("models/our/encoder/tokenizer.json", b"{\"version\": \"1.0\"}");
        world.write("models/our/encoder/README.md", b"An encoder.");
        world.write("models/our/encoder/model.safetensors", &noise(WEIGHTS));
        for (name, bytes) in [
            ("fo/train-00001-of-00002", 9),
            ("fo/train-00000-of-00002", 7),
            ("fo/validation-00000-of-00001", 5),
            ("fo/test-00000-of-00001", 3),
            ("da/train-00000-of-00001", 2),
        ] {
            world.write(&format!("datasets/our/data/{name}.parquet"), &noise(bytes));
        }
        world
    }

    /// Writes a file of the hub.
    pub(crate) fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// A file of the hub.
    pub(crate) fn read(&self, path: &str) -> Vec<u8> {
        fs::read(self.root.path().join(path)).unwrap()
    }

    pub(crate) fn config(&self) -> HubConfig {
        self.hub.config(self.cache.path())
    }

    pub(crate) fn encoder(&self) -> Result<Fetched, HubError> {
        self.encoder_with(self.config(), ENCODER).0
    }

    /// Downloads the encoder and returns the events except progress.
    pub(crate) fn encoder_with(
        &self,
        config: HubConfig,
        id: &str,
    ) -> (Result<Fetched, HubError>, Vec<String>) {
        let mut events = Vec::new();
        let fetched = Hub::new(config)
            .and_then(|hub| hub.encoder(&id.parse()?, &mut |event| note(&mut events, event)));
        (fetched, events.into_iter().map(|event| self.neutral(&event)).collect())
    }

    pub(crate) fn data(&self, id: &str) -> Result<FetchedData, HubError> {
        Hub::new(self.config())?.dataset(&id.parse()?, &mut |_| {})
    }

    /// An error without addresses and paths of this run.
    pub(crate) fn error<T: std::fmt::Debug>(&self, result: Result<T, HubError>) -> String {
        self.neutral(&result.unwrap_err().to_string())
    }

    pub(crate) fn neutral(&self, text: &str) -> String {
        text.replace(&self.hub.endpoint(), "ENDPOINT")
            .replace(self.cache.path().to_str().unwrap(), "CACHE")
    }

    /// Requests for bytes of files, as `FILE RANGE`.
    pub(crate) fn take_downloads(&self) -> Vec<String> {
        let name = |path: &str| path.rsplit('/').next().unwrap().to_owned();
        let of_file = |r: &Request| {
            r.method == "GET" && (r.path.contains("/store/") || r.path.contains("/resolve-cache/"))
        };
        let requests = self.hub.take_requests();
        let shown = |r: &Request| {
            let range = r.range.as_ref().map_or(String::new(), |range| format!(" {range}"));
            name(&r.path) + &range
        };
        requests.iter().filter(|r| of_file(r)).map(shown).collect()
    }

    /// A path in the cache of the encoder.
    pub(crate) fn cached(&self, path: &str) -> PathBuf {
        self.cache.path().join("models--our--encoder").join(path)
    }

    /// The names of the blobs.
    pub(crate) fn blobs(&self) -> Vec<String> {
        names(&self.cached("blobs"))
    }

    /// The partial download.
    pub(crate) fn incomplete(&self) -> PathBuf {
        let part = self.blobs().into_iter().find(|name| name.ends_with(".incomplete")).unwrap();
        self.cached("blobs").join(part)
    }
}

/// Sorted names in a folder.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .map(|entries| entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect())
        .unwrap_or_default();
    names.sort_unstable();
    names
}

/// Pseudo-random bytes, so that shifted bytes differ.
pub(crate) fn noise(bytes: usize) -> Vec<u8> {
    let step = |state: &mut u32| {
        *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Some((*state >> 24) as u8)
    };
    std::iter::repeat(()).scan(bytes as u32, |state, ()| step(state)).take(bytes).collect()
}

fn note(events: &mut Vec<String>, event: Event<'_>) {
    match event {
        Event::Progress { .. } => {}
        Event::Complete { file, fetched, of } => events.push(format!("{file}: {fetched} of {of}")),
        Event::Waiting { file, wait, reason } => {
            events.push(format!("{file}: {reason}; waits {} ms", wait.as_millis()));
        }
        other => events.push(format!("{other:?}")),
    }
}
