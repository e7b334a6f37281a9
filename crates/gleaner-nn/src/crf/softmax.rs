//! Units that are decided each by itself.

use super::{CrfGradient, Lesson, Target};
use rayon::prelude::*;

/// Loss and gradients of units that are decided each by itself: softmax and cross-entropy, the same
/// as [`Crf::gradient`](super::Crf::gradient) with all scores zero and no rules, at a cost of
/// units × tags. Arguments are those of [`Crf::gradient`](super::Crf::gradient); the gradients of
/// start, end and transitions are empty.
pub fn softmax_gradient(
    tags: usize,
    emissions: &[f32],
    lessons: &[Lesson],
    offsets: &[usize],
    weight: f64,
) -> CrfGradient {
    let sentences: Vec<(f64, Vec<f32>)> = offsets
        .par_windows(2)
        .zip(lessons)
        .map(|(w, lesson)| {
            let of_sentence = lesson.weight * weight;
            let mut gradient = Vec::with_capacity((w[1] - w[0]) * tags);
            let units = emissions[w[0] * tags..w[1] * tags].chunks(tags).enumerate();
            let losses = units.map(|(unit, emissions)| {
                let (loss, g) = unit_gradient(emissions, lesson.target, unit);
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

/// Loss and gradient of one unit, the `unit`th of its sentence: the softmax minus what is known.
fn unit_gradient(emissions: &[f32], target: Target, unit: usize) -> (f64, Vec<f64>) {
    let tags = emissions.len();
    let (log_sum, mut gradient) = softmax(emissions, |_| true);
    let of_unit = unit * tags..(unit + 1) * tags;
    match target {
        Target::Tags(gold) => {
            let gold = usize::from(gold[unit]);
            gradient[gold] -= 1.0;
            (log_sum - f64::from(emissions[gold]), gradient)
        }
        Target::Allowed(allowed) => {
            let allowed = &allowed[of_unit];
            let (log_allowed, of_allowed) = softmax(emissions, |tag| allowed[tag]);
            gradient.iter_mut().zip(of_allowed).for_each(|(g, p)| *g -= p);
            (log_sum - log_allowed, gradient)
        }
        Target::Expected(teacher) => {
            let mut loss = log_sum;
            for ((g, &p), &e) in gradient.iter_mut().zip(&teacher.units[of_unit]).zip(emissions) {
                *g -= f64::from(p);
                loss -= f64::from(p) * f64::from(e);
            }
            (loss, gradient)
        }
    }
}

/// log Σ exp of the emissions that `counts` chooses, and their softmax; others have probability 0.
fn softmax(emissions: &[f32], counts: impl Fn(usize) -> bool) -> (f64, Vec<f64>) {
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
        let nothing = Expectations { units: Vec::new(), steps: vec![0.0; k * k] };
        let mut lessons = Lesson::of_tags(&tags, &offsets);
        let softmax = |lessons: &[Lesson]| softmax_gradient(k, &emissions, lessons, &offsets, 0.5);
        let lattice =
            |lessons: &[Lesson]| Crf::zeros(k).gradient(&emissions, lessons, &offsets, 0.5);
        for round in 0..2 {
            if round == 1 {
                lessons[0] = Lesson { target: Target::Expected(&teacher), weight: 0.25 };
                lessons[1] = Lesson { target: Target::Expected(&nothing), weight: 1.0 };
                lessons[3] = Lesson { target: Target::Allowed(&allowed), weight: 2.0 };
            }
            let (softmax, lattice) = (softmax(&lessons), lattice(&lessons));
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
            softmax_gradient(k, &emissions, &Lesson::of_tags(&tags, &offsets), &offsets, 0.3);
        let mut losses = Vec::new();
        for (unit, &gold) in emissions.chunks(k).zip(&tags) {
            let highest = f64::from(unit.iter().copied().fold(f32::NEG_INFINITY, f32::max));
            let powers: Vec<f64> = unit.iter().map(|&e| (f64::from(e) - highest).exp()).collect();
            let sum: f64 = powers.iter().sum();
            for (tag, power) in powers.iter().enumerate() {
                let observed = f64::from(u8::from(tag == usize::from(gold)));
                let g = ((power / sum - observed) * 0.3) as f32;
                assert_eq!(found.emissions[losses.len() * k + tag].to_bits(), g.to_bits());
            }
            losses.push(highest + sum.ln() - f64::from(unit[usize::from(gold)]));
        }
        assert_eq!(
            found.losses,
            [losses[..2].iter().sum::<f64>(), losses[2..].iter().sum::<f64>()]
        );
    }
}
