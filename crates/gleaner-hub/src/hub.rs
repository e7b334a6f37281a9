//! Downloading encoders, taggers and data sets; sending models.

use crate::{
    HubConfig,
    backoff::Backoff,
    cache::RepoCache,
    commit::Commit,
    data_files::{self, DataFiles},
    download::download,
    encoder_files,
    error::{HubError, HubErrorKind},
    event::{Event, Watch},
    fetched::{Download, Fetched, FetchedData},
    http::Client,
    id::{DataId, HubId},
    listing::{Listing, revision},
    push::{self, PushOptions, Pushed},
    request::Request,
    tagger_files,
    target::Target,
    upload::Upload,
};

/// The Hugging Face hub, or a compatible server, with a local cache.
pub struct Hub {
    client: Client,
}

/// The chosen files of a commit, on disk.
struct Snapshot<T> {
    chosen: T,
    commit: Commit,
    downloaded: Vec<Download>,
}

impl Hub {
    /// The hub of the environment variables; see [`HubConfig::from_env`].
    ///
    /// # Errors
    /// As [`HubConfig::from_env`].
    pub fn from_env() -> Result<Self, HubError> {
        Self::new(HubConfig::from_env()?)
    }

    /// The hub of a configuration.
    ///
    /// # Errors
    /// The endpoint is not an address, or the token contains invalid characters.
    pub fn new(config: HubConfig) -> Result<Self, HubError> {
        config.check()?;
        Ok(Self { client: Client::new(config) })
    }

    /// Downloads the files of an encoder that are not in the cache: `config.json`, the weights (safetensors in one file
    /// or several, or a checkpoint of PyTorch), and `tokenizer.json` or what it is built from.
    ///
    /// For a branch or tag the hub is asked for the current commit. If it does not answer, the files in the cache are
    /// used and [`Event::Stale`] is reported. For a commit in the cache the hub is not asked.
    ///
    /// # Errors
    /// No such repository or revision, no access, neither network nor cache, or the repository lacks one of the files.
    pub fn encoder(&self, id: &HubId, watch: Watch<'_>) -> Result<Fetched, HubError> {
        let request = Request::model(id);
        let choose = |listing: &Listing| {
            let found = encoder_files::find(&listing.paths());
            let (files, all) = found.map_err(|missing| request.missing(missing))?;
            // A cache of another tool can lack the optional file.
            if all || listing.complete { Ok(files) } else { Err(self.not_cached(&request)) }
        };
        self.model(&request, choose, watch)
    }

    /// Downloads the files of a tagger that Gleaner saved, as far as they are not in the cache: `gleaner.json`,
    /// `config.json`, `tokenizer.json`, `model.safetensors`, and `trained-on.txt` and `int8.json` if they are there.
    /// The cache is used as by [`Hub::encoder`].
    ///
    /// # Errors
    /// As [`Hub::encoder`]; the repository is not a model that Gleaner saved.
    pub fn tagger(&self, id: &HubId, watch: Watch<'_>) -> Result<Fetched, HubError> {
        let request = Request::model(id);
        let choose = |listing: &Listing| {
            let found = tagger_files::find(&listing.paths());
            let (files, all) = found.map_err(|missing| request.missing(missing))?;
            // A cache of another tool can lack the optional file.
            let files = files.into_iter().map(str::to_owned).collect();
            if all || listing.complete { Ok(files) } else { Err(self.not_cached(&request)) }
        };
        self.model(&request, choose, watch)
    }

    /// Downloads the parquet files of a configuration of a data set that are not in the cache.
    ///
    /// Two layouts are supported: `CONFIG/train-00000-of-00001.parquet`, and `CONFIG/train/0000.parquet` in the
    /// revision `refs/convert/parquet`, in which the hub keeps its own conversion of most data sets. The cache is used
    /// as by [`Hub::encoder`].
    ///
    /// # Errors
    /// As [`Hub::encoder`]; no such configuration; the files of a split are incomplete or ambiguous.
    pub fn dataset(&self, id: &DataId, watch: Watch<'_>) -> Result<FetchedData, HubError> {
        let request = Request::dataset(id);
        let choose = |listing: &Listing| {
            let found = data_files::find(&listing.paths(), id.config());
            let found = found.map_err(|missing| request.missing(missing))?;
            // A cache of another tool can have some of the splits.
            let all = [&found.train, &found.dev, &found.test].iter().all(|s| !s.is_empty());
            if all || listing.complete { Ok(found) } else { Err(self.not_cached(&request)) }
        };
        let files = |found: &DataFiles| found.all().cloned().collect();
        let Snapshot { chosen, commit, downloaded } = self.fetch(&request, choose, files, watch)?;
        let folder = self.cache(&request).snapshot(&commit);
        let paths = |files: Vec<String>| files.iter().map(|file| folder.join(file)).collect();
        Ok(FetchedData {
            train: paths(chosen.train),
            dev: paths(chosen.dev),
            test: paths(chosen.test),
            commit,
            downloaded,
        })
    }

    /// Sends a model to the repository `id`, in one commit. The repository and its branch are created if they are
    /// missing.
    ///
    /// Files that are in the repository already are not sent, nor are large files that the hub has from an earlier
    /// attempt. A large file is read in parts. Files of the repository that are not part of the model stay as they are.
    /// After the commit, the hub's list of files is compared with the model.
    ///
    /// # Errors
    /// No token, or one without the right to write; a revision that is not a branch; a public repository although
    /// `options` ask for a private one; the hub refuses a file; no network; a file cannot be read.
    pub fn push(
        &self,
        upload: &Upload,
        id: &HubId,
        options: &PushOptions,
        watch: Watch<'_>,
    ) -> Result<Pushed, HubError> {
        push::push(&self.client, upload, id, options, watch)
    }

    /// Downloads the files that `choose` takes from the list of a model's files.
    fn model(
        &self,
        request: &Request<'_>,
        choose: impl Fn(&Listing) -> Result<Vec<String>, HubError>,
        watch: Watch<'_>,
    ) -> Result<Fetched, HubError> {
        let files = Vec::clone;
        let Snapshot { commit, downloaded, .. } = self.fetch(request, choose, files, watch)?;
        Ok(Fetched { folder: self.cache(request).snapshot(&commit), commit, downloaded })
    }

    /// Downloads what `choose` takes from the list of files; `files` returns its paths.
    fn fetch<T>(
        &self,
        request: &Request<'_>,
        choose: impl Fn(&Listing) -> Result<T, HubError>,
        files: impl Fn(&T) -> Vec<String>,
        watch: Watch<'_>,
    ) -> Result<Snapshot<T>, HubError> {
        let cache = self.cache(request);
        let mut cached = None;
        if let Some(commit) = cache.commit(request.revision) {
            let listing = cache.listing(&commit);
            match choose(&listing) {
                Ok(chosen) => {
                    let size = |file: &str| listing.find(file).and_then(|f| f.size);
                    if files(&chosen).iter().all(|file| cache.has(&commit, file, size(file))) {
                        cached = Some(Snapshot { chosen, commit, downloaded: Vec::new() });
                    }
                }
                Err(error) if self.client.config.offline && listing.complete => return Err(error),
                Err(_) => {}
            }
        }
        let is_final = self.client.config.offline || Commit::parse(request.revision).is_some();
        let cached = match cached {
            Some(cached) if is_final => return Ok(cached),
            None if self.client.config.offline => return Err(self.not_cached(request)),
            cached => cached,
        };
        let (commit, listing) = match (self.listing(request, cached.is_some(), watch), cached) {
            (Ok(answer), _) => answer,
            (Err(error), Some(cached)) if error.is_transient() => {
                watch(Event::Stale { reason: &error.to_string() });
                return Ok(cached);
            }
            (Err(error), _) => return Err(error),
        };
        let chosen = choose(&listing)?;
        cache.store_listing(&commit, &listing)?;
        let mut downloaded = Vec::new();
        for file in files(&chosen) {
            let listed = listing.find(&file).expect("chosen from the listing");
            if cache.has(&commit, &file, listed.size) {
                continue;
            }
            let url = request.file_url(&self.client.config.endpoint, commit.as_str(), &file);
            let target = self.target(request, &file);
            let bytes = download(&self.client, &cache, &commit, &url, listed, &target, watch)?;
            if bytes > 0 {
                downloaded.push(Download { file, bytes });
            }
        }
        // Last, so that the branch keeps its old commit until the new one is complete.
        cache.remember(request.revision, &commit)?;
        Ok(Snapshot { chosen, commit, downloaded })
    }

    /// Asks the hub for the commit of a revision and its files.
    fn listing(
        &self,
        request: &Request<'_>,
        cached: bool,
        watch: Watch<'_>,
    ) -> Result<(Commit, Listing), HubError> {
        let backoff = match cached {
            true => Backoff::none(&self.client.config),
            false => Backoff::new(&self.client.config),
        };
        let target = self.target(request, "list of files");
        let (commit, reply) = revision(&self.client, request, &target, backoff, watch)?;
        Ok((commit, reply.listing()))
    }

    fn cache(&self, request: &Request<'_>) -> RepoCache {
        RepoCache::new(
            &self.client.config.cache,
            request.kind,
            request.repository,
            request.id.clone(),
        )
    }

    fn target<'a>(&'a self, request: &'a Request<'_>, file: &'a str) -> Target<'a> {
        let Request { id, page, revision, .. } = request;
        Target { config: &self.client.config, id, page, revision, file }
    }

    fn not_cached(&self, request: &Request<'_>) -> HubError {
        let cache = self.client.config.cache.display();
        HubError::new(
            HubErrorKind::Offline,
            &request.id,
            format!("not (completely) in the cache {cache}, and HF_HUB_OFFLINE is set"),
            "run the command once with a network and without HF_HUB_OFFLINE, or copy the cache from another computer",
        )
    }
}
