//! Several taggers that label as one.
//!
//! A tagger gives every tag sequence of a sentence a probability. An ensemble's probability is the mean of its members'
//! (a mixture), so the probability of a span is exactly the mean of the members' span probabilities, each by
//! constrained forward-backward. Of the spans that members find, those are kept that do not overlap and whose
//! probabilities exceed the ensemble's share by the largest sum.
//!
//! Taggers that differ in nothing but the seed make different errors, and the mean of their probabilities is better
//! calibrated than each of them (Lakshminarayanan et al. 2017, section 3).

mod lesson;
mod saved;
mod scores;
mod vote;

pub(crate) use lesson::Lesson;
pub(crate) use saved::digest_of;
pub use saved::is_ensemble;
pub use scores::EnsembleScores;

use crate::{
    GleanerError, Labels, Scored, TagStream, Tagged, Tagger, Words,
    tagger::{Emitted, Encoded, Reader, Undecoded, by_sentence, most_probable, word_share},
};
use gleaner_corpus::{Corpus, text::Segmenter};
use gleaner_nn::crf::Crf;
use rayon::prelude::*;
use std::sync::Arc;
use vote::Opinion;

/// Number of sentences that are read together, to bound the memory for emissions.
const LESSONS: usize = 512;

/// A tagger, or several that label as one.
///
/// ```no_run
/// # fn main() -> Result<(), gleaner::GleanerError> {
/// let ensemble = gleaner::Ensemble::load("together")?;
/// let tagged = ensemble.tag(&[["Anna", "bor", "í", "Havn", "."].as_slice()])?;
/// println!("{:?}", tagged[0].spans);
/// # Ok(())
/// # }
/// ```
pub struct Ensemble {
    members: Vec<Tagger>,
    /// The factor of the members' temperatures; 1 before calibration.
    temperature: f64,
    /// The probability above which a span is worth keeping.
    share: f64,
}

impl Ensemble {
    /// The default of [`Ensemble::with_share`]. The threshold that maximises the expected F1 is half of that F1
    /// (Lipton, Elkan and Narayanaswamy 2014, section 4): 0.4 where it is 0.8.
    pub const SHARE: f64 = 0.4;

    /// An ensemble of these taggers, not calibrated as one. An ensemble of one tagger labels as that tagger does.
    ///
    /// # Errors
    /// There is no tagger, or two of them know different entity types.
    pub fn new(members: Vec<Tagger>) -> Result<Self, GleanerError> {
        let Some(first) = members.first() else {
            let what = "an ensemble of no models; name two or more";
            return Err(GleanerError::Settings(what.into()));
        };
        for (number, member) in (1..).zip(&members) {
            if !member.labels.has_types_of(&first.labels) {
                let types = |tagger: &Tagger| tagger.labels.types().join(", ");
                return Err(GleanerError::Settings(format!(
                    "model 1 knows the types {}, but model {number} knows {}; use models of the same types",
                    types(first),
                    types(member)
                )));
            }
        }
        Ok(Self { members, temperature: 1.0, share: Self::SHARE })
    }

    /// The same ensemble with another share, from 0 to 1: the probability above which a span is worth keeping. A lower
    /// share finds more entities, a higher one fewer that are wrong.
    #[must_use]
    pub fn with_share(self, share: f64) -> Self {
        Self { share, ..self }
    }

    /// The members.
    pub fn members(&self) -> &[Tagger] {
        &self.members
    }

    /// The members, without what makes them an ensemble.
    pub(crate) fn into_members(self) -> Vec<Tagger> {
        self.members
    }

    /// The factor of the members' temperatures when confidences are computed.
    pub fn temperature(&self) -> f64 {
        self.temperature
    }

    /// The entity types, in the order of the first member's tags. All members have the same.
    pub fn types(&self) -> Vec<&str> {
        self.members[0].labels().types()
    }

    /// How plain text is cut into sentences and words: as the first member does.
    pub fn segmenter(&self) -> &Segmenter {
        self.members[0].segmenter()
    }

    /// Tags sentences given as words.
    ///
    /// # Errors
    /// As [`Tagger::tag`].
    pub fn tag<S: AsRef<str> + Sync>(
        &self,
        sentences: &[&[S]],
    ) -> Result<Vec<Tagged>, GleanerError> {
        let read = self.members.iter().map(|member| member.run(sentences));
        Ok(self.decode(read.collect::<Result<_, _>>()?))
    }

    /// Tags sentences as [`Ensemble::tag`] does, and gives for every word the probability of O: the mean of the
    /// members' marginal probabilities at their calibrated temperatures, `[words]`. A member that cuts a word off gives
    /// it 0.
    ///
    /// # Errors
    /// As [`Tagger::tag`].
    pub fn tag_with_outside<S: AsRef<str> + Sync>(
        &self,
        sentences: &[&[S]],
    ) -> Result<Vec<(Tagged, Vec<f64>)>, GleanerError> {
        let encoded: Vec<Encoded> = self.members.iter().map(|m| m.encode(sentences)).collect();
        let emitted = self.emit(&encoded)?;
        let crfs = self.crfs();
        let of_sentence = |(i, words): (usize, &&[S])| {
            let opinions = self.opinions(&crfs, &emitted, i);
            let tagged = match opinions.as_slice() {
                [only] => only.tagged(1.0, words.len()),
                several => self.vote(several, words.len()),
            };
            (tagged, vote::outside(&opinions, self.temperature, words.len()))
        };
        Ok(sentences.par_iter().enumerate().map(of_sentence).collect())
    }

    /// Labels a stream of sentences: see [`Tagger::stream`].
    pub fn stream<T, E>(
        self: &Arc<Self>,
        sentences: impl Iterator<Item = Result<T, E>> + Send + 'static,
    ) -> TagStream<T, E>
    where
        T: Words + Send + 'static,
        E: From<GleanerError> + Send + 'static,
    {
        TagStream::new(Arc::clone(self) as _, sentences)
    }

    /// Labels a corpus and compares the predictions with its tags: see [`Tagger::score`]. The loss is that of the mean
    /// of the members' probabilities.
    ///
    /// # Errors
    /// As [`Tagger::score`].
    pub fn score(&self, corpus: &Corpus, batch: usize) -> Result<Scored, GleanerError> {
        if let [only] = self.members.as_slice() {
            return only.score(corpus, batch);
        }
        self.members[0].labels.check(corpus)?;
        let encoded: Vec<Encoded> = self.members.iter().map(|m| m.encode_corpus(corpus)).collect();
        let emitted = self.emit(&encoded)?;
        let crfs = self.crfs();
        let of_sentence = |i: usize| {
            let opinions = self.opinions(&crfs, &emitted, i);
            let (sentence, pieces) = (&corpus.sentences[i], &encoded[0].pieces[i]);
            let tagged = self.vote(&opinions, sentence.words.len());
            let share = word_share(pieces, &sentence.tags, &tagged.tags);
            let loss = -mean_log_likelihood(&opinions, &sentence.tags, 1.0);
            (tagged, share, loss)
        };
        let scored = (0..corpus.sentences.len()).into_par_iter().map(of_sentence).collect();
        Scored::of(corpus, scored, batch)
    }

    /// Calibrates the ensemble as one on labelled text that no member was trained on: one factor for the members'
    /// temperatures, the most probable one given the tags. One member is calibrated already.
    ///
    /// # Errors
    /// As [`Tagger::score`].
    pub fn calibrate(&mut self, dev: &Corpus) -> Result<(), GleanerError> {
        if self.members.len() == 1 {
            return Ok(());
        }
        self.members[0].labels.check(dev)?;
        let encoded: Vec<Encoded> = self.members.iter().map(|m| m.encode_corpus(dev)).collect();
        let emitted = self.emit(&encoded)?;
        let crfs = self.crfs();
        let loss = |temperature: f64| {
            let of_sentence = |i: usize| {
                let opinions = self.opinions(&crfs, &emitted, i);
                -mean_log_likelihood(&opinions, &dev.sentences[i].tags, temperature)
            };
            let losses: Vec<f64> =
                (0..dev.sentences.len()).into_par_iter().map(of_sentence).collect();
            losses.into_iter().sum()
        };
        self.temperature = most_probable(loss);
        Ok(())
    }

    /// What the members say of sentences, for a tagger with these labels to learn; `None` for sentences that a member
    /// does not read in one window.
    ///
    /// # Errors
    /// As [`Tagger::tag`].
    pub(crate) fn lessons(
        &self,
        labels: &Labels,
        sentences: &[&[String]],
    ) -> Result<Vec<Option<Lesson>>, GleanerError> {
        let crfs = self.crfs();
        let mut lessons = Vec::with_capacity(sentences.len());
        for chunk in sentences.chunks(LESSONS) {
            let encoded: Vec<Encoded> = self.members.iter().map(|m| m.encode(chunk)).collect();
            let emitted = self.emit(&encoded)?;
            let of_sentence = |(i, words): (usize, &&[String])| {
                let opinions = self.opinions(&crfs, &emitted, i);
                lesson::of(&opinions, labels, self.temperature, self.share, words.len())
            };
            lessons.par_extend(chunk.par_iter().enumerate().map(of_sentence));
        }
        Ok(lessons)
    }

    /// What several members decide together about a sentence of `words` words.
    fn vote(&self, opinions: &[Opinion], words: usize) -> Tagged {
        vote::sentence(opinions, self.temperature, self.share, words)
    }

    fn crfs(&self) -> Vec<Crf> {
        self.members.iter().map(|member| member.network.crf()).collect()
    }

    /// The emissions of every member for the same text, by member and sentence.
    fn emit<'a>(&self, encoded: &'a [Encoded]) -> Result<Vec<Vec<Vec<Emitted<'a>>>>, GleanerError> {
        let of_member = |(member, encoded): (&Tagger, &'a Encoded)| {
            let emitted = member.emit_by_sentence(encoded)?;
            member.check_scores(emitted.iter().flatten().map(|e| e.emissions.as_slice()))?;
            Ok(emitted)
        };
        self.members.iter().zip(encoded).map(of_member).collect()
    }

    /// What the members say of a sentence.
    fn opinions<'a>(
        &'a self,
        crfs: &'a [Crf],
        emitted: &'a [Vec<Vec<Emitted<'a>>>],
        sentence: usize,
    ) -> Vec<Opinion<'a>> {
        let members = self.members.iter().zip(crfs).zip(emitted);
        let of_member = members.map(|((tagger, crf), windows)| Opinion {
            labels: &tagger.labels,
            framing: tagger.framing,
            crf,
            temperature: tagger.temperature,
            windows: &windows[sentence],
        });
        of_member.collect()
    }
}

impl Reader for Ensemble {
    fn read(&self, sentences: &[&[String]]) -> Result<Vec<Undecoded>, GleanerError> {
        self.members.iter().map(|member| member.run(sentences)).collect()
    }

    fn decode(&self, read: Vec<Undecoded>) -> Vec<Tagged> {
        if let [only] = self.members.as_slice() {
            return only.decode(read);
        }
        let words: Vec<usize> = read
            .first()
            .map_or_else(Vec::new, |u| u.encoded.pieces.iter().map(|p| p.words()).collect());
        let (encoded, emissions): (Vec<Encoded>, Vec<_>) =
            read.into_iter().map(|u| (u.encoded, u.emissions)).unzip();
        let mut emitted = Vec::with_capacity(encoded.len());
        for (encoded, emissions) in encoded.iter().zip(emissions) {
            let windows = encoded.windows.iter().zip(emissions);
            let windows = windows.map(|(window, emissions)| Emitted { window, emissions });
            emitted.push(by_sentence(words.len(), windows));
        }
        let crfs = self.crfs();
        let of_sentence =
            |(i, &words): (usize, &usize)| self.vote(&self.opinions(&crfs, &emitted, i), words);
        words.par_iter().enumerate().map(of_sentence).collect()
    }
}

/// log of the mean over members of the probability of a sentence's tags, at temperatures that are `factor` times the
/// members' own. A sentence read in several windows counts as independent ones.
fn mean_log_likelihood(opinions: &[Opinion], tags: &[String], factor: f64) -> f64 {
    let logs: Vec<f64> = opinions.iter().map(|o| o.log_likelihood(tags, factor)).collect();
    let highest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = logs.iter().map(|log| (log - highest).exp()).sum();
    highest + (sum / logs.len() as f64).ln()
}
