//! From a name to files on disk.

use crate::{
    DataId, HubConfig, HubId,
    cache::RepoCache,
    download::download,
    error::{HubError, HubErrorKind},
    event::{Event, Watch},
    http::{Client, Purpose},
    id::Commit,
    listing::{Listing, RevisionReply},
    patience::Patience,
    splits::{self, SplitFiles},
};
use hf_hub::RepoType;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::path::{Path, PathBuf};

/// The files that make an encoder.
const ENCODER_FILES: [&str; 3] = ["config.json", "tokenizer.json", "model.safetensors"];

/// What needs no escape in a step of an address.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The Hugging Face hub, or one like it, with its cache on this computer.
pub struct Hub {
    client: Client,
}

/// An encoder on disk.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Fetched {
    /// A folder that holds `config.json`, `tokenizer.json` and `model.safetensors`.
    pub folder: PathBuf,
    /// The commit they are of.
    pub commit: Commit,
    /// What came through the network for it.
    pub downloaded: Vec<Download>,
}

/// One configuration of a data set on disk.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FetchedData {
    /// Parquet files to train on, in their order; none where the configuration has no such split.
    pub train: Vec<PathBuf>,
    /// Parquet files for choosing among models, likewise.
    pub validation: Vec<PathBuf>,
    /// Parquet files for the score, likewise.
    pub test: Vec<PathBuf>,
    /// The commit they are of.
    pub commit: Commit,
    /// What came through the network for it.
    pub downloaded: Vec<Download>,
}

impl FetchedData {
    /// The folder that holds the parts: of `CONFIG/train-00000-of-00001.parquet`, and of `CONFIG/train/0000.parquet`
    /// as the hub converts data sets. `None` where there are no files.
    pub fn folder(&self) -> Option<&Path> {
        let file = self.train.iter().chain(&self.validation).chain(&self.test).next()?;
        let is_number = |stem: &str| stem.bytes().all(|byte| byte.is_ascii_digit());
        match file.file_stem()?.to_str().is_some_and(is_number) {
            true => file.parent()?.parent(),
            false => file.parent(),
        }
    }
}

/// A file that came through the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Download {
    /// Path in the repository.
    pub file: String,
    /// Bytes that came; fewer than the file has where an earlier download was taken up.
    pub bytes: u64,
}

/// A repository at a revision, as the user named it.
struct Asked<'a> {
    subject: String,
    kind: RepoType,
    repository: &'a str,
    /// Where it is below the endpoint.
    place: String,
    revision: &'a str,
}

/// A commit's files on disk.
struct Snapshot<T> {
    chosen: T,
    commit: Commit,
    downloaded: Vec<Download>,
}

impl Hub {
    /// The hub that the environment names; see [`HubConfig::from_env`].
    ///
    /// # Errors
    /// As [`HubConfig::from_env`].
    pub fn from_env() -> Result<Self, HubError> {
        Self::new(HubConfig::from_env()?)
    }

    /// The hub of a configuration.
    ///
    /// # Errors
    /// The endpoint is no address, or the token cannot be sent.
    pub fn new(config: HubConfig) -> Result<Self, HubError> {
        config.check()?;
        Ok(Self { client: Client::new(config) })
    }

    /// Fetches an encoder's files, as far as they are not in the cache yet.
    ///
    /// A commit's files are used from the cache without asking the hub. What a branch or tag points at is asked each time;
    /// where the hub does not answer, the cache is used, and [`Event::Stale`] says so.
    ///
    /// # Errors
    /// No such repository or revision, no access, no network and no cache, or the repository lacks one of the files.
    pub fn encoder(&self, id: &HubId, watch: Watch<'_>) -> Result<Fetched, HubError> {
        let asked = Asked {
            subject: id.to_string(),
            kind: RepoType::Model,
            repository: id.repository(),
            place: id.repository().to_owned(),
            revision: id.revision(),
        };
        let choose =
            |listing: &Listing| match ENCODER_FILES.map(|f| listing.find(f)).contains(&None) {
                true => Err(self.not_an_encoder(&asked, listing)),
                false => Ok(ENCODER_FILES),
            };
        let files = |files: &[&'static str; 3]| files.map(str::to_owned).to_vec();
        let snapshot = self.fetch(&asked, choose, files, watch)?;
        let folder = self.cache(&asked).snapshot(&snapshot.commit);
        Ok(Fetched { folder, commit: snapshot.commit, downloaded: snapshot.downloaded })
    }

    /// Fetches the files of one configuration of a data set, as far as they are not in the cache yet.
    ///
    /// Two layouts are known: `CONFIG/train-00000-of-00001.parquet`, and `CONFIG/train/0000.parquet` of the branch
    /// `refs/convert/parquet`, to which the hub converts most data sets. The cache is used as in [`Hub::encoder`].
    ///
    /// # Errors
    /// As [`Hub::encoder`]; no such configuration; a split's files are not all there or could be two splits.
    pub fn dataset(&self, id: &DataId, watch: Watch<'_>) -> Result<FetchedData, HubError> {
        let asked = Asked {
            subject: id.to_string(),
            kind: RepoType::Dataset,
            repository: id.repository(),
            place: format!("datasets/{}", id.repository()),
            revision: id.revision(),
        };
        let choose = |listing: &Listing| {
            let paths: Vec<&str> = listing.paths().collect();
            let found = splits::find(&paths, id.config()).map_err(|(what, fix)| {
                HubError::new(HubErrorKind::Missing, &asked.subject, what, fix)
            })?;
            // A cache filled by another tool may hold one split and not yet the next.
            let sure = [&found.train, &found.validation, &found.test].iter().all(|s| !s.is_empty());
            if sure || listing.complete { Ok(found) } else { Err(self.not_cached(&asked)) }
        };
        let files = |found: &SplitFiles| found.all().cloned().collect();
        let Snapshot { chosen, commit, downloaded } = self.fetch(&asked, choose, files, watch)?;
        let folder = self.cache(&asked).snapshot(&commit);
        let paths = |files: Vec<String>| files.iter().map(|file| folder.join(file)).collect();
        Ok(FetchedData {
            train: paths(chosen.train),
            validation: paths(chosen.validation),
            test: paths(chosen.test),
            commit,
            downloaded,
        })
    }

    /// `choose` takes what is wanted from a listing; `files` says which files that is.
    fn fetch<T>(
        &self,
        asked: &Asked<'_>,
        choose: impl Fn(&Listing) -> Result<T, HubError>,
        files: impl Fn(&T) -> Vec<String>,
        watch: Watch<'_>,
    ) -> Result<Snapshot<T>, HubError> {
        let cache = self.cache(asked);
        let mut cached = None;
        if let Some(commit) = cache.commit(asked.revision) {
            let listing = cache.listing(&commit);
            match choose(&listing) {
                Ok(chosen) => {
                    let size = |file: &str| listing.find(file).and_then(|f| f.size);
                    if files(&chosen).iter().all(|file| cache.holds(&commit, file, size(file))) {
                        cached = Some(Snapshot { chosen, commit, downloaded: Vec::new() });
                    }
                }
                Err(error) if self.client.config.offline && listing.complete => return Err(error),
                Err(_) => {}
            }
        }
        let settled = self.client.config.offline || Commit::parse(asked.revision).is_some();
        let cached = match cached {
            Some(cached) if settled => return Ok(cached),
            None if self.client.config.offline => return Err(self.not_cached(asked)),
            cached => cached,
        };
        let (commit, listing) = match (self.ask_listing(asked, cached.is_some(), watch), cached) {
            (Ok(answer), _) => answer,
            (Err(error), Some(cached)) if error.is_of_the_moment() => {
                watch(Event::Stale { reason: &error.to_string() });
                return Ok(cached);
            }
            (Err(error), _) => return Err(error),
        };
        let chosen = choose(&listing)?;
        cache.keep(&commit, &listing)?;
        let mut downloaded = Vec::new();
        for file in files(&chosen) {
            let listed = listing.find(&file).expect("chosen from the listing");
            if cache.holds(&commit, &file, listed.size) {
                continue;
            }
            let url = self.url(asked, commit.as_str(), &file);
            let purpose = asked.purpose(&file);
            let bytes = download(&self.client, &cache, &commit, &url, listed, &purpose, watch)?;
            if bytes > 0 {
                downloaded.push(Download { file, bytes });
            }
        }
        // Last: until then the branch stands for the files that were complete before.
        cache.remember(asked.revision, &commit)?;
        Ok(Snapshot { chosen, commit, downloaded })
    }

    /// What a revision is now, and its files.
    fn ask_listing(
        &self,
        asked: &Asked<'_>,
        cached: bool,
        watch: Watch<'_>,
    ) -> Result<(Commit, Listing), HubError> {
        let (endpoint, revision) = (&self.client.config.endpoint, escape(asked.revision));
        let kind = match asked.kind {
            RepoType::Dataset => "datasets",
            _ => "models",
        };
        let url =
            format!("{endpoint}/api/{kind}/{}/revision/{revision}?blobs=true", asked.repository);
        let purpose = asked.purpose("the list of files");
        let patience = match cached {
            true => Patience::none(&self.client.config),
            false => Patience::new(&self.client.config),
        };
        let text = self.client.text(&url, &purpose, patience, watch)?;
        let reply: RevisionReply = serde_json::from_str(&text).map_err(|e| {
            self.client.nonsense(&purpose, &format!("not as the hub writes it ({e})"))
        })?;
        let commit = Commit::parse(&reply.sha).ok_or_else(|| {
            self.client.nonsense(&purpose, &format!("`{}` is no commit", reply.sha))
        })?;
        Ok((commit, reply.listing()))
    }

    fn url(&self, asked: &Asked<'_>, revision: &str, file: &str) -> String {
        let file: Vec<String> = file.split('/').map(escape).collect();
        let (endpoint, place) = (&self.client.config.endpoint, &asked.place);
        format!("{endpoint}/{place}/resolve/{}/{}", escape(revision), file.join("/"))
    }

    fn cache(&self, asked: &Asked<'_>) -> RepoCache {
        RepoCache::new(
            &self.client.config.cache,
            asked.kind,
            asked.repository,
            asked.subject.clone(),
        )
    }

    fn not_cached(&self, asked: &Asked<'_>) -> HubError {
        let cache = self.client.config.cache.display();
        HubError::new(
            HubErrorKind::Offline,
            &asked.subject,
            format!("not, or not in full, in the cache {cache}, and HF_HUB_OFFLINE is set"),
            "run it once with a network and without HF_HUB_OFFLINE, or copy the cache of a computer where it ran",
        )
    }

    fn not_an_encoder(&self, asked: &Asked<'_>, listing: &Listing) -> HubError {
        const SHOWN: usize = 12;
        let has = |file: &str| listing.find(file).is_some();
        let missing: Vec<&str> = ENCODER_FILES.into_iter().filter(|file| !has(file)).collect();
        // Weights and settings stand at the top.
        let mut files: Vec<&str> =
            listing.paths().filter(|p| !p.contains('/') && !p.starts_with('.')).collect();
        files.sort_unstable();
        let more = files.len().saturating_sub(SHOWN);
        files.truncate(SHOWN);
        let mut there = match files.is_empty() {
            true => "no files".to_owned(),
            false => files.join(", "),
        };
        if more > 0 {
            there += &format!(" and {more} more");
        }
        let fix = if has("model.safetensors.index.json") && missing == ["model.safetensors"] {
            "choose a smaller encoder, whose weights are one file"
        } else if missing == ["model.safetensors"] {
            "convert the weights at https://huggingface.co/spaces/safetensors/convert and name the revision that it \
             makes (@refs/pr/N), or choose another encoder"
        } else if missing == ["tokenizer.json"] {
            "save it with transformers (AutoTokenizer.from_pretrained(...).save_pretrained(...)) in a folder beside the \
             other files and name the folder, or choose another encoder"
        } else {
            "choose a BERT-family encoder that has them"
        };
        HubError::new(
            HubErrorKind::Missing,
            &asked.subject,
            format!("the repository has no {} (it has {there})", missing.join(" and no ")),
            fix,
        )
    }
}

impl Asked<'_> {
    fn purpose<'a>(&'a self, file: &'a str) -> Purpose<'a> {
        Purpose { subject: &self.subject, place: &self.place, revision: self.revision, file }
    }
}

fn escape(step: &str) -> String {
    utf8_percent_encode(step, PLAIN).to_string()
}
