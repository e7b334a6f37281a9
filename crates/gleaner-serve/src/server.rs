//! A server of models.

use crate::{
    Labeller, ServeError,
    listen::{self, Handled, Listen, Stop},
    metrics::{Labelled, Metrics},
    model::{Common, Model, Models, Signature, Watch, version},
    routes::{self, App},
};
use axum::Router;
use std::{
    collections::HashSet,
    fmt::Display,
    net::SocketAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::Arc,
};

/// A model to serve.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its name in requests.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
}

/// What a server reports while it runs. It may name files, so it is not for clients.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A request was answered.
    Handled(&'a Handled),
    /// The folder of a model was replaced, and the new one is served.
    Replaced {
        /// The name of the model.
        model: &'a str,
        /// Its version.
        version: &'a str,
    },
    /// The folder of a model was replaced, but the new one cannot be loaded; the one before is still served.
    NotReplaced {
        /// The name of the model.
        model: &'a str,
        /// What is wrong.
        error: String,
    },
    /// A model could not label the text of a request.
    Failed {
        /// The name of the model.
        model: &'a str,
        /// What is wrong.
        error: String,
    },
}

/// Called with each event, on a thread that must not wait.
pub type Log = Arc<dyn Fn(&Event<'_>) + Send + Sync>;

/// Models, and what answers requests to them. Their folders are watched: a model whose folder is replaced is loaded
/// again, while the one before answers.
pub struct Server {
    app: Arc<App>,
    log: Log,
    _watch: Watch,
}

impl Server {
    /// Loads models with `open`. Requests that name none get the first one. At most `queue` words wait for a model.
    ///
    /// # Errors
    /// There is no model, a name is not one or occurs twice, or a model cannot be loaded.
    pub fn load<L, E>(
        sources: Vec<Source>,
        queue: usize,
        log: Log,
        open: impl Fn(&Path) -> Result<Arc<L>, E> + Send + 'static,
    ) -> Result<Self, E>
    where
        L: Labeller + 'static,
        E: From<ServeError> + Display + 'static,
    {
        check_names(&sources)?;
        let common = Common {
            queue,
            failed: Arc::new({
                let log = Arc::clone(&log);
                move |model, error| log(&Event::Failed { model, error })
            }),
        };
        let load = move |source: &Source, labelled: Arc<Labelled>| -> Result<Model, E> {
            let io = |error| ServeError::Io { path: source.folder.clone(), error };
            let digest = version(&source.folder).map_err(io)?;
            let labeller = open(&source.folder)?;
            Ok(Model::new(&source.name, &digest, labeller, labelled, &common))
        };
        // Looked at before they are loaded: a change after that is noticed.
        let folders =
            sources.iter().map(|s| (s.folder.clone(), Signature::of(&s.folder))).collect();
        let models = sources.iter().map(|source| load(source, Arc::default()));
        let models = models.collect::<Result<Vec<Model>, E>>()?;
        let app = Arc::new(App { models: Models::new(models), metrics: Metrics::default() });
        let changed = {
            let (app, log) = (Arc::clone(&app), Arc::clone(&log));
            move |at: usize| {
                let source = &sources[at];
                // A panic is a defect, but not a reason to notice no replacement after it.
                let loaded =
                    catch_unwind(AssertUnwindSafe(|| load(source, app.models.labelled(at))));
                let error = match loaded {
                    Ok(Ok(model)) => {
                        log(&Event::Replaced { model: &model.name, version: &model.version });
                        return app.models.replace(at, model);
                    }
                    Ok(Err(error)) => format!("{error:#}"),
                    Err(_) => "loading it panicked; please report this".to_owned(),
                };
                log(&Event::NotReplaced { model: &source.name, error });
            }
        };
        let _watch = Watch::start(folders, changed);
        Ok(Self { app, log, _watch })
    }

    /// The names and versions of the models.
    pub fn models(&self) -> Vec<(String, String)> {
        let models = self.app.models.all();
        models.iter().map(|model| (model.name.clone(), model.version.clone())).collect()
    }

    /// What answers requests, without the checks of [`listen`].
    pub fn router(&self) -> Router {
        routes::router(Arc::clone(&self.app))
    }

    /// Serves the models until `stop` is requested: see [`listen::run`].
    ///
    /// # Errors
    /// As [`listen::run`].
    pub fn run(
        &self,
        listen: Listen,
        stop: &Stop,
        bound: impl FnOnce(SocketAddr),
    ) -> Result<(), ServeError> {
        let (app, log) = (Arc::clone(&self.app), Arc::clone(&self.log));
        let observer: listen::Observer = Arc::new(move |handled| {
            app.metrics.count(handled);
            log(&Event::Handled(handled));
        });
        let listen = Listen { open: routes::OPEN.to_vec(), observer: Some(observer), ..listen };
        listen::run(&listen, self.router(), stop, bound)
    }
}

/// Names are part of addresses and of versions.
fn check_names(sources: &[Source]) -> Result<(), ServeError> {
    let mut known = HashSet::new();
    for Source { name, .. } in sources {
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if name.is_empty() || !name.bytes().all(is_letter) {
            return Err(ServeError::Settings(format!(
                "`{name}` is not a name of a model; use letters and digits of ASCII, `.`, `_` and `-`"
            )));
        }
        if !known.insert(name) {
            return Err(ServeError::Settings(format!(
                "two models have the name `{name}`; change one"
            )));
        }
    }
    match sources.is_empty() {
        true => Err(ServeError::Settings("no model to serve; name one".to_owned())),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Capitals, until};
    use std::{fs, sync::Mutex};

    fn source(name: &str, folder: &Path) -> Source {
        Source { name: name.to_owned(), folder: folder.to_owned() }
    }

    fn load(sources: Vec<Source>, log: Log) -> Result<Server, ServeError> {
        let open = |folder: &Path| match fs::read(folder.join("gleaner.json")) {
            Ok(content) if content != b"bad" => Ok(Arc::new(Capitals::default())),
            _ => Err(ServeError::Settings("bad".to_owned())),
        };
        Server::load(sources, 100, log, open)
    }

    #[test]
    fn names_are_unique_and_fit_into_an_address() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("gleaner.json"), "{}").unwrap();
        for (names, said) in [
            (vec![], "no model to serve; name one"),
            (vec!["a", "b", "a"], "two models have the name `a`; change one"),
            (vec!["a/b"], "`a/b` is not a name of a model"),
            (vec![""], "`` is not a name of a model"),
        ] {
            let sources = names.iter().map(|name| source(name, root.path())).collect();
            let error = load(sources, Arc::new(|_| ())).err().unwrap().to_string();
            assert!(error.starts_with(said), "{error}");
        }
    }

    #[test]
    fn a_model_whose_folder_is_replaced_is_loaded_again_if_it_is_good() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("model");
        let replace = |content: &str| {
            let new = root.path().join("new");
            fs::create_dir(&new).unwrap();
            fs::write(new.join("gleaner.json"), content).unwrap();
            let _ = fs::remove_dir_all(root.path().join("old"));
            let _ = fs::rename(&folder, root.path().join("old"));
            fs::rename(&new, &folder).unwrap();
        };
        replace("1");
        let events: Arc<Mutex<Vec<String>>> = Arc::default();
        let log: Log = Arc::new({
            let events = Arc::clone(&events);
            move |event| events.lock().unwrap().push(format!("{event:?}"))
        });
        let server = load(vec![source("a", &folder)], log).unwrap();
        let version = || server.models()[0].1.clone();
        let wait = |count: usize| {
            until("the folder is looked at", || events.lock().unwrap().len() >= count);
            events.lock().unwrap()[count - 1].clone()
        };
        let first = version();
        replace("bad");
        assert_eq!(wait(1), "NotReplaced { model: \"a\", error: \"bad\" }");
        assert_eq!(version(), first);
        replace("2");
        assert!(wait(2).starts_with("Replaced { model: \"a\", version: \"a-"), "{events:?}");
        until("the new model is served", || version() != first);
    }
}
