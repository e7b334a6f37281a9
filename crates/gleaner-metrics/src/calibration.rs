//! Whether confidences are rates of being right.
//!
//! Of the entities that a recogniser is 80 % sure of, four in five should be right. How far it is
//! from that is the *expected calibration error*: spans are put into bins by confidence, and the
//! distances between mean confidence and share of right ones are averaged over bins, each counting
//! as much as it has spans (Guo et al. 2017, section 2). Bins are equally wide or hold equally many.
//! With few spans a bin's share is a matter of luck, and so the error is above 0 even for a
//! recogniser that is calibrated perfectly: compare errors of as many spans in as many bins.

use crate::bootstrap::{Bootstrap, Draws, Interval, reflected};
use serde::{Deserialize, Serialize};

/// An entity that a recogniser found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// How sure it is of it, from 0 to 1.
    pub confidence: f64,
    /// Whether type and borders are right.
    pub right: bool,
}

/// The entities that a recogniser found, sentence by sentence.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Claims {
    claims: Vec<Claim>,
    /// For every sentence, the end of its part of `claims`.
    ends: Vec<usize>,
}

/// How well confidences fit; all numbers but counts from 0 to 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Calibration {
    /// Sentences.
    pub sentences: usize,
    /// Entities found, by all taggers.
    pub spans: usize,
    /// Their mean confidence.
    pub confidence: f64,
    /// The share of them that is right: the precision.
    pub accuracy: f64,
    /// The expected calibration error over bins of equal width, of several taggers in the mean.
    pub ece: f64,
    /// The interval of `ece` over sentences, if it was asked for: the basic bootstrap, since an error
    /// drawn anew is larger. Of errors near 0 it is still too narrow.
    pub interval: Option<Interval>,
    /// The expected calibration error over bins of equally many spans.
    pub ece_equal_mass: f64,
    /// The Brier score: the mean squared distance between confidence and 1 of a right span, 0 of
    /// a wrong one (Brier 1950).
    pub brier: f64,
    /// Bins of equal width that hold a span, ascending.
    pub bins: Vec<Bin>,
}

/// The spans whose confidence lies above `low` and at most at `high`; the first bin holds 0 too.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bin {
    /// The lower border.
    pub low: f64,
    /// The upper border.
    pub high: f64,
    /// How many there are.
    pub spans: usize,
    /// Their mean confidence.
    pub confidence: f64,
    /// The share of them that is right.
    pub accuracy: f64,
}

/// What recalibration makes of expected calibration errors, as means over groups such as languages.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalibrationChange {
    /// The error before.
    pub before: f64,
    /// The error after.
    pub after: f64,
    /// `after` − `before`: below 0 where it helped.
    pub change: f64,
    /// The interval of the change over the sentences of every group (the basic bootstrap).
    pub interval: Interval,
}

impl Claims {
    /// Bins that are usual here: with a few hundred spans more would be empty.
    pub const BINS: usize = 10;

    /// Takes the spans of one sentence, of which there may be none.
    pub fn add(&mut self, claims: impl IntoIterator<Item = Claim>) {
        self.claims.extend(claims);
        self.ends.push(self.claims.len());
    }

    /// Puts other sentences behind these.
    pub fn append(&mut self, other: &Self) {
        let before = self.claims.len();
        self.claims.extend_from_slice(&other.claims);
        self.ends.extend(other.ends.iter().map(|end| end + before));
    }

    /// How many sentences were taken.
    pub fn sentences(&self) -> usize {
        self.ends.len()
    }

    /// The spans of a sentence.
    fn of(&self, sentence: usize) -> &[Claim] {
        let start = if sentence == 0 { 0 } else { self.ends[sentence - 1] };
        &self.claims[start..self.ends[sentence]]
    }

    /// The expected calibration error over `bins` bins of equal width; `None` of no span.
    pub fn ece(&self, bins: usize) -> Option<f64> {
        error(&equal_width(self.claims.iter().copied(), bins))
    }

    /// How well the confidences fit, with `bins` bins; `None` of no span.
    pub fn report(&self, bins: usize, bootstrap: Option<&Bootstrap>) -> Option<Calibration> {
        Calibration::of(&[self], bins, bootstrap)
    }

    /// The error over sentences drawn anew, as many as there are.
    fn resampled_error(&self, bins: usize, draws: &mut Draws) -> Option<f64> {
        let drawn = (0..self.sentences()).map(|_| draws.below(self.sentences()));
        error(&equal_width(drawn.flat_map(|sentence| self.of(sentence)).copied(), bins))
    }
}

impl Calibration {
    /// How well the confidences of several taggers fit, such as those of several seeds: each has labelled the
    /// same sentences in the same order. Their errors are averaged, for an error of all spans together would be
    /// smaller, as what one says too surely makes up for what another doubts; counts, means, Brier score and bins
    /// are of all spans. Sentences are drawn anew for all taggers at once. `None` of no span.
    pub fn of(taggers: &[&Claims], bins: usize, bootstrap: Option<&Bootstrap>) -> Option<Self> {
        let all: Vec<Claim> = taggers.iter().flat_map(|tagger| &tagger.claims).copied().collect();
        let ece = mean_of_some(taggers.iter().map(|tagger| tagger.ece(bins)))?;
        let mean = |of: fn(&Claim) -> f64| all.iter().map(of).sum::<f64>() / all.len() as f64;
        let interval = bootstrap.and_then(|bootstrap| {
            let resampled = (0..bootstrap.resamples).filter_map(|resample| {
                let draws = || Draws::new(bootstrap.seed, resample as u64);
                mean_of_some(taggers.iter().map(|t| t.resampled_error(bins, &mut draws())))
            });
            let interval = reflected(resampled.collect(), ece, bootstrap.level)?;
            let possible = |end: f64| end.clamp(0.0, 1.0);
            Some(Interval { low: possible(interval.low), high: possible(interval.high) })
        });
        let of_mass = |tagger: &&Claims| error(&equal_mass(&tagger.claims, bins));
        let width = equal_width(all.iter().copied(), bins);
        let border = |bin: usize| bin as f64 / bins.max(1) as f64;
        let filled = width.iter().enumerate().filter(|(_, sums)| sums.spans > 0);
        Some(Self {
            sentences: taggers.first()?.sentences(),
            spans: all.len(),
            confidence: mean(|c| c.confidence),
            accuracy: mean(|c| f64::from(u8::from(c.right))),
            ece,
            interval,
            ece_equal_mass: mean_of_some(taggers.iter().map(of_mass))?,
            brier: mean(|c| (c.confidence - f64::from(u8::from(c.right))).powi(2)),
            bins: filled
                .map(|(bin, sums)| Bin {
                    low: border(bin),
                    high: border(bin + 1),
                    spans: sums.spans,
                    confidence: sums.confidence / sums.spans as f64,
                    accuracy: sums.right as f64 / sums.spans as f64,
                })
                .collect(),
        })
    }
}

impl CalibrationChange {
    /// Compares the confidences of the same spans before and after: of every group, such as a language, those of
    /// its taggers, which have all labelled the same sentences in the same order. Errors are averaged over the
    /// taggers of a group, then over groups. The interval draws sentences anew in each group, the same for
    /// all of it. `None` where a group has no span.
    pub fn of(groups: &[Vec<[&Claims; 2]>], bins: usize, bootstrap: &Bootstrap) -> Option<Self> {
        let mean = |errors: Vec<[f64; 2]>| {
            let sum = errors.iter().fold([0.0, 0.0], |sum, e| [sum[0] + e[0], sum[1] + e[1]]);
            sum.map(|sum| sum / errors.len() as f64)
        };
        let of_group = |taggers: &Vec<[&Claims; 2]>, error: &dyn Fn(&Claims) -> Option<f64>| {
            let of = |side: usize| mean_of_some(taggers.iter().map(|both| error(both[side])));
            Some([of(0)?, of(1)?])
        };
        let observed: Option<Vec<[f64; 2]>> =
            groups.iter().map(|taggers| of_group(taggers, &|claims| claims.ece(bins))).collect();
        let [before, after] = mean(observed.filter(|errors| !errors.is_empty())?);
        let changes = (0..bootstrap.resamples).filter_map(|resample| {
            let drawn = groups.iter().enumerate().map(|(group, taggers)| {
                let number = (resample * groups.len() + group) as u64;
                let draws = || Draws::new(bootstrap.seed, number);
                of_group(taggers, &|claims| claims.resampled_error(bins, &mut draws()))
            });
            let [before, after] = mean(drawn.collect::<Option<Vec<_>>>()?);
            Some(after - before)
        });
        let change = after - before;
        let interval = reflected(changes.collect(), change, bootstrap.level)?;
        Some(Self { before, after, change, interval })
    }
}

/// The mean of the errors that there are; `None` where there is none.
fn mean_of_some(errors: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    let (sum, count) = errors.flatten().fold((0.0, 0_u32), |(sum, n), error| (sum + error, n + 1));
    (count > 0).then(|| sum / f64::from(count))
}

/// What is summed over the spans of a bin.
#[derive(Clone, Copy, Default)]
struct Sums {
    spans: usize,
    confidence: f64,
    right: usize,
}

impl Sums {
    fn add(&mut self, claim: Claim) {
        self.spans += 1;
        self.confidence += claim.confidence;
        self.right += usize::from(claim.right);
    }
}

fn equal_width(claims: impl Iterator<Item = Claim>, bins: usize) -> Vec<Sums> {
    let mut sums = vec![Sums::default(); bins.max(1)];
    for claim in claims {
        let bin = (claim.confidence * sums.len() as f64).ceil() as usize;
        let last = sums.len() - 1;
        sums[bin.saturating_sub(1).min(last)].add(claim);
    }
    sums
}

fn equal_mass(claims: &[Claim], bins: usize) -> Vec<Sums> {
    let bins = bins.max(1);
    let mut sorted = claims.to_vec();
    sorted.sort_by(|a, b| a.confidence.total_cmp(&b.confidence));
    let mut sums = vec![Sums::default(); bins];
    for (place, claim) in sorted.iter().enumerate() {
        sums[place * bins / sorted.len()].add(*claim);
    }
    sums
}

/// Σ over bins of their share of the spans × |mean confidence − share of right ones|.
fn error(sums: &[Sums]) -> Option<f64> {
    let all: usize = sums.iter().map(|s| s.spans).sum();
    let distances = sums.iter().map(|s| (s.confidence - s.right as f64).abs());
    (all > 0).then(|| distances.sum::<f64>() / all as f64)
}

#[cfg(test)]
mod tests;
