//! Tags that are contradicted by taggers trained on other sentences.

use super::confident::doubts;
use crate::{
    Dataset, GleanerError, Labels, Settings,
    train::{Event, fit},
};
use gleaner_corpus::{
    Sentence, Splits,
    audit::{DataSet, Entry, Issue, IssueKind, excerpt},
    overlap::sentence_key,
    splits::cross_validation,
};

/// How tags are checked by taggers that did not see them.
pub struct CrossValidation<'a> {
    /// The settings of the taggers; `split_seed` draws the folds.
    pub settings: &'a Settings,
    /// Number of folds. For each fold a tagger is trained on the others and checks its tags.
    pub folds: usize,
    /// Minimum probability of another tag to report, from 0 to 1.
    pub confidence: f64,
}

/// Trains one tagger for each fold over the sentences of all parts of `set`, and returns the tags that their
/// predictions contradict by confident learning: a word's tag is contradicted where another tag is at least as probable
/// as that other tag is on average at the words that carry it (capped at 0.9). Adjacent words form one fault. The most
/// confident faults come first.
///
/// Sentences with the same words are in one fold. `observer` gets the fold, from 1, with every event.
///
/// # Errors
/// There are too few sentences, no entities, or the encoder or the settings are wrong.
pub fn doubtful_tags(
    set: &DataSet,
    how: &CrossValidation,
    observer: &mut dyn FnMut(usize, &Event),
) -> Result<Vec<Issue>, GleanerError> {
    let entries = &set.entries;
    let keys: Vec<String> = entries.iter().map(|e| sentence_key(&e.sentence.words)).collect();
    let labels = labels(entries);
    if labels.len() == 1 {
        return Err(GleanerError::Labels {
            path: set.name.clone().into(),
            what: "no entity to train taggers on; check the tag column and the label map".into(),
        });
    }
    let mut settings = how.settings.clone();
    // What knows the sentences would not contradict their tags.
    (settings.self_training.pool, settings.self_training.teacher) = (Vec::new(), Vec::new());
    let mut probabilities: Vec<Vec<f64>> = entries.iter().map(|_| Vec::new()).collect();
    for fold in 1..=how.folds {
        let split = cross_validation(&keys, how.folds, fold, how.settings.data.split_seed)
            .map_err(|e| GleanerError::Settings(format!("{}: {e}", set.name)))?;
        let sentences = |positions: &[usize]| -> Vec<Sentence> {
            positions.iter().map(|&at| entries[at].sentence.clone()).collect()
        };
        let parts = Splits {
            train: sentences(&split.train),
            dev: Some(sentences(&split.dev)).filter(|dev| !dev.is_empty()),
            test: Some(sentences(&split.test)),
        };
        let data = Dataset::from_sentences(parts, how.settings)?;
        let trained = fit(&settings, data, None, &mut |event: &Event| observer(fold, event))?;
        let words: Vec<&[String]> =
            split.test.iter().map(|&at| entries[at].sentence.words.as_slice()).collect();
        let found = trained.tagger.tag_probabilities_as(&labels, &words)?;
        for (&at, found) in split.test.iter().zip(found) {
            probabilities[at] = found;
        }
    }
    Ok(faults(entries, &labels, &probabilities, how.confidence))
}

/// The tags of all sentences.
fn labels(entries: &[Entry]) -> Labels {
    let mut types: Vec<String> =
        entries.iter().flat_map(|e| e.sentence.entities()).map(|e| e.entity_type).collect();
    types.sort_unstable();
    types.dedup();
    let tags = types.iter().flat_map(|t| [format!("B-{t}"), format!("I-{t}")]);
    Labels::new(std::iter::once("O".to_owned()).chain(tags).collect())
}

/// The faults that the probabilities of all words show.
fn faults(
    entries: &[Entry],
    labels: &Labels,
    probabilities: &[Vec<f64>],
    least: f64,
) -> Vec<Issue> {
    let id = |tag: &String| usize::from(labels.id(tag).unwrap_or(0));
    let given: Vec<usize> = entries.iter().flat_map(|e| e.sentence.tags.iter().map(id)).collect();
    let mut doubts = doubts(&given, &probabilities.concat(), labels.len());
    doubts.retain(|doubt| doubt.probability >= least);
    let mut faults = Vec::new();
    let mut rest = doubts.as_slice();
    let mut start = 0;
    for entry in entries {
        let end = start + entry.sentence.words.len();
        let (of_entry, others) = rest.split_at(rest.partition_point(|doubt| doubt.at < end));
        rest = others;
        for run in of_entry.chunk_by(|a, b| a.at + 1 == b.at) {
            let words = run[0].at - start..run[0].at - start + run.len();
            let tags: Vec<&str> = run.iter().map(|d| labels.name(d.class as u16)).collect();
            let confidence = run.iter().map(|d| d.probability).fold(1.0, f64::min);
            let detail = format!(
                "“{}” is tagged {}; taggers predict {} ({confidence:.2})",
                excerpt(&entry.sentence.words[words.clone()]),
                entry.sentence.tags[words.clone()].join(" "),
                tags.join(" ")
            );
            let (kind, place) = (IssueKind::DoubtfulTags, entry.place_of(words.start));
            let mut fault = Issue::new(kind, place, detail, &entry.sentence.words);
            fault.score = Some(confidence);
            faults.push(fault);
        }
        start = end;
    }
    faults.sort_by(|a, b| b.score.unwrap_or(0.0).total_cmp(&a.score.unwrap_or(0.0)));
    faults
}

#[cfg(test)]
mod tests {
    use super::super::tests::set_of;
    use super::*;
    use crate::testing::with_a_missing_teacher;

    #[test]
    fn taggers_of_the_folds_have_no_teachers() {
        let settings = with_a_missing_teacher();
        let text = gleaner_sample::to_conll(&gleaner_sample::target().train[..40]);
        let how = CrossValidation { settings: &settings, folds: 3, confidence: 0.9 };
        doubtful_tags(&set_of(&text), &how, &mut |_, _| ()).unwrap();
    }

    #[test]
    fn adjacent_words_are_one_fault_and_the_most_confident_come_first() {
        let set = set_of("a\tB-X\nb\tI-X\nc\tO\n\nd\tO\ne\tB-X\n");
        let labels = labels(&set.entries);
        assert_eq!(labels.names(), ["O", "B-X", "I-X"]);
        let probabilities = vec![
            vec![0.9, 0.1, 0.0, 0.8, 0.1, 0.1, 1.0, 0.0, 0.0],
            vec![0.02, 0.98, 0.0, 0.3, 0.7, 0.0],
        ];
        // Thresholds: O (1 + 0.02) / 2, B-X (0.1 + 0.7) / 2, I-X 0.1.
        let faults = faults(&set.entries, &labels, &probabilities, 0.75);
        let shown: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            [
                "x.conll:5: doubtful-tags: “d” is tagged O; taggers predict B-X (0.98)",
                "x.conll:1: doubtful-tags: “a b” is tagged B-X I-X; taggers predict O O (0.80)",
            ]
        );
        let least = |p| super::faults(&set.entries, &labels, &probabilities, p).len();
        assert_eq!([least(0.85), least(0.95), least(0.99)], [2, 1, 0]);
    }
}
