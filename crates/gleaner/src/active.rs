//! Active learning: which sentences of a pool to annotate next, so that a tagger learns most from them.
//!
//! A tagger is certain of nearly all words of a text, because most words are O. An average over the words of a
//! sentence, such as the normalised log-probability of Shen et al. (2018, "Deep active learning for named entity
//! recognition", section 4), is therefore a matter of O words: a doubtful name in a long sentence hardly changes it.
//! And the probability of a whole tag sequence (Culotta and McCallum 2005) shrinks with every word. Here a sentence is
//! as doubtful as its most doubtful word, or as its words together ([`Order::Entropy`]). Long sentences are chosen more
//! often, especially by the latter: compare costs in words, too.
//!
//! A text often contains a sentence several times, and all copies are equally doubtful. Whoever annotates one of them
//! teaches nothing with the next: copies come after all other sentences.
//!
//! Probabilities are the marginals of the CRF at temperature 1, so an order does not depend on calibration.

mod doubt;
mod spread;

use crate::{Ensemble, GleanerError, Labels, Sentence, Tagger};
use gleaner_nn::rng::Stream;
use rayon::prelude::*;
use std::collections::HashSet;

/// Number of sentences that are read together, to bound the memory for probabilities.
const TOGETHER: usize = 512;

/// Candidates of [`Order::Diverse`] for each sentence that it takes.
const CANDIDATES: usize = 4;

words! {
    /// Which sentences come first.
    Order {
        /// Any sentence: the baseline that other orders are compared with.
        Random = "random",
        /// The smallest margin first. The margin of a word is the marginal of its best tag minus that of the second
        /// best (Scheffer, Decomain and Wrobel 2001); that of a sentence is the smallest of its words. Of several
        /// models, the margins are those of their mean marginals.
        Margin = "margin",
        /// The largest total entropy first: the sum over words of the entropy of a word's marginals (total token
        /// entropy; Settles and Craven 2008, section 3.1). It is about the number of words that the model does not
        /// know, so it prefers long sentences with several names. Of several models, the marginals are their mean.
        Entropy = "entropy",
        /// The largest disagreement of several models first: the mean Kullback-Leibler divergence of their marginals
        /// from the mean of these (McCallum and Nigam 1998; for sequences, Settles and Craven 2008, section
        /// 3.2), at the word where it is largest.
        Disagreement = "disagreement",
        /// As `margin`, but no more of the same: of four times as many sentences with the smallest margins, those that
        /// the seeding of k-means++ draws (Arthur and Vassilvitskii 2007, section 2.2; in active learning, Ash et al.
        /// 2020). It draws a sentence with a probability proportional to the squared distance from the nearest one
        /// already drawn. A sentence is represented by the mean of the encoder's hidden states over its pieces.
        Diverse = "diverse",
    }
}

/// What to annotate next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Query {
    /// Which sentences come first.
    pub order: Order,
    /// Maximum number of sentences to take.
    pub take: usize,
    /// The seed of [`Order::Random`] and [`Order::Diverse`].
    pub seed: u64,
}

/// Indices of at most `query.take` sentences of `pool`, the most useful first; none occurs twice. Tags of the pool are
/// not used. Equally useful sentences come in the order of the pool, so the result depends on nothing but the
/// arguments (on a CPU; sums of GPUs may differ in their last bits). Sentences without words come after the others, and
/// copies of a sentence of the pool after these.
///
/// [`Order::Random`] does not use the models: see [`random`]. [`Order::Diverse`] measures distances between hidden
/// states of the first model.
///
/// ```no_run
/// use gleaner::active::{Order, Query, next};
/// # fn main() -> Result<(), gleaner::GleanerError> {
/// # let pool: Vec<gleaner::Sentence> = Vec::new();
/// let models = gleaner::Ensemble::load("my-model")?;
/// let query = Query { order: Order::Diverse, take: 20, seed: 1 };
/// for index in next(&models, &pool, &query)? {
///     println!("{}", pool[index].words.join(" "));
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// [`Order::Disagreement`] with fewer than two models. Else as [`Tagger::tag`].
pub fn next(
    models: &Ensemble,
    pool: &[Sentence],
    query: &Query,
) -> Result<Vec<usize>, GleanerError> {
    let &Query { order, take, seed } = query;
    let members = models.members();
    let measure = match order {
        Order::Random => return Ok(random(pool.len(), take, seed)),
        Order::Margin | Order::Diverse => doubt::doubt,
        Order::Entropy => doubt::entropy,
        Order::Disagreement if members.len() < 2 => {
            let what = "the order `disagreement` needs two models or more; give more models, or use another order";
            return Err(GleanerError::Settings(what.into()));
        }
        Order::Disagreement => doubt::disagreement,
    };
    if take == 0 {
        return Ok(Vec::new());
    }
    let mut ranked = copies_last(ranked(&scores(members, pool, measure)?), pool);
    if order != Order::Diverse {
        ranked.truncate(take);
        return Ok(ranked);
    }
    ranked.truncate(take.saturating_mul(CANDIDATES));
    let words: Vec<&[String]> = ranked.iter().map(|&i| pool[i].words.as_slice()).collect();
    let vectors = members[0].sentence_vectors(&words)?;
    let drawn = spread::spread(&vectors, take, stream(seed).named("diverse"));
    Ok(drawn.into_iter().map(|at| ranked[at]).collect())
}

/// Indices of at most `take` of `pool` sentences in random order. With the same seed and pool, fewer sentences are the
/// first of more.
pub fn random(pool: usize, take: usize, seed: u64) -> Vec<usize> {
    let mut all: Vec<usize> = (0..pool).collect();
    stream(seed).named("random").shuffle(&mut all);
    all.truncate(take);
    all
}

fn stream(seed: u64) -> Stream {
    Stream::new(seed).named("active learning")
}

/// How useful every sentence of the pool is by a measure.
fn scores(
    members: &[Tagger],
    pool: &[Sentence],
    measure: doubt::Measure,
) -> Result<Vec<f64>, GleanerError> {
    let labels = all_labels(members);
    let mut scores = Vec::with_capacity(pool.len());
    for chunk in pool.chunks(TOGETHER) {
        let words: Vec<&[String]> = chunk.iter().map(|s| s.words.as_slice()).collect();
        let of_member = |member: &Tagger| member.tag_probabilities_as(&labels, &words);
        let found: Vec<Vec<Vec<f64>>> = members.iter().map(of_member).collect::<Result<_, _>>()?;
        let of_sentence = |i: usize| {
            let opinions: Vec<&[f64]> = found.iter().map(|member| member[i].as_slice()).collect();
            measure(&opinions, labels.len())
        };
        scores.par_extend((0..chunk.len()).into_par_iter().map(of_sentence));
    }
    Ok(scores)
}

/// The labels of all members, each once.
fn all_labels(members: &[Tagger]) -> Labels {
    let mut names: Vec<String> = Vec::new();
    for name in members.iter().flat_map(|member| member.labels().names()) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    Labels::new(names)
}

/// All indices, those of the highest scores first, equal ones in ascending order.
fn ranked(scores: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a])); // stable
    order
}

/// The same indices, those of sentences whose words occur before in this order last.
fn copies_last(order: Vec<usize>, pool: &[Sentence]) -> Vec<usize> {
    let mut seen = HashSet::new();
    let (mut first, copies): (Vec<usize>, Vec<usize>) =
        order.into_iter().partition(|&at| seen.insert(pool[at].words.as_slice()));
    first.extend(copies);
    first
}

#[cfg(test)]
mod tests;
