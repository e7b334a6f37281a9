//! Annotating: what to show, what to do with answers, and training in the background.

mod background;

use crate::{
    answer::{Answer, Proposal, ShownSpan},
    audit::Doubt,
    draw::{Draw, bits},
    error::AnnotateError,
    models,
    next::{Choice, Why, next, this},
    progress::Progress,
    project::Project,
    scores::{Forecast, Score, scores},
    session::Session,
    settings::{Direction, Mode},
    texts::Text,
};
use background::Background;
use gleaner::{Ensemble, GleanerError, Settings, active::Order};
use serde::Serialize;
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::AtomicBool},
    thread::JoinHandle,
};

/// Maximum number of sentences that are shown at once.
const MOST: usize = 50;

/// Takes lines for the log: what must not be in a reply, because it names files.
pub type Log = Arc<dyn Fn(&str) + Send + Sync>;

/// A project that is being annotated. Its methods may be called from any thread.
pub struct Service {
    session: Mutex<Session>,
    /// The settings of trainings; `None` never trains.
    training: Option<Settings>,
    background: Mutex<Background>,
    worker: Mutex<Option<JoinHandle<()>>>,
    /// Whether the background is to end.
    stop: AtomicBool,
    /// What each annotator was last shown of each sentence, for the journal.
    shown: Mutex<HashMap<(String, usize), Proposal>>,
    /// The sentences that each annotator has.
    handed: Mutex<BTreeMap<String, Vec<usize>>>,
    /// The scores, until a held-out answer or a model changes them.
    standing: Mutex<Option<(Vec<Score>, Option<Forecast>)>>,
    log: Log,
}

/// What the page needs to know of a project.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct About {
    pub(crate) name: String,
    pub(crate) types: Vec<String>,
    pub(crate) guidelines: String,
    pub(crate) direction: Direction,
    pub(crate) mode: Mode,
}

/// A sentence that is shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shown {
    /// Its number.
    pub id: usize,
    /// Its words.
    pub words: Vec<String>,
    /// What is proposed; nothing for held-out sentences.
    pub spans: Vec<ShownSpan>,
    /// Whether it is held out.
    pub held_out: bool,
    /// Why it is shown.
    pub why: &'static str,
    /// Remarks.
    pub notes: Vec<String>,
    /// In an audit: the entities that the sentence may have instead, if something suggests others.
    pub suggested: Option<Vec<ShownSpan>>,
}

impl Shown {
    /// The sentence with what an audit says of it, if it does.
    fn doubted(self, doubt: Option<&Doubt>) -> Self {
        match doubt.cloned() {
            Some(Doubt { why, notes, suggested, .. }) => {
                Self { why: why.words(), notes, suggested, ..self }
            }
            None => self,
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What a panicking thread left is used: nothing panics between two changes that belong together.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Service {
    /// Starts to annotate: loads the newest model and lets it choose sentences, in the background. `training` are the
    /// settings of [`ProjectSettings::training`](crate::ProjectSettings::training), with names on the hub replaced by
    /// folders.
    ///
    /// # Errors
    /// A model cannot be loaded.
    pub fn start(
        session: Session,
        training: Option<Settings>,
        log: Log,
    ) -> Result<Arc<Self>, AnnotateError> {
        let project = session.project();
        let trained = models::read_all(project.folder())?;
        let newest = trained.last().map(|last| models::folder(project.folder(), last.number));
        let model = match newest.or_else(|| project.settings().model.clone()) {
            Some(folder) => Some(Arc::new(Ensemble::load(&folder)?)),
            None => None,
        };
        let has_model = model.is_some();
        let service = Arc::new(Self {
            session: Mutex::new(session),
            training,
            background: Mutex::new(Background::new(model, trained)),
            worker: Mutex::default(),
            stop: AtomicBool::new(false),
            shown: Mutex::default(),
            handed: Mutex::default(),
            standing: Mutex::default(),
            log,
        });
        match has_model {
            true => service.choose_in_background(),
            false => service.train_if_due(),
        }
        Ok(service)
    }

    /// What the page needs to know.
    pub(crate) fn about(&self) -> About {
        let session = lock(&self.session);
        let (project, settings) = (session.project(), session.project().settings());
        About {
            name: project.name(),
            types: settings.types.clone(),
            guidelines: settings.guidelines.clone(),
            direction: settings.direction,
            mode: settings.mode,
        }
    }

    /// Up to `take` sentences for an annotator (no more than 50), after those in `after`, which the annotator has
    /// already.
    ///
    /// # Errors
    /// The name cannot be one, or the model fails.
    pub fn next(
        &self,
        annotator: &str,
        after: &[usize],
        take: usize,
    ) -> Result<Vec<Shown>, AnnotateError> {
        self.show(annotator, |project, queue| {
            let mut handed = lock(&self.handed);
            let others = handed.iter().filter(|(name, _)| *name != annotator);
            let elsewhere = others.flat_map(|(_, ids)| ids.iter().copied()).collect();
            let chosen = next(project, annotator, after, &elsewhere, take.min(MOST), queue);
            let kept = after.iter().copied().chain(chosen.iter().map(|choice| choice.id));
            handed.insert(annotator.to_owned(), kept.collect());
            chosen
        })
    }

    /// One sentence, as [`next`](Self::next) shows it; `None` if the annotator has nothing left to answer in it.
    ///
    /// # Errors
    /// As [`next`](Self::next).
    pub fn sentence(&self, annotator: &str, id: usize) -> Result<Option<Shown>, AnnotateError> {
        let only = |project: &Project, queue: &[usize]| {
            this(project, annotator, id, queue).into_iter().collect()
        };
        Ok(self.show(annotator, only)?.pop())
    }

    /// The sentences that `choose` chooses from the project and the queue of the model.
    fn show(
        &self,
        annotator: &str,
        choose: impl FnOnce(&Project, &[usize]) -> Vec<Choice>,
    ) -> Result<Vec<Shown>, AnnotateError> {
        crate::answer::check_name(annotator)?;
        let (queue, model) = lock(&self.background).view();
        let (chosen, doubts, order): (Vec<(Text, Why)>, Vec<Option<Doubt>>, Order) = {
            let session = lock(&self.session);
            let project = session.project();
            let choices = choose(project, &queue);
            let doubt = |choice: &Choice| project.audit()?.doubt(choice.id).cloned();
            let doubts = choices.iter().map(doubt).collect();
            let texts = choices.into_iter().map(|c| (project.texts()[c.id].clone(), c.why));
            (texts.collect(), doubts, project.settings().order)
        };
        let model = model.as_ref().map(|(name, model)| (name.as_str(), model.as_ref()));
        let shown = proposed(&chosen, order, model)?;
        let key = |id| (annotator.to_owned(), id);
        let mut last = lock(&self.shown);
        for (sentence, proposal) in &shown {
            match proposal {
                Some(proposal) => drop(last.insert(key(sentence.id), proposal.clone())),
                None => drop(last.remove(&key(sentence.id))),
            }
        }
        let shown = shown.into_iter().map(|(sentence, _)| sentence).zip(&doubts);
        Ok(shown.map(|(sentence, doubt)| sentence.doubted(doubt.as_ref())).collect())
    }

    /// Takes an answer; returns its number in the journal, after it was synced.
    ///
    /// # Errors
    /// The answer does not fit, or cannot be written. It does not count then.
    pub fn answer(self: &Arc<Self>, answer: Answer) -> Result<u64, AnnotateError> {
        let id = answer.id;
        let seen = lock(&self.shown).get(&(answer.annotator.clone(), id)).cloned();
        let (n, is_held_out) = {
            let mut session = lock(&self.session);
            (session.answer(answer, seen)?, session.project().is_held_out(id))
        };
        self.after(is_held_out);
        Ok(n)
    }

    /// Takes back an annotator's previous answer; returns its sentence with the spans that were answered. `None` if
    /// there is none.
    ///
    /// # Errors
    /// The name cannot be one, or the journal cannot be written. Nothing is taken back then.
    pub fn undo(self: &Arc<Self>, annotator: &str) -> Result<Option<Shown>, AnnotateError> {
        let sentence = {
            let mut session = lock(&self.session);
            let Some(entry) = session.undo(annotator)? else { return Ok(None) };
            let project = session.project();
            let shown = Shown {
                id: entry.id,
                words: project.texts()[entry.id].words.clone(),
                spans: entry.spans.into_iter().map(ShownSpan::from).collect(),
                held_out: project.is_held_out(entry.id),
                why: "",
                notes: Vec::new(),
                suggested: None,
            };
            let doubt = project.audit().and_then(|audit| audit.doubt(entry.id));
            Shown { why: "taken back", ..shown.doubted(doubt) }
        };
        self.after(sentence.held_out);
        Ok(Some(sentence))
    }

    /// What follows from a change of the answers.
    fn after(self: &Arc<Self>, is_held_out: bool) {
        if is_held_out {
            *lock(&self.standing) = None;
        }
        self.train_if_due();
    }

    /// The progress, with the numbers of an annotator.
    pub fn progress(&self, annotator: &str) -> Progress {
        // Locked first: a model that is finished meanwhile clears the scores again.
        let mut standing = lock(&self.standing);
        let (training, trained) = lock(&self.background).standing();
        let session = lock(&self.session);
        let project = session.project();
        let (scores, forecast) = standing.get_or_insert_with(|| scores(project, &trained)).clone();
        Progress { training, scores, forecast, ..Progress::of(project, annotator) }
    }

    /// Ends the background, a training too: it is repeated when the project is opened again.
    pub fn stop(&self) {
        let worker = {
            // Under this lock, so that nothing starts afterwards.
            let mut worker = lock(&self.worker);
            self.stop.store(true, std::sync::atomic::Ordering::Relaxed);
            worker.take()
        };
        if let Some(worker) = worker {
            // It catches panics itself.
            let _ = worker.join();
        }
    }

    pub(crate) fn log(&self, line: &str) {
        (self.log)(line);
    }
}

/// The sentences as they are shown, each with its proposal. Imported labels go before those of a model.
fn proposed(
    chosen: &[(Text, Why)],
    order: Order,
    model: Option<(&str, &Ensemble)>,
) -> Result<Vec<(Shown, Option<Proposal>)>, GleanerError> {
    let by_model = |(text, why): &&(Text, Why)| *why != Why::HeldOut && text.tags.is_none();
    let words: Vec<&[String]> =
        chosen.iter().filter(by_model).map(|(text, _)| text.words.as_slice()).collect();
    let tagged = match model {
        Some((_, model)) if !words.is_empty() => model.tag(&words)?,
        _ => Vec::new(),
    };
    let mut tagged = tagged.into_iter();
    let show = |pair: &(Text, Why)| {
        let (text, why) = pair;
        let spans: Option<(Vec<ShownSpan>, Option<&str>)> = match (why, text.spans(), model) {
            (Why::HeldOut, _, _) => None,
            (_, Some(imported), _) => {
                Some((imported.into_iter().map(ShownSpan::from).collect(), None))
            }
            (_, None, Some((name, _))) => {
                let found = tagged.next().map_or_else(Vec::new, |tagged| tagged.spans);
                Some((found.into_iter().map(ShownSpan::found).collect(), Some(name)))
            }
            (_, None, None) => None,
        };
        let proposal = spans.as_ref().map(|(spans, model)| Proposal {
            spans: spans.iter().map(|shown| shown.span.clone()).collect(),
            model: model.map(str::to_owned),
        });
        let shown = Shown {
            id: text.id,
            words: text.words.clone(),
            spans: spans.map_or_else(Vec::new, |(spans, _)| spans),
            held_out: *why == Why::HeldOut,
            why: reason(*why, order),
            notes: Vec::new(),
            suggested: None,
        };
        (shown, proposal)
    };
    Ok(chosen.iter().map(show).collect())
}

/// Why a sentence is shown, in words.
fn reason(why: Why, order: Order) -> &'static str {
    match (why, order) {
        (Why::HeldOut, _) => "test sentence",
        (Why::Doubtful, _) => "doubtful",
        (Why::Random, _) | (Why::Model, Order::Random) => "random",
        (Why::Model, Order::Margin | Order::Entropy) => "least certain",
        (Why::Model, Order::Disagreement) => "models disagree",
        (Why::Model, Order::Diverse) => "uncertain and unlike the others",
    }
}

/// Held-out sentences in the order in which they are shown.
fn held_out(project: &Project) -> Vec<Text> {
    let own = project.texts().iter().filter(|text| project.is_held_out(text.id));
    let mut own: Vec<Text> = own.cloned().collect();
    own.sort_by_cached_key(|text| bits(project.settings().seed, Draw::Rank, text.id as u64));
    own
}

#[cfg(test)]
mod tests;
