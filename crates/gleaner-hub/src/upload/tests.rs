//! Which files of a folder are sent.

use super::*;

/// A folder with these files, each with its name as contents.
fn folder(files: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in files {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, file).unwrap();
    }
    folder
}

const OF_TAGGER: [&str; 4] = ["config.json", "gleaner.json", "model.safetensors", "tokenizer.json"];

/// What is sent, and what is not.
fn chosen(folder: &Path) -> (UploadKind, Vec<String>, Vec<String>) {
    let upload = Upload::of(folder).unwrap();
    let paths: Vec<String> = upload.files.iter().map(|file| file.path.clone()).collect();
    assert_eq!(upload.size(), paths.iter().map(|path| path.len() as u64).sum::<u64>());
    (upload.kind, paths, upload.left_out)
}

fn error(folder: &Path) -> String {
    let error = Upload::of(folder).unwrap_err();
    assert_eq!(error.kind(), HubErrorKind::Missing, "{error}");
    error.to_string().replace(folder.to_str().unwrap(), "FOLDER")
}

#[test]
fn of_a_tagger_its_own_files_are_sent() {
    let own = ["LICENSE.txt", "README.md", "int8.json", "trained-on.txt"];
    let other = [".DS_Store", "checkpoint/state.json", "model.safetensors.1.partial", "notes.txt"];
    let folder = folder(&[&OF_TAGGER[..], &own, &other].concat());
    let (kind, files, left_out) = chosen(folder.path());
    let mut expected = [&OF_TAGGER[..], &own].concat();
    expected.sort_unstable();
    assert_eq!(
        (kind, files),
        (UploadKind::Tagger, expected.iter().map(|s| s.to_string()).collect())
    );
    assert_eq!(left_out, [".DS_Store", "checkpoint/", "model.safetensors.1.partial", "notes.txt"]);
}

#[test]
fn of_an_ensemble_the_files_of_its_members_are_sent() {
    let folder = folder(&["README.md", "unfinished", "2/checkpoint/x", "3/gleaner.json"]);
    let write = |path: &str, text: &str| {
        fs::create_dir_all(folder.path().join(path).parent().unwrap()).unwrap();
        fs::write(folder.path().join(path), text).unwrap();
    };
    for file in OF_TAGGER {
        write(&format!("1/{file}"), file);
        write(&format!("2/{file}"), file);
    }
    write("ensemble.json", r#"{"format": 1, "members": [{"folder": "1"}, {"folder": "2"}]}"#);
    let upload = Upload::of(folder.path()).unwrap();
    assert_eq!(upload.kind, UploadKind::Ensemble);
    let paths: Vec<&str> = upload.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!((paths.len(), paths[0], paths[9]), (10, "1/config.json", "ensemble.json"));
    assert_eq!(upload.left_out, ["2/checkpoint/", "3/", "unfinished"]);
    fs::remove_file(folder.path().join("2/tokenizer.json")).unwrap();
    insta::assert_snapshot!(error(folder.path()), @"FOLDER/2: the model has no tokenizer.json (it has config.json, gleaner.json, model.safetensors); make the ensemble again with `gleaner ensemble`");
    write("ensemble.json", r#"{"members": [{"folder": "../.."}]}"#);
    insta::assert_snapshot!(error(folder.path()), @"FOLDER/ensemble.json: the members are not numbered from 1; make the ensemble again with `gleaner ensemble`");
}

#[test]
fn exported_folders_and_encoders_are_sent() {
    let exported = ["README.md", "model.onnx", "model.onnx.data", "tokenizer.json"];
    let (kind, files, _) = chosen(folder(&exported).path());
    assert_eq!((kind, files.len()), (UploadKind::Onnx, 4));
    let of_transformers =
        ["README.md", "config.json", "gleaner_tagger.py", "model.safetensors", "tokenizer.json"];
    let (kind, files, _) = chosen(folder(&of_transformers).path());
    assert_eq!((kind, files.len()), (UploadKind::Encoder, 5));
}

#[test]
fn folders_without_a_finished_model_are_refused() {
    let training = folder(&["config.json", "model.safetensors", "tokenizer.json", "checkpoint/a"]);
    insta::assert_snapshot!(error(training.path()), @"FOLDER: the training is not finished; finish it with `gleaner train --resume`");
    insta::assert_snapshot!(error(folder(&["unfinished", "1/gleaner.json"]).path()), @"FOLDER: no model in it: neither gleaner.json, ensemble.json nor model.onnx, nor config.json, tokenizer.json and model.safetensors of an encoder (it has unfinished); name the folder of a model that is finished");
    insta::assert_snapshot!(error(folder(&OF_TAGGER[..3]).path()), @"FOLDER: the model has no tokenizer.json (it has config.json, gleaner.json, model.safetensors); name a folder with all files of the model");
    insta::assert_snapshot!(error(&folder(&[]).path().join("none")), @"FOLDER: no such folder; name the folder of a model");
}
