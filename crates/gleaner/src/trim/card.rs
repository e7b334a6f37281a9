//! The model card of a trimmed encoder: a README for whoever finds the folder.

use super::Trimmed;
use gleaner_base::markdown::escape;
use std::fmt::Write;

/// The text of a README.md.
pub(super) fn text(t: &Trimmed) -> String {
    let mut out = format!(
        "# A trimmed encoder\n\n\
         The encoder `{}` with {} of its {} pieces, and {} of its {} values. Made by {}. Its licence is that of the \
         encoder.\n\n\
         For the texts below, it cuts words and computes as before. Other text has more pieces: {} pieces occur in the \
         texts, {} are kept because they are frequent, and the rest are special pieces, single characters and bytes.\n\n\
         ## Texts\n\n| text | SHA-256 of the file |\n|---|---|\n",
        t.encoder,
        t.pieces,
        t.pieces_before,
        t.values,
        t.values_before,
        t.program,
        t.used,
        t.frequent,
    );
    for text in &t.texts {
        let _ = writeln!(out, "| {} | {} |", escape(&text.name), text.sha256);
    }
    out.push_str(
        "\n## Use\n\n```\ngleaner train --data CORPUS --encoder FOLDER --out MODEL\n```\n",
    );
    out
}
