//! The texts that finished taggers are measured on: named ones, or those of their training.

use crate::{cli::ReadArgs, hub::Fetcher, output::Output, reading};
use anyhow::Result;
use gleaner::{
    Corpus, CorpusPath, Dataset, GleanerError, Provenance, is_sample, read, read_folder,
};
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
    if path.is_file() {
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

/// The texts that the tagger of a model folder was trained with.
pub fn of_training(model: &Path, output: &Output) -> Result<Dataset> {
    let mut settings = Provenance::read(model)?.settings;
    Fetcher::without_events(output).resolve(&mut settings)?;
    let data = Dataset::load(&settings).inspect_err(|_| {
        output.note(
            "note: the text of the training cannot be read; name a labelled text (see --help)",
        );
    })?;
    Ok(data)
}
