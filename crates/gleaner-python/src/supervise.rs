//! Long work on a thread of its own, while the caller's thread handles its events and Ctrl-C: Python runs the handlers
//! of signals on its main thread only.

use crate::{failure, threads};
use anyhow::Result;
use gleaner_cli::embed;
use pyo3::{exceptions::PyKeyboardInterrupt, prelude::*};
use serde_json::Value;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread,
    time::Duration,
};

/// The longest time from Ctrl-C until it is noticed.
const PATIENCE: Duration = Duration::from_millis(100);

/// The line between the work and the caller's thread: events in one direction, the request to stop in the other.
pub struct Line<'a> {
    /// `None` if nobody listens.
    events: Option<Sender<String>>,
    stop: &'a Arc<AtomicBool>,
}

impl Line<'_> {
    /// Reports an event. It is made only if somebody listens.
    pub fn say(&self, event: impl FnOnce() -> Option<Value>) {
        if let Some(events) = &self.events
            && let Some(event) = event()
        {
            // The other side is gone only after a panic.
            let _ = events.send(event.to_string());
        }
    }

    /// What becomes true when the work should stop.
    pub fn stop(&self) -> Arc<AtomicBool> {
        Arc::clone(self.stop)
    }

    /// Whether the work should stop at the next opportunity.
    pub fn should_stop(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// Does work that can be stopped. `listener` is called with the JSON of each event. Ctrl-C and exceptions of the
/// listener stop the work, and are raised once it has ended.
pub fn supervised<T: Send>(
    py: Python<'_>,
    threads: Option<usize>,
    listener: Option<&Py<PyAny>>,
    work: impl FnOnce(&Line<'_>) -> Result<T> + Send,
) -> PyResult<T> {
    threads::start(py)?;
    let stop = &Arc::new(AtomicBool::new(false));
    let (sender, events) = channel();
    // Without a listener, the channel only tells when the work has ended.
    let (events_of_work, end) = (listener.map(|_| sender.clone()), sender);
    let (ended, raised) = py.detach(move || {
        thread::scope(|scope| {
            let worker = scope.spawn(move || {
                let line = Line { events: events_of_work, stop };
                let run = || catch_unwind(AssertUnwindSafe(|| work(&line)));
                let ended = match threads::pool(threads) {
                    Ok(Some(pool)) => pool.install(run),
                    Ok(None) => run(),
                    Err(error) => Ok(Err(error)),
                };
                drop(end);
                ended
            });
            let raised = attend(&events, listener, stop);
            (worker.join().unwrap_or_else(Err), raised)
        })
    });
    let ended = ended.map_err(|panic| failure::internal(py, &*panic))?;
    match (ended, raised) {
        (Err(error), Some(raised)) => {
            let is_stopped = embed::is_stopped(&error);
            Err(match is_stopped && raised.is_instance_of::<PyKeyboardInterrupt>(py) {
                true => PyKeyboardInterrupt::new_err(error.to_string()),
                false if is_stopped => raised,
                false => failure::exception(py, &error),
            })
        }
        (Err(error), None) => Err(failure::exception(py, &error)),
        (Ok(_), Some(raised)) => Err(raised),
        (Ok(value), None) => Ok(value),
    }
}

/// Handles events and signals until the work has ended. Returns the first exception.
fn attend(
    events: &Receiver<String>,
    listener: Option<&Py<PyAny>>,
    stop: &AtomicBool,
) -> Option<PyErr> {
    let mut first = None;
    loop {
        let event = match events.recv_timeout(PATIENCE) {
            Ok(event) => Some(event),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return first,
        };
        let result = Python::attach(|py| {
            // After an exception, events are only received.
            if let (Some(event), Some(listener), None) = (event, listener, &first) {
                listener.call1(py, (event,))?;
            }
            py.check_signals()
        });
        if let Err(error) = result {
            stop.store(true, Ordering::Relaxed);
            first.get_or_insert(error);
        }
    }
}
