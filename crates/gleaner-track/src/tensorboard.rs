//! TensorBoard's event files.

mod event;
mod record;

use crate::{
    TrackError,
    run::{Outcome, Run, Sink},
};
use gleaner_base::files::{self, Growing};
use std::{
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
    process,
    time::{SystemTime, UNIX_EPOCH},
};

/// An event file that is being written.
pub(crate) struct EventFile {
    path: PathBuf,
    file: Growing,
}

impl EventFile {
    /// Creates a new file in `folder`. Several files in a folder are one run to TensorBoard, so that a resumed training
    /// continues the curves of the first.
    pub(crate) fn create(folder: &Path, run: &Run<'_>) -> Result<Self, TrackError> {
        let failed = |error: io::Error| TrackError::new(folder.display(), error);
        files::create_folder(folder).map_err(failed)?;
        let (path, file) = create(folder).map_err(failed)?;
        let mut events = Self { path, file };
        events.write(&event::version(now()))?;
        events.write(&event::text(now(), "parameters", &table(run)))?;
        Ok(events)
    }

    fn write(&mut self, event: &[u8]) -> Result<(), TrackError> {
        let written = self.file.write_all(&record::framed(event));
        written.map_err(|error| TrackError::new(self.path.display(), error))
    }
}

impl Sink for EventFile {
    fn scalars(&mut self, step: u64, values: &[(&str, f64)]) -> Result<(), TrackError> {
        self.write(&event::scalars(now(), step, values))
    }

    fn finish(&mut self, _: Outcome, _: &[PathBuf]) -> Result<(), TrackError> {
        let synced = self.file.sync();
        synced.map_err(|error| TrackError::new(self.path.display(), error))
    }
}

/// Creates the file. TensorBoard reads files with `tfevents` in their names, in the order of their names.
fn create(folder: &Path) -> io::Result<(PathBuf, Growing)> {
    let start = format!("events.out.tfevents.{:010}.gleaner.{}", now() as u64, process::id());
    let mut number = 0;
    loop {
        let path = folder.join(format!("{start}.{number}"));
        match Growing::create_new(&path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
            result => return result.map(|file| (path, file)),
        }
    }
}

/// The parameters as a table of Markdown, which TensorBoard shows under "Text".
fn table(run: &Run<'_>) -> String {
    let cell = |text: &str| text.replace('|', "\\|").replace(|c: char| c.is_control(), " ");
    let mut table = format!("{}\n\n| parameter | value |\n|---|---|\n", cell(run.name));
    for (name, value) in run.parameters {
        table += &format!("| {} | {} |\n", cell(name), cell(value));
    }
    table
}

/// Seconds since 1970.
fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Target, Tracker};
    use gleaner_base::files::faults::{Fault, sweep};
    use std::{cell::Cell, fs};

    #[test]
    fn a_second_log_in_a_folder_is_a_second_file() {
        let folder = tempfile::tempdir().unwrap();
        let runs = folder.path().join("new/runs");
        let run = Run { name: "a", parameters: &[] };
        let files = [(); 3].map(|()| EventFile::create(&runs, &run).unwrap().path);
        let first = fs::read(&files[0]).unwrap();
        assert!(files[0] != files[1] && files[1] != files[2] && files[0] != files[2]);
        assert_eq!(fs::read_dir(&runs).unwrap().count(), 3);
        for file in &files {
            assert!(file.to_str().unwrap().contains("/events.out.tfevents."));
        }
        assert_eq!(fs::read(&files[0]).unwrap(), first);
    }

    /// Whether these bytes are the beginning of one record, which TensorBoard ignores at the end of a file.
    fn is_torn(bytes: &[u8]) -> bool {
        let length = bytes.first_chunk::<8>().map(|length| u64::from_le_bytes(*length));
        length.is_none_or(|length| (bytes.len() as u64) < length.saturating_add(16))
    }

    #[test]
    fn records_are_whole_after_any_fault() {
        let place = tempfile::tempdir().unwrap();
        let parameters = [("epochs".to_owned(), "3".to_owned())];
        let run = Run { name: "a", parameters: &parameters };
        let values = [("dev/f1", 0.5), ("train/loss", 2.0)];
        let mut expected = vec![event::version(0.0), event::text(0.0, "parameters", &table(&run))];
        expected.extend((1..=3).map(|step| event::scalars(0.0, step, &values)));
        // The number of records that the log has by its own account.
        let confirmed = Cell::new(0);
        let log = |folder: &Path| {
            let mut tracker = Tracker::new(Target::TensorBoard(folder.join("runs/first")));
            let mut results = vec![(2, tracker.start(&run))];
            results.extend((1..=3).map(|step| (1, tracker.scalars(step, &values))));
            results.push((0, tracker.finish(Outcome::Finished, &[])));
            // After its first error a log does nothing and reports nothing.
            let errors = results.iter().filter(|(_, result)| result.is_err()).count();
            assert!(errors <= 1, "{errors} errors");
            let before = results.iter().take_while(|(_, result)| result.is_ok());
            confirmed.set(before.map(|(records, _)| records).sum::<usize>());
            errors == 0
        };
        let faults = sweep(
            place.path(),
            &Fault::ALL,
            |_| (),
            log,
            |folder, outcome| {
                let files = fs::read_dir(folder.join("runs/first")).into_iter().flatten();
                let files: Vec<Vec<u8>> =
                    files.map(|file| fs::read(file.unwrap().path()).unwrap()).collect();
                assert!(files.len() <= 1, "{outcome}");
                let file = files.concat();
                let (records, rest) = record::whole(&file);
                // Apart from the time, which each event begins with.
                for (found, expected) in records.iter().zip(&expected) {
                    assert_eq!(found[9..], expected[9..], "{outcome}");
                }
                assert!(records.len() <= expected.len(), "{outcome}");
                assert!(is_torn(rest), "{outcome}: {} bytes are not a record", rest.len());
                assert!(rest.is_empty() || !outcome.is_success, "{outcome}");
                // What a power cut leaves was synced, at the end of the log at the latest.
                let is_synced = outcome.is_success || outcome.fault != Fault::PowerCut;
                let least = if is_synced { confirmed.get() } else { 0 };
                assert!(records.len() >= least, "{outcome}: {} of {least}", records.len());
                // The next log is a second file.
                assert!(log(folder), "{outcome}");
                let files = fs::read_dir(folder.join("runs/first")).unwrap().count();
                assert!(files == 1 || files == 2, "{outcome}: {files} files");
            },
        );
        // Two folders and a file with their names, three writes, and a sync.
        assert!(faults > 4 * 9, "{faults}");
    }

    #[test]
    fn parameters_stay_in_their_cells() {
        let parameters = [("join".to_owned(), "a|b\nc".to_owned())];
        assert_eq!(
            table(&Run { name: "x\ny", parameters: &parameters }),
            "x y\n\n| parameter | value |\n|---|---|\n| join | a\\|b c |\n"
        );
    }
}
