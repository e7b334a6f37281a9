//! Scoring a tagger on labelled text.

use super::{Encoded, Tagged, Tagger, decode};
use crate::{GleanerError, TrainedOn, framing::PieceLabels, pieces::WordPieces};
use gleaner_corpus::{Corpus, Sentence, overlap::sentence_key};
use gleaner_metrics::{
    Evaluation, EvaluationError, ScoredSpan, ScoredSpans, SeqevalMode, Side, entities,
};
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap};

/// The scores of a tagger on a labelled text, with its predictions.
pub struct Scored {
    /// Entity- and token-level scores of whole words.
    pub evaluation: Evaluation,
    /// The published score: micro F1 over pieces, O and special pieces included, averaged over batches in the text's
    /// order.
    pub published: f64,
    /// Mean over batches of the mean negative log-likelihood a sequence.
    pub loss: f64,
    /// The predictions, sentence by sentence.
    pub tagged: Vec<Tagged>,
    /// The predicted entities and whether they are correct, with confidences at temperature 1.
    pub uncalibrated: ScoredSpans,
    /// The same with calibrated confidences.
    pub calibrated: ScoredSpans,
}

impl Scored {
    /// The scores on the sentences that the tagger was not trained on, and the number of sentences left out. `corpus`
    /// is the text that was scored.
    ///
    /// # Errors
    /// `corpus` has tags that are not IOB2, so it is not the text that was scored.
    pub fn without(
        &self,
        trained_on: &TrainedOn,
        corpus: &Corpus,
    ) -> Result<(Evaluation, usize), GleanerError> {
        let others = evaluation(corpus, &self.tagged, |s| !trained_on.contains(s))?;
        let left_out = self.evaluation.sentences() - others.sentences();
        Ok((others, left_out))
    }
}

impl Tagged {
    /// Whether each predicted entity is among those of the `gold` tags (seqeval's default mode).
    pub fn right<S: AsRef<str>>(&self, gold: &[S]) -> Vec<bool> {
        let gold = entities(gold, SeqevalMode::Default);
        let is_right = |span: &super::TaggedSpan| {
            let at = gold.binary_search_by_key(&span.start, |entity| entity.start);
            at.is_ok_and(|at| gold[at].end == span.end && gold[at].entity_type == span.label)
        };
        self.spans.iter().map(is_right).collect()
    }
}

impl Tagger {
    /// Labels a corpus and compares the predictions with its tags. The published score and the loss are means over
    /// batches of `batch` sentences.
    ///
    /// # Errors
    /// The corpus has entity types that the tagger does not know, or a score is NaN or infinite.
    pub fn score(&self, corpus: &Corpus, batch: usize) -> Result<Scored, GleanerError> {
        let scored = self.score_encoded(corpus, &self.encode_corpus(corpus), batch)?;
        match scored.loss.is_finite() {
            true => Ok(scored),
            false => Err(GleanerError::NotFinite),
        }
    }

    /// As [`Tagger::score`], of a corpus that is encoded already.
    pub(crate) fn score_encoded(
        &self,
        corpus: &Corpus,
        encoded: &Encoded,
        batch: usize,
    ) -> Result<Scored, GleanerError> {
        self.labels.check(corpus)?;
        let (sentences, pieces) = (&corpus.sentences, &encoded.pieces);
        let crf = self.network.crf();
        let windows = self.emit_by_sentence(encoded)?;
        let scored: Vec<(Tagged, Share, f64)> = (0..sentences.len())
            .into_par_iter()
            .map(|i| {
                let gold: Vec<u16> =
                    sentences[i].tags.iter().map(|t| self.labels.id(t).unwrap_or(0)).collect();
                let (words, emitted) = (pieces[i].words(), &windows[i]);
                let tagged = decode::sentence(
                    &self.labels,
                    self.framing,
                    &crf,
                    self.temperature,
                    words,
                    emitted,
                );
                let mut loss = 0.0;
                let mut correct = Share::default();
                for e in emitted {
                    let tags = e.window.sequence.tags(self.framing, &self.labels, &gold);
                    loss -= crf.lattice(&e.emissions).log_likelihood(&tags);
                    if self.framing.labels == PieceLabels::Repeated {
                        correct.add(&crf.best(&e.emissions), &tags);
                    }
                }
                if self.framing.labels != PieceLabels::Repeated {
                    correct = word_share(&pieces[i], &sentences[i].tags, &tagged.tags);
                }
                (tagged, correct, loss)
            })
            .collect();
        Scored::of(corpus, scored, batch)
    }
}

impl Scored {
    /// The scores of labelled sentences, each with its share of correct pieces and its loss. The published score and
    /// the loss are means over batches of `batch` sentences.
    ///
    /// # Errors
    /// A tag of the corpus is not IOB2.
    pub(crate) fn of(
        corpus: &Corpus,
        scored: Vec<(Tagged, Share, f64)>,
        batch: usize,
    ) -> Result<Self, GleanerError> {
        let sentences = &corpus.sentences;
        let batches = scored.chunks(batch);
        let count = batches.len().max(1) as f64;
        let published =
            batches.clone().map(|b| Share::of(b.iter().map(|s| s.1))).sum::<f64>() / count;
        let loss =
            batches.map(|b| b.iter().map(|s| s.2).sum::<f64>() / b.len() as f64).sum::<f64>()
                / count;
        let tagged: Vec<Tagged> = scored.into_iter().map(|s| s.0).collect();
        let evaluation = evaluation(corpus, &tagged, |_| true)?;
        let alike = alike(sentences.iter());
        let mut claims: BTreeMap<usize, [Vec<ScoredSpan>; 2]> = BTreeMap::new();
        for ((sentence, &first), tagged) in sentences.iter().zip(&alike).zip(&tagged) {
            let [uncalibrated, calibrated] = claims.entry(first).or_default();
            for (span, correct) in tagged.spans.iter().zip(tagged.right(&sentence.tags)) {
                uncalibrated.push(ScoredSpan { confidence: span.uncalibrated, correct });
                calibrated.push(ScoredSpan { confidence: span.confidence, correct });
            }
        }
        let (mut uncalibrated, mut calibrated) = (ScoredSpans::default(), ScoredSpans::default());
        for [before, after] in claims.into_values() {
            uncalibrated.add(before);
            calibrated.add(after);
        }
        Ok(Self { evaluation, published, loss, tagged, uncalibrated, calibrated })
    }
}

/// Compares predictions with the tags of a corpus, on the sentences that are `wanted`.
///
/// # Errors
/// A tag of the corpus is not IOB2.
fn evaluation(
    corpus: &Corpus,
    tagged: &[Tagged],
    wanted: impl Fn(&Sentence) -> bool,
) -> Result<Evaluation, GleanerError> {
    let pairs: Vec<_> = corpus.sentences.iter().zip(tagged).filter(|(s, _)| wanted(s)).collect();
    let mut evaluation = Evaluation::default();
    for ((sentence, tagged), first) in pairs.iter().zip(alike(pairs.iter().map(|p| p.0))) {
        let counted = compare(&mut evaluation, first, sentence, tagged);
        counted.map_err(|e| GleanerError::Labels {
            path: corpus.path.clone(),
            what: format!("line {}: {e}", sentence.line),
        })?;
    }
    Ok(evaluation)
}

/// Compares the tags of a sentence as they are in the text with the predictions as they were decoded.
fn compare(
    evaluation: &mut Evaluation,
    first: usize,
    sentence: &Sentence,
    tagged: &Tagged,
) -> Result<(), EvaluationError> {
    let gold = Side::with_strict(sentence.scored_tags(), sentence.strict_entities())?;
    evaluation.add_sides(first, gold, Side::new(tagged.scored_tags())?)
}

/// For every sentence, the index of the first sentence with the same words.
fn alike<'a>(sentences: impl Iterator<Item = &'a Sentence>) -> Vec<usize> {
    let mut first = HashMap::new();
    let number = |(i, s): (usize, &Sentence)| *first.entry(sentence_key(&s.words)).or_insert(i);
    sentences.enumerate().map(number).collect()
}

/// A number of correct pieces, and of all pieces.
#[derive(Clone, Copy, Default)]
pub(crate) struct Share {
    correct: usize,
    all: usize,
}

impl Share {
    pub(crate) fn add(&mut self, found: &[u16], gold: &[u16]) {
        self.correct += found.iter().zip(gold).filter(|(a, b)| a == b).count();
        self.all += gold.len();
    }

    pub(crate) fn of(parts: impl Iterator<Item = Self>) -> f64 {
        let sum = parts.fold(Self::default(), |a, b| Self {
            correct: a.correct + b.correct,
            all: a.all + b.all,
        });
        sum.ratio()
    }

    pub(crate) fn ratio(self) -> f64 {
        self.correct as f64 / self.all.max(1) as f64
    }
}

/// The share of correct pieces of a tagger that tags words: every piece counts as its word does, and the two special
/// pieces as correct.
pub(crate) fn word_share(pieces: &WordPieces, gold: &[String], found: &[String]) -> Share {
    let mut share = Share { correct: 2, all: 2 };
    for (word, (gold, found)) in gold.iter().zip(found).enumerate() {
        let n = pieces.of_word(word);
        share.all += n;
        share.correct += if gold == found { n } else { 0 };
    }
    share
}
