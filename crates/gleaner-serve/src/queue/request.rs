//! A request whose sentences are labelled in parts.

use super::{Failed, Reply};
use gleaner::Tagged;
use std::{
    ops::Range,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::oneshot;

/// The sentences of a request, and their tags so far.
pub(super) struct Request {
    sentences: Vec<Vec<String>>,
    words: usize,
    progress: Mutex<Progress>,
}

struct Progress {
    tagged: Vec<Option<Tagged>>,
    /// Number of sentences without tags.
    left: usize,
    /// Taken by the last part, or by the first that fails.
    reply: Option<oneshot::Sender<Reply>>,
}

impl Request {
    pub(super) fn new(sentences: Vec<Vec<String>>, reply: oneshot::Sender<Reply>) -> Self {
        let left = sentences.len();
        let words = sentences.iter().map(|sentence| cost(sentence)).sum();
        let progress = Progress { tagged: vec![None; left], left, reply: Some(reply) };
        Self { sentences, words, progress: Mutex::new(progress) }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sentences.is_empty()
    }

    pub(super) fn sentences(&self) -> &[Vec<String>] {
        &self.sentences
    }

    /// Number of words.
    pub(super) fn words(&self) -> usize {
        self.words
    }

    /// Whether nobody waits for the reply: a part failed, or the client left.
    pub(super) fn is_abandoned(&self) -> bool {
        self.lock().reply.as_ref().is_none_or(oneshot::Sender::is_closed)
    }

    /// Keeps the tags of some sentences, and replies if they are the last ones or failed.
    pub(super) fn finish(&self, range: Range<usize>, tagged: Result<Vec<Tagged>, Failed>) {
        let mut progress = self.lock();
        let reply = match tagged {
            Ok(tagged) => {
                progress.left -= range.len();
                for (slot, tagged) in progress.tagged[range].iter_mut().zip(tagged) {
                    *slot = Some(tagged);
                }
                if progress.left > 0 {
                    return;
                }
                Ok(progress.tagged.drain(..).flatten().collect())
            }
            Err(failed) => Err(failed),
        };
        if let Some(sender) = progress.reply.take() {
            // The client may have left.
            let _ = sender.send(reply);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a sentence costs, in words. One without words still needs a place.
pub(super) fn cost(sentence: &[String]) -> usize {
    sentence.len().max(1)
}

/// Sentences of a request that are labelled together.
pub(super) struct Part {
    pub(super) request: Arc<Request>,
    pub(super) range: Range<usize>,
}

impl Part {
    pub(super) fn sentences(&self) -> &[Vec<String>] {
        &self.request.sentences[self.range.clone()]
    }

    pub(super) fn words(&self) -> usize {
        self.sentences().iter().map(|sentence| cost(sentence)).sum()
    }

    /// Whether its tags are the last that the request waits for.
    pub(super) fn is_last(&self) -> bool {
        self.range.end == self.request.sentences.len()
    }

    pub(super) fn finish(&self, tagged: Result<Vec<Tagged>, Failed>) {
        self.request.finish(self.range.clone(), tagged);
    }
}
