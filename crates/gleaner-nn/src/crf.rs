//! A linear-chain conditional random field (Lafferty, McCallum and Pereira 2001), computed on the
//! host in double precision.
//!
//! A sequence of n positions with emissions `[n, tags]` scores the tags y as
//! start\[y₁\] + Σ emission\[t, y_t\] + Σ transition\[y_t, y_{t+1}\] + end\[y_n\]. Gradients of the
//! negative log-likelihood are expectations minus observations, so the forward-backward algorithm
//! gives them in closed form.

mod disagreement;
mod lattice;
mod rules;
mod softmax;
mod supervision;

pub(crate) use disagreement::add_disagreement;
pub use lattice::Lattice;
pub use rules::Rules;
pub use softmax::softmax_gradient;
pub use supervision::{Expectations, Labels, Supervision};

use rayon::prelude::*;

/// The scores of a CRF. With all transitions zero, the tag of every position is chosen independently.
#[derive(Clone, Debug, PartialEq)]
pub struct Crf {
    /// Number of tags.
    pub tags: usize,
    /// Score of starting in a tag, `[tags]`.
    pub start: Vec<f32>,
    /// Score of ending in a tag, `[tags]`.
    pub end: Vec<f32>,
    /// Score of the transition from one tag (row) to the next (column), `[tags, tags]`.
    pub transitions: Vec<f32>,
    /// Forbidden sequences, if any.
    pub rules: Option<Rules>,
}

/// Loss and gradients of a batch.
#[derive(Clone, Debug, PartialEq)]
pub struct CrfGradient {
    /// The loss of each sentence without its weight, in natural logarithms: with one tag per position, the negative
    /// log-likelihood.
    pub losses: Vec<f64>,
    /// Gradient of the emissions, `[positions, tags]`.
    pub emissions: Vec<f32>,
    /// Gradient of [`Crf::start`].
    pub start: Vec<f32>,
    /// Gradient of [`Crf::end`].
    pub end: Vec<f32>,
    /// Gradient of [`Crf::transitions`].
    pub transitions: Vec<f32>,
}

impl Crf {
    /// A CRF with all scores zero and no rules.
    pub fn zeros(tags: usize) -> Self {
        Self {
            tags,
            start: vec![0.0; tags],
            end: vec![0.0; tags],
            transitions: vec![0.0; tags * tags],
            rules: None,
        }
    }

    /// The lattice of one sentence, from its emissions `[positions, tags]`.
    pub fn lattice(&self, emissions: &[f32]) -> Lattice {
        Lattice::new(self, emissions, 1.0)
    }

    /// The lattice of one sentence with all scores divided by `temperature`, which must be above 0. The
    /// best tags stay the same; a temperature above 1 makes probabilities more equal (Guo et al. 2017, section 4.2).
    pub fn lattice_at(&self, emissions: &[f32], temperature: f64) -> Lattice {
        Lattice::new(self, emissions, temperature)
    }

    /// The best tags of one sentence (Viterbi); the lowest tag wins a tie.
    pub fn best(&self, emissions: &[f32]) -> Vec<u16> {
        let k = self.tags;
        let n = emissions.len() / k;
        if n == 0 {
            return Vec::new();
        }
        let scores = lattice::Scores::of(self, 1.0);
        let mut best: Vec<f64> =
            (0..k).map(|j| scores.start[j] + f64::from(emissions[j])).collect();
        let mut from = vec![0u16; n * k];
        let mut next = vec![0.0; k];
        for t in 1..n {
            for j in 0..k {
                let (i, score) = argmax((0..k).map(|i| best[i] + scores.transitions[i * k + j]));
                next[j] = score + f64::from(emissions[t * k + j]);
                from[t * k + j] = i as u16;
            }
            std::mem::swap(&mut best, &mut next);
        }
        let mut tag = argmax((0..k).map(|j| best[j] + scores.end[j])).0;
        let mut path = vec![0u16; n];
        for t in (0..n).rev() {
            path[t] = tag as u16;
            tag = from[t * k + tag] as usize;
        }
        path
    }

    /// Loss and gradients of a batch: `emissions` `[positions, tags]`, the supervision of each sentence,
    /// and the sentences' `offsets`. A sentence's gradients are multiplied by `weight` and by the weight of its
    /// supervision. Sentences are computed in parallel and summed in their order.
    pub fn gradient(
        &self,
        emissions: &[f32],
        supervision: &[Supervision],
        offsets: &[usize],
        weight: f64,
    ) -> CrfGradient {
        let k = self.tags;
        let sentences: Vec<_> = offsets
            .par_windows(2)
            .zip(supervision)
            .map(|(w, supervision)| {
                let lattice = self.lattice(&emissions[w[0] * k..w[1] * k]);
                match supervision.labels {
                    Labels::Tags(tags) => lattice.gradient(tags),
                    Labels::Allowed(allowed) => lattice.partial_gradient(allowed),
                    Labels::Expected(teacher) => lattice.soft_gradient(teacher),
                }
            })
            .collect();
        let mut losses = Vec::with_capacity(sentences.len());
        let mut d_emissions = Vec::with_capacity(emissions.len());
        let mut sums = [vec![0.0f64; k], vec![0.0; k], vec![0.0; k * k]];
        for (s, supervision) in sentences.into_iter().zip(supervision) {
            losses.push(s.loss);
            let of_sentence = supervision.weight * weight;
            d_emissions.extend(s.emissions.iter().map(|g| (g * of_sentence) as f32));
            for (sum, part) in sums.iter_mut().zip([s.start, s.end, s.transitions]) {
                sum.iter_mut().zip(part).for_each(|(a, b)| *a += b * supervision.weight);
            }
        }
        let [start, end, transitions] =
            sums.map(|v| v.into_iter().map(|g| (g * weight) as f32).collect());
        CrfGradient { losses, emissions: d_emissions, start, end, transitions }
    }
}

fn argmax(values: impl Iterator<Item = f64>) -> (usize, f64) {
    values
        .enumerate()
        .fold((0, f64::NEG_INFINITY), |best, (i, v)| if v > best.1 { (i, v) } else { best })
}
