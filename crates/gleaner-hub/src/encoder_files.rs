//! The files of an encoder.

use crate::listed::listed;
use gleaner_base::model_files::{CONFIG, PYTORCH_WEIGHTS, TOKENIZER, TOKENIZER_SETTINGS, WEIGHTS};

/// What a tokenizer is built from without `tokenizer.json`, with its settings, if there are any.
const VOCABULARIES: [&str; 3] = ["vocab.txt", "sentencepiece.bpe.model", "spm.model"];

/// Finds the files of an encoder in a repository, and whether all optional ones are there too.
///
/// # Errors
/// What is missing, and what to do.
pub(crate) fn find(paths: &[&str]) -> Result<(Vec<String>, bool), (String, String)> {
    let mut files = Vec::new();
    let (mut missing, mut all) = (Vec::new(), true);
    match paths.contains(&CONFIG) {
        true => files.push(CONFIG.to_owned()),
        false => missing.push(CONFIG),
    }
    if paths.contains(&TOKENIZER) {
        files.push(TOKENIZER.to_owned());
    } else if let Some(vocabulary) = VOCABULARIES.iter().find(|file| paths.contains(file)) {
        files.push((*vocabulary).to_owned());
        all = paths.contains(&TOKENIZER_SETTINGS);
        files.extend(all.then(|| TOKENIZER_SETTINGS.to_owned()));
    } else {
        missing.push(TOKENIZER);
    }
    let weights = [WEIGHTS, PYTORCH_WEIGHTS].into_iter().find_map(|name| weights(paths, name));
    match weights {
        Some(weights) => files.extend(weights),
        None => missing.push(WEIGHTS),
    }
    if missing.is_empty() {
        return Ok((files, all));
    }
    let fix = match missing[..] {
        [TOKENIZER] => {
            "save it with transformers (AutoTokenizer.from_pretrained(...).save_pretrained(...)) to a folder with the \
             other files and name the folder, or choose another encoder"
        }
        _ => "choose an encoder of the BERT family with these files",
    };
    let missing = missing.join(" and no ");
    Err((format!("the repository has no {missing} (it has {})", listed(paths)), fix.to_owned()))
}

/// The files of weights in one file, or in several with their index.
fn weights(paths: &[&str], name: &str) -> Option<Vec<String>> {
    if paths.contains(&name) {
        return Some(vec![name.to_owned()]);
    }
    let index = format!("{name}.index.json");
    let (stem, extension) = name.rsplit_once('.')?;
    // `model-00001-of-00002.safetensors`: all files have the same number of files in their names.
    let count = paths.iter().find_map(|path| {
        let numbers = path.strip_prefix(stem)?.strip_suffix(extension)?;
        numbers.strip_suffix('.')?.strip_prefix("-00001-of-")?.parse::<usize>().ok()
    });
    let count = count.filter(|count| *count > 0)?;
    let files = (1..=count.min(paths.len()))
        .map(|number| format!("{stem}-{number:05}-of-{count:05}.{extension}"))
        .chain([index]);
    let files: Vec<String> = files.collect();
    let all = files.len() == count + 1 && files.iter().all(|file| paths.contains(&file.as_str()));
    all.then_some(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_lists_some_of_the_files() {
        let names: Vec<String> = (10..30).map(|n| format!("{n}.bin")).collect();
        let mut paths: Vec<&str> = names.iter().map(String::as_str).collect();
        paths.extend(["config.json", "onnx/model.onnx", ".gitattributes"]);
        let (what, _) = find(&paths).unwrap_err();
        assert!(what.starts_with(
            "the repository has no tokenizer.json and no model.safetensors (it has 10.bin, "
        ));
        assert!(what.ends_with(", 21.bin and 9 more)"), "{what}");
        assert!(find(&[]).unwrap_err().0.ends_with("(it has no files)"));
        paths.extend(["tokenizer.json", "model.safetensors"]);
        let files = ["config.json", "tokenizer.json", "model.safetensors"].map(str::to_owned);
        assert_eq!(find(&paths), Ok((files.to_vec(), true)));
    }

    #[test]
    fn older_layouts_and_weights_in_several_files_are_found() {
        let found = |paths: &[&str]| find(paths).map(|(files, all)| (files.join(" "), all));
        let old = ["config.json", "pytorch_model.bin", "vocab.txt", "tf_model.h5"];
        let expected = "config.json vocab.txt pytorch_model.bin".to_owned();
        assert_eq!(found(&old), Ok((expected, false)));
        let files = [&old[..], &["tokenizer_config.json"]].concat();
        let expected = "config.json vocab.txt tokenizer_config.json pytorch_model.bin".to_owned();
        assert_eq!(found(&files), Ok((expected, true)));
        let deberta =
            ["config.json", "pytorch_model.bin", "pytorch_model.generator.bin", "spm.model"];
        let expected = "config.json spm.model pytorch_model.bin".to_owned();
        assert_eq!(found(&deberta), Ok((expected, false)));
        let parts = [
            "config.json",
            "model-00001-of-00002.safetensors",
            "model-00002-of-00002.safetensors",
            "model.safetensors.index.json",
            "tokenizer.json",
        ];
        let expected = ["config.json", "tokenizer.json", parts[1], parts[2], parts[3]].join(" ");
        assert_eq!(found(&parts), Ok((expected, true)));
        assert!(found(&[&parts[..2], &parts[3..]].concat()).is_err());
    }
}
