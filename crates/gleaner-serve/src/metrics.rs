//! Counters, in the text format of Prometheus (version 0.0.4).

use crate::listen::Handled;
use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// Upper bounds of the times of requests, in seconds.
const BOUNDS: [f64; 12] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// What a model has labelled since the start.
#[derive(Default)]
pub(crate) struct Labelled {
    batches: AtomicU64,
    sentences: AtomicU64,
    words: AtomicU64,
}

impl Labelled {
    /// Counts a batch.
    pub(crate) fn batch(&self, sentences: usize, words: usize) {
        self.batches.fetch_add(1, Ordering::Relaxed);
        self.sentences.fetch_add(sentences as u64, Ordering::Relaxed);
        self.words.fetch_add(words as u64, Ordering::Relaxed);
    }
}

/// A model, as it is shown.
pub(crate) struct Row<'a> {
    pub(crate) name: &'a str,
    pub(crate) version: &'a str,
    pub(crate) labelled: &'a Labelled,
    /// Words that wait.
    pub(crate) waiting: usize,
    /// How often its folder was loaded again.
    pub(crate) reloads: u64,
}

/// What a counter of a model is.
type Counter<'a> = &'a dyn Fn(&Row<'_>) -> u64;

/// Requests by method, route and status.
#[derive(Default)]
pub(crate) struct Metrics {
    requests: Mutex<BTreeMap<(&'static str, String, u16), Times>>,
}

#[derive(Default)]
struct Times {
    count: u64,
    seconds: f64,
    /// Requests up to each bound, not cumulated.
    within: [u64; BOUNDS.len()],
}

impl Times {
    fn add(&mut self, time: Duration) {
        let seconds = time.as_secs_f64();
        self.count += 1;
        self.seconds += seconds;
        if let Some(bound) = BOUNDS.iter().position(|bound| seconds <= *bound) {
            self.within[bound] += 1;
        }
    }
}

impl Metrics {
    /// Counts a request.
    pub(crate) fn count(&self, handled: &Handled) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (handled.method, handled.route.clone(), handled.status);
        requests.entry(key).or_default().add(handled.time);
    }

    /// All counters as text.
    pub(crate) fn text(&self, models: &[Row<'_>]) -> String {
        let mut out = String::new();
        self.write_requests(&mut out);
        head(&mut out, "gleaner_model_info", "gauge", "Models that are served, with their versions.");
        for Row { name, version, .. } in models {
            let (name, version) = (escaped(name), escaped(version));
            line(&mut out, "gleaner_model_info", &format!("model=\"{name}\",version=\"{version}\""), 1);
        }
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let columns: [(&str, &str, &str, Counter<'_>); 5] = [
            ("gleaner_words_total", "counter", "Words labelled.", &|row| read(&row.labelled.words)),
            ("gleaner_sentences_total", "counter", "Sentences labelled.", &|row| {
                read(&row.labelled.sentences)
            }),
            ("gleaner_batches_total", "counter", "Batches, each of sentences that were labelled together.", &|row| {
                read(&row.labelled.batches)
            }),
            ("gleaner_waiting_words", "gauge", "Words that wait to be labelled.", &|row| {
                row.waiting as u64
            }),
            ("gleaner_reloads_total", "counter", "Times that a model was replaced.", &|row| row.reloads),
        ];
        for (name, kind, help, value) in columns {
            head(&mut out, name, kind, help);
            for row in models {
                line(&mut out, name, &format!("model=\"{}\"", escaped(row.name)), value(row));
            }
        }
        out
    }

    fn write_requests(&self, out: &mut String) {
        const NAME: &str = "gleaner_request_seconds";
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        head(out, NAME, "histogram", "Time from the headers of a request to the start of its reply.");
        for ((method, route, status), times) in requests.iter() {
            let route = escaped(route);
            let labels = format!("method=\"{method}\",route=\"{route}\",status=\"{status}\"");
            let mut count = 0;
            for (bound, within) in BOUNDS.iter().zip(times.within) {
                count += within;
                line(out, &format!("{NAME}_bucket"), &format!("{labels},le=\"{bound}\""), count);
            }
            line(out, &format!("{NAME}_bucket"), &format!("{labels},le=\"+Inf\""), times.count);
            line(out, &format!("{NAME}_sum"), &labels, times.seconds);
            line(out, &format!("{NAME}_count"), &labels, times.count);
        }
    }
}

fn head(out: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

fn line(out: &mut String, name: &str, labels: &str, value: impl std::fmt::Display) {
    let _ = writeln!(out, "{name}{{{labels}}} {value}");
}

/// The value of a label.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_text() {
        let metrics = Metrics::default();
        for (status, milliseconds) in [(200, 4), (200, 300), (200, 60_000), (404, 1)] {
            metrics.count(&Handled {
                method: "POST",
                route: "/predict".to_owned(),
                status,
                time: Duration::from_millis(milliseconds),
            });
        }
        let labelled = Labelled::default();
        labelled.batch(3, 60);
        labelled.batch(1, 20);
        let row = Row { name: "a\"b", version: "a-12", labelled: &labelled, waiting: 7, reloads: 2 };
        insta::assert_snapshot!(metrics.text(&[row]));
    }
}
