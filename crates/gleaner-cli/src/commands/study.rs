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
use gleaner_study::{Options, Outcome, Plan, QUICKSTART, Results, Study};
use serde_json::json;
use std::{
    fmt::Write,
    path::{Path, PathBuf},
    time::Duration,
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
struct Opened {
    study: Study,
    results: Results,
    plan: Plan,
}

fn open(args: &StudyArgs, output: &Output) -> Result<Opened> {
    let built_in = args.file == Path::new("quickstart") && !args.file.exists();
    let study = match built_in {
        true => Study::parse(Path::new("quickstart.toml"), QUICKSTART)?,
        false => Study::read(&args.file)?,
    };
    let out = args.out.clone().unwrap_or_else(|| {
        let stem = study.path.file_stem().unwrap_or_default().to_string_lossy();
        PathBuf::from(format!("{stem}-results"))
    });
    let results = Results::claim(&out)?;
    let plan = Plan::new(&study, &results, &Fetcher::new(output))?;
    Ok(Opened { study, results, plan })
}

impl Opened {
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
    let Opened { study, results, plan } = open(&args.study, output)?.with_notes(output)?;
    let chosen = plan.select(args.only.as_deref())?;
    let done = |at: &usize| results.run(&plan.runs[*at].id).is_done();
    let again = plan.again(&chosen, &results);
    let left: Vec<usize> =
        chosen.iter().copied().filter(|at| !done(at) || again.contains(at)).collect();
    let finished = chosen.iter().copied().filter(done).count();
    let estimate = plan.estimate(&left, &results, threads(&study, study.jobs), study.keep_models);
    if output.mode == OutputMode::Json {
        for text in plan.texts() {
            output.event("text", &text)?;
        }
        for &at in &chosen {
            let run = &plan.runs[at];
            let needs = run.needs.map(|n| &plan.runs[n].id);
            let mut object = json!({"event": "run", "id": run.id, "name": run.name, "needs": needs,
                "done": done(&at), "settings": run.settings});
            if !run.members.is_empty() {
                object["members"] = run.members.iter().map(|n| plan.runs[*n].id.clone()).collect();
            }
            if let Some(teacher) = run.teacher {
                object["teacher"] = plan.runs[teacher].id.clone().into();
            }
            output.json(&object)?;
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
        text::duration(Duration::from_secs_f64(estimate.seconds)),
        text::bytes(estimate.bytes),
        results.path().display()
    );
    output.human(&said)
}

fn do_runs(args: &StudyRunArgs, output: &Output) -> Result<()> {
    let Opened { study, results, plan } = open(&args.study, output)?.with_notes(output)?;
    let jobs = args.jobs.map_or(study.jobs, usize::from);
    let options = Options {
        jobs,
        threads: threads(&study, jobs),
        wanted: plan.select(args.only.as_deref())?,
        fail_fast: args.fail_fast,
        keep_models: study.keep_models,
        keep_words: study.keep_words,
        stop: signals::flag(output),
    };
    gleaner_study::find_devices(&plan, &results, &options)?;
    let view = View::new(output, &plan, &results, &options);
    let outcome = gleaner_study::run(&plan, &results, &options, &|progress| view.on(progress));
    view.finish();
    let outcome = outcome?;
    if outcome.stopped {
        let (folder, done, all) = (results.path().display(), outcome.done, options.wanted.len());
        let what = format!("{folder}: the study was stopped with {done} of {all} runs finished");
        return Err(Stopped(format!("{what}; continue with the same command")).into());
    }
    let Written { tables, data } = write(&study, &plan, &results)?;
    output.json(&json!({"event": "done", "done": outcome.done, "failed": outcome.failed.len(),
        "left-out": outcome.left_out.len(), "answers": answers(&data), "tables": tables}))?;
    let said = summary_of(&outcome, &plan, &results, !tables.is_empty());
    output.human(&(answers_text(&data) + &said))?;
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
    for at in &outcome.failed {
        let run = &plan.runs[*at];
        let error = results.run(&run.id).failure().map_or_else(String::new, |f| f.error);
        let _ = writeln!(said, "  {}: {error}", run.name);
    }
    if tables {
        let [summary, page] = ["summary.md", "report.html"].map(|name| results.path().join(name));
        let _ = writeln!(said, "Tables: {}\nReport: {}", summary.display(), page.display());
    }
    said
}

/// The files that were written, and the data behind them.
#[derive(Default)]
struct Written {
    tables: Vec<PathBuf>,
    data: StudyData,
}

/// Writes the tables, unless no run is finished: then the tables of other runs stay.
fn write(study: &Study, plan: &Plan, results: &Results) -> Result<Written> {
    if !plan.runs.iter().any(|run| results.run(&run.id).is_done()) {
        return Ok(Written::default());
    }
    if !study.keep_words {
        gleaner_study::drop_words(plan, results)?;
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
        let seconds = Duration::from_secs_f64(estimate.seconds);
        let _ =
            writeln!(said, "up to about {} left, one run after the other", text::duration(seconds));
    }
    output.human(&said)
}

fn report(args: &StudyArgs, output: &Output) -> Result<()> {
    let Opened { study, results, plan } = open(args, output)?.with_notes(output)?;
    must_exist(&results)?;
    let Written { tables, data } = write(&study, &plan, &results)?;
    if tables.is_empty() {
        let what = "no finished run of this study; run the study first, or give its results folder with --out";
        return Err(refused(&results, what));
    }
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
