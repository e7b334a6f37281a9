//! `gleaner data sample`

use crate::{cli::SampleArgs, output::Output};
use anyhow::{Context, Result};
use gleaner::GleanerError;
use gleaner_base::files;
use std::{fs, path::Path};

pub fn run(args: &SampleArgs, output: &Output) -> Result<()> {
    let out = &args.out;
    if out.exists() && fs::read_dir(out).map_or(true, |mut entries| entries.next().is_some()) {
        let message = format!(
            "{}: the folder is not empty; choose another folder, or empty this one",
            out.display()
        );
        return Err(GleanerError::Settings(message).into());
    }
    for name in ["af", "nl"] {
        let parts = gleaner_sample::labelled(name).context("the built-in sample is missing")?;
        for (part, sentences) in
            [("train", &parts.train), ("dev", &parts.dev), ("test", &parts.test)]
        {
            write(
                &out.join(name).join(format!("{part}.conll")),
                &gleaner_sample::to_conll(sentences),
            )?;
        }
    }
    let lines: Vec<String> =
        gleaner_sample::unlabelled().into_iter().map(|words| words.join(" ")).collect();
    write(&out.join("af").join("unlabelled.txt"), &(lines.join("\n") + "\n"))?;
    output.human(&format!(
        "Wrote the sample corpus (Afrikaans af, Dutch nl; invented names, CC0) to {0}. Next steps:\n  gleaner data inspect {0}/af/train.conll\n  gleaner train --data {0}/af --encoder sample:tiny --out first-model",
        out.display()
    ))
}

fn write(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let refused = |error| GleanerError::Io { path: path.to_owned(), error };
    let written = files::create_folder(folder).and_then(|()| files::write(path, text.as_bytes()));
    Ok(written.map_err(refused)?)
}
