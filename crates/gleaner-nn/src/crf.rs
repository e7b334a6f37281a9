//! A linear-chain conditional random field (Lafferty, McCallum and Pereira 2001), computed on the
//! host in double precision.
//!
//! A sequence of n units with emissions `[n, tags]` scores the tags y as
//! start\[y₁\] + Σ emission\[t, y_t\] + Σ transition\[y_t, y_{t+1}\] + end\[y_n\]. Gradients of the
//! negative log-likelihood are expectations minus observations, so the forward-backward algorithm
//! gives them in closed form and nothing need be traced.

mod lattice;
mod rules;

pub use lattice::Lattice;
pub use rules::Rules;

use rayon::prelude::*;

/// The scores of a CRF; all transitions zero is a tagger that decides every unit by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Crf {
    /// Number of tags.
    pub tags: usize,
    /// Score of starting in a tag, `[tags]`.
    pub start: Vec<f32>,
    /// Score of ending in a tag, `[tags]`.
    pub end: Vec<f32>,
    /// Score of going from one tag (row) to the next (column), `[tags, tags]`.
    pub transitions: Vec<f32>,
    /// Sequences that are ruled out, if any.
    pub rules: Option<Rules>,
}

/// Loss and gradients of a batch.
#[derive(Clone, Debug, PartialEq)]
pub struct CrfGradient {
    /// Negative log-likelihood of each sentence, natural logarithm.
    pub losses: Vec<f64>,
    /// Gradient of the emissions, `[units, tags]`.
    pub emissions: Vec<f32>,
    /// Gradient of [`Crf::start`].
    pub start: Vec<f32>,
    /// Gradient of [`Crf::end`].
    pub end: Vec<f32>,
    /// Gradient of [`Crf::transitions`].
    pub transitions: Vec<f32>,
}

impl Crf {
    /// A CRF whose scores are all zero and that rules nothing out.
    pub fn zeros(tags: usize) -> Self {
        Self {
            tags,
            start: vec![0.0; tags],
            end: vec![0.0; tags],
            transitions: vec![0.0; tags * tags],
            rules: None,
        }
    }

    /// The lattice of one sentence, from its emissions `[units, tags]`.
    pub fn lattice(&self, emissions: &[f32]) -> Lattice {
        Lattice::new(self, emissions)
    }

    /// The best tags of one sentence (Viterbi); the lowest tag wins a tie.
    pub fn best(&self, emissions: &[f32]) -> Vec<u16> {
        let k = self.tags;
        let n = emissions.len() / k;
        if n == 0 {
            return Vec::new();
        }
        let scores = lattice::Scores::of(self);
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

    /// Loss and gradients of a batch: `emissions` `[units, tags]`, `tags` `[units]`, sentences
    /// given by `offsets`. Each sentence's share is multiplied by `weight`. Sentences are computed
    /// in parallel and summed in their order.
    pub fn gradient(
        &self,
        emissions: &[f32],
        tags: &[u16],
        offsets: &[usize],
        weight: f64,
    ) -> CrfGradient {
        let k = self.tags;
        let sentences: Vec<_> = offsets
            .par_windows(2)
            .map(|w| {
                let (emissions, tags) = (&emissions[w[0] * k..w[1] * k], &tags[w[0]..w[1]]);
                self.lattice(emissions).gradient(tags)
            })
            .collect();
        let mut losses = Vec::with_capacity(sentences.len());
        let mut d_emissions = Vec::with_capacity(emissions.len());
        let mut sums = [vec![0.0f64; k], vec![0.0; k], vec![0.0; k * k]];
        for s in sentences {
            losses.push(s.loss);
            d_emissions.extend(s.emissions.iter().map(|g| (g * weight) as f32));
            for (sum, part) in sums.iter_mut().zip([s.start, s.end, s.transitions]) {
                sum.iter_mut().zip(part).for_each(|(a, b)| *a += b);
            }
        }
        let [start, end, transitions] =
            sums.map(|v| v.into_iter().map(|g| (g * weight) as f32).collect());
        CrfGradient { losses, emissions: d_emissions, start, end, transitions }
    }
}

/// Loss and gradients of units that are decided each by itself: softmax and cross-entropy, the same
/// as [`Crf::gradient`] with all scores zero and no rules, at a cost of units × tags. Arguments are
/// those of [`Crf::gradient`]; the gradients of start, end and transitions are empty.
pub fn softmax_gradient(
    tags: usize,
    emissions: &[f32],
    tags_of_units: &[u16],
    offsets: &[usize],
    weight: f64,
) -> CrfGradient {
    let mut d_emissions = vec![0.0; emissions.len()];
    let losses: Vec<f64> = d_emissions
        .par_chunks_mut(tags)
        .zip(emissions.par_chunks(tags))
        .zip(tags_of_units)
        .map(|((gradient, emissions), &gold)| {
            let highest = f64::from(emissions.iter().copied().fold(f32::NEG_INFINITY, f32::max));
            let exponentials: Vec<f64> =
                emissions.iter().map(|&e| (f64::from(e) - highest).exp()).collect();
            let sum: f64 = exponentials.iter().sum();
            for (tag, (g, e)) in gradient.iter_mut().zip(&exponentials).enumerate() {
                let observed = f64::from(u8::from(tag == usize::from(gold)));
                *g = ((e / sum - observed) * weight) as f32;
            }
            highest + sum.ln() - f64::from(emissions[usize::from(gold)])
        })
        .collect();
    CrfGradient {
        losses: offsets.windows(2).map(|w| losses[w[0]..w[1]].iter().sum()).collect(),
        emissions: d_emissions,
        start: Vec::new(),
        end: Vec::new(),
        transitions: Vec::new(),
    }
}

fn argmax(values: impl Iterator<Item = f64>) -> (usize, f64) {
    values
        .enumerate()
        .fold((0, f64::NEG_INFINITY), |best, (i, v)| if v > best.1 { (i, v) } else { best })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Stream;

    #[test]
    fn softmax_equals_a_lattice_without_transitions() {
        let (k, offsets) = (4, [0usize, 3, 3, 4, 9]);
        let emissions: Vec<f32> = (0..36).map(|i| 3.0 * Stream::new(2).normal(i)).collect();
        let tags: Vec<u16> = (0..9).map(|i| Stream::new(3).below(k, i) as u16).collect();
        let softmax = softmax_gradient(k, &emissions, &tags, &offsets, 0.5);
        let lattice = Crf::zeros(k).gradient(&emissions, &tags, &offsets, 0.5);
        assert_eq!(softmax.losses.len(), 4);
        for (a, b) in softmax.losses.iter().zip(&lattice.losses) {
            assert!((a - b).abs() < 1e-9, "{a} {b}");
        }
        for (a, b) in softmax.emissions.iter().zip(&lattice.emissions) {
            assert!((a - b).abs() < 1e-7, "{a} {b}");
        }
        assert!(softmax.start.is_empty() && softmax.end.is_empty());
        assert!(softmax.transitions.is_empty());
    }
}
