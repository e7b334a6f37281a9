//! Mentions that are tagged otherwise in most of their other places.

use super::{
    Reason,
    doubts::{Remark, place, quoted},
    phrases::Phrases,
};
use crate::answer::{ShownSpan, Span};
use gleaner_corpus::audit::DataSet;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
    rc::Rc,
};

/// How many times as often as its own tags the words must have others for a remark. Many names are rightly of two
/// types; an error among that many places is rare and stands out.
const TIMES: usize = 4;

/// Words of one sentence, and what they are there: a type, or no entity at all.
struct Occurrence<'a> {
    id: usize,
    start: usize,
    end: usize,
    entity_type: Option<&'a str>,
    /// The number of the words among all mentions.
    mention: usize,
}

/// Number of occurrences, and the sentence of the first one, by what the words are there.
type Uses<'a> = BTreeMap<Option<&'a str>, (usize, usize)>;

/// What an occurrence is in most other places.
struct Odd<'a> {
    start: usize,
    end: usize,
    here: Option<&'a str>,
    elsewhere: Option<&'a str>,
    /// Number of the other places.
    places: usize,
    /// The sentence of the first one.
    first: usize,
    /// Number of all places.
    total: usize,
}

/// The remarks on mentions that are tagged otherwise, or not tagged, in at least [`TIMES`] as many other places; and on
/// words without a tag that are a mention in as many.
pub(super) fn remarks(set: &DataSet, own: &[Vec<Span>]) -> Vec<Remark> {
    let occurrences = occurrences(set, own);
    let mut uses: HashMap<usize, Uses<'_>> = HashMap::new();
    for Occurrence { id, entity_type, mention, .. } in &occurrences {
        uses.entry(*mention).or_default().entry(*entity_type).or_insert((0, *id)).0 += 1;
    }
    let of_sentences = occurrences.chunk_by(|a, b| a.id == b.id);
    of_sentences.flat_map(|all| of_sentence(set, &own[all[0].id], all, &uses)).collect()
}

/// All mentions, and all words outside of entities that are a mention elsewhere, in the order of the sentences.
fn occurrences<'a>(set: &DataSet, own: &'a [Vec<Span>]) -> Vec<Occurrence<'a>> {
    let sentences = || set.entries.iter().map(|entry| entry.sentence.words.as_slice()).zip(own);
    let phrases = Phrases::new(
        sentences().flat_map(|(words, own)| own.iter().map(|span| &words[span.start..span.end])),
    );
    let mut found = Vec::new();
    for (id, (words, own)) in sentences().enumerate() {
        let mut free = 0;
        for span in own {
            let (start, end) = (span.start, span.end);
            let entity_type = Some(span.entity_type.as_str());
            found.extend(untagged(&phrases, id, words, free, start));
            let mention = phrases.number(&words[start..end]);
            found.extend(mention.map(|mention| Occurrence {
                id,
                start,
                end,
                entity_type,
                mention,
            }));
            free = end;
        }
        found.extend(untagged(&phrases, id, words, free, words.len()));
    }
    found
}

/// The mentions among the words from `free` to `end`, which are outside of entities.
fn untagged<'a>(
    phrases: &Phrases,
    id: usize,
    words: &[String],
    free: usize,
    end: usize,
) -> impl Iterator<Item = Occurrence<'a>> {
    let found = phrases.find(&words[free..end]).into_iter();
    found.map(move |(start, end, mention)| {
        let (start, end) = (free + start, free + end);
        Occurrence { id, start, end, entity_type: None, mention }
    })
}

/// What an occurrence is in most other places, if that is odd.
fn odd<'a>(occurrence: &Occurrence<'a>, uses: &Uses<'a>) -> Option<Odd<'a>> {
    let Occurrence { start, end, entity_type: here, .. } = *occurrence;
    let others = uses.iter().filter(|(what, _)| **what != here);
    let (elsewhere, (places, first)) = others.rev().max_by_key(|(_, (n, _))| *n)?;
    let own = uses.get(&here).map_or(0, |(n, _)| *n);
    let total = uses.values().map(|(n, _)| n).sum();
    let (elsewhere, places, first) = (*elsewhere, *places, *first);
    (places >= TIMES * own).then_some(Odd { start, end, here, elsewhere, places, first, total })
}

/// The remarks on a sentence. Each suggests all changes of the sentence.
fn of_sentence(
    set: &DataSet,
    own: &[Span],
    all: &[Occurrence<'_>],
    uses: &HashMap<usize, Uses<'_>>,
) -> Vec<Remark> {
    let id = all[0].id;
    let mut found: Vec<Odd<'_>> = all
        .iter()
        .filter_map(|occurrence| odd(occurrence, uses.get(&occurrence.mention)?))
        .collect();
    // The longest first: what lies in a longer one is part of it.
    found.sort_by_key(|odd| (Reverse(odd.end - odd.start), odd.start));
    // By their first words. They do not overlap, so the last one that begins before an end is also the last to end.
    let mut kept: BTreeMap<usize, Odd<'_>> = BTreeMap::new();
    for odd in found {
        let before = kept.range(..odd.end).next_back();
        if before.is_none_or(|(_, before)| before.end <= odd.start) {
            kept.insert(odd.start, odd);
        }
    }
    let unchanged = own.iter().filter(|span| !kept.contains_key(&span.start)).cloned();
    let changed = kept.values().filter_map(|odd| {
        let entity_type = odd.elsewhere?.to_owned();
        Some(Span { start: odd.start, end: odd.end, entity_type })
    });
    let mut suggested: Vec<Span> = unchanged.chain(changed).collect();
    suggested.sort_by_key(|span| span.start);
    let suggested: Rc<[ShownSpan]> = suggested.into_iter().map(ShownSpan::from).collect();
    let remark = |odd: &Odd<'_>| Remark {
        id,
        why: Reason::RareTags,
        score: odd.places as f64 / odd.total as f64,
        group: id,
        note: note(set, &set.entries[id].sentence.words, odd),
        suggested: Some(Rc::clone(&suggested)),
    };
    kept.values().map(remark).collect()
}

fn note(set: &DataSet, words: &[String], odd: &Odd<'_>) -> String {
    let nothing = "not an entity";
    format!(
        "{} is {} here, but {} in {} other places, the first at {}",
        quoted(&words[odd.start..odd.end]),
        odd.here.unwrap_or(nothing),
        odd.elsewhere.unwrap_or(nothing),
        odd.places,
        place(&set.entries[odd.first])
    )
}
