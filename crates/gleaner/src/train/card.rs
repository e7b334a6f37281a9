//! The model card: a README for whoever finds the folder, with a head for the Hugging Face hub.

mod head;
mod yaml;

use super::Provenance;
use crate::{Scores, Selection, Tagger, data::short_name};
use gleaner_base::hidden::is_hidden;
use std::{
    fmt::Write,
    path::{Path, PathBuf},
};

/// The text of a model's README.md.
pub(super) fn text(tagger: &Tagger, p: &Provenance) -> String {
    let s = &p.settings;
    let types: Vec<String> = tagger.labels.types().iter().map(|t| code(t)).collect();
    let name = |path: &Option<std::path::PathBuf>| {
        code(&path.as_deref().map_or_else(|| "files".into(), short_name))
    };
    let mut out = head::text(p);
    let _ = write!(
        out,
        "\n# A named-entity tagger\n\n\
         Finds {}. Made by {} under the protocol `{}` {}, from {} sentences ({} words) of {}; \
         {} was kept.\n\n",
        types.join(", "),
        p.program,
        s.run.protocol,
        match &s.network.start {
            Some(model) => format!("from the model {}", code(&short_name(model))),
            None => format!("on the encoder {}", name(&s.network.encoder)),
        },
        p.train.sentences,
        p.train.words,
        name(&s.data.data),
        p.kept(),
    );
    for note in &p.notes {
        let _ = writeln!(out, "- {}", one_line(note));
    }
    out.push_str("\n## Scores\n\n| text | sentences | entity micro F1 (seqeval default) | 95 % interval | token accuracy |\n|---|---|---|---|---|\n");
    let mut row = |label: &str, sentences: usize, scores: &Scores| {
        let interval = scores.intervals.as_ref().map_or_else(String::new, |i| {
            format!("{:.3} to {:.3}", i.micro_f1.low, i.micro_f1.high)
        });
        let _ = writeln!(
            out,
            "| {label} | {sentences} | {:.3} | {interval} | {:.3} |",
            scores.entities.micro.f1, scores.token_accuracy
        );
    };
    if let Some(dev) = &p.dev {
        let label = match p.settings.selection.select {
            Selection::Last => "dev (used to calibrate confidences)",
            Selection::EntityF1 | Selection::Published => "dev (used to choose the epoch)",
        };
        row(label, p.dev_text.sentences, dev);
    }
    if let (Some(test), Some(record)) = (&p.test, &p.test_text) {
        row("test", record.sentences, test);
    }
    out.push_str(
        "\nIntervals are bootstrap intervals over sentences: they show how far the score depends on the choice of test \
         sentences, and say nothing about other kinds of text.\n\n\
         ## Use\n\n```\ngleaner predict FOLDER text.txt\ngleaner evaluate FOLDER test.conll\n```\n\n\
         `gleaner.json` holds all settings. `gleaner train --config FOLDER/gleaner.json --out OTHER` repeats the \
         training; run it in the folder of the first training, because paths are relative to it.",
    );
    out.push_str(&needed_models(s.network.start.as_deref(), &s.self_training.teacher));
    out.push('\n');
    out
}

/// The models without which the training cannot be repeated, as a sentence after a space; nothing if there are none.
fn needed_models(start: Option<&Path>, teachers: &[PathBuf]) -> String {
    let start = start.map(|model| format!("{} to start from", code(&short_name(model))));
    let learns = |model: &PathBuf| format!("{} to learn from", code(&short_name(model)));
    let models: Vec<String> = start.into_iter().chain(teachers.iter().map(learns)).collect();
    match models.is_empty() {
        true => String::new(),
        false => format!(" Models that it needs: {}.", models.join(", ")),
    }
}

/// A name as a code span of Markdown, whatever characters it has (CommonMark 0.31, section 6.1).
fn code(name: &str) -> String {
    let name = one_line(name);
    let longest = name.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    // A span without backticks in it needs one at each end.
    let fence = "`".repeat(longest + 1);
    match longest {
        0 => format!("{fence}{name}{fence}"),
        _ => format!("{fence} {name} {fence}"),
    }
}

/// A text without line breaks and other characters that a reader does not see.
fn one_line(text: &str) -> String {
    text.replace(is_hidden, " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_that_a_training_needs_are_named() {
        assert_eq!(needed_models(None, &[]), "");
        assert_eq!(
            needed_models(Some(Path::new("a/danish")), &[]),
            " Models that it needs: `danish` to start from."
        );
        assert_eq!(
            needed_models(Some(Path::new("danish")), &["b/one".into(), "two".into()]),
            " Models that it needs: `danish` to start from, `one` to learn from, `two` to learn from."
        );
    }

    #[test]
    fn names_stay_within_their_code_span() {
        assert_eq!(code("PER"), "`PER`");
        assert_eq!(code("a`b``c"), "``` a`b``c ```");
        assert_eq!(code("x\n---\n# y"), "`x --- # y`");
    }
}
