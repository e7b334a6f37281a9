//! Mentions that are tagged otherwise in most of their other places.

use super::{
    Reason,
    doubts::{Remark, place, quoted},
};
use crate::answer::{ShownSpan, Span};
use gleaner_corpus::{audit::DataSet, overlap::sentence_key};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap, HashSet},
};

/// How many times as often as its own tags the words must have others for a remark. Many names are rightly of two types;
/// an error among that many places is rare and stands out.
const TIMES: usize = 4;

/// Words of one sentence, and what they are there: a type, or no entity at all.
struct Occurrence {
    id: usize,
    start: usize,
    end: usize,
    entity_type: Option<String>,
    key: String,
}

/// Number of occurrences, and the sentence of the first one, by what the words are there.
type Uses = BTreeMap<Option<String>, (usize, usize)>;

/// The remarks on mentions that are tagged otherwise, or not tagged, in at least [`TIMES`] as many other places; and on
/// words without a tag that are a mention in as many.
pub(super) fn remarks(set: &DataSet, own: &[Vec<Span>]) -> Vec<Remark> {
    let occurrences = occurrences(set, own);
    let mut uses: HashMap<&str, Uses> = HashMap::new();
    for Occurrence { id, entity_type, key, .. } in &occurrences {
        uses.entry(key).or_default().entry(entity_type.clone()).or_insert((0, *id)).0 += 1;
    }
    let of_sentences = occurrences.chunk_by(|a, b| a.id == b.id);
    of_sentences.flat_map(|all| of_sentence(set, &own[all[0].id], all, &uses)).collect()
}

/// All mentions, and all words outside of entities that are a mention elsewhere, in the order of the sentences.
fn occurrences(set: &DataSet, own: &[Vec<Span>]) -> Vec<Occurrence> {
    let key = |id: usize, start: usize, end: usize| {
        sentence_key(&set.entries[id].sentence.words[start..end])
    };
    let mut longest = 0;
    let mut mentions: HashSet<String> = HashSet::new();
    for (id, spans) in own.iter().enumerate() {
        for Span { start, end, .. } in spans {
            longest = longest.max(end - start);
            mentions.insert(key(id, *start, *end));
        }
    }
    let mut found = Vec::new();
    for (id, spans) in own.iter().enumerate() {
        found.extend(spans.iter().map(|Span { start, end, entity_type }| Occurrence {
            id,
            start: *start,
            end: *end,
            entity_type: Some(entity_type.clone()),
            key: key(id, *start, *end),
        }));
        let words = set.entries[id].sentence.words.len();
        for start in 0..words {
            // Up to the next entity.
            let free = spans.iter().find(|span| span.end > start).map_or(words, |span| span.start);
            for end in start + 1..=free.min(start + longest) {
                let key = key(id, start, end);
                if mentions.contains(&key) {
                    found.push(Occurrence { id, start, end, entity_type: None, key });
                }
            }
        }
    }
    found
}

/// The remarks on a sentence. Each suggests all changes of the sentence.
fn of_sentence(
    set: &DataSet,
    own: &[Span],
    all: &[Occurrence],
    uses: &HashMap<&str, Uses>,
) -> Vec<Remark> {
    let mut odd: Vec<(&Occurrence, Option<&str>, f64, String)> = Vec::new();
    for occurrence in all {
        let Some(uses) = uses.get(occurrence.key.as_str()) else { continue };
        let count = |what: &Option<String>| uses.get(what).map_or(0, |(n, _)| *n);
        let others = uses.iter().filter(|(what, _)| **what != occurrence.entity_type);
        let most = others.rev().max_by_key(|(_, (n, _))| *n);
        let Some((what, (n, first))) = most else { continue };
        if *n < TIMES * count(&occurrence.entity_type) {
            continue;
        }
        let total: usize = uses.values().map(|(n, _)| n).sum();
        let name =
            |what: &Option<String>| what.clone().unwrap_or_else(|| "not an entity".to_owned());
        let words = &set.entries[occurrence.id].sentence.words[occurrence.start..occurrence.end];
        let note = format!(
            "{} is {} here, but {} in {n} other places, the first at {}",
            quoted(words),
            name(&occurrence.entity_type),
            name(what),
            place(&set.entries[*first])
        );
        odd.push((occurrence, what.as_deref(), *n as f64 / total as f64, note));
    }
    // The longest first: what lies in a longer one is part of it.
    odd.sort_by_key(|(o, ..)| (Reverse(o.end - o.start), o.start));
    let mut kept: Vec<(&Occurrence, Option<&str>, f64, String)> = Vec::new();
    for one in odd {
        if kept.iter().all(|(o, ..)| o.end <= one.0.start || one.0.end <= o.start) {
            kept.push(one);
        }
    }
    kept.sort_by_key(|(o, ..)| o.start);
    let is_odd = |span: &&Span| kept.iter().any(|(o, ..)| o.start == span.start);
    let unchanged = own.iter().filter(|span| !is_odd(span)).cloned();
    let changed = kept.iter().filter_map(|(o, what, ..)| {
        let entity_type = (*what)?.to_owned();
        Some(Span { start: o.start, end: o.end, entity_type })
    });
    let mut suggested: Vec<Span> = unchanged.chain(changed).collect();
    suggested.sort_by_key(|span| span.start);
    let suggested: Vec<ShownSpan> = suggested.into_iter().map(ShownSpan::from).collect();
    let remark = |(o, _, score, note): (&Occurrence, Option<&str>, f64, String)| Remark {
        id: o.id,
        why: Reason::RareTags,
        score,
        group: o.id,
        note,
        suggested: Some(suggested.clone()),
    };
    kept.into_iter().map(remark).collect()
}
