//! The doubtful sentences of a corpus, in the order in which they are shown.

use super::{Doubt, Predicted, Reason, copies, mentions, predicted};
use crate::answer::{ShownSpan, Span};
use gleaner_corpus::audit::{DataSet, Entry, Part};
use std::{collections::BTreeMap, rc::Rc};

/// Something that speaks against the tags of a sentence.
pub(super) struct Remark {
    pub(super) id: usize,
    pub(super) why: Reason,
    /// How certain it is that a tag is wrong, from 0 to 1.
    pub(super) score: f64,
    /// The first of the sentences that belong together: they are shown one after the other.
    pub(super) group: usize,
    pub(super) note: String,
    /// All remarks of a kind on a sentence share it: there may be many in a long one.
    pub(super) suggested: Option<Rc<[ShownSpan]>>,
}

/// The doubtful sentences of a data set, or of one part of it, the most doubtful first. `predicted` is what a model
/// says of each sentence of the set; it is empty if there is no model.
///
/// First come sentences whose words have other tags elsewhere, and tags that break their scheme: there is a fault,
/// though perhaps in the other place. Then come those that the model contradicts, by its probability, and mentions that
/// are tagged otherwise in most other places, by the share of these.
pub fn doubts(set: &DataSet, part: Option<Part>, predicted: &[Option<Predicted>]) -> Vec<Doubt> {
    let own: Vec<Vec<Span>> =
        set.entries.iter().map(|entry| Span::of_tags(&entry.sentence.tags)).collect();
    let mut remarks = copies::remarks(set, &own);
    remarks.extend(set.entries.iter().enumerate().filter_map(broken));
    for (id, says) in predicted.iter().enumerate() {
        if let Some(says) = says {
            remarks.extend(predicted::remarks(id, &set.entries[id].sentence.words, &own[id], says));
        }
    }
    remarks.extend(mentions::remarks(set, &own));
    let mut of_sentence: BTreeMap<usize, Vec<Remark>> = BTreeMap::new();
    for remark in remarks {
        if part.is_none_or(|part| set.entries[remark.id].part == part) {
            of_sentence.entry(remark.id).or_default().push(remark);
        }
    }
    let mut doubts: Vec<(f64, usize, Doubt)> =
        of_sentence.into_values().filter_map(joined).collect();
    doubts.sort_by(|(a, in_a, first), (b, in_b, second)| {
        b.total_cmp(a).then(in_a.cmp(in_b)).then(first.id.cmp(&second.id))
    });
    doubts.into_iter().map(|(_, _, doubt)| doubt).collect()
}

/// The remarks on a sentence as one, with its score and group.
fn joined(remarks: Vec<Remark>) -> Option<(f64, usize, Doubt)> {
    // The first of the most certain ones.
    let strongest = remarks.iter().rev().max_by(|a, b| a.score.total_cmp(&b.score))?;
    let (id, why, score, group) = (strongest.id, strongest.why, strongest.score, strongest.group);
    // What a model says of this sentence goes before what follows from others.
    let by_model = |remark: &&Remark| remark.why == Reason::DoubtfulTags;
    let suggesting = remarks.iter().find(by_model);
    let suggesting = suggesting.or_else(|| remarks.iter().find(|r| r.suggested.is_some()));
    let suggested =
        suggesting.and_then(|remark| remark.suggested.as_ref()).map(|spans| spans.to_vec());
    let notes = remarks.into_iter().map(|remark| remark.note).collect();
    Some((score, group, Doubt { id, why, notes, suggested }))
}

/// The remark on tags that break their scheme.
fn broken((id, entry): (usize, &Entry)) -> Option<Remark> {
    entry.sentence.unrepaired.as_ref()?;
    let note = "the tags break their scheme; the entities are shown as they are read".to_owned();
    Some(Remark { id, why: Reason::BrokenTags, score: 1.0, group: id, note, suggested: None })
}

/// Words in quotation marks.
pub(super) fn quoted(words: &[String]) -> String {
    format!("“{}”", words.join(" "))
}

/// The place of a sentence for a note: the name of its file, without folders, and its line.
pub(super) fn place(entry: &Entry) -> String {
    let place = entry.place();
    let name = place.file.file_name().unwrap_or(place.file.as_os_str()).to_string_lossy();
    format!("{name}:{}", place.line)
}
