//! Signals that ask the program to stop: SIGINT and SIGTERM, and SIGXCPU and SIGUSR1, with which clusters warn before
//! they end a job.
//!
//! At the first one, the program finishes the step or the sentence that it is at. A second SIGINT or SIGTERM ends it at
//! once. On systems without signals, the program ends at once in any case; nothing that was written is lost by that.

use crate::output::Output;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
};

/// A flag that is set at the first signal that asks to stop.
pub fn flag(output: &Output) -> Arc<AtomicBool> {
    let flag = Arc::<AtomicBool>::default();
    let set = Arc::clone(&flag);
    on_stop(output, "step", move || set.store(true, Ordering::Relaxed), || ());
    flag
}

/// At the first signal that asks to stop, calls `request`, which must not wait for anything, and then `finish` on a
/// thread of its own. `unit` is what the program finishes before it stops.
#[cfg(unix)]
pub fn on_stop(
    output: &Output,
    unit: &'static str,
    request: impl FnOnce() + Send + 'static,
    finish: impl FnOnce() + Send + 'static,
) {
    use crate::cli::OutputMode;
    let is_quiet = output.mode == OutputMode::Quiet;
    let wanted = unix::STOPPING.into_iter().filter(|signal| !unix::is_ignored(*signal));
    // The thread that watches must stay free for the second signal. At a limit on threads, none may start when the
    // first one comes.
    let (ask, asked) = mpsc::channel::<()>();
    let finish = move || {
        if asked.recv().is_ok() {
            finish();
        }
    };
    // Without any of these, signals end the program at once.
    let Ok(_) = thread::Builder::new().spawn(finish) else { return };
    let Ok(signals) = signal_hook::iterator::Signals::new(wanted) else { return };
    let request = move || {
        request();
        if !is_quiet {
            let line = format!("stopping after this {unit}; a second signal stops at once");
            crate::output::say(&line);
        }
        // It waits for this as long as the program runs.
        let _ = ask.send(());
    };
    thread::spawn(move || unix::watch(signals, request));
}

#[cfg(not(unix))]
pub fn on_stop(
    _output: &Output,
    _unit: &'static str,
    _request: impl FnOnce() + Send + 'static,
    _finish: impl FnOnce() + Send + 'static,
) {
}

/// Lets a write beyond the limit on the size of files fail with an error. Without this, a signal ends the program
/// without a word.
#[cfg(unix)]
pub fn survive_size_limits() {
    // A signal that has a handler no longer ends the program. What the handler does is of no interest.
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default());
}

#[cfg(not(unix))]
pub fn survive_size_limits() {}

#[cfg(unix)]
mod unix {
    use signal_hook::{
        consts::{SIGINT, SIGTERM, SIGUSR1, SIGXCPU},
        iterator::Signals,
        low_level::emulate_default_handler,
    };
    use std::{
        fs,
        time::{Duration, Instant},
    };

    pub(super) const STOPPING: [i32; 4] = [SIGINT, SIGTERM, SIGXCPU, SIGUSR1];

    /// Signals within this time are one request: `timeout` sends its signal to the program and to its group.
    const ONE_REQUEST: Duration = Duration::from_millis(200);

    /// Waits for signals as long as the program runs.
    pub(super) fn watch(mut signals: Signals, request: impl FnOnce()) {
        let mut first = Some(request);
        let mut requested: Option<Instant> = None;
        for signal in signals.forever() {
            if let Some(request) = first.take() {
                request();
            }
            // The other two only warn: the system sends SIGXCPU every second.
            if !matches!(signal, SIGINT | SIGTERM) {
                continue;
            }
            match requested {
                None => requested = Some(Instant::now()),
                Some(at) if at.elapsed() > ONE_REQUEST => {
                    let _ = emulate_default_handler(signal);
                }
                Some(_) => {}
            }
        }
    }

    /// Whether the program was started with a signal ignored, as scripts start programs in the background with SIGINT.
    /// Known on Linux only.
    pub(super) fn is_ignored(signal: i32) -> bool {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        is_in_mask(&status, signal)
    }

    /// Whether a signal is among the ignored ones of a status of Linux.
    fn is_in_mask(status: &str, signal: i32) -> bool {
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        mask.is_some_and(|mask| (mask >> (signal - 1)) & 1 == 1)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn ignored_signals_are_read_from_the_status() {
            let status = "Name:\tgleaner\nSigBlk:\tffffffffffffffff\nSigIgn:\t0000000000001002\n";
            assert!(is_in_mask(status, SIGINT));
            assert!(!is_in_mask(status, SIGTERM));
            assert!(!is_in_mask("", SIGINT));
        }
    }
}
