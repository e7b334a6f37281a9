//! How labelled text is read by the options of a command.

use crate::cli::ReadArgs;
use anyhow::Result;
use gleaner::{CorpusOptions, CorpusPath, GleanerError};
use gleaner_corpus::LabelMap;
use std::{collections::HashSet, path::PathBuf};

/// What the options say, checked.
pub fn options(args: &ReadArgs) -> Result<CorpusOptions> {
    let mut options = args.options.clone();
    options.label_map = label_map("--map", &args.map)?;
    let options = CorpusOptions::from(&options);
    options.check()?;
    Ok(options)
}

/// The label map of an option's pairs, if there are any.
pub fn label_map(option: &str, pairs: &[(String, String)]) -> Result<Option<LabelMap>> {
    if pairs.is_empty() {
        return Ok(None);
    }
    let map = LabelMap::new(pairs.iter().cloned().collect());
    Ok(Some(map.map_err(|e| GleanerError::Settings(format!("{option}: {e}")))?))
}

/// Refuses a text that is named twice, even by different paths. `what` is the text's role.
pub fn different(what: &str, paths: &[CorpusPath]) -> Result<()> {
    let real = |path: &PathBuf| path.canonicalize().unwrap_or_else(|_| path.clone());
    let mut known = HashSet::new();
    match paths.iter().map(|one| &one.path).find(|path| !known.insert(real(path))) {
        Some(twice) => {
            let what = format!("{}: this {what} is named twice; name each once", twice.display());
            Err(GleanerError::Settings(what).into())
        }
        None => Ok(()),
    }
}
