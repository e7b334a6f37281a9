//! Options of `gleaner study`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum StudyCommand {
    /// List the runs, what they depend on, and the time and disk space that they need.
    #[command(after_help = PLAN_EXAMPLES)]
    Plan(StudyPlanArgs),
    /// Run what is missing, and write the tables and the report.
    #[command(after_help = RUN_HELP)]
    Run(StudyRunArgs),
    /// Show how many runs are finished, and which failed.
    #[command(after_help = STATUS_EXAMPLES)]
    Status(StudyArgs),
    /// Write the tables and the report of the finished runs.
    #[command(after_help = REPORT_HELP)]
    Report(StudyArgs),
    /// Delete checkpoints, and models if asked; keep tables and records.
    #[command(after_help = CLEAN_EXAMPLES)]
    Clean(StudyCleanArgs),
}

const PLAN_EXAMPLES: &str = "Examples:
  gleaner study plan quickstart
  gleaner study plan my-study.toml --only 'transfer/fo-*'";

const RUN_HELP: &str = "Examples:
  gleaner study run quickstart
  gleaner study run my-study.toml --out results --jobs 2
  gleaner study run my-study.toml --only pseudo/fo-da

A study that was stopped or killed continues when it is run again: finished runs are kept, failed
runs are retried. Several processes may run one study in one results folder.";

const STATUS_EXAMPLES: &str = "Examples:
  gleaner study status my-study.toml
  gleaner study status my-study.toml --out results --output json";

const CLEAN_EXAMPLES: &str = "Examples:
  gleaner study clean my-study.toml
  gleaner study clean my-study.toml --out results --models";

const REPORT_HELP: &str = "Examples:
  gleaner study report my-study.toml --out results

Writes summary.md, report.html, report.json, plots/*.svg and a CSV file for each table:
baseline.csv, transfer_learning.csv, iterative_pseudo_labeling.csv, recipes.csv, comparisons.csv,
means.csv, learning_curve.csv, active_learning.csv, calibration.csv.";

#[derive(Args)]
pub struct StudyArgs {
    /// Study file (TOML), or `quickstart` for the built-in one.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Results folder [default: the file's name with -results].
    #[arg(long, value_name = "RESULTS")]
    pub out: Option<PathBuf>,
}

#[derive(Args)]
pub struct StudyPlanArgs {
    #[command(flatten)]
    pub study: StudyArgs,
    /// List only runs whose name contains PATTERN, or matches it if it has a `*` [default: all runs].
    #[arg(long, value_name = "PATTERN")]
    pub only: Option<String>,
}

#[derive(Args)]
pub struct StudyRunArgs {
    #[command(flatten)]
    pub study: StudyArgs,
    /// Number of trainings at the same time [default: the study's `jobs`, otherwise 1].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// Run only runs whose name contains PATTERN, or matches it if it has a `*`, and the runs that they
    /// depend on [default: all runs].
    #[arg(long, value_name = "PATTERN")]
    pub only: Option<String>,
    /// Start no further run after one has failed [default: false].
    #[arg(long)]
    pub fail_fast: bool,
}

#[derive(Args)]
pub struct StudyCleanArgs {
    #[command(flatten)]
    pub study: StudyArgs,
    /// Delete the models of finished runs too; a run that needs one trains it again [default: false].
    #[arg(long)]
    pub models: bool,
}
