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
    use std::fs;

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

    #[test]
    fn parameters_stay_in_their_cells() {
        let parameters = [("join".to_owned(), "a|b\nc".to_owned())];
        assert_eq!(
            table(&Run { name: "x\ny", parameters: &parameters }),
            "x y\n\n| parameter | value |\n|---|---|\n| join | a\\|b c |\n"
        );
    }
}
