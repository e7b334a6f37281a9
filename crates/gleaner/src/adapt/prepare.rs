//! From settings to a model before its first step.

use super::{
    AdaptSettings,
    masking::Masking,
    plan::{Plan, framed},
    sequences::pack,
    text::{self, RawText, Texts},
    vocabulary::{self, NewPieces},
};
use crate::{EncoderFiles, GleanerError, PieceTokenizer, train::precision_note};
use gleaner_base::model_files::TOKENIZER;
use gleaner_nn::{Compute, masked::MaskedLm, rng::Stream};
use std::{collections::BTreeSet, ops::Range};

/// Maximum number of held-out pieces that the loss is measured on.
const HELD_PIECES: usize = 20_000;

/// Everything that an adaptation needs before its first step.
pub(super) struct Prepared {
    pub(super) encoder: EncoderFiles,
    pub(super) model: MaskedLm,
    pub(super) work: Work,
}

/// What the steps of an adaptation read.
pub(super) struct Work {
    pub(super) texts: Texts,
    /// The sequences of the text to train on.
    pub(super) sequences: Vec<Range<usize>>,
    /// The sequences of the held-out text that the loss is measured on.
    pub(super) held: Vec<Range<usize>>,
    pub(super) masking: Masking,
    pub(super) plan: Plan,
    pub(super) new_pieces: Option<NewPieces>,
    /// Number of pieces in the active vocabulary.
    pub(super) active: usize,
    pub(super) stream: Stream,
    pub(super) notes: Vec<String>,
}

pub(super) fn prepare(settings: &AdaptSettings) -> Result<Prepared, GleanerError> {
    settings.check()?;
    let source = &settings.encoder;
    let mut encoder = EncoderFiles::open(source)?;
    let most = encoder.config.max_pieces();
    if settings.length > most {
        return Err(GleanerError::Settings(format!(
            "length: the encoder reads {most} pieces at a time; use {most} or fewer"
        )));
    }
    let mut pieces = PieceTokenizer::new(&source.join(TOKENIZER), &encoder.tokenizer_json, false)?;
    let mask = pieces.mask().ok_or_else(|| {
        let what = "its tokenizer has no mask piece ([MASK] or <mask>)";
        GleanerError::model(source, what, "choose an encoder whose tokenizer has one")
    })?;
    let mut model =
        MaskedLm::on_encoder(encoder.config.clone(), encoder.weights.clone(), settings.seed)?
            .with_precision(settings.precision);
    let mut new_pieces = None;
    if let Some(most) = settings.new_pieces {
        let (extended, record) = vocabulary::extend(settings, most, &encoder, &pieces)?;
        new_pieces = Some(record);
        if let Some(extended) = extended {
            let rows = model.add_pieces(extended.first, &extended.parts)?;
            encoder.config.vocab_size = rows;
            encoder.config_json["vocab_size"] = rows.into();
            (encoder.tokenizer_json, pieces) = (extended.tokenizer_json, extended.pieces);
        }
    }
    let texts = text::read(settings, &pieces)?;
    let [open, close] = pieces.frame();
    let active = active(&texts, &[open, close, mask]);
    model.activate(&active)?;
    let length = settings.length - 2;
    let sequences = pack(&texts.train, length);
    let held = thinned(pack(&texts.held, length));
    let plan = Plan::new(settings, &sequences, model.has_new_head())?;
    let masking = Masking::new(&pieces, mask, &active, settings.whole_words);
    let mut notes: Vec<String> = pieces.warning().map(str::to_owned).into_iter().collect();
    notes.extend(new_pieces.as_ref().map(NewPieces::note));
    notes.extend(precision_note(settings.precision, &Compute::cpu()));
    notes.extend(notes_on(&texts.records));
    if held.is_empty() {
        notes.push("no sentence is held out, so only the training loss is measured".into());
    }
    let (active, stream) = (active.len(), Stream::new(settings.seed).named("adapting"));
    let work = Work { texts, sequences, held, masking, plan, new_pieces, active, stream, notes };
    Ok(Prepared { encoder, model, work })
}

/// The pieces of all texts and the special ones, sorted: the active vocabulary.
fn active(texts: &Texts, special: &[u32]) -> Vec<u32> {
    let ids = texts.train.ids.iter().chain(&texts.held.ids).chain(special);
    ids.copied().collect::<BTreeSet<u32>>().into_iter().collect()
}

/// Every n-th sequence, so that they have about [`HELD_PIECES`] pieces or fewer.
fn thinned(sequences: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let pieces: usize = sequences.iter().map(framed).sum();
    let step = pieces.div_ceil(HELD_PIECES).max(1);
    sequences.into_iter().step_by(step).collect()
}

/// Notes on what was left out of the texts.
fn notes_on(texts: &[RawText]) -> Vec<String> {
    let mut notes = Vec::new();
    let excluded: usize = texts.iter().map(|text| text.excluded).sum();
    if excluded > 0 {
        notes.push(format!("{excluded} sentences also occur in excluded texts and were left out"));
    }
    let skipped: usize = texts.iter().map(|text| text.skipped).sum();
    if skipped > 0 {
        notes.push(format!("{skipped} malformed sentences or lines were left out"));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn held_out_sequences_are_thinned_evenly() {
        let sequences: Vec<Range<usize>> = (0..500).map(|i| 98 * i..98 * (i + 1)).collect();
        let kept = thinned(sequences.clone());
        assert_eq!(kept.len(), 167); // every third: 50,000 pieces in all
        assert_eq!((&kept[0], &kept[1]), (&sequences[0], &sequences[3]));
        assert_eq!(thinned(sequences[..100].to_vec()).len(), 100);
        assert!(thinned(Vec::new()).is_empty());
    }
}
