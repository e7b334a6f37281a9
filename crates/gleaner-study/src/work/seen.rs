//! Which test sentences and entities occur in the training texts of a run.

use crate::{error::StudyError, plan::Plan};
use gleaner::Dataset;
use gleaner_corpus::{Corpus, Sentence, overlap::sentence_key};
use std::collections::HashSet;

/// The training texts of a run and of the runs that it starts from.
#[derive(Default)]
pub(super) struct Seen {
    /// Keys of their sentences and of the sentences of their pools.
    sentences: HashSet<String>,
    /// Keys of the words of their entities. Tags of pools are never trained on.
    mentions: HashSet<String>,
    /// Number of words of the longest entity.
    longest: usize,
}

impl Seen {
    /// The training texts of the run at `at`, whose own texts are `data`, and of the runs that it starts from.
    pub(super) fn of(plan: &Plan, at: usize, data: &Dataset) -> Result<Self, StudyError> {
        let mut seen = Self::default();
        for position in plan.chain(at) {
            let run = &plan.runs[position];
            match position == at {
                true if run.task.trains() => seen.add(data),
                true => {}
                false => seen.add(&Dataset::load(&run.settings)?),
            }
        }
        Ok(seen)
    }

    fn add(&mut self, data: &Dataset) {
        for sentence in std::iter::once(&data.train).chain(&data.pool).flat_map(|c| &c.sentences) {
            self.sentences.insert(sentence_key(&sentence.words));
        }
        self.add_mentions(&data.train);
    }

    fn add_mentions(&mut self, corpus: &Corpus) {
        for sentence in &corpus.sentences {
            for entity in sentence.entities() {
                self.longest = self.longest.max(entity.words().len());
                self.mentions.insert(sentence_key(&sentence.words[entity.words()]));
            }
        }
    }

    /// Whether a sentence occurs in them.
    pub(super) fn sentence(&self, sentence: &Sentence) -> bool {
        self.sentences.contains(&sentence_key(&sentence.words))
    }

    /// The spans (first word, word after the last) of a sentence whose words are an entity in them, of any
    /// type.
    pub(super) fn spans(&self, sentence: &Sentence) -> Vec<(usize, usize)> {
        let words = &sentence.words;
        let ends = |start: usize| (start + 1..=words.len()).take(self.longest);
        let all = (0..words.len()).flat_map(|start| ends(start).map(move |end| (start, end)));
        all.filter(|(start, end)| self.mentions.contains(&sentence_key(&words[*start..*end])))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gleaner_corpus::{ReadOptions, read_bytes};

    fn corpus(text: &str) -> Corpus {
        let lines = text.replace(' ', "\n").replace('/', "\t").replace('|', "\n\n");
        read_bytes(lines.as_bytes(), "x.conll".as_ref(), &ReadOptions::default()).unwrap()
    }

    #[test]
    fn mentions_are_known_by_their_words_alone() {
        let mut seen = Seen::default();
        seen.add_mentions(&corpus("New/B-LOC York/I-LOC is/O|York/B-ORG|e\u{301}/B-PER"));
        let spans = |text: &str| seen.spans(&corpus(text).sentences[0]);
        assert_eq!(spans("In/O New/B-PER York/I-PER York/O"), [(1, 3), (2, 3), (3, 4)]);
        assert_eq!(spans("é/O new/B-LOC york/I-LOC"), [(0, 1)]);
        assert_eq!(spans("is/O"), []);
    }
}
