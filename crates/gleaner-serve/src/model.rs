//! Models that are served, by name.

mod version;
mod watch;

pub(crate) use watch::{Signature, Watch};

use crate::{
    Labeller, Refusal,
    metrics::{Labelled, Row},
    queue::Queue,
};
use axum::http::StatusCode;
use gleaner::{Segmenter, Tagged};
use std::sync::{
    Arc, PoisonError, RwLock,
    atomic::{AtomicU64, Ordering},
};
pub(crate) use version::version;

/// A model as it was loaded. Requests keep the one that they began with.
pub(crate) struct Model {
    pub(crate) name: String,
    /// Its name and the start of the SHA-256 of its content.
    pub(crate) version: String,
    pub(crate) types: Vec<String>,
    labeller: Arc<dyn Labeller>,
    queue: Queue,
    labelled: Arc<Labelled>,
}

/// Gets the name of a model, and why it could not label something.
pub(crate) type OnFailure = Arc<dyn Fn(&str, String) + Send + Sync>;

/// What concerns all models of a server.
#[derive(Clone)]
pub(crate) struct Common {
    /// Most words that wait for a model.
    pub(crate) queue: usize,
    pub(crate) failed: OnFailure,
}

impl Model {
    /// A model with its thread. `digest` is of its content.
    pub(crate) fn new(
        name: &str,
        digest: &str,
        labeller: Arc<dyn Labeller>,
        labelled: Arc<Labelled>,
        common: &Common,
    ) -> Self {
        let failed: Arc<dyn Fn(String) + Send + Sync> = Arc::new({
            let (failed, name) = (Arc::clone(&common.failed), name.to_owned());
            move |error| failed(&name, error)
        });
        let queue = Queue::start(&labeller, common.queue, &labelled, &failed);
        let version = format!("{name}-{digest}");
        let (name, types) = (name.to_owned(), labeller.types());
        Self { name, version, types, labeller, queue, labelled }
    }

    pub(crate) fn segmenter(&self) -> &Segmenter {
        self.labeller.segmenter()
    }

    /// Labels sentences, together with those of other requests.
    pub(crate) async fn label(&self, sentences: Vec<Vec<String>>) -> Result<Vec<Tagged>, Refusal> {
        let reply = self.queue.add(sentences).map_err(|full| {
            let what = "too many requests are waiting; try again later";
            Refusal::new(StatusCode::TOO_MANY_REQUESTS, what).retry_after(full.seconds)
        })?;
        let failed = || {
            let what = "the model failed; the log of the server says why";
            Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, what)
        };
        reply.await.map_err(|_| failed())?.map_err(|_| failed())
    }
}

/// The models of a server. The first one is for requests that name none.
pub(crate) struct Models(Vec<Served>);

struct Served {
    current: RwLock<Arc<Model>>,
    reloads: AtomicU64,
}

impl Models {
    pub(crate) fn new(models: Vec<Model>) -> Self {
        let served =
            |model| Served { current: RwLock::new(Arc::new(model)), reloads: AtomicU64::new(0) };
        Self(models.into_iter().map(served).collect())
    }

    /// The models as they are now, in order.
    pub(crate) fn all(&self) -> Vec<Arc<Model>> {
        let current = |served: &Served| {
            Arc::clone(&served.current.read().unwrap_or_else(PoisonError::into_inner))
        };
        self.0.iter().map(current).collect()
    }

    /// The model of this name; the first one without.
    pub(crate) fn get(&self, name: Option<&str>) -> Result<Arc<Model>, Refusal> {
        let all = self.all();
        let found = all.iter().find(|model| name.is_none_or(|name| model.name == name));
        found.cloned().ok_or_else(|| {
            let names: Vec<&str> = all.iter().map(|model| model.name.as_str()).collect();
            let what =
                format!("no model `{}`; there are: {}", name.unwrap_or_default(), names.join(", "));
            Refusal::new(StatusCode::NOT_FOUND, what)
        })
    }

    /// Serves this model from now on under its name. The one before finishes what it has, and its thread ends.
    pub(crate) fn replace(&self, at: usize, model: Model) {
        let served = &self.0[at];
        let before = std::mem::replace(
            &mut *served.current.write().unwrap_or_else(PoisonError::into_inner),
            Arc::new(model),
        );
        served.reloads.fetch_add(1, Ordering::Relaxed);
        drop(before);
    }

    /// What a model has labelled, which continues under its name.
    pub(crate) fn labelled(&self, at: usize) -> Arc<Labelled> {
        Arc::clone(&self.all()[at].labelled)
    }

    /// Calls `show` with a row for each model.
    pub(crate) fn with_rows<T>(&self, show: impl FnOnce(&[Row<'_>]) -> T) -> T {
        let reloads = self.0.iter().map(|served| served.reloads.load(Ordering::Relaxed));
        let all: Vec<(Arc<Model>, u64)> = self.all().into_iter().zip(reloads).collect();
        let rows: Vec<Row<'_>> = all
            .iter()
            .map(|(model, reloads)| Row {
                name: &model.name,
                version: &model.version,
                labelled: &model.labelled,
                waiting: model.queue.words(),
                reloads: *reloads,
            })
            .collect();
        show(&rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Capitals, Gate, words};

    fn model(digest: &str, labeller: Capitals) -> Model {
        let common = Common { queue: 100, failed: Arc::new(|_, _| ()) };
        Model::new("a", digest, Arc::new(labeller), Arc::default(), &common)
    }

    #[test]
    fn a_request_keeps_the_model_that_it_began_with() {
        let gate = Gate::closed();
        let models = Models::new(vec![model("1", Capitals::behind(&gate))]);
        let before = models.get(Some("a")).unwrap();
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let asked = runtime
            .spawn(async move { (before.label(vec![words("A")]).await, before.version.clone()) });
        gate.wait_for(1);
        models.replace(0, model("2", Capitals::default()));
        assert_eq!(models.get(None).unwrap().version, "a-2");
        gate.open();
        let (tagged, version) = runtime.block_on(asked).unwrap();
        assert_eq!(
            (tagged.unwrap()[0].tags.as_slice(), version.as_str()),
            (&["B-PER".to_owned()][..], "a-1")
        );
        assert_eq!(models.get(Some("b")).err().unwrap().what(), "no model `b`; there are: a");
    }
}
