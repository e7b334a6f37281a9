//! What runs in the background: trainings, and choosing sentences. It never keeps an answer from being taken.

use super::{Service, held_out, lock};
use crate::{
    answer::Span,
    error::AnnotateError,
    models::{self, Trained},
    order::queue,
    project::{Part, Project},
    texts::Text,
};
use gleaner::{
    Dataset, Ensemble, GleanerError, Settings, Splits, Tagger,
    train::{self, Event, Observer},
};
use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

/// Fewest sentences that a training makes sense with.
const FEWEST: usize = 10;
/// Number of sentences that are labelled together, to bound the memory.
const TOGETHER: usize = 256;
/// Maximum number of held-out sentences that a model predicts: the first ones in the order in which they are shown.
const MOST_HELD_OUT: usize = 2_000;

/// A model with its name.
type Named = (String, Arc<Ensemble>);

/// The state of the background.
pub(super) struct Background {
    /// Whether a thread is at work.
    is_busy: bool,
    /// What it is doing, or that it failed.
    status: Option<String>,
    /// Number of sentences of the last training that was tried.
    tried: usize,
    model: Option<Arc<Ensemble>>,
    queue: Arc<Vec<usize>>,
    trained: Arc<Vec<Trained>>,
}

/// What a thread does.
#[derive(Clone, Copy)]
enum Work {
    Train,
    Choose,
}

impl Background {
    pub(super) fn new(model: Option<Arc<Ensemble>>, trained: Vec<Trained>) -> Self {
        Self {
            is_busy: false,
            status: None,
            tried: trained.last().map_or(0, |last| last.sentences),
            model,
            queue: Arc::default(),
            trained: Arc::new(trained),
        }
    }

    /// The sentences that a model chose, and the newest model with its name.
    pub(super) fn view(&self) -> (Arc<Vec<usize>>, Option<Named>) {
        // A model that the project brings has no number.
        let name = self.trained.last().map_or_else(|| "0".into(), |last| last.number.to_string());
        (Arc::clone(&self.queue), self.model.clone().map(|model| (name, model)))
    }

    /// Whether a thread is at work.
    #[cfg(test)]
    pub(super) fn is_busy(&self) -> bool {
        self.is_busy
    }

    /// What the background is doing, and all models.
    pub(super) fn standing(&self) -> (Option<String>, Arc<Vec<Trained>>) {
        (self.status.clone(), Arc::clone(&self.trained))
    }
}

/// Watches a training for the request to stop.
struct Watch<'a>(&'a AtomicBool);

impl Observer for Watch<'_> {
    fn on(&mut self, _: &Event) {}

    fn should_stop(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Service {
    /// Lets the newest model choose sentences.
    pub(super) fn choose_in_background(self: &Arc<Self>) {
        lock(&self.background).is_busy = true;
        self.spawn(Work::Choose);
    }

    /// Starts a training if enough sentences were accepted since the last one.
    pub(super) fn train_if_due(self: &Arc<Self>) {
        if self.training.is_none() || self.is_stopped() {
            return;
        }
        let (accepted, every) = {
            let session = lock(&self.session);
            let project = session.project();
            (training_sentences(project), project.settings().retrain_every)
        };
        {
            let mut background = lock(&self.background);
            if background.is_busy || accepted < FEWEST.max(background.tried + every) {
                return;
            }
            background.is_busy = true;
            background.tried = accepted;
            background.status = Some(format!("training on {accepted} sentences"));
        }
        self.spawn(Work::Train);
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn spawn(self: &Arc<Self>, work: Work) {
        let own = Arc::clone(self);
        // Held, so that a thread which starts another one is not taken for the later one.
        let mut last = lock(&self.worker);
        if self.is_stopped() {
            return self.finish(None);
        }
        let started = thread::Builder::new().name("training".into()).spawn(move || own.work(work));
        match started {
            Ok(worker) => *last = Some(worker),
            Err(error) => self.finish(Some(error.to_string())),
        }
    }

    fn work(self: &Arc<Self>, work: Work) {
        let done = catch_unwind(AssertUnwindSafe(|| match work {
            Work::Train => self.train(),
            Work::Choose => self.choose(),
        }));
        let failure = match done {
            Ok(Ok(())) | Ok(Err(AnnotateError::Gleaner(GleanerError::Stopped { .. }))) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some("it panicked; please report this".into()),
        };
        self.finish(failure);
        // Answers may have come in the meantime.
        self.train_if_due();
    }

    fn finish(&self, failure: Option<String>) {
        if let Some(failure) = &failure {
            self.log(&format!("the training failed: {failure}"));
        }
        let mut background = lock(&self.background);
        background.is_busy = false;
        // The message itself names files.
        let shown = "the last training failed; the output of the program says why";
        background.status = failure.map(|_| shown.to_owned());
    }

    /// Trains on the accepted sentences, predicts the held-out ones, and saves both.
    fn train(&self) -> Result<(), AnnotateError> {
        let Some(settings) = &self.training else { return Ok(()) };
        let project: Project = lock(&self.session).project().clone();
        let model = fit(&project, settings, &self.stop)?;
        let trained = Trained {
            // A model that could not be loaded has a folder too.
            number: models::next_number(project.folder())?,
            sentences: training_sentences(&project),
            predicted: predict(&model.tagger, &held_out(&project), &self.stop)?,
        };
        models::save(project.folder(), &model, &trained)?;
        // As the next process will find it.
        let loaded = Ensemble::load(models::folder(project.folder(), trained.number))?;
        {
            let mut background = lock(&self.background);
            background.model = Some(Arc::new(loaded));
            Arc::make_mut(&mut background.trained).push(trained);
        }
        *lock(&self.standing) = None;
        self.choose()
    }

    /// Lets the newest model choose from the sentences without an answer.
    fn choose(&self) -> Result<(), AnnotateError> {
        let (_, model) = lock(&self.background).view();
        let Some((_, model)) = model else { return Ok(()) };
        let project: Project = lock(&self.session).project().clone();
        let verdicts = project.state().verdicts();
        let open = project.texts().iter().filter(|text| {
            let id = text.id;
            !verdicts.contains_key(&id) && !project.is_held_out(id) && !project.is_gold(text)
        });
        let open: Vec<Text> = open.cloned().collect();
        let chosen = queue(project.settings(), &model, open)?;
        lock(&self.background).queue = Arc::new(chosen);
        Ok(())
    }
}

/// Number of accepted sentences that may be trained on.
fn training_sentences(project: &Project) -> usize {
    project.accepted().keys().filter(|id| !project.is_held_out(**id)).count()
}

/// Trains on the accepted sentences that are not held out, in memory.
pub(super) fn fit(
    project: &Project,
    settings: &Settings,
    stop: &AtomicBool,
) -> Result<train::Trained, GleanerError> {
    let train = project.corpus(Part::Train).sentences;
    let mut settings = settings.clone();
    if let Some(batch) = project.settings().small_batch(train.len()) {
        settings.optimizer.batch = batch;
    }
    let parts = Splits { train, dev: None, test: None };
    let data = Dataset::from_sentences(parts, &settings)?;
    train::fit(&settings, data, None, &mut Watch(stop))
}

/// What a tagger finds in the first held-out sentences.
pub(super) fn predict(
    tagger: &Tagger,
    texts: &[Text],
    stop: &AtomicBool,
) -> Result<BTreeMap<usize, Vec<Span>>, GleanerError> {
    let mut predicted = BTreeMap::new();
    for texts in texts[..texts.len().min(MOST_HELD_OUT)].chunks(TOGETHER) {
        if stop.load(Ordering::Relaxed) {
            return Err(GleanerError::Stopped { path: None });
        }
        let words: Vec<&[String]> = texts.iter().map(|text| text.words.as_slice()).collect();
        let tagged = tagger.tag(&words)?.into_iter();
        predicted
            .extend(texts.iter().zip(tagged).map(|(text, t)| (text.id, Span::of_tags(&t.tags))));
    }
    Ok(predicted)
}
