//! `gleaner data convert`

use super::inspect::is_annotated;
use crate::{
    cli::ConvertArgs,
    corpus_files::{Prepared, Target, report},
    hub::Fetcher,
    output::Output,
    reading,
};
use anyhow::Result;
use gleaner::{GleanerError, Role, is_sample, read_folder};
use gleaner_corpus::{
    Corpus, Format, HeldOut, Problem, ReadOptions, find_held_out, read, read_all,
};
use std::path::{Path, PathBuf};

pub fn run(args: &ConvertArgs, output: &Output) -> Result<()> {
    let common = reading::options(&args.source.read)?;
    let options = ReadOptions { skip_bad: args.source.skip_bad, ..common.read_options() };
    let input = Fetcher::new(output).data_folder(&args.source.input)?;
    let is_folder = is_sample(&input) || input.is_dir() && !is_annotated(&input);
    let target = |corpus: &Corpus| -> Result<Target> {
        let format = match args.write.to {
            Some(format) => format,
            None if is_folder => format_of(corpus),
            None => Format::of(&args.out).ok_or_else(|| unknown(&args.out))?,
        };
        Ok(Target::new(format, &args.write, common.offsets))
    };
    if !is_folder {
        let corpus = read(&input, &options)?;
        let target = target(&corpus)?;
        target.claim(std::slice::from_ref(&args.out))?;
        let prepared = target.prepare(&corpus, &args.out)?;
        report(Role::Whole, &corpus, output)?;
        return Prepared::write(&[prepared], output);
    }
    let parts = parts(&input, &options)?;
    let Some((_, first)) = parts.first() else { return Ok(()) };
    if args.out.extension().is_some() && Format::of(&args.out).is_some() {
        let what = format!(
            "{}: {} is a folder, so every part gets a file; name a folder to write to",
            args.out.display(),
            input.display()
        );
        return Err(GleanerError::Settings(what).into());
    }
    let target = target(first)?;
    let path = |role: Role| target.part(&args.out, &role.to_string());
    let paths: Vec<PathBuf> = parts.iter().map(|(role, _)| path(*role)).collect();
    target.claim_folder(&args.out, &paths)?;
    let all = parts.iter().zip(&paths);
    let prepared: Vec<Prepared> =
        all.map(|((_, corpus), path)| target.prepare(corpus, path)).collect::<Result<_>>()?;
    for (role, corpus) in &parts {
        report(*role, corpus, output)?;
    }
    Prepared::write(&prepared, output)
}

/// The parts of a folder or sample. A folder may have no training part.
pub(super) fn parts(
    folder: &Path,
    options: &ReadOptions,
) -> Result<Vec<(Role, Corpus)>, GleanerError> {
    let parts = match read_folder(folder, options) {
        Err(GleanerError::Corpus(e)) if matches!(e.problem(), Problem::NoTrain { .. }) => {
            let HeldOut { dev, test } = find_held_out(folder)?;
            let parts = [(Role::Dev, dev), (Role::Test, test)].into_iter();
            let parts = parts.filter_map(|(role, files)| Some((role, files?)));
            return parts.map(|(role, files)| Ok((role, read_all(&files, options)?))).collect();
        }
        parts => parts?,
    };
    let all = [(Role::Train, Some(parts.train)), (Role::Dev, parts.dev), (Role::Test, parts.test)];
    Ok(all.into_iter().filter_map(|(role, part)| Some((role, part?))).collect())
}

/// The format of a corpus.
pub(super) fn format_of(corpus: &Corpus) -> Format {
    corpus.files.first().and_then(|read| read.format).unwrap_or(Format::Conll)
}

fn unknown(out: &Path) -> GleanerError {
    let names: Vec<&str> = Format::ALL.iter().map(|format| format.name()).collect();
    GleanerError::Settings(format!(
        "{}: the name does not give a format; add --to FORMAT, one of {}",
        out.display(),
        names.join(", ")
    ))
}
