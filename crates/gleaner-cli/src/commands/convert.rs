//! `gleaner data convert`

use crate::{
    cli::ConvertArgs,
    corpus_files::{Prepared, Target, report},
    hub::Fetcher,
    output::Output,
    reading,
};
use anyhow::Result;
use gleaner::{GleanerError, Role, is_sample, read_parts};
use gleaner_corpus::{Corpus, Format, ReadOptions, is_annotated, read};
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
        Target::new(format, &args.write, common.offsets)
    };
    if !is_folder {
        let corpus = read(&input, &options)?;
        let target = target(&corpus)?;
        target.claim(std::slice::from_ref(&args.out))?;
        let prepared = target.prepare(&corpus, &args.out)?;
        report(Role::Whole, &corpus, output)?;
        return Prepared::write(&[prepared], output);
    }
    let parts = read_parts(&input, &options)?;
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
