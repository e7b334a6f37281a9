//! Running a harness.

use crate::{Harness, memory::peak_of, mutate};
use gleaner_base::{
    hash::{Digest, Sha256, hex},
    random::SplitMix64,
};
use std::{
    collections::BTreeSet,
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::Mutex,
    time::{Duration, Instant},
};

/// When a run ends: after a number of inputs or after a time, whichever comes first.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// The largest number of inputs.
    pub inputs: u64,
    /// The longest time.
    pub time: Duration,
}

impl Limit {
    /// As many inputs as this, however long they take.
    pub fn inputs(inputs: u64) -> Self {
        Self { inputs, time: Duration::MAX }
    }
}

/// What a run did.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Number of inputs.
    pub inputs: u64,
    /// Number of those that were accepted.
    pub accepted: u64,
    /// Number of different results.
    pub results: usize,
    /// The largest share of the bound of memory that was in use.
    pub memory: f64,
    /// The longest time that an input took.
    pub slowest: Duration,
}

/// The input that is tried now and when it began, for a thread that ends what hangs.
#[derive(Default)]
pub struct Watched(Mutex<Option<(Instant, Vec<u8>)>>);

impl Watched {
    /// The input, if it has been tried for longer than `most`.
    pub fn hanging(&self, most: Duration) -> Option<Vec<u8>> {
        let now = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        now.as_ref().filter(|(start, _)| start.elapsed() > most).map(|(_, input)| input.clone())
    }

    fn set(&self, now: Option<(Instant, Vec<u8>)>) {
        *self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = now;
    }
}

/// Tries inputs on a harness: its regressions, its seeds, then damaged ones. The same `seed` makes the same inputs.
///
/// # Panics
/// An input breaks a promise. It is kept in a file that the message names.
pub fn run(harness: &Harness, limit: Limit, seed: u64, watched: &Watched) -> Report {
    let start = Instant::now();
    let mut run = Run { harness, watched, report: Report::default(), results: BTreeSet::new() };
    let mut pool = (harness.seeds)();
    // What is made once, such as a model or a pool of threads, does not count as memory of an input.
    for seed in &pool {
        let _ = catch_unwind(AssertUnwindSafe(|| (harness.run)(seed)));
    }
    for input in regressions(harness.name).iter().chain(&pool) {
        run.check(input);
    }
    let (words, mut random) = (harness.words.concat(), SplitMix64::new(seed));
    while run.report.inputs < limit.inputs && start.elapsed() < limit.time {
        let input = mutate::input(&mut random, &pool, &words);
        if run.check(&input) {
            pool.push(input);
        }
    }
    run.report.results = run.results.len();
    run.report
}

/// The inputs in `regressions/NAME`, in the order of their names.
fn regressions(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("regressions").join(name);
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort_unstable();
    paths.iter().map(|path| fs::read(path).unwrap_or_default()).collect()
}

struct Run<'a> {
    harness: &'a Harness,
    watched: &'a Watched,
    report: Report,
    /// Results without their numbers.
    results: BTreeSet<String>,
}

impl Run<'_> {
    /// Tries an input. Returns whether its result is new.
    fn check(&mut self, input: &[u8]) -> bool {
        let start = Instant::now();
        self.watched.set(Some((start, input.to_vec())));
        let work = || catch_unwind(AssertUnwindSafe(|| (self.harness.run)(input)));
        let (outcome, peak) = peak_of(work);
        self.watched.set(None);
        self.report.slowest = self.report.slowest.max(start.elapsed());
        let bound = self.harness.memory.bound(input.len());
        self.report.memory = self.report.memory.max(peak as f64 / bound as f64);
        self.report.inputs += 1;
        let result = match outcome {
            Err(_) => self.fail(input, "a panic"),
            Ok(_) if peak > bound => {
                self.fail(input, &format!("{peak} bytes of memory, more than {bound}"))
            }
            Ok(Ok(())) => {
                self.report.accepted += 1;
                String::new()
            }
            Ok(Err(message)) if message.is_empty() || message.contains('\n') => {
                self.fail(input, &format!("an error that is not one line: {message:?}"))
            }
            Ok(Err(message)) => message,
        };
        // Texts of the input are quoted in messages, so only their starts are compared.
        let plain = result.chars().filter(|c| !c.is_ascii_digit() && c.is_ascii()).take(60);
        self.results.insert(plain.collect())
    }

    fn fail(&self, input: &[u8], what: &str) -> ! {
        let path = keep(self.harness.name, input);
        panic!(
            "{}: {what}; the input of {} bytes is {}; fix it and add the file to crates/gleaner-fuzz/regressions/{0}",
            self.harness.name,
            input.len(),
            path.display()
        );
    }
}

/// Keeps an input in a file of the temporary folder, whose name is a hash of the input.
pub(crate) fn keep(name: &str, input: &[u8]) -> PathBuf {
    let digits = hex(&Sha256::digest(input)[..4]);
    let path = std::env::temp_dir().join(format!("gleaner-fuzz-{name}-{digits}"));
    let _ = fs::write(&path, input);
    path
}
