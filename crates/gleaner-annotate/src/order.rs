//! The order in which a model wants sentences to be annotated.

use crate::{
    draw::{Draw, bits},
    settings::ProjectSettings,
    texts::Text,
};
use gleaner::{
    Ensemble, GleanerError, Sentence,
    active::{self, Order, Query},
};

/// Maximum number of sentences that a model chooses from; of more, these are drawn.
const POOL: usize = 5_000;

/// The numbers of a pool's sentences in the order in which they are to be annotated, the most useful first. In random
/// order there are none: sentences that no model has chosen are shown in random order.
///
/// # Errors
/// As [`active::next`].
pub(crate) fn queue(
    settings: &ProjectSettings,
    model: &Ensemble,
    mut pool: Vec<Text>,
) -> Result<Vec<usize>, GleanerError> {
    let (order, seed) = (settings.order, settings.seed);
    let take = match order {
        Order::Random => return Ok(Vec::new()),
        // Twice as many as are answered before the next training, because some are skipped.
        Order::Diverse => 2 * settings.retrain_every.max(50),
        Order::Margin | Order::Entropy | Order::Disagreement => POOL,
    };
    pool.sort_by_cached_key(|text| bits(seed, Draw::Rank, text.id as u64));
    pool.truncate(POOL);
    let (ids, sentences): (Vec<usize>, Vec<Sentence>) = pool
        .into_iter()
        .map(|text| (text.id, Sentence { words: text.words, ..Sentence::default() }))
        .unzip();
    let chosen = active::next(model, &sentences, &Query { order, take, seed })?;
    Ok(chosen.into_iter().map(|at| ids[at]).collect())
}
