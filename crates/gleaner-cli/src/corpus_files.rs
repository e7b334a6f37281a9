//! Writing labelled text to files of any format.

use crate::{cli::WriteArgs, output::Output, text};
use anyhow::{Error, Result};
use gleaner::{FileReport, GleanerError, Role};
use gleaner_base::files::{self, Pending};
use gleaner_corpus::{Corpus, Format, Offsets, Sentence, WriteError, brat, write};
use serde::Serialize;
use serde_json::json;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Files to write, all in one format.
pub struct Target {
    pub format: Format,
    pub offsets: Offsets,
    force: bool,
}

impl Target {
    /// Files in a format, with offsets in the unit of `args`, otherwise in `offsets`, that of the text that was read.
    ///
    /// # Errors
    /// `args` has a unit that the format cannot have.
    pub fn new(format: Format, args: &WriteArgs, offsets: Option<Offsets>) -> Result<Self> {
        if !format.has_units() && args.to_offsets.is_some_and(|unit| unit != Offsets::default()) {
            let what = format!(
                "--to-offsets: no effect on {format}, which has no offsets or counts Unicode scalar values"
            );
            return Err(GleanerError::Settings(what).into());
        }
        let offsets = args.to_offsets.or(offsets).unwrap_or_default();
        Ok(Self { format, offsets, force: args.force })
    }

    /// Files in a format, with offsets in its own unit.
    pub fn of(format: Format, force: bool) -> Self {
        Self { format, offsets: Offsets::default(), force }
    }

    /// The file of a part in a folder.
    pub fn part(&self, folder: &Path, name: &str) -> PathBuf {
        folder.join(format!("{name}.{}", extension(self.format)))
    }

    /// Refuses to overwrite files, unless that is wanted.
    ///
    /// # Errors
    /// A file exists.
    pub fn claim(&self, paths: &[PathBuf]) -> Result<()> {
        let existing = paths.iter().flat_map(|path| self.files(path)).find(|path| path.exists());
        match existing {
            Some(path) if path.is_dir() => Err(occupied(&path, "is a folder", "name a file")),
            // Renaming a new file over a device or a pipe would replace it.
            Some(path) if !path.is_file() => {
                Err(occupied(&path, "is not a regular file", "name another file"))
            }
            Some(path) if !self.force => Err(occupied(
                &path,
                "the file exists",
                "choose another name, or overwrite it with --force",
            )),
            _ => Ok(()),
        }
    }

    /// Refuses a folder that has files of parts which are not among those that are written: the parts would then be
    /// ambiguous.
    ///
    /// # Errors
    /// As [`claim`](Self::claim); the folder has other parts, or is a file.
    pub fn claim_folder(&self, folder: &Path, paths: &[PathBuf]) -> Result<()> {
        if folder.is_file() {
            return Err(occupied(folder, "is a file", "name a folder: every part is a file in it"));
        }
        let written: Vec<PathBuf> = paths.iter().flat_map(|path| self.files(path)).collect();
        let entries =
            fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let mut others: Vec<PathBuf> = entries
            .filter(|path| Role::of_file(path) != Role::Whole && !written.contains(path))
            .collect();
        others.sort_unstable();
        match others.first() {
            Some(other) => {
                Err(occupied(other, "the folder has another part already", "choose another folder"))
            }
            None => self.claim(paths),
        }
    }

    /// The contents of the file at a path, which is written later: nothing is written if any file of a folder cannot.
    ///
    /// # Errors
    /// The format cannot represent a sentence.
    pub fn prepare(&self, corpus: &Corpus, path: &Path) -> Result<Prepared> {
        let has_tags = has_tags(self.format);
        let repaired = match has_tags {
            true => 0,
            false => corpus.sentences.iter().map(repaired).sum(),
        };
        let sentences: Vec<Sentence> =
            corpus.sentences.iter().map(|s| as_in_file(s, has_tags)).collect();
        let contents =
            self.contents(&sentences).map_err(|error| self.in_file(error, corpus, path))?;
        let files = self.files(path).into_iter().zip(contents).collect();
        Ok(Prepared { files, format: self.format, sentences: sentences.len(), repaired })
    }

    /// The files that a path stands for: brat's annotations and their text, otherwise one.
    fn files(&self, path: &Path) -> Vec<PathBuf> {
        match self.format {
            Format::Brat => {
                let stem = match path.extension() {
                    Some(extension) if extension == "ann" || extension == "txt" => {
                        path.with_extension("")
                    }
                    _ => path.to_owned(),
                };
                vec![stem.with_added_extension("ann"), stem.with_added_extension("txt")]
            }
            _ => vec![path.to_owned()],
        }
    }

    /// The content of each file.
    fn contents(&self, sentences: &[Sentence]) -> Result<Vec<Vec<u8>>, WriteError> {
        let mut first = Vec::new();
        if self.format == Format::Brat {
            let mut second = Vec::new();
            brat::write(&mut second, &mut first, sentences)?;
            return Ok(vec![first, second]);
        }
        write(self.format, &mut first, sentences, self.offsets)?;
        Ok(vec![first])
    }

    /// An error with the file that has the sentence.
    fn in_file(&self, error: WriteError, corpus: &Corpus, out: &Path) -> Error {
        if let WriteError::Io(error) = error {
            return refused(out, error);
        }
        let mut rest = corpus.sentences.as_slice();
        let has_it = |sentences: &[Sentence]| {
            sentences.iter().any(|s| self.contents(std::slice::from_ref(s)).is_err())
        };
        for read in &corpus.files {
            let (own, others) = rest.split_at(read.sentences.min(rest.len()));
            if has_it(own) {
                return Error::new(error).context(read.path.display().to_string());
            }
            rest = others;
        }
        Error::new(error).context(corpus.path.display().to_string())
    }
}

/// Files that are ready to be written.
pub struct Prepared {
    files: Vec<(PathBuf, Vec<u8>)>,
    format: Format,
    sentences: usize,
    /// Number of entities whose tags break the scheme of the file, where the format has spans instead of tags.
    repaired: usize,
}

impl Prepared {
    /// A file with an object per line, which is written beside a corpus.
    ///
    /// # Errors
    /// An object cannot be written as JSON.
    pub fn lines(path: PathBuf, objects: &[impl Serialize]) -> Result<Self> {
        let mut bytes = Vec::new();
        for object in objects {
            serde_json::to_writer(&mut bytes, object)?;
            bytes.push(b'\n');
        }
        let sentences = objects.len();
        Ok(Self { files: vec![(path, bytes)], format: Format::Jsonl, sentences, repaired: 0 })
    }

    /// Writes files. All have temporary names until all are complete. The first ones get their names last: without its
    /// training part a folder is not a corpus, so a crash leaves no part of a new folder that could be taken for all.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn write(all: &[Self], output: &Output) -> Result<()> {
        let mut complete = Vec::new();
        for (path, bytes) in all.iter().flat_map(|prepared| &prepared.files) {
            let folder = path.parent().unwrap_or(Path::new(""));
            let written = files::create_folder(folder)
                .and_then(|()| Pending::new(path, |file| file.write_all(bytes)));
            complete.push((path, written.map_err(|error| refused(path, error))?));
        }
        for (path, file) in complete.into_iter().rev() {
            file.commit().map_err(|error| refused(path, error))?;
        }
        all.iter().try_for_each(|prepared| prepared.report(output))
    }

    fn report(&self, output: &Output) -> Result<()> {
        let Some((path, _)) = self.files.first() else { return Ok(()) };
        let (format, n) = (self.format, self.sentences);
        if self.repaired > 0 {
            output.note(&format!(
                "note: {}: entities whose tags break the scheme: {}; {format} has spans instead of tags, so they are written as seqeval's default mode reads them",
                path.display(),
                text::grouped(self.repaired)
            ));
        }
        let shown = text::grouped(n);
        let s = if n == 1 { "" } else { "s" };
        output.human(&format!("wrote {}: {format}, {shown} sentence{s}", path.display()))?;
        let mut written =
            json!({"event": "written", "path": path, "format": format, "sentences": n});
        if self.repaired > 0 {
            written["repaired"] = self.repaired.into();
        }
        output.json(&written)
    }
}

/// The extension of files in a format.
fn extension(format: Format) -> &'static str {
    match format {
        Format::ConllUPlus => "conllup",
        Format::Jsonl | Format::Doccano | Format::Prodigy => "jsonl",
        Format::Json | Format::LabelStudio | Format::LabelStudioMin => "json",
        Format::Parquet => "parquet",
        Format::Csv => "csv",
        Format::Spacy => "spacy",
        Format::WebAnno => "tsv",
        Format::Brat => "ann",
        _ => "conll",
    }
}

/// Whether a format has tags for words instead of spans.
fn has_tags(format: Format) -> bool {
    format.has_columns()
        || matches!(format, Format::Jsonl | Format::Json | Format::Parquet | Format::Csv)
}

/// A sentence as it is written: in tags with those of its file, also where they break their scheme. Spans cannot break
/// one: a stray I-X starts an entity, as in seqeval's default mode and in training.
fn as_in_file(sentence: &Sentence, has_tags: bool) -> Sentence {
    let tags = if has_tags { sentence.scored_tags() } else { &sentence.tags };
    Sentence {
        words: sentence.words.clone(),
        tags: tags.to_vec(),
        line: sentence.line,
        unrepaired: None,
    }
}

/// The number of entities that seqeval's strict mode does not find.
fn repaired(sentence: &Sentence) -> usize {
    if sentence.unrepaired.is_none() {
        return 0;
    }
    let strict = sentence.strict_entities();
    sentence.entities().iter().filter(|entity| !strict.contains(entity)).count()
}

/// Shows how the files of a corpus were read, and counts what was unusual.
pub fn report(role: Role, corpus: &Corpus, output: &Output) -> Result<()> {
    for read in &corpus.files {
        let report = FileReport::new(role, read);
        output.note(&format!("read {report}"));
        output.event("read", &report)?;
    }
    text::oddities(&corpus.findings).iter().for_each(|note| output.note(note));
    Ok(())
}

fn occupied(path: &Path, what: &str, fix: &str) -> Error {
    GleanerError::FolderOccupied { path: path.to_owned(), what: what.into(), fix: fix.into() }
        .into()
}

fn refused(path: &Path, error: io::Error) -> Error {
    GleanerError::Io { path: path.to_owned(), error }.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::OutputMode;
    use gleaner_base::files::faults::{Fault, sweep};

    fn prepared(folder: &Path, parts: &[&str]) -> Vec<Prepared> {
        let of = |part: &&str| {
            let contents =
                |extension: &str| (folder.join(part).with_extension(extension), b"new".to_vec());
            Prepared {
                files: vec![contents("ann"), contents("txt")],
                format: Format::Brat,
                sentences: 1,
                repaired: 0,
            }
        };
        parts.iter().map(of).collect()
    }

    /// Sweeps through writing a corpus: to a new folder, or with `--force` over the files of an old one.
    fn corpus_on_a_disk_that_fails(has_old: bool) {
        let place = tempfile::tempdir().unwrap();
        let output = Output { mode: OutputMode::Quiet, colour: false };
        let parts = ["train", "dev", "test"];
        // In the order in which they get their names. Those of the training part are last: a new folder that has them
        // is complete.
        let files = prepared(Path::new("corpus"), &parts).into_iter().flat_map(|part| part.files);
        let names: Vec<PathBuf> = files.map(|(path, _)| path).rev().collect();
        assert_eq!(names.last().unwrap(), Path::new("corpus/train.ann"));
        let prepare = |folder: &Path| {
            if has_old {
                fs::create_dir(folder.join("corpus")).unwrap();
                names.iter().for_each(|name| fs::write(folder.join(name), "old").unwrap());
            }
        };
        let write =
            |folder: &Path| Prepared::write(&prepared(&folder.join("corpus"), &parts), &output);
        let old = has_old.then(|| b"old".to_vec());
        // The number of new files after a kill in the first operation, in the second one, and so on.
        let mut killed = Vec::new();
        let faults = sweep(
            place.path(),
            &Fault::ALL,
            prepare,
            |folder| write(folder).is_ok(),
            |folder, outcome| {
                let found: Vec<Option<Vec<u8>>> =
                    names.iter().map(|name| fs::read(folder.join(name)).ok()).collect();
                let is_new = |found: &&Option<Vec<u8>>| found.as_deref() == Some(b"new".as_slice());
                let new = found.iter().take_while(is_new).count();
                assert!(found[new..].iter().all(|found| *found == old), "{outcome}: mixed");
                assert!(!outcome.is_success || new == names.len(), "{outcome}");
                if outcome.fault == Fault::Kill {
                    killed.push(new);
                }
                write(folder).unwrap();
                let is_new = |name: &PathBuf| fs::read(folder.join(name)).unwrap() == b"new";
                assert!(names.iter().all(is_new), "{outcome}");
                let all = fs::read_dir(folder.join("corpus")).unwrap().count();
                assert_eq!(all, names.len(), "{outcome}");
            },
        );
        // After all files are complete, each is renamed and its folder synced.
        let complete = killed.len() - 1 - 2 * names.len();
        assert!(complete >= 3 * names.len(), "{complete}");
        for (operation, new) in (1_usize..).zip(killed) {
            let renamed = (operation.max(complete) - complete) / 2;
            assert_eq!(new, renamed.min(names.len()), "killed in operation {operation}");
        }
        // Six files with five operations each.
        assert!(faults > 4 * 30, "{faults}");
    }

    #[test]
    fn a_new_corpus_has_no_file_until_all_are_complete_and_its_training_part_last() {
        corpus_on_a_disk_that_fails(false);
    }

    #[test]
    fn files_of_a_corpus_are_all_old_until_all_new_ones_are_complete() {
        corpus_on_a_disk_that_fails(true);
    }
}
