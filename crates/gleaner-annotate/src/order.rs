//! The order in which a model wants sentences to be annotated.

use crate::{
    draw::{Draw, bits},
    settings::Order,
    texts::Text,
};
use gleaner::{Ensemble, GleanerError, Tagged};

/// Number of sentences that are labelled together, to bound the memory.
pub(crate) const TOGETHER: usize = 256;
/// Maximum number of sentences that a model chooses from; of more, these are drawn. 10,000 are labelled in a minute.
const POOL: usize = 10_000;

/// The sentences of a pool in the order in which they are to be annotated, the most useful first. None in random order,
/// which is that of sentences without a place.
pub(crate) fn queue(
    order: Order,
    model: &Ensemble,
    pool: &[Text],
    seed: u64,
    is_stopped: &dyn Fn() -> bool,
) -> Result<Vec<usize>, GleanerError> {
    if order == Order::Random {
        return Ok(Vec::new());
    }
    let mut drawn: Vec<&Text> = pool.iter().collect();
    drawn.sort_by_cached_key(|text| bits(seed, Draw::Rank, text.id as u64));
    drawn.truncate(POOL);
    let mut certain: Vec<(f64, usize)> = Vec::with_capacity(drawn.len());
    for texts in drawn.chunks(TOGETHER) {
        if is_stopped() {
            return Err(GleanerError::Stopped { path: None });
        }
        let words: Vec<&[String]> = texts.iter().map(|text| text.words.as_slice()).collect();
        let tagged = model.tag(&words)?;
        certain.extend(tagged.iter().zip(texts).map(|(tagged, text)| (certainty(tagged), text.id)));
    }
    certain.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
    Ok(certain.into_iter().map(|(_, id)| id).collect())
}

/// How certain the model is of its least certain span: the probability of that span, from 0 to 1. 1 where it finds none.
fn certainty(tagged: &Tagged) -> f64 {
    tagged.spans.iter().map(|span| span.confidence).fold(1.0, f64::min)
}
