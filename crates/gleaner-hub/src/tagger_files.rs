//! The files of a model that Gleaner saved.

use crate::listed::listed;
use gleaner_base::model_files::{CONFIG, INT8, MANIFEST, TOKENIZER, TRAINED_ON, WEIGHTS};

/// The files that a model needs.
const REQUIRED: [&str; 4] = [MANIFEST, CONFIG, TOKENIZER, WEIGHTS];

/// The digests of the training sentences. Older models have no such file, and owners may delete it.
const OPTIONAL: &str = TRAINED_ON;

/// The rounding to 8 bits, of the few models that were prepared for it.
const RARE: &str = INT8;

/// Finds the files of a model of Gleaner in a repository, and whether all files that most models have are there.
///
/// # Errors
/// What is missing, and what to do.
pub(crate) fn find(paths: &[&str]) -> Result<(Vec<&'static str>, bool), (String, String)> {
    let missing: Vec<&str> = REQUIRED.into_iter().filter(|file| !paths.contains(file)).collect();
    if missing.contains(&MANIFEST) {
        return Err((
            format!(
                "no {MANIFEST}, so it is not a model that Gleaner saved (it has {})",
                listed(paths)
            ),
            "use the id of a Gleaner model, or train a model with `gleaner train`".into(),
        ));
    }
    if !missing.is_empty() {
        let missing = missing.join(" and no ");
        return Err((
            format!("the model has no {missing} (it has {})", listed(paths)),
            "upload all files of the model folder, or choose another model".into(),
        ));
    }
    let found = [OPTIONAL, RARE].into_iter().filter(|file| paths.contains(file));
    Ok((REQUIRED.into_iter().chain(found).collect(), paths.contains(&OPTIONAL)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_of_training_sentences_and_the_rounding_are_optional() {
        let mut paths = REQUIRED.to_vec();
        paths.extend(["README.md", "checkpoint/state.json"]);
        assert_eq!(find(&paths), Ok((REQUIRED.to_vec(), false)));
        paths.push(RARE);
        let (files, all) = find(&paths).unwrap();
        assert_eq!((files.len(), files.last(), all), (5, Some(&RARE), false));
        paths.push(OPTIONAL);
        let (files, all) = find(&paths).unwrap();
        assert_eq!((files, all), ([&REQUIRED[..], &[OPTIONAL, RARE]].concat(), true));
    }
}
