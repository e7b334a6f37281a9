//! Forward-backward over one sentence.

use super::{Crf, Expectations};

/// A score that rules a step out; finite, so that sums of it stay numbers.
const NEVER: f64 = -1e30;

/// A CRF's scores in double precision, with what is ruled out at [`NEVER`].
#[derive(Clone)]
pub(super) struct Scores {
    pub(super) start: Vec<f64>,
    pub(super) end: Vec<f64>,
    pub(super) transitions: Vec<f64>,
}

impl Scores {
    /// All scores divided by `temperature`; what is ruled out stays so.
    pub(super) fn of(crf: &Crf, temperature: f64) -> Self {
        let wide = |v: &[f32]| v.iter().map(|&x| f64::from(x) / temperature).collect::<Vec<_>>();
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
    positions: usize,
    scores: Scores,
    emissions: Vec<f64>,
    /// log Σ of all beginnings that end in a tag at a position, `[positions, tags]`.
    alpha: Vec<f64>,
    /// log Σ of all continuations after a tag at a position, `[positions, tags]`.
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
    /// The lattice of all scores divided by `temperature`.
    pub(super) fn new(crf: &Crf, emissions: &[f32], temperature: f64) -> Self {
        let emissions = emissions.iter().map(|&x| f64::from(x) / temperature).collect();
        Self::of(crf.tags, Scores::of(crf, temperature), emissions)
    }

    /// The same lattice with nothing but the tags that `allowed`, `[positions, tags]`, names.
    pub(super) fn restricted(&self, allowed: &[bool]) -> Self {
        let emissions = self.emissions.iter().zip(allowed);
        let emissions = emissions.map(|(&e, &allowed)| if allowed { e } else { NEVER }).collect();
        Self::of(self.tags, self.scores.clone(), emissions)
    }

    fn of(tags: usize, scores: Scores, emissions: Vec<f64>) -> Self {
        let k = tags;
        let n = emissions.len() / k;
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
        Self { tags: k, positions: n, scores, emissions, alpha, beta, log_partition }
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

    /// Probabilities of every tag at every position, `[positions, tags]`.
    pub fn marginals(&self) -> Vec<f64> {
        self.alpha.iter().zip(&self.beta).map(|(a, b)| (a + b - self.log_partition).exp()).collect()
    }

    /// The probability that positions `start..start + tags.len()` carry exactly `tags` and that the
    /// position after them does not carry `not_next` (which would make the span longer): the
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
        log += if end == self.positions {
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
        let positions: f64 =
            tags.iter().enumerate().map(|(t, &y)| self.emissions[t * k + usize::from(y)]).sum();
        let steps: f64 = tags
            .windows(2)
            .map(|w| self.scores.transitions[usize::from(w[0]) * k + usize::from(w[1])])
            .sum();
        ends + positions + steps
    }

    /// Negative log-likelihood of `tags` and its gradients: expectations minus observations.
    pub(super) fn gradient(&self, tags: &[u16]) -> SentenceGradient {
        let (k, n) = (self.tags, self.positions);
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
            self.add_step(t, &mut g.transitions);
            g.transitions[usize::from(tags[t - 1]) * k + usize::from(tags[t])] -= 1.0;
        }
        g
    }

    /// Adds the probability of every step from position `t - 1` to position `t`, `[tags, tags]`.
    fn add_step(&self, t: usize, sums: &mut [f64]) {
        let k = self.tags;
        for i in 0..k {
            for j in 0..k {
                let next = t * k + j;
                let log = self.alpha[(t - 1) * k + i]
                    + self.scores.transitions[i * k + j]
                    + self.emissions[next]
                    + self.beta[next];
                sums[i * k + j] += (log - self.log_partition).exp();
            }
        }
    }

    /// How often each tag is expected to follow each in the sentence, `[tags, tags]`.
    fn steps(&self) -> Vec<f64> {
        let mut sums = vec![0.0; self.tags * self.tags];
        (1..self.positions).for_each(|t| self.add_step(t, &mut sums));
        sums
    }

    /// What another CRF can learn from this one.
    pub fn expectations(&self) -> Expectations {
        let narrow = |v: Vec<f64>| v.into_iter().map(|x| x as f32).collect();
        Expectations { positions: narrow(self.marginals()), steps: narrow(self.steps()) }
    }

    /// −log of the probability that every position carries one of its `allowed` tags, and its gradients:
    /// expectations minus those under the restriction (Tsuboi et al. 2008, section 3).
    pub(super) fn partial_gradient(&self, allowed: &[bool]) -> SentenceGradient {
        let restricted = self.restricted(allowed);
        let loss = self.log_partition - restricted.log_partition;
        self.minus(loss, &restricted.marginals(), &restricted.steps())
    }

    /// The cross-entropy between a teacher's distribution and this one,
    /// log Z − Σ expected scores, and its gradients: these expectations minus the teacher's (Wang et
    /// al. 2020, section 3).
    pub(super) fn soft_gradient(&self, teacher: &Expectations) -> SentenceGradient {
        let (k, n) = (self.tags, self.positions);
        let wide = |v: &[f32]| v.iter().map(|&x| f64::from(x)).collect::<Vec<_>>();
        let (positions, steps) = (wide(&teacher.positions), wide(&teacher.steps));
        // What never happens adds nothing, whatever its score.
        let expected = |p: &[f64], scores: &[f64]| -> f64 {
            p.iter().zip(scores).filter(|(p, _)| **p > 0.0).map(|(p, s)| p * s).sum()
        };
        let mut loss = self.log_partition - expected(&positions, &self.emissions);
        if n > 0 {
            loss -= expected(&positions[..k], &self.scores.start);
            loss -= expected(&positions[(n - 1) * k..], &self.scores.end);
            loss -= expected(&steps, &self.scores.transitions);
        }
        self.minus(loss, &positions, &steps)
    }

    /// Gradients that are this lattice's expectations minus others.
    fn minus(&self, loss: f64, positions: &[f64], steps: &[f64]) -> SentenceGradient {
        let k = self.tags;
        let difference = |a: Vec<f64>, b: &[f64]| -> Vec<f64> {
            a.into_iter().zip(b).map(|(a, b)| a - b).collect()
        };
        let emissions = difference(self.marginals(), positions);
        let ends =
            |at: usize| emissions.get(at..at + k).map_or_else(|| vec![0.0; k], <[f64]>::to_vec);
        SentenceGradient {
            loss,
            start: ends(0),
            end: ends(self.positions.saturating_sub(1) * k),
            transitions: difference(self.steps(), steps),
            emissions,
        }
    }
}

fn log_sum_exp(terms: &[f64]) -> f64 {
    let highest = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    highest + terms.iter().map(|t| (t - highest).exp()).sum::<f64>().ln()
}

#[cfg(test)]
mod tests;
