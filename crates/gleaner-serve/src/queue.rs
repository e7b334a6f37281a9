//! Sentences that wait to be labelled, and the thread that has them labelled.
//!
//! A request is a list of sentences. The thread takes what is waiting, a share of each request in turn, has it labelled
//! together, and gives each request its own. So single sentences of many clients are labelled as fast as a text, and a
//! long text does not hold up a sentence. One thread is enough: labelling a batch uses all processors, and a second
//! batch at the same time would only be a smaller one.

mod request;
mod turns;

use crate::{Labeller, metrics::Labelled};
use gleaner::Tagged;
use request::{Part, Request};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};
use tokio::sync::oneshot;
use turns::Turns;

/// The share of a batch's time for which the next batch may wait for the clients that have just got a reply.
const PATIENCE: f64 = 1.0 / 64.0;
/// Longest time after which a client is asked to try again, in seconds.
const LONGEST_WAIT: u64 = 60;

/// What a request gets: the tags of its sentences in its order, or that the model failed.
pub(crate) type Reply = Result<Vec<Tagged>, Failed>;

/// The model could not label the sentences of a request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Failed;

/// Too much is waiting.
#[derive(Debug, PartialEq)]
pub(crate) struct Full {
    /// Seconds after which there should be room.
    pub(crate) seconds: u32,
}

/// The queue of a model. When it is dropped, its thread labels what is waiting and ends.
pub(crate) struct Queue {
    shared: Arc<Shared>,
}

struct Shared {
    waiting: Mutex<Waiting>,
    changed: Condvar,
    most_words: usize,
}

struct Waiting {
    turns: Turns,
    closed: bool,
    /// Words a second of the last batches; 0 before the first.
    speed: f64,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next batch; waits for one. `None` once the queue is closed and empty.
    ///
    /// Waits up to `patience` for `expected` requests. A client that has got a reply often asks again at once. Without
    /// patience, the first to do so would be labelled alone, which takes nearly as long as a batch of several.
    fn next(&self, expected: usize, patience: Duration) -> Option<Vec<Part>> {
        let enough = |waiting: &mut Waiting| waiting.closed || waiting.turns.requests() >= expected;
        let all = self.changed.wait_timeout_while(self.lock(), patience, |w| !enough(w));
        let mut waiting = all.unwrap_or_else(PoisonError::into_inner).0;
        loop {
            let batch = waiting.turns.batch();
            if !batch.is_empty() {
                return Some(batch);
            }
            if waiting.closed {
                return None;
            }
            waiting = self.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn learn_speed(&self, words: usize, time: Duration) {
        let speed = words as f64 / time.as_secs_f64().max(1e-6);
        let mut waiting = self.lock();
        waiting.speed = match waiting.speed {
            0.0 => speed,
            before => 0.8 * before + 0.2 * speed,
        };
    }
}

impl Queue {
    /// A queue for at most `most_words` words, apart from a request that is longer by itself. `labelled` counts what is
    /// labelled, `failed` gets the reason why something is not.
    pub(crate) fn start(
        labeller: &Arc<dyn Labeller>,
        most_words: usize,
        labelled: &Arc<Labelled>,
        failed: &Arc<dyn Fn(String) + Send + Sync>,
    ) -> Self {
        let waiting = Waiting { turns: Turns::default(), closed: false, speed: 0.0 };
        let (waiting, changed) = (Mutex::new(waiting), Condvar::new());
        let shared = Arc::new(Shared { waiting, changed, most_words });
        let worker = Worker {
            shared: Arc::clone(&shared),
            labeller: Arc::clone(labeller),
            labelled: Arc::clone(labelled),
            failed: Arc::clone(failed),
        };
        thread::spawn(move || worker.run());
        Self { shared }
    }

    /// Adds the sentences of a request.
    pub(crate) fn add(
        &self,
        sentences: Vec<Vec<String>>,
    ) -> Result<oneshot::Receiver<Reply>, Full> {
        let (reply, receiver) = oneshot::channel();
        let request = Request::new(sentences, reply);
        if request.is_empty() {
            request.finish(0..0, Ok(Vec::new()));
            return Ok(receiver);
        }
        let mut waiting = self.shared.lock();
        let words = waiting.turns.words();
        if words > 0 && words + request.words() > self.shared.most_words {
            let seconds = (words as f64 / waiting.speed.max(1.0)).ceil() as u64;
            return Err(Full { seconds: seconds.clamp(1, LONGEST_WAIT) as u32 });
        }
        waiting.turns.add(Arc::new(request));
        drop(waiting);
        self.shared.changed.notify_one();
        Ok(receiver)
    }

    /// Number of words that wait.
    pub(crate) fn words(&self) -> usize {
        self.shared.lock().turns.words()
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.changed.notify_all();
    }
}

/// The thread that labels.
struct Worker {
    shared: Arc<Shared>,
    labeller: Arc<dyn Labeller>,
    labelled: Arc<Labelled>,
    failed: Arc<dyn Fn(String) + Send + Sync>,
}

impl Worker {
    fn run(&self) {
        let (mut answered, mut patience) = (0, Duration::ZERO);
        while let Some(batch) = self.shared.next(answered, patience) {
            let words = batch.iter().map(Part::words).sum();
            let started = Instant::now();
            self.labelled.batch(batch.iter().map(|part| part.sentences().len()).sum(), words);
            self.label(&batch);
            let time = started.elapsed();
            self.shared.learn_speed(words, time);
            answered = batch.iter().filter(|part| part.is_last()).count();
            patience = time.mul_f64(PATIENCE);
        }
    }

    /// Labels the parts of a batch together. If that fails, each by itself: the fault of one is not that of the others.
    fn label(&self, batch: &[Part]) {
        let sentences: Vec<&[String]> =
            batch.iter().flat_map(Part::sentences).map(Vec::as_slice).collect();
        match self.tag(&sentences) {
            Ok(tagged) => {
                let mut tagged = tagged.into_iter();
                for part in batch {
                    part.finish(Ok(tagged.by_ref().take(part.sentences().len()).collect()));
                }
            }
            Err(_) if batch.len() > 1 => {
                batch.iter().for_each(|part| self.label(std::slice::from_ref(part)))
            }
            Err(error) => {
                (self.failed)(error);
                batch.iter().for_each(|part| part.finish(Err(Failed)));
            }
        }
    }

    fn tag(&self, sentences: &[&[String]]) -> Result<Vec<Tagged>, String> {
        // A panic is a defect, but not a reason to leave all later requests without an answer.
        let tagged = catch_unwind(AssertUnwindSafe(|| self.labeller.tag(sentences)));
        let tagged = tagged.map_err(|_| "labelling panicked".to_owned())?;
        let tagged = tagged.map_err(|error| error.to_string())?;
        match tagged.len() == sentences.len() {
            true => Ok(tagged),
            false => Err("the model labelled another number of sentences".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests;
