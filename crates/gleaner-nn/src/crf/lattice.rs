//! Forward-backward over one sentence.

use super::Crf;

/// A score that rules a step out; finite, so that sums of it stay numbers.
const NEVER: f64 = -1e30;

/// A CRF's scores in double precision, with what is ruled out at [`NEVER`].
pub(super) struct Scores {
    pub(super) start: Vec<f64>,
    pub(super) end: Vec<f64>,
    pub(super) transitions: Vec<f64>,
}

impl Scores {
    pub(super) fn of(crf: &Crf) -> Self {
        let wide = |v: &[f32]| v.iter().map(|&x| f64::from(x)).collect::<Vec<_>>();
        let (mut start, end, mut transitions) =
            (wide(&crf.start), wide(&crf.end), wide(&crf.transitions));
        if let Some(rules) = &crf.rules {
            for j in 0..crf.tags {
                if !rules.may_start(j) {
                    start[j] = NEVER;
                }
                for i in 0..crf.tags {
                    if !rules.may_follow(i, j) {
                        transitions[i * crf.tags + j] = NEVER;
                    }
                }
            }
        }
        Self { start, end, transitions }
    }
}

/// All that forward-backward knows of one sentence.
pub struct Lattice {
    tags: usize,
    units: usize,
    scores: Scores,
    emissions: Vec<f64>,
    /// log Σ of all beginnings that end in a tag at a unit, `[units, tags]`.
    alpha: Vec<f64>,
    /// log Σ of all continuations after a tag at a unit, `[units, tags]`.
    beta: Vec<f64>,
    log_partition: f64,
}

/// Loss of one sentence and its gradients, in double precision.
pub(super) struct SentenceGradient {
    pub(super) loss: f64,
    pub(super) emissions: Vec<f64>,
    pub(super) start: Vec<f64>,
    pub(super) end: Vec<f64>,
    pub(super) transitions: Vec<f64>,
}

impl Lattice {
    pub(super) fn new(crf: &Crf, emissions: &[f32]) -> Self {
        let k = crf.tags;
        let n = emissions.len() / k;
        let scores = Scores::of(crf);
        let emissions: Vec<f64> = emissions.iter().map(|&x| f64::from(x)).collect();
        let (mut alpha, mut beta) = (vec![0.0; n * k], vec![0.0; n * k]);
        let mut terms = vec![0.0; k];
        for t in 0..n {
            for j in 0..k {
                alpha[t * k + j] = emissions[t * k + j]
                    + if t == 0 {
                        scores.start[j]
                    } else {
                        for i in 0..k {
                            terms[i] = alpha[(t - 1) * k + i] + scores.transitions[i * k + j];
                        }
                        log_sum_exp(&terms)
                    };
            }
        }
        for t in (0..n).rev() {
            for i in 0..k {
                beta[t * k + i] = if t + 1 == n {
                    scores.end[i]
                } else {
                    for (j, term) in terms.iter_mut().enumerate() {
                        let next = (t + 1) * k + j;
                        *term = scores.transitions[i * k + j] + emissions[next] + beta[next];
                    }
                    log_sum_exp(&terms)
                };
            }
        }
        let log_partition = match n {
            0 => 0.0,
            _ => log_sum_exp(
                &(0..k).map(|j| alpha[(n - 1) * k + j] + scores.end[j]).collect::<Vec<_>>(),
            ),
        };
        Self { tags: k, units: n, scores, emissions, alpha, beta, log_partition }
    }

    /// log Σ over all tag sequences of exp(score).
    pub fn log_partition(&self) -> f64 {
        self.log_partition
    }

    /// Log-likelihood of a tag sequence.
    pub fn log_likelihood(&self, tags: &[u16]) -> f64 {
        if tags.is_empty() {
            return 0.0;
        }
        self.score(tags) - self.log_partition
    }

    /// Probabilities of every tag at every unit, `[units, tags]`.
    pub fn marginals(&self) -> Vec<f64> {
        self.alpha.iter().zip(&self.beta).map(|(a, b)| (a + b - self.log_partition).exp()).collect()
    }

    /// The probability that units `start..start + tags.len()` carry exactly `tags` and that the
    /// unit after them does not carry `not_next` (which would make the span longer): the
    /// confidence of a span, by constrained forward-backward (Culotta and McCallum 2004).
    pub fn span_probability(&self, start: usize, tags: &[u16], not_next: u16) -> f64 {
        let (k, end) = (self.tags, start + tags.len());
        let at = |t: usize, tag: u16| t * k + usize::from(tag);
        let (first, last) = (tags[0], tags[tags.len() - 1]);
        let mut log = self.alpha[at(start, first)];
        for (t, w) in tags.windows(2).enumerate() {
            log += self.scores.transitions[at(usize::from(w[0]), w[1])]
                + self.emissions[at(start + t + 1, w[1])];
        }
        log += if end == self.units {
            self.scores.end[usize::from(last)]
        } else {
            let on = (0..k as u16).filter(|&j| j != not_next);
            let terms: Vec<f64> = on
                .map(|j| {
                    self.scores.transitions[at(usize::from(last), j)]
                        + self.emissions[at(end, j)]
                        + self.beta[at(end, j)]
                })
                .collect();
            log_sum_exp(&terms)
        };
        (log - self.log_partition).exp().min(1.0)
    }

    fn score(&self, tags: &[u16]) -> f64 {
        let k = self.tags;
        let ends = self.scores.start[usize::from(tags[0])]
            + self.scores.end[usize::from(tags[tags.len() - 1])];
        let units: f64 =
            tags.iter().enumerate().map(|(t, &y)| self.emissions[t * k + usize::from(y)]).sum();
        let steps: f64 = tags
            .windows(2)
            .map(|w| self.scores.transitions[usize::from(w[0]) * k + usize::from(w[1])])
            .sum();
        ends + units + steps
    }

    /// Negative log-likelihood of `tags` and its gradients: expectations minus observations.
    pub(super) fn gradient(&self, tags: &[u16]) -> SentenceGradient {
        let (k, n) = (self.tags, self.units);
        let mut g = SentenceGradient {
            loss: -self.log_likelihood(tags),
            emissions: self.marginals(),
            start: vec![0.0; k],
            end: vec![0.0; k],
            transitions: vec![0.0; k * k],
        };
        if n == 0 {
            return g;
        }
        for (t, &y) in tags.iter().enumerate() {
            g.emissions[t * k + usize::from(y)] -= 1.0;
        }
        g.start.copy_from_slice(&g.emissions[..k]);
        g.end.copy_from_slice(&g.emissions[(n - 1) * k..]);
        for t in 1..n {
            for i in 0..k {
                for j in 0..k {
                    let next = t * k + j;
                    let log = self.alpha[(t - 1) * k + i]
                        + self.scores.transitions[i * k + j]
                        + self.emissions[next]
                        + self.beta[next];
                    g.transitions[i * k + j] += (log - self.log_partition).exp();
                }
            }
            g.transitions[usize::from(tags[t - 1]) * k + usize::from(tags[t])] -= 1.0;
        }
        g
    }
}

fn log_sum_exp(terms: &[f64]) -> f64 {
    let highest = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    highest + terms.iter().map(|t| (t - highest).exp()).sum::<f64>().ln()
}

#[cfg(test)]
mod tests {
    use super::super::{Crf, Rules};
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

    /// Every tag sequence of `n` units with its probability, by enumeration.
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
                s += p
                    .iter()
                    .enumerate()
                    .map(|(t, y)| emissions[t * K + usize::from(*y)])
                    .sum::<f32>();
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
                    let tags: Vec<u16> =
                        (start..end).map(|t| if t == start { 1 } else { 2 }).collect();
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
        let loss =
            |c: &Crf, e: &[f32]| c.gradient(e, &tags, &offsets, 1.0).losses.iter().sum::<f64>();
        let gradient = crf.gradient(&emissions, &tags, &offsets, 1.0);
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
}
