//! Shared by tests: a labeller, and waiting.

use crate::Labeller;
use gleaner::{GleanerError, Segmenter, Tagged, TaggedSpan};
use std::{
    sync::{Arc, Condvar, Mutex},
    thread,
    time::{Duration, Instant},
};

/// Takes every word that begins with a capital for a person. The words `fail` and `panic` do what they say.
#[derive(Default)]
pub(crate) struct Capitals {
    segmenter: Segmenter,
    gate: Option<Arc<Gate>>,
}

impl Capitals {
    /// One that labels nothing until a gate opens.
    pub(crate) fn behind(gate: &Arc<Gate>) -> Self {
        Self { gate: Some(Arc::clone(gate)), ..Self::default() }
    }
}

impl Labeller for Capitals {
    fn tag(&self, sentences: &[&[String]]) -> Result<Vec<Tagged>, GleanerError> {
        if let Some(gate) = &self.gate {
            gate.pass();
        }
        let words = || sentences.iter().flat_map(|words| words.iter());
        assert!(!words().any(|word| word == "panic"), "as the text says");
        if words().any(|word| word == "fail") {
            return Err(GleanerError::NotFinite);
        }
        Ok(sentences.iter().map(|words| tagged(words)).collect())
    }

    fn segmenter(&self) -> &Segmenter {
        &self.segmenter
    }

    fn types(&self) -> Vec<String> {
        vec!["LOC".to_owned(), "PER".to_owned()]
    }
}

fn tagged(words: &[String]) -> Tagged {
    let is_name = |word: &String| word.starts_with(char::is_uppercase);
    let tag = |word| if is_name(word) { "B-PER" } else { "O" }.to_owned();
    let named = words.iter().enumerate().filter(|(_, word)| is_name(word));
    let span = |(start, _)| TaggedSpan {
        label: "PER".to_owned(),
        start,
        end: start + 1,
        confidence: 0.912_345,
        uncalibrated: 0.9,
    };
    Tagged {
        tags: words.iter().map(tag).collect(),
        spans: named.map(span).collect(),
        unrepaired: None,
    }
}

/// The words of a sentence.
pub(crate) fn words(sentence: &str) -> Vec<String> {
    sentence.split(' ').map(str::to_owned).collect()
}

/// A gate that threads wait at.
pub(crate) struct Gate {
    /// Whether it is open, and how many threads have arrived.
    state: Mutex<(bool, usize)>,
    changed: Condvar,
}

impl Gate {
    pub(crate) fn closed() -> Arc<Self> {
        Arc::new(Self { state: Mutex::new((false, 0)), changed: Condvar::new() })
    }

    pub(crate) fn open(&self) {
        self.state.lock().unwrap().0 = true;
        self.changed.notify_all();
    }

    /// Waits until this many threads have arrived.
    pub(crate) fn wait_for(&self, threads: usize) {
        until("threads have arrived", || self.state.lock().unwrap().1 >= threads);
    }

    /// Opens the gate when the value is dropped, so that a test which fails does not wait for threads at the gate.
    pub(crate) fn opened_at_last(self: &Arc<Self>) -> OpenedAtLast {
        OpenedAtLast(Arc::clone(self))
    }

    fn pass(&self) {
        let mut state = self.state.lock().unwrap();
        state.1 += 1;
        self.changed.notify_all();
        drop(self.changed.wait_while(state, |state| !state.0).unwrap());
    }
}

/// See [`Gate::opened_at_last`].
pub(crate) struct OpenedAtLast(Arc<Gate>);

impl Drop for OpenedAtLast {
    fn drop(&mut self) {
        self.0.open();
    }
}

/// Waits until something is so, for at most a minute, which is long enough on any machine.
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(60), "not within a minute: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}
