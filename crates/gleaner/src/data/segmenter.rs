//! The rule that cuts plain text, learnt from the texts of a training.

use super::{
    Corpus, CorpusError, GleanerError, Segmenter, Settings, pool::is_plain_text, sample_name,
};
use std::path::Path;

/// What the training text shows of words and abbreviations, and a pool of plain text of abbreviations.
pub(super) fn of(settings: &Settings, train: &Corpus) -> Result<Segmenter, GleanerError> {
    let mut segmenter = Segmenter::learn(&train.sentences);
    for one in &settings.self_training.pool {
        let path = &one.path;
        let is_file = sample_name(path).is_none() && !path.is_dir();
        if is_file && is_plain_text(path, &settings.read_options_beside(one))? {
            segmenter = segmenter.with_text(text(path)?.lines());
        }
    }
    Ok(segmenter)
}

/// A file's text. Bytes that are not UTF-8 are replaced here: reading the pool reports their line.
fn text(path: &Path) -> Result<String, CorpusError> {
    let bytes = std::fs::read(path).map_err(|e| CorpusError::in_file(path, e.into()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A note where words of entities are cut otherwise in plain text than in the training text.
pub(super) fn difference(segmenter: &Segmenter, train: &Corpus) -> Option<String> {
    let found = segmenter.difference(&train.sentences);
    (found.differing > 0).then(|| {
        format!(
            "{} of {} words of entities ({:.1} %) would be cut otherwise in plain text than in the training text",
            found.differing,
            found.words,
            100.0 * found.share()
        )
    })
}
