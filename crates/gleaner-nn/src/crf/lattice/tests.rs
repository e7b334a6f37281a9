//! Forward-backward against enumeration and differences.

use super::super::{Crf, Rules, Supervision};
use crate::rng::Stream;

const K: usize = 3;

fn random_crf(rules: Option<Rules>) -> Crf {
    let draw = |name: &str, n: usize| {
        (0..n as u64).map(|i| Stream::new(4).named(name).normal(i)).collect::<Vec<_>>()
    };
    Crf {
        tags: K,
        start: draw("start", K),
        end: draw("end", K),
        transitions: draw("transitions", K * K),
        rules,
    }
}

/// Every tag sequence of `n` positions with its probability, by enumeration.
fn enumerate(crf: &Crf, emissions: &[f32]) -> Vec<(Vec<u16>, f64)> {
    let n = emissions.len() / K;
    let paths = (0..K.pow(n as u32)).map(|mut c| {
        (0..n)
            .map(|_| {
                let tag = (c % K) as u16;
                c /= K;
                tag
            })
            .collect::<Vec<u16>>()
    });
    let scored: Vec<(Vec<u16>, f64)> = paths
        .filter(|p| crf.rules.as_ref().is_none_or(|r| r.allows(p)))
        .map(|p| {
            let mut s = crf.start[usize::from(p[0])] + crf.end[usize::from(p[n - 1])];
            s += p.iter().enumerate().map(|(t, y)| emissions[t * K + usize::from(*y)]).sum::<f32>();
            s += p
                .windows(2)
                .map(|w| crf.transitions[usize::from(w[0]) * K + usize::from(w[1])])
                .sum::<f32>();
            let weight = f64::from(s).exp();
            (p, weight)
        })
        .collect();
    let total: f64 = scored.iter().map(|p| p.1).sum();
    scored.into_iter().map(|(p, w)| (p, w / total)).collect()
}

fn cases() -> impl Iterator<Item = (Crf, Vec<f32>)> {
    let rules = Rules::iob2(&["O", "B-X", "I-X"]);
    [None, Some(rules)].into_iter().flat_map(|rules| {
        (1..6usize).map(move |n| {
            let emissions =
                (0..(n * K) as u64).map(|i| 2.0 * Stream::new(n as u64).normal(i)).collect();
            (random_crf(rules.clone()), emissions)
        })
    })
}

#[test]
fn likelihoods_marginals_and_best_paths_equal_enumeration() {
    for (crf, emissions) in cases() {
        let all = enumerate(&crf, &emissions);
        let lattice = crf.lattice(&emissions);
        for (path, p) in &all {
            assert!((lattice.log_likelihood(path) - p.ln()).abs() < 1e-5);
        }
        for (i, m) in lattice.marginals().iter().enumerate() {
            let expected: f64 =
                all.iter().filter(|(y, _)| usize::from(y[i / K]) == i % K).map(|x| x.1).sum();
            assert!((m - expected).abs() < 1e-6);
        }
        let best = all.iter().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
        assert_eq!(crf.best(&emissions), best.0);
    }
}

#[test]
fn span_probabilities_equal_enumeration() {
    for (crf, emissions) in cases() {
        let all = enumerate(&crf, &emissions);
        let lattice = crf.lattice(&emissions);
        let n = emissions.len() / K;
        for start in 0..n {
            for end in start + 1..=n {
                let tags: Vec<u16> = (start..end).map(|t| if t == start { 1 } else { 2 }).collect();
                let is_span = |y: &[u16]| y[start..end] == tags && y.get(end) != Some(&2);
                let expected: f64 = all.iter().filter(|(y, _)| is_span(y)).map(|x| x.1).sum();
                let p = lattice.span_probability(start, &tags, 2);
                assert!((p - expected).abs() < 1e-6, "{p} {expected}");
            }
        }
    }
}

#[test]
fn gradients_equal_differences_of_the_loss() {
    let crf = random_crf(None);
    let emissions: Vec<f32> = (0..12).map(|i| Stream::new(8).normal(i)).collect();
    let (tags, offsets) = ([0u16, 2, 1, 1], [0, 3, 4]);
    let supervision = Supervision::of_tags(&tags, &offsets);
    let loss =
        |c: &Crf, e: &[f32]| c.gradient(e, &supervision, &offsets, 1.0).losses.iter().sum::<f64>();
    let gradient = crf.gradient(&emissions, &supervision, &offsets, 1.0);
    let step = 1e-2f32;
    let check = |g: f32, plus: f64, minus: f64| {
        let difference = (plus - minus) / f64::from(2.0 * step);
        assert!((f64::from(g) - difference).abs() < 1e-3, "{g} {difference}");
    };
    for i in 0..emissions.len() {
        let moved = |by: f32| {
            let mut e = emissions.clone();
            e[i] += by;
            loss(&crf, &e)
        };
        check(gradient.emissions[i], moved(step), moved(-step));
    }
    for i in 0..K * K {
        let moved = |by: f32| {
            let mut c = crf.clone();
            c.transitions[i] += by;
            loss(&c, &emissions)
        };
        check(gradient.transitions[i], moved(step), moved(-step));
    }
    for i in 0..K {
        let moved = |start: f32, end: f32| {
            let mut c = crf.clone();
            c.start[i] += start;
            c.end[i] += end;
            loss(&c, &emissions)
        };
        check(gradient.start[i], moved(step, 0.0), moved(-step, 0.0));
        check(gradient.end[i], moved(0.0, step), moved(0.0, -step));
    }
}
