//! The texts that finished taggers are measured on: named ones, or those of their training.

use crate::{cli::ReadArgs, hub::Fetcher, output::Output, reading};
use anyhow::Result;
use gleaner::{
    Corpus, CorpusPath, Dataset, GleanerError, Provenance, is_sample, read, read_folder,
};
use gleaner_corpus::is_annotated;
use std::path::Path;

/// A part of a corpus.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Train,
    Dev,
}

/// A named text: a file, or that part of a folder, of a data set on the hub or of the sample.
pub fn named(corpus: &CorpusPath, part: Part, args: &ReadArgs, output: &Output) -> Result<Corpus> {
    let options = corpus.among(&reading::options(args)?).read_options();
    let path = match is_sample(&corpus.path) {
        true => corpus.path.clone(),
        false => Fetcher::without_events(output).data_folder(&corpus.path)?,
    };
    if path.is_file() || is_annotated(&path) {
        return Ok(read(&path, &options)?);
    }
    let parts = read_folder(&path, &options)?;
    match part {
        Part::Train => Ok(parts.train),
        Part::Dev => parts.dev.ok_or_else(|| {
            let what = format!("{}: no dev part; name a labelled file", path.display());
            GleanerError::NoTestText(what).into()
        }),
    }
}

/// Refuses options for reading where no text is named: those of the training are read as they were then.
pub fn refuse_options(args: &ReadArgs) -> Result<()> {
    if args.is_default() {
        return Ok(());
    }
    let what = "options for reading and --map have no effect on the text of the training; name a labelled text";
    Err(GleanerError::Settings(what.into()).into())
}

/// The texts that the tagger of a model folder was trained with.
///
/// # Errors
/// A text cannot be read, or the dev text is another one than then: the tagger may have been trained on it.
pub fn of_training(model: &Path, output: &Output) -> Result<Dataset> {
    let provenance = Provenance::read(model)?;
    let mut settings = provenance.settings.clone();
    Fetcher::without_events(output).resolve(&mut settings)?;
    let data = Dataset::load(&settings).inspect_err(|_| {
        output.note(
            "note: the text of the training cannot be read; name a labelled text (see --help)",
        );
    })?;
    match provenance.has_dev_text(&data.dev) {
        true => Ok(data),
        false => {
            let what = format!(
                "{}: the dev text has changed since the training; name a labelled text that was not trained on",
                data.dev.path.display()
            );
            Err(GleanerError::Settings(what).into())
        }
    }
}
