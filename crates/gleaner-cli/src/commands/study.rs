//! `gleaner study`: runs the trainings that a study file describes.

use crate::{
    cli::{OutputMode, StudyArgs, StudyCleanArgs, StudyCommand, StudyPlanArgs, StudyRunArgs},
    cores,
    exit::{RunsFailed, Stopped},
    hub::Fetcher,
    output::{self, Output},
    signals,
    study_progress::View,
    text,
};
use anyhow::{Error, Result};
use gleaner::GleanerError;
use gleaner_report::study::{StudyData, answers, answers_text};
use gleaner_study::{Options, Outcome, Plan, Progress, QUICKSTART, Results, Study};
use serde_json::{Value, json};
use std::{
    fmt::Write,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicBool},
};

pub fn run(command: &StudyCommand, output: &Output) -> Result<()> {
    match command {
        StudyCommand::Plan(args) => plan(args, output),
        StudyCommand::Run(args) => do_runs(args, output),
        StudyCommand::Status(args) => status(args, output),
        StudyCommand::Report(args) => report(args, output),
        StudyCommand::Clean(args) => clean(args, output),
    }
}

/// A study with its results folder and its runs.
pub struct Opened {
    pub study: Study,
    pub results: Results,
    pub plan: Plan,
}

fn open(args: &StudyArgs, output: &Output) -> Result<Opened> {
    Opened::new(&args.file, args.out.as_deref(), output)
}

impl Opened {
    /// Reads a study file, or the built-in study `quickstart`, and plans its runs.
    pub fn new(file: &Path, out: Option<&Path>, output: &Output) -> Result<Self> {
        let built_in = file == Path::new("quickstart") && !file.exists();
        let study = match built_in {
            true => Study::parse(Path::new("quickstart.toml"), QUICKSTART)?,
            false => Study::read(file)?,
        };
        let out = out.map_or_else(
            || {
                let stem = study.path.file_stem().unwrap_or_default().to_string_lossy();
                PathBuf::from(format!("{stem}-results"))
            },
            Path::to_owned,
        );
        let results = Results::claim(&out)?;
        let plan = Plan::new(&study, &results, &Fetcher::new(output))?;
        Ok(Self { study, results, plan })
    }

    /// How its runs are done. A study that does not say how many run at the same time runs one.
    pub fn options(
        &self,
        only: Option<&str>,
        jobs: Option<NonZeroUsize>,
        fail_fast: bool,
        stop: Arc<AtomicBool>,
    ) -> Result<Options> {
        let jobs = jobs.map_or(self.study.jobs, NonZeroUsize::get);
        Ok(Options {
            jobs,
            threads: threads(&self.study, jobs),
            wanted: self.plan.select(only)?,
            fail_fast,
            keep_models: self.study.keep_models,
            keep_words: self.study.keep_words,
            stop,
        })
    }

    /// Does the runs that are missing. A study that was stopped is an error.
    pub fn run(&self, options: &Options, on: &(dyn Fn(&Progress) + Sync)) -> Result<Outcome> {
        let outcome = gleaner_study::run(&self.plan, &self.results, options, on)?;
        if outcome.stopped {
            let (folder, done) = (self.results.path().display(), outcome.done);
            let all = options.wanted.len();
            let what =
                format!("{folder}: the study was stopped with {done} of {all} runs finished");
            return Err(Stopped(format!("{what}; continue with the same command")).into());
        }
        Ok(outcome)
    }

    /// Writes the tables of the finished runs. It is an error if there are none.
    pub fn report(&self) -> Result<Written> {
        must_exist(&self.results)?;
        let written = write(&self.study, &self.plan, &self.results)?;
        if written.tables.is_empty() {
            let what = "no finished run of this study; run the study first, or give its results folder with --out";
            return Err(refused(&self.results, what));
        }
        Ok(written)
    }

    /// The run at a place of the plan, as an object of JSON Lines output.
    pub fn run_as_json(&self, at: usize) -> Value {
        let run = &self.plan.runs[at];
        let needs = run.needs.map(|n| &self.plan.runs[n].id);
        let mut object = json!({"event": "run", "id": run.id, "name": run.name, "needs": needs,
            "done": self.results.run(&run.id).is_done(), "settings": run.settings});
        let id = |at: usize| self.plan.runs[at].id.clone();
        if !run.members.is_empty() {
            object["members"] = run.members.iter().map(|at| id(*at)).collect();
        }
        if let Some(teacher) = run.teacher {
            object["teacher"] = id(teacher).into();
        }
        object
    }

    /// Reports finished runs in the results folder that the plan does not use.
    fn with_notes(self, output: &Output) -> Result<Self> {
        let others = gleaner_study::other_runs(&self.plan, &self.results)?;
        for note in others.notes(&self.study.path, &self.results) {
            output.note(&format!("note: {note}"));
        }
        Ok(self)
    }
}

/// Number of threads of each training, for `jobs` trainings at the same time.
fn threads(study: &Study, jobs: usize) -> usize {
    study.threads.unwrap_or_else(|| (cores::physical() / jobs).max(1))
}

fn plan(args: &StudyPlanArgs, output: &Output) -> Result<()> {
    let opened = open(&args.study, output)?.with_notes(output)?;
    let Opened { study, results, plan } = &opened;
    let chosen = plan.select(args.only.as_deref())?;
    let done = |at: &usize| results.run(&plan.runs[*at].id).is_done();
    let again = plan.again(&chosen, results);
    let left: Vec<usize> =
        chosen.iter().copied().filter(|at| !done(at) || again.contains(at)).collect();
    let finished = chosen.iter().copied().filter(done).count();
    let estimate = plan.estimate(&left, results, threads(study, study.jobs), study.keep_models);
    if output.mode == OutputMode::Json {
        for text in plan.texts() {
            output.event("text", &text)?;
        }
        for &at in &chosen {
            output.json(&opened.run_as_json(at))?;
        }
        return output.json(
            &json!({"event": "plan", "runs": chosen.len(), "done": finished, "again": again.len(),
            "seconds": estimate.seconds, "measured": estimate.measured, "bytes": estimate.bytes}),
        );
    }
    let mut said = String::new();
    for text in plan.texts() {
        for file in text.files {
            let _ = writeln!(said, "{}: read {file}", text.language);
        }
        for warning in text.warnings {
            let _ = writeln!(said, "{}: warning: {warning}", text.language);
        }
    }
    for &at in &chosen {
        let run = &plan.runs[at];
        let mark = match done(&at) {
            true if again.contains(&at) => "again",
            true => "done",
            false => "",
        };
        let needed: Vec<&str> = run.needed().map(|n| plan.runs[n].name.as_str()).collect();
        let needs = match &needed[..] {
            [] => String::new(),
            [only] => format!("after {only}"),
            [first, .., last] if run.needs.is_none() => {
                format!("after {} runs, {first} to {last}", needed.len())
            }
            several => format!("after {}", several.join(" and ")),
        };
        let _ = writeln!(said, "{}  {mark:<5}  {:<40}  {needs}", run.id, run.name);
    }
    let basis = match estimate.measured {
        true => "from the speed of finished runs",
        false => "a guess from the encoder's size, as no run is finished",
    };
    if !again.is_empty() {
        let _ = writeln!(
            said,
            "again: {} finished runs whose models were deleted and are needed by other runs",
            again.len()
        );
    }
    let _ = writeln!(
        said,
        "runs: {}, finished: {}; up to about {} left, one run after the other ({basis}); about {} of disk space in {}",
        chosen.len(),
        finished,
        text::seconds(estimate.seconds),
        text::bytes(estimate.bytes),
        results.path().display()
    );
    output.human(&said)
}

fn do_runs(args: &StudyRunArgs, output: &Output) -> Result<()> {
    let opened = open(&args.study, output)?.with_notes(output)?;
    let options = opened.options(
        args.only.as_deref(),
        args.jobs.and_then(|jobs| NonZeroUsize::new(jobs.into())),
        args.fail_fast,
        signals::flag(output),
    )?;
    let Opened { study, results, plan } = &opened;
    gleaner_study::find_devices(plan, results, &options)?;
    let view = View::new(output, plan, results, &options);
    let outcome = opened.run(&options, &|progress| view.on(progress));
    view.finish();
    let outcome = outcome?;
    let Written { tables, data } = write(study, plan, results)?;
    output.json(&json!({"event": "done", "done": outcome.done, "failed": outcome.failed.len(),
        "left-out": outcome.left_out.len(), "answers": answers(&data), "tables": tables}))?;
    let said = summary_of(&outcome, plan, results, !tables.is_empty());
    output.human(&(answers_text(&data) + &said))?;
    none_failed(&outcome)
}

/// An error if runs failed; their own errors are recorded.
pub fn none_failed(outcome: &Outcome) -> Result<()> {
    match outcome.failed.len() {
        0 => Ok(()),
        failed => Err(RunsFailed { failed, skipped: outcome.left_out.len() }.into()),
    }
}

/// The results of the runs, and the paths of the tables.
fn summary_of(outcome: &Outcome, plan: &Plan, results: &Results, tables: bool) -> String {
    let mut said = format!("runs finished: {}", outcome.done);
    for (count, what) in [(outcome.failed.len(), "failed"), (outcome.left_out.len(), "skipped")] {
        if count > 0 {
            let _ = write!(said, ", {what}: {count}");
        }
    }
    said += "\n";
    for (at, error) in &outcome.failed {
        let _ = writeln!(said, "  {}: {error}", plan.runs[*at].name);
    }
    if tables {
        let [summary, page] = ["summary.md", "report.html"].map(|name| results.path().join(name));
        let _ = writeln!(said, "Tables: {}\nReport: {}", summary.display(), page.display());
    }
    said
}

/// The files that were written, and the data behind them.
#[derive(Default)]
pub struct Written {
    pub tables: Vec<PathBuf>,
    pub data: StudyData,
}

/// Writes the tables, unless no run is finished: then the tables of other runs stay.
pub fn write(study: &Study, plan: &Plan, results: &Results) -> Result<Written> {
    if !study.keep_words {
        gleaner_study::drop_words(plan, results)?;
    }
    if !plan.runs.iter().any(|run| results.run(&run.id).is_done()) {
        return Ok(Written::default());
    }
    let data = gleaner_study::gather(study, plan, results)?;
    let tables = gleaner_study::write_tables(&data, results)?;
    Ok(Written { tables, data })
}

fn status(args: &StudyArgs, output: &Output) -> Result<()> {
    let Opened { study, results, plan } = open(args, output)?;
    let status = gleaner_study::status(&plan, &results)?;
    let failed: Vec<usize> = status.failed.iter().map(|(at, _)| *at).collect();
    let all: Vec<usize> = (0..plan.runs.len()).collect();
    let again = plan.again(&all, &results);
    let mut left = [status.open.as_slice(), &status.running, &failed, &again].concat();
    left.sort_unstable();
    left.dedup();
    let estimate = plan.estimate(&left, &results, threads(&study, study.jobs), study.keep_models);
    let names = |list: &[usize]| -> Vec<&str> {
        list.iter().map(|at| plan.runs[*at].name.as_str()).collect()
    };
    output.json(&json!({"event": "status", "runs": plan.runs.len(), "done": status.done.len(),
        "running": names(&status.running), "open": status.open.len(),
        "failed": status.failed.iter().map(|(_, f)| f).collect::<Vec<_>>(), "seconds-left": estimate.seconds}))?;
    let mut said = format!(
        "{}: {} of {} runs finished; running: {}, failed: {}, open: {}\n",
        study.title,
        status.done.len(),
        plan.runs.len(),
        status.running.len(),
        status.failed.len(),
        status.open.len()
    );
    for name in names(&status.running) {
        let _ = writeln!(said, "  running  {name}");
    }
    for (_, failure) in &status.failed {
        let _ = writeln!(
            said,
            "  failed   {} ({}×): {}",
            failure.name, failure.attempts, failure.error
        );
    }
    if estimate.measured && !left.is_empty() {
        let left = text::seconds(estimate.seconds);
        let _ = writeln!(said, "up to about {left} left, one run after the other");
    }
    output.human(&said)
}

fn report(args: &StudyArgs, output: &Output) -> Result<()> {
    let Written { tables, data } = open(args, output)?.with_notes(output)?.report()?;
    output.json(&json!({"event": "report", "answers": answers(&data), "tables": tables}))?;
    if output.mode == OutputMode::Human {
        for path in &tables {
            output::print(&path.display().to_string())?;
        }
    }
    Ok(())
}

fn must_exist(results: &Results) -> Result<()> {
    let what = "no such folder; run the study first, or give its results folder with --out";
    match results.path().is_dir() {
        true => Ok(()),
        false => Err(refused(results, what)),
    }
}

/// An error of the results folder that an option can fix.
fn refused(results: &Results, what: &str) -> Error {
    GleanerError::Settings(format!("{}: {what}", results.path().display())).into()
}

fn clean(args: &StudyCleanArgs, output: &Output) -> Result<()> {
    let Opened { results, plan, .. } = open(&args.study, output)?;
    must_exist(&results)?;
    let freed = gleaner_study::clean(&plan, &results, args.models)?;
    output.json(&json!({"event": "clean", "bytes": freed}))?;
    output.human(&format!("freed {} in {}", text::bytes(freed), results.path().display()))
}
