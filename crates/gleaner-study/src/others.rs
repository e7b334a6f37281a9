//! Finished runs in a results folder that are not part of a plan.

use crate::{error::StudyError, plan::Plan, plan::identity, results::Results};
use std::{collections::HashSet, path::Path};

/// Finished runs in a results folder that are not part of a plan. They are kept, but no table uses them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OtherRuns {
    /// Runs that an earlier version computed. What decides a run's results has changed since, so they are
    /// not reused.
    pub earlier: usize,
    /// Runs of another study, or of this study before its file changed.
    pub foreign: usize,
}

/// Counts the finished runs that are not part of a plan.
///
/// # Errors
/// The folder cannot be read.
pub fn other_runs(plan: &Plan, results: &Results) -> Result<OtherRuns, StudyError> {
    let ours: HashSet<_> =
        plan.runs.iter().map(|run| results.run(&run.id).path().to_owned()).collect();
    let mut others = OtherRuns::default();
    for folder in results.all_runs()? {
        if !folder.is_done() || ours.contains(folder.path()) {
            continue;
        }
        match folder.identity_format() {
            Some(format) if format < identity::FORMAT => others.earlier += 1,
            _ => others.foreign += 1,
        }
    }
    Ok(others)
}

impl OtherRuns {
    /// One line for each kind of run, for people. `study` is the path of the study file.
    pub fn notes(&self, study: &Path, results: &Results) -> Vec<String> {
        let (study, results) = (study.display(), results.path().display());
        let mut notes = Vec::new();
        if self.earlier > 0 {
            notes.push(format!(
                "{} finished runs in {results} were computed by an earlier version of Gleaner, whose results may \
                 differ; they are kept, but neither reused nor in the tables",
                self.earlier
            ));
        }
        if self.foreign > 0 {
            notes.push(format!(
                "{} finished runs in {results} are not part of {study}; they are kept, with the words of their \
                 test sentences, but not in the tables",
                self.foreign
            ));
        }
        notes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{source::NoHub, study::Study};
    use std::fs;

    /// A finished run of version 0.1.0.
    const EARLIER: &str = include_str!("../tests/fixtures/run-0.1.0.json");

    #[test]
    fn runs_of_earlier_versions_and_foreign_runs_are_counted() {
        let folder = tempfile::tempdir().unwrap();
        let results = Results::new(folder.path());
        let study = "encoder = \"sample:tiny\"\n[languages.af]\ndata = \"sample:af\"\n";
        let study = Study::parse(Path::new("study.toml"), study).unwrap();
        let plan = Plan::new(&study, &results, &NoHub).unwrap();
        assert_eq!(other_runs(&plan, &results).unwrap(), OtherRuns::default());
        let write = |id: &str, record: &str| {
            let run = results.run(id);
            run.create().unwrap();
            fs::write(run.path().join("run.json"), record).unwrap();
        };
        write("fb34936f3e487fb3", EARLIER);
        write("elsewhere", &EARLIER.replace("\"format\": 2", "\"format\": 3"));
        write("malformed", "{}");
        write(&plan.runs[0].id, EARLIER);
        results.run("unfinished").create().unwrap();
        let others = other_runs(&plan, &results).unwrap();
        assert_eq!(others, OtherRuns { earlier: 1, foreign: 2 });
        let notes = others.notes(&study.path, &Results::new(Path::new("results")));
        assert!(
            notes[0].starts_with("1 finished runs in results were computed by an earlier version")
        );
        assert!(notes[1].starts_with("2 finished runs in results are not part of study.toml;"));
        assert_eq!(OtherRuns::default().notes(&study.path, &results), [""; 0]);
    }
}
