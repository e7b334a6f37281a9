//! The pool: sentences that a tagger labels itself.

use super::{
    GleanerError, Settings,
    divide::{training_part, truncate},
    files::{FileReport, Role},
    leaks::{Count, Leaks},
    read_folder, sample_name, short_name, skipped,
};
use crate::CorpusPath;
use gleaner_corpus::{
    Corpus, CorpusError, Format, Problem, ReadOptions, read as read_file, read_bytes, read_plain,
    text::Segmenter,
};
use std::path::{Path, PathBuf};

/// How the note on the size of a pool begins.
pub const POOL_NOTE: &str = "a pool of ";

/// Reads the pool that `settings` name. Sentences that must not be trained on are dropped if leaks are dropped.
pub(super) fn read(
    settings: &Settings,
    segmenter: &Segmenter,
    leaks: &Leaks,
    notes: &mut Vec<String>,
    files: &mut Vec<FileReport>,
) -> Result<Option<Corpus>, GleanerError> {
    if settings.self_training.pool.is_empty() {
        return Ok(None);
    }
    let mut pool = as_given(settings, segmenter, notes, files)?;
    let mut count = Count::default();
    leaks.drop_from(&mut pool, &mut count);
    leaks.note_pool(count, notes);
    if pool.sentences.is_empty() {
        return Err(GleanerError::NoTrainingText(format!(
            "{}: no sentence of the pool is left; add text, or use --drop-leaks false",
            pool.path.display()
        )));
    }
    let sentences = pool.sentences.len();
    notes.push(format!("{POOL_NOTE}{sentences} sentences of {}", name_of(settings)));
    Ok(Some(pool))
}

/// The number of sentences in the pool that `settings` name, before any is dropped. Plain text is cut without what a
/// training text would show, so a training may find some fewer.
///
/// # Errors
/// A file is missing or malformed.
pub fn pool_sentences(settings: &Settings) -> Result<usize, GleanerError> {
    Ok(as_given(settings, &Segmenter::default(), &mut Vec::new(), &mut Vec::new())?.sentences.len())
}

/// The whole pool that settings name: one or more texts.
fn as_given(
    settings: &Settings,
    segmenter: &Segmenter,
    notes: &mut Vec<String>,
    files: &mut Vec<FileReport>,
) -> Result<Corpus, GleanerError> {
    let limit = settings.self_training.pool_limit;
    let options = |one: &CorpusPath| options(settings, one, segmenter);
    let pool = match settings.self_training.pool.as_slice() {
        [one] if sample_name(&one.path) == Some("af") => {
            let text = gleaner_sample::to_conll(&gleaner_sample::unlabelled_gold());
            let name = PathBuf::from("sample:af/unlabelled.conll");
            let pool = read_bytes(text.as_bytes(), &name, &options(one))?;
            files.extend(FileReport::of(Role::Pool, &pool));
            limited(pool, settings, notes)
        }
        [one] if sample_name(&one.path).is_some() || one.path.is_dir() => {
            let parts = read_folder(&one.path, &options(one))?;
            files.extend(FileReport::of(Role::Pool, &parts.train));
            training_part(parts, settings, limit, notes)?
        }
        paths => limited(of_files(paths, options, files)?, settings, notes),
    };
    notes.extend(skipped(&pool, "the pool"));
    Ok(pool)
}

/// How a text of the pool is read.
fn options(settings: &Settings, path: &CorpusPath, segmenter: &Segmenter) -> ReadOptions {
    let own = settings.read_options_beside(path);
    let label_map = own.label_map.or_else(|| settings.self_training.pool_map.clone());
    ReadOptions { label_map, segmenter: segmenter.clone(), ..own }
}

fn name_of(settings: &Settings) -> String {
    let pool = settings.self_training.pool.iter();
    pool.map(|one| short_name(&one.path)).collect::<Vec<String>>().join(", ")
}

fn limited(mut pool: Corpus, settings: &Settings, notes: &mut Vec<String>) -> Corpus {
    truncate(&mut pool, settings.self_training.pool_limit, notes);
    pool
}

/// Files one after the other; with their tags only if all have some.
fn of_files(
    paths: &[CorpusPath],
    options: impl Fn(&CorpusPath) -> ReadOptions,
    files: &mut Vec<FileReport>,
) -> Result<Corpus, GleanerError> {
    let mut pool: Option<Corpus> = None;
    for path in paths {
        let next = of_file(&path.path, &options(path))?;
        files.extend(FileReport::of(Role::Pool, &next));
        pool = Some(match pool {
            None => next,
            Some(mut pool) if pool.is_labelled() && next.is_labelled() => {
                pool.append(next);
                pool
            }
            Some(pool) => {
                let mut pool = pool.without_tags();
                pool.append(next.without_tags());
                pool
            }
        });
    }
    pool.ok_or_else(|| GleanerError::Settings("pool: no file; name one or more".into()))
}

/// One file: plain text, or words with or without tags. The content decides, because both can be in a `.txt` file.
pub(crate) fn of_file(path: &Path, options: &ReadOptions) -> Result<Corpus, CorpusError> {
    if is_plain_text(path, options)? {
        return read_plain(path, options);
    }
    // Tags are not needed here, so none of their faults costs a sentence.
    let is_about_tags = |error: &CorpusError| {
        options.skip_bad
            || matches!(
                error.problem(),
                Problem::OneColumn | Problem::NoTags | Problem::AllLeftOut { .. }
            )
    };
    match read_file(path, &ReadOptions { skip_bad: false, ..options.clone() }) {
        Err(error) if is_about_tags(&error) => {
            read_file(path, &ReadOptions { unlabelled: true, label_map: None, ..options.clone() })
        }
        read => read,
    }
}

/// Whether a file is plain text: neither its content nor its name shows another format, and none is requested.
///
/// # Errors
/// The file cannot be read.
pub fn is_plain_text(path: &Path, options: &ReadOptions) -> Result<bool, CorpusError> {
    // brat's annotations are beside their text.
    let is_brat = path.with_extension("ann").is_file();
    Ok(options.format.is_none() && !is_brat && Format::of_file(path)?.is_none())
}
