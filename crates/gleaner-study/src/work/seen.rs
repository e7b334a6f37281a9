//! Which test sentences and entities occur in the training texts of a run.

use crate::{error::StudyError, plan::Plan, task::Task};
use gleaner::{Dataset, Settings};
use gleaner_corpus::{Corpus, Sentence, overlap::sentence_key};
use std::{
    collections::{BTreeMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

/// The training texts of a run and of the runs whose models it needs.
pub(super) struct Seen(Vec<Arc<TrainingText>>);

/// What a run was trained on.
#[derive(Default)]
struct TrainingText {
    /// Keys of the sentences of the training text and of the pool.
    sentences: HashSet<String>,
    /// Keys of the words of entities in the training text. Tags of pools are never trained on.
    mentions: HashSet<String>,
    /// Number of words of the longest entity.
    longest: usize,
}

/// The training texts of runs whose models others need. Each is read once in a process, whatever the number
/// of runs and seeds.
#[derive(Default)]
pub(super) struct TrainingTexts {
    known: Mutex<BTreeMap<String, Entry>>,
}

/// Locked while its text is read, so that other workers wait instead of reading it too.
type Entry = Arc<Mutex<Option<Arc<TrainingText>>>>;

impl TrainingTexts {
    /// The text that a run with these settings is trained on; `read` is called if it is not known.
    fn of(
        &self,
        settings: &Settings,
        read: impl FnOnce() -> Result<TrainingText, StudyError>,
    ) -> Result<Arc<TrainingText>, StudyError> {
        let entry = {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            known.entry(what_is_read(settings)).or_default().clone()
        };
        let mut known = entry.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(text) = &*known {
            return Ok(text.clone());
        }
        let text = Arc::new(read()?);
        *known = Some(text.clone());
        Ok(text)
    }
}

/// The settings that decide which text is read for training.
fn what_is_read(settings: &Settings) -> String {
    let s = &settings.self_training;
    serde_json::json!([settings.data, settings.corpus, s.pool, s.pool_limit, s.pool_map])
        .to_string()
}

impl Seen {
    /// The training texts of the run at `at`, whose own texts are `data`, and of the runs whose models it needs.
    pub(super) fn of(
        plan: &Plan,
        at: usize,
        data: &Dataset,
        texts: &TrainingTexts,
    ) -> Result<Self, StudyError> {
        let of_own = || Arc::new(TrainingText::of(data));
        // Its settings do not say which part of the text it is trained on. The runs before it have no other text.
        if matches!(plan.runs[at].task, Task::Active { .. }) {
            return Ok(Self(vec![of_own()]));
        }
        let mut all: Vec<Arc<TrainingText>> = Vec::new();
        for position in plan.chain(at).into_iter().filter(|p| plan.runs[*p].task.trains()) {
            let run = &plan.runs[position];
            let own = position == at;
            if own && plan.needed_by[at].is_empty() {
                all.push(of_own());
                continue;
            }
            let text = texts.of(&run.settings, || match own {
                true => Ok(TrainingText::of(data)),
                false => Ok(TrainingText::of(&Dataset::load(&run.settings)?)),
            })?;
            // The members of an ensemble are trained on the same text.
            if !all.iter().any(|known| Arc::ptr_eq(known, &text)) {
                all.push(text);
            }
        }
        Ok(Self(all))
    }

    /// Whether a sentence occurs in them.
    pub(super) fn sentence(&self, sentence: &Sentence) -> bool {
        let key = sentence_key(&sentence.words);
        self.0.iter().any(|text| text.sentences.contains(&key))
    }

    /// The spans (first word, word after the last) of a sentence whose words are an entity in them, of any
    /// type.
    pub(super) fn spans(&self, sentence: &Sentence) -> Vec<(usize, usize)> {
        let words = &sentence.words;
        let longest = self.0.iter().map(|text| text.longest).max().unwrap_or(0);
        let ends = |start: usize| (start + 1..=words.len()).take(longest);
        let all = (0..words.len()).flat_map(|start| ends(start).map(move |end| (start, end)));
        all.filter(|(start, end)| {
            let key = sentence_key(&words[*start..*end]);
            self.0.iter().any(|text| text.mentions.contains(&key))
        })
        .collect()
    }
}

impl TrainingText {
    fn of(data: &Dataset) -> Self {
        let mut text = Self::default();
        for sentence in std::iter::once(&data.train).chain(&data.pool).flat_map(|c| &c.sentences) {
            text.sentences.insert(sentence_key(&sentence.words));
        }
        text.add_mentions(&data.train);
        text
    }

    fn add_mentions(&mut self, corpus: &Corpus) {
        for sentence in &corpus.sentences {
            for entity in sentence.entities() {
                self.longest = self.longest.max(entity.words().len());
                self.mentions.insert(sentence_key(&sentence.words[entity.words()]));
            }
        }
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
        let text = |text: &str| {
            let mut read = TrainingText::default();
            read.add_mentions(&corpus(text));
            Arc::new(read)
        };
        let seen = Seen(vec![text("New/B-LOC York/I-LOC is/O"), text("York/B-ORG|e\u{301}/B-PER")]);
        let spans = |text: &str| seen.spans(&corpus(text).sentences[0]);
        assert_eq!(spans("In/O New/B-PER York/I-PER York/O"), [(1, 3), (2, 3), (3, 4)]);
        assert_eq!(spans("é/O new/B-LOC york/I-LOC"), [(0, 1)]);
        assert_eq!(spans("is/O"), []);
    }

    #[test]
    fn a_text_is_read_once_for_all_runs_that_train_on_it() {
        let texts = TrainingTexts::default();
        let mut reads = 0;
        let mut read = |toml: &str| {
            let settings = Settings::resolve(&[&toml::from_str(toml).unwrap()]).unwrap();
            let read = || {
                reads += 1;
                Ok(TrainingText::default())
            };
            texts.of(&settings, read).unwrap();
            reads
        };
        assert_eq!(read("data = \"a\"\nseed = 1\nepochs = 3"), 1);
        assert_eq!(read("data = \"a\"\nseed = 2\nepochs = 4"), 1);
        assert_eq!(read("data = \"a\"\ncutoff = 5"), 2);
        assert_eq!(read("data = \"a\"\npool = [\"p\"]"), 3);
        assert_eq!(read("data = \"b\""), 4);
        assert_eq!(read("data = \"a\""), 4);
    }
}
