//! Tags that are chosen independently at every position.

use super::{CrfGradient, Labels, Supervision};
use rayon::prelude::*;

/// Loss and gradients of independent positions: softmax and cross-entropy, the same as
/// [`Crf::gradient`](super::Crf::gradient) with all scores zero and no rules, at a cost of positions × tags. Arguments
/// are those of [`Crf::gradient`](super::Crf::gradient); the gradients of start, end and transitions are empty.
pub fn softmax_gradient(
    tags: usize,
    emissions: &[f32],
    supervision: &[Supervision],
    offsets: &[usize],
    weight: f64,
) -> CrfGradient {
    let sentences: Vec<(f64, Vec<f32>)> = offsets
        .par_windows(2)
        .zip(supervision)
        .map(|(w, supervision)| {
            let of_sentence = supervision.weight * weight;
            let mut gradient = Vec::with_capacity((w[1] - w[0]) * tags);
            let positions = emissions[w[0] * tags..w[1] * tags].chunks(tags).enumerate();
            let losses = positions.map(|(position, emissions)| {
                let (loss, g) = position_gradient(emissions, supervision.labels, position);
                gradient.extend(g.into_iter().map(|g| (g * of_sentence) as f32));
                loss
            });
            (losses.sum(), gradient)
        })
        .collect();
    let (losses, gradients): (Vec<f64>, Vec<Vec<f32>>) = sentences.into_iter().unzip();
    CrfGradient {
        losses,
        emissions: gradients.concat(),
        start: Vec::new(),
        end: Vec::new(),
        transitions: Vec::new(),
    }
}

/// Loss and gradient of one position of a sentence: the softmax minus the labels' probabilities.
fn position_gradient(emissions: &[f32], labels: Labels, position: usize) -> (f64, Vec<f64>) {
    let tags = emissions.len();
    let (log_sum, mut gradient) = softmax(emissions, |_| true);
    let of_position = position * tags..(position + 1) * tags;
    match labels {
        Labels::Tags(gold) => {
            let gold = usize::from(gold[position]);
            gradient[gold] -= 1.0;
            (log_sum - f64::from(emissions[gold]), gradient)
        }
        Labels::Allowed(allowed) => {
            let allowed = &allowed[of_position];
            let (log_allowed, of_allowed) = softmax(emissions, |tag| allowed[tag]);
            gradient.iter_mut().zip(of_allowed).for_each(|(g, p)| *g -= p);
            (log_sum - log_allowed, gradient)
        }
        Labels::Expected(teacher) => {
            let mut loss = log_sum;
            for ((g, &p), &e) in
                gradient.iter_mut().zip(&teacher.positions[of_position]).zip(emissions)
            {
                *g -= f64::from(p);
                loss -= f64::from(p) * f64::from(e);
            }
            (loss, gradient)
        }
    }
}

/// log Σ exp of the emissions that `counts` chooses, and their softmax; others have probability 0.
pub(super) fn softmax(emissions: &[f32], counts: impl Fn(usize) -> bool) -> (f64, Vec<f64>) {
    let chosen = emissions.iter().enumerate().filter(|(tag, _)| counts(*tag));
    let highest = f64::from(chosen.map(|(_, &e)| e).fold(f32::NEG_INFINITY, f32::max));
    let mut values: Vec<f64> = emissions
        .iter()
        .enumerate()
        .map(|(tag, &e)| if counts(tag) { (f64::from(e) - highest).exp() } else { 0.0 })
        .collect();
    let sum: f64 = values.iter().sum();
    values.iter_mut().for_each(|v| *v /= sum);
    (highest + sum.ln(), values)
}

#[cfg(test)]
mod tests {
    use super::super::{Crf, Expectations};
    use super::*;
    use crate::rng::Stream;

    #[test]
    fn softmax_equals_a_lattice_without_transitions() {
        let (k, offsets) = (4, [0usize, 3, 3, 4, 9]);
        let emissions: Vec<f32> = (0..36).map(|i| 3.0 * Stream::new(2).normal(i)).collect();
        let tags: Vec<u16> = (0..9).map(|i| Stream::new(3).below(k, i) as u16).collect();
        let allowed: Vec<bool> = (0..20).map(|i| i % 4 == 1 || i % 3 == 0).collect();
        let other: Vec<f32> = (0..12).map(|i| Stream::new(5).normal(i)).collect();
        let teacher = Crf::zeros(k).lattice(&other).expectations();
        let nothing = Expectations { positions: Vec::new(), steps: vec![0.0; k * k] };
        let mut supervision = Supervision::of_tags(&tags, &offsets);
        let softmax = |supervision: &[Supervision]| {
            softmax_gradient(k, &emissions, supervision, &offsets, 0.5)
        };
        let lattice = |supervision: &[Supervision]| {
            Crf::zeros(k).gradient(&emissions, supervision, &offsets, 0.5)
        };
        for round in 0..2 {
            if round == 1 {
                supervision[0] = Supervision { labels: Labels::Expected(&teacher), weight: 0.25 };
                supervision[1] = Supervision { labels: Labels::Expected(&nothing), weight: 1.0 };
                supervision[3] = Supervision { labels: Labels::Allowed(&allowed), weight: 2.0 };
            }
            let (softmax, lattice) = (softmax(&supervision), lattice(&supervision));
            assert_eq!(softmax.losses.len(), 4);
            for (a, b) in softmax.losses.iter().zip(&lattice.losses) {
                assert!((a - b).abs() < 1e-6, "{a} {b}");
            }
            assert_eq!(softmax.emissions.len(), 36);
            for (a, b) in softmax.emissions.iter().zip(&lattice.emissions) {
                assert!((a - b).abs() < 1e-7, "{a} {b}");
            }
            assert!(softmax.start.is_empty() && softmax.end.is_empty());
            assert!(softmax.transitions.is_empty());
        }
    }

    #[test]
    fn the_softmax_of_tags_is_to_the_bit_what_it_was() {
        let (k, offsets) = (3, [0usize, 2, 5]);
        let emissions: Vec<f32> = (0..15).map(|i| 3.0 * Stream::new(7).normal(i)).collect();
        let tags = [2u16, 0, 1, 1, 2];
        let found =
            softmax_gradient(k, &emissions, &Supervision::of_tags(&tags, &offsets), &offsets, 0.3);
        let mut losses = Vec::new();
        for (position, &gold) in emissions.chunks(k).zip(&tags) {
            let highest = f64::from(position.iter().copied().fold(f32::NEG_INFINITY, f32::max));
            let powers: Vec<f64> =
                position.iter().map(|&e| (f64::from(e) - highest).exp()).collect();
            let sum: f64 = powers.iter().sum();
            for (tag, power) in powers.iter().enumerate() {
                let observed = f64::from(u8::from(tag == usize::from(gold)));
                let g = ((power / sum - observed) * 0.3) as f32;
                assert_eq!(found.emissions[losses.len() * k + tag].to_bits(), g.to_bits());
            }
            losses.push(highest + sum.ln() - f64::from(position[usize::from(gold)]));
        }
        assert_eq!(
            found.losses,
            [losses[..2].iter().sum::<f64>(), losses[2..].iter().sum::<f64>()]
        );
    }
}
