//! The files of an encoder.

use crate::listed::listed;

/// The files that an encoder needs.
const FILES: [&str; 3] = ["config.json", "tokenizer.json", "model.safetensors"];

/// Finds the files of an encoder in a repository.
///
/// # Errors
/// What is missing, and what to do.
pub(crate) fn find(paths: &[&str]) -> Result<[&'static str; 3], (String, String)> {
    let missing: Vec<&str> = FILES.into_iter().filter(|file| !paths.contains(file)).collect();
    if missing.is_empty() {
        return Ok(FILES);
    }
    let is_split = paths.contains(&"model.safetensors.index.json");
    let fix = match missing[..] {
        ["model.safetensors"] if is_split => "choose an encoder whose weights are one file",
        ["model.safetensors"] => {
            "convert the weights at https://huggingface.co/spaces/safetensors/convert and name the revision with the \
             result (@refs/pr/N), or choose another encoder"
        }
        ["tokenizer.json"] => {
            "save it with transformers (AutoTokenizer.from_pretrained(...).save_pretrained(...)) to a folder with the \
             other files and name the folder, or choose another encoder"
        }
        _ => "choose an encoder of the BERT family with these files",
    };
    let missing = missing.join(" and no ");
    Err((format!("the repository has no {missing} (it has {})", listed(paths)), fix.to_owned()))
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
        assert_eq!(find(&paths), Ok(FILES));
    }
}
