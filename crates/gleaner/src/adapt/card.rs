//! The model card of an adapted encoder: a README for whoever finds the folder.

use super::Adapted;
use crate::data::short_name;
use gleaner_base::markdown::escape;
use std::fmt::Write;

/// The text of a README.md.
pub(super) fn text(a: &Adapted) -> String {
    let encoder = short_name(&a.settings.encoder);
    let mut out = format!(
        "# An adapted encoder\n\n\
         The encoder `{encoder}` after masked-language training on raw text, with its masked-language head. Made by {}: \
         {} steps of {} sequences of up to {} pieces, seed {}.\n\n",
        a.program, a.steps, a.settings.batch, a.settings.length, a.settings.seed,
    );
    if a.head_steps > 0 {
        let _ = writeln!(out, "- the first {} steps trained the head alone", a.head_steps);
    }
    let _ = writeln!(
        out,
        "- {} pieces occur in the texts; only their embeddings were trained",
        a.active
    );
    for note in &a.notes {
        let _ = writeln!(out, "- {note}");
    }
    out.push_str(
        "\n## Texts\n\n| text | sentences | words | pieces | held out | excluded | SHA-256 of the file |\n|---|---|---|---|---|---|---|\n",
    );
    for t in &a.texts {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} |",
            escape(&t.name),
            t.sentences,
            t.words,
            t.pieces,
            t.held_out,
            t.excluded,
            t.sha256
        );
    }
    out.push_str(
        "\n## Losses\n\nMean cross-entropy of hidden pieces, in nats.\n\n| step | pieces | training | held out |\n|---|---|---|---|\n",
    );
    for r in &a.history {
        let shown = |loss: Option<f64>| loss.map_or_else(String::new, |loss| format!("{loss:.4}"));
        let (loss, held_out) = (shown(r.loss), shown(r.held_out_loss));
        let _ = writeln!(out, "| {} | {} | {loss} | {held_out} |", r.step, r.pieces);
    }
    out.push_str(
        "\n## Use\n\n```\ngleaner train --data CORPUS --encoder FOLDER --out MODEL\ngleaner adapt --encoder FOLDER --text MORE.txt --out OTHER\n```\n\n\
         transformers reads the folder with `AutoModelForMaskedLM.from_pretrained`. `adapted.json` has all settings.\n",
    );
    out
}
