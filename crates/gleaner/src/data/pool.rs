//! The pool: sentences that a tagger labels itself.

use super::{
    GleanerError, Settings,
    divide::{training_part, truncate},
    leaks::{Count, Leaks},
    read_folder, read_options, sample_name, short_name, skipped,
};
use gleaner_corpus::{
    Corpus, CorpusError, Format, Problem, ReadOptions, Scheme, Sentence, read as read_file,
    read_bytes, text,
};
use std::{
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
};

/// Reads the pool that `settings` name. Sentences that must not be trained on are dropped if leaks are dropped.
pub(super) fn read(
    settings: &Settings,
    leaks: &Leaks,
    notes: &mut Vec<String>,
) -> Result<Option<Corpus>, GleanerError> {
    if settings.self_training.pool.is_empty() {
        return Ok(None);
    }
    let mut pool = as_given(settings, notes)?;
    let mut count = Count::default();
    leaks.drop_from(&mut pool, &mut count);
    leaks.note_pool(count, notes);
    if pool.sentences.is_empty() {
        return Err(GleanerError::NoTrainingText(format!(
            "{}: no sentence of the pool is left; add text, or use --drop-leaks false",
            pool.path.display()
        )));
    }
    notes.push(format!("a pool of {} sentences of {}", pool.sentences.len(), name_of(settings)));
    Ok(Some(pool))
}

/// The number of sentences in the pool that `settings` name, before any is dropped.
///
/// # Errors
/// A file is missing or malformed.
pub fn pool_sentences(settings: &Settings) -> Result<usize, GleanerError> {
    Ok(as_given(settings, &mut Vec::new())?.sentences.len())
}

/// The whole pool that settings name: one or more texts.
fn as_given(settings: &Settings, notes: &mut Vec<String>) -> Result<Corpus, GleanerError> {
    let options = ReadOptions {
        label_map: settings.self_training.pool_map.clone(),
        ..read_options(settings)
    };
    let pool = match settings.self_training.pool.as_slice() {
        [one] if sample_name(one) == Some("af") => {
            let text = gleaner_sample::to_conll(&gleaner_sample::unlabelled_gold());
            let name = PathBuf::from("sample:af/unlabelled.conll");
            limited(read_bytes(text.as_bytes(), &name, &options)?, settings, notes)
        }
        [one] if sample_name(one).is_some() || one.is_dir() => training_part(
            read_folder(one, &options)?,
            settings,
            settings.self_training.pool_limit,
            notes,
        )?,
        files => limited(of_files(files, &options)?, settings, notes),
    };
    notes.extend(skipped(&pool, "the pool"));
    Ok(pool)
}

fn name_of(settings: &Settings) -> String {
    let names: Vec<String> = settings.self_training.pool.iter().map(|p| short_name(p)).collect();
    names.join(", ")
}

fn limited(mut pool: Corpus, settings: &Settings, notes: &mut Vec<String>) -> Corpus {
    truncate(&mut pool, settings.self_training.pool_limit, notes);
    pool
}

/// Files one after the other; with their tags only if all have some.
fn of_files(files: &[PathBuf], options: &ReadOptions) -> Result<Corpus, GleanerError> {
    let mut pool: Option<Corpus> = None;
    for path in files {
        let next = of_file(path, options)?;
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

/// One file: plain text, or words with or without tags.
pub(super) fn of_file(path: &Path, options: &ReadOptions) -> Result<Corpus, CorpusError> {
    if path.extension().is_some_and(|e| e == "txt") || Format::of(path).is_none() {
        return plain(path);
    }
    // Tags are not needed here, so none of their faults costs a sentence.
    let is_about_tags = |error: &CorpusError| {
        options.skip_bad || matches!(error.problem(), Problem::OneColumn | Problem::NoTags)
    };
    match read_file(path, &ReadOptions { skip_bad: false, ..options.clone() }) {
        Err(error) if is_about_tags(&error) => {
            read_file(path, &ReadOptions { unlabelled: true, label_map: None, ..options.clone() })
        }
        read => read,
    }
}

/// Plain text, cut into sentences and words.
fn plain(path: &Path) -> Result<Corpus, CorpusError> {
    let file = File::open(path).map_err(|e| CorpusError::in_file(path, e.into()))?;
    let reader = text::Reader::new(BufReader::new(file), path, false);
    let sentences: Vec<Sentence> =
        reader.map(|s| s.map(Sentence::from)).collect::<Result<_, _>>()?;
    if sentences.is_empty() {
        return Err(CorpusError::in_file(path, Problem::Empty));
    }
    Ok(Corpus {
        path: path.to_owned(),
        sentences,
        scheme: Scheme::Unlabelled,
        findings: Vec::new(),
    })
}
