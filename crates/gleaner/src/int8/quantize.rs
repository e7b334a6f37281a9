//! The choice of a rounding that keeps a tagger's quality.

use super::{Int8, Int8Cost};
use crate::{GleanerError, Scored, Tagger, batches};
use gleaner_corpus::Corpus;
use gleaner_metrics::{Bootstrap, Comparison, Runs, SeqevalMode};
use gleaner_nn::{Packed, Projection};

/// Sentences whose activations are measured: more change the ranges little.
const CALIBRATION: usize = 256;

/// A step of [`quantize`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Quantization {
    /// The activations were measured on this many sentences.
    Measured {
        /// Number of sentences.
        sentences: usize,
    },
    /// A rounding was scored.
    Scored {
        /// Number of projections that keep f32 weights.
        kept: usize,
        /// Entity micro F1 in f32, from 0 to 1.
        f32_f1: f64,
        /// Entity micro F1 in int8, from 0 to 1.
        int8_f1: f64,
    },
}

/// Finds a rounding of a tagger's weights to 8 bits that costs no more than `largest_loss` of entity micro F1 (from 0
/// to 1) on labelled text. The activations are measured on up to 256 sentences of `calibration`, evenly spread; their
/// tags are not used. If rounding everything costs too much, the projections with the largest errors keep f32 weights:
/// one, then 3, 7 and so on, up to half of them.
///
/// # Errors
/// `text` has no entity or has types that the tagger does not know, `calibration` is empty, or every rounding costs too
/// much.
pub fn quantize(
    tagger: &mut Tagger,
    calibration: &Corpus,
    text: &Corpus,
    largest_loss: f64,
    observer: &mut dyn FnMut(Quantization),
) -> Result<Int8, GleanerError> {
    if calibration.sentences.is_empty() {
        return Err(GleanerError::NoTrainingText(format!(
            "{}: no sentence to measure activations on; name another text",
            calibration.path.display()
        )));
    }
    tagger.prepare();
    let encoded = tagger.encode_corpus(text);
    let exact = tagger.score_encoded(text, &encoded, usize::MAX)?;
    let entities = exact.evaluation.report(SeqevalMode::Default).micro.gold;
    if entities == 0 {
        return Err(GleanerError::NoTestText(format!(
            "{}: no entity in it, so nothing shows what rounding costs; name a text with entities",
            text.path.display()
        )));
    }
    let packed = packed(tagger, calibration);
    let mut rounding = tagger.network.balanced_rounding(&packed)?;
    let mut worst = worst_first(&tagger.network.rounding_errors(&rounding, &packed)?);
    observer(Quantization::Measured { sentences: calibration.sentences.len().min(CALIBRATION) });
    let all = worst.len();
    worst.truncate(all / 2);
    let mut kept = 0;
    let found = loop {
        tagger.prepared = Some(tagger.network.prepare(Some(&rounding))?);
        let cost = cost(text, &exact, &tagger.score_encoded(text, &encoded, usize::MAX)?);
        observer(Quantization::Scored { kept, f32_f1: cost.f32_f1, int8_f1: cost.int8_f1 });
        if cost.f32_f1 - cost.int8_f1 <= largest_loss {
            break Ok(cost);
        }
        if kept == worst.len() {
            break Err(GleanerError::Quantization {
                kept,
                all,
                entities,
                loss: 100.0 * (cost.f32_f1 - cost.int8_f1),
                largest: 100.0 * largest_loss,
            });
        }
        let more = (2 * kept + 1).min(worst.len());
        for &(layer, projection) in &worst[kept..more] {
            rounding = rounding.without(layer, projection);
        }
        kept = more;
    };
    tagger.prepare();
    let mut kept = worst[..kept].to_vec();
    kept.sort_unstable();
    let kept = kept.into_iter().map(|(layer, projection)| (layer + 1, projection)).collect();
    Ok(Int8 { cost: found?, kept, rounding })
}

/// Evenly spread sentences of a text, as the network reads them.
fn packed(tagger: &Tagger, text: &Corpus) -> Vec<Packed> {
    let all = text.sentences.len();
    let count = all.min(CALIBRATION);
    let chosen = (0..count).map(|i| text.sentences[i * all / count].words.as_slice());
    let encoded = tagger.encode(&chosen.collect::<Vec<_>>());
    let sequences: Vec<_> = encoded.windows.iter().map(|window| &window.sequence).collect();
    let lengths: Vec<usize> = sequences.iter().map(|s| s.ids.len()).collect();
    let of_batch =
        |indices: Vec<usize>| Packed::new(indices.into_iter().map(|i| sequences[i].ids.as_slice()));
    batches::by_length(&lengths, batches::PIECES_OF_A_THREAD).into_iter().map(of_batch).collect()
}

/// All projections of all layers, those with the largest errors first.
fn worst_first(errors: &[[f64; 4]]) -> Vec<(usize, Projection)> {
    let of_layer = |(layer, errors): (usize, &[f64; 4])| {
        let of = |(projection, error)| (layer, projection, error);
        Projection::ALL.into_iter().zip(*errors).map(of).collect::<Vec<_>>()
    };
    let mut all: Vec<_> = errors.iter().enumerate().flat_map(of_layer).collect();
    all.sort_by(|a, b| b.2.total_cmp(&a.2));
    all.into_iter().map(|(layer, projection, _)| (layer, projection)).collect()
}

/// What rounding costs on a text, given the scores of the exact and of the rounded tagger.
fn cost(text: &Corpus, exact: &Scored, rounded: &Scored) -> Int8Cost {
    let runs = |scored: &Scored| {
        Runs::new(vec![scored.evaluation.sentence_counts(SeqevalMode::Default)])
            .expect("one run has one number of sentences")
    };
    let (before, after) = (runs(exact), runs(rounded));
    let comparison = Comparison::of(&before, &after, &Bootstrap::default())
        .expect("both taggers labelled the same sentences");
    let tags = |scored: &Scored| -> Vec<String> {
        scored.tagged.iter().flat_map(|tagged| tagged.tags.clone()).collect()
    };
    let (before, after) = (tags(exact), tags(rounded));
    let same = |chosen: &dyn Fn(&str) -> bool| {
        let pairs = || before.iter().zip(&after).filter(|(tag, _)| chosen(tag));
        match pairs().count() {
            0 => 1.0,
            count => pairs().filter(|(one, other)| one == other).count() as f64 / count as f64,
        }
    };
    Int8Cost {
        text: crate::data::short_name(&text.path),
        sentences: text.sentences.len(),
        f32_f1: comparison.baseline,
        int8_f1: comparison.system,
        difference: comparison.interval,
        same_tags: same(&|_| true),
        same_entity_tags: same(&|tag| tag != "O"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn projections_with_the_largest_errors_come_first() {
        let errors = [[0.1, 0.4, 0.0, 0.2], [0.3, 0.0, 0.5, 0.05]];
        use Projection::{Attention, AttentionOutput, Down, Up};
        let expected = [(1, Up), (0, AttentionOutput), (1, Attention), (0, Down)];
        assert_eq!(worst_first(&errors)[..4], expected);
    }
}
