//! Options after a path: `PATH[,KEY=VALUE]...`.

use super::super::word::word;
use super::{CorpusOptions, CorpusPath};
use gleaner_corpus::LabelMap;
use std::{collections::BTreeMap, path::Path, str::FromStr};

/// The values of `alone`.
#[derive(serde::Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Yes {
    True,
    False,
}

/// The keys, as messages list them.
const KEYS: [&str; 9] = [
    "format",
    "word-column",
    "tag-column",
    "labels",
    "map",
    "nested",
    "offsets",
    "text-field",
    "alone",
];

/// Splits a path from its options; gives the path as text and the corpus. A comma belongs to the path unless a known
/// key and `=` follow it.
pub(crate) fn parse(text: &str) -> Result<(&str, CorpusPath), String> {
    let is_known = |rest: &str| rest.split_once('=').is_some_and(|(key, _)| KEYS.contains(&key));
    let Some((at, _)) = text.match_indices(',').find(|(at, _)| is_known(&text[at + 1..])) else {
        return Ok((text, text.into()));
    };
    let mut corpus = CorpusPath::from(&text[..at]);
    let mut alone = None;
    let mut map = BTreeMap::new();
    for item in text[at + 1..].split(',') {
        let Some((key, value)) = item.split_once('=') else {
            return Err(format!("`{item}` is not KEY=VALUE; the keys are {}", KEYS.join(", ")));
        };
        match key {
            "alone" => once(key, &mut alone, word(value).map_err(|e| format!("{key}: {e}"))?)?,
            _ => set(&mut corpus.options, &mut map, key, value)?,
        }
    }
    if !map.is_empty() {
        corpus.options.label_map = Some(LabelMap::new(map).map_err(|e| format!("map: {e}"))?);
    }
    corpus.alone = alone == Some(Yes::True);
    Ok((&text[..at], corpus))
}

/// Refuses a text that has an unknown key where a known one was meant: something like `,key=` in the name of a path
/// that does not exist. `names` are the paths that the text can mean.
pub(crate) fn no_unknown_key(text: &str, names: &[&str]) -> Result<(), String> {
    let is_key = |key: &str| {
        key.starts_with(|c: char| c.is_ascii_alphabetic())
            && key.chars().all(|c| c.is_ascii_alphabetic() || c == '-' || c == '_')
    };
    let keys = text.split(',').skip(1).filter_map(|item| Some(item.split_once('=')?.0));
    match keys.into_iter().find(|key| is_key(key)) {
        Some(key) if !names.iter().any(|name| Path::new(name).exists()) => Err(unknown(key)),
        _ => Ok(()),
    }
}

fn unknown(key: &str) -> String {
    format!("unknown key `{key}`; the keys are {}", KEYS.join(", "))
}

fn set(
    options: &mut CorpusOptions,
    map: &mut BTreeMap<String, String>,
    key: &str,
    value: &str,
) -> Result<(), String> {
    if value.is_empty() {
        return Err(format!("{key}: no value; write {key}=VALUE"));
    }
    match key {
        "format" => once(key, &mut options.format, word(value).map_err(|e| format!("{key}: {e}"))?),
        "word-column" => once(key, &mut options.word_column, column(key, value)?),
        "tag-column" => once(key, &mut options.tag_column, column(key, value)?),
        "labels" => {
            let names = value.split_whitespace().map(str::to_owned).collect();
            once(key, &mut options.labels, names)
        }
        "map" => {
            let (old, new) = value
                .rsplit_once(':')
                .ok_or_else(|| format!("map: `{value}` is not OLD:NEW; write map=PERSON:PER"))?;
            match map.insert(old.to_owned(), new.to_owned()) {
                Some(_) => Err(format!("map: {old} is given twice; give it once")),
                None => Ok(()),
            }
        }
        "nested" => once(key, &mut options.nested, word(value).map_err(|e| format!("{key}: {e}"))?),
        "offsets" => {
            once(key, &mut options.offsets, word(value).map_err(|e| format!("{key}: {e}"))?)
        }
        "text-field" => once(key, &mut options.text_field, value.to_owned()),
        _ => Err(unknown(key)),
    }
}

fn once<T>(key: &str, place: &mut Option<T>, value: T) -> Result<(), String> {
    match place.replace(value) {
        Some(_) => Err(format!("{key} is given twice; give it once")),
        None => Ok(()),
    }
}

fn column(key: &str, value: &str) -> Result<usize, String> {
    let column = usize::from_str(value).ok().filter(|column| *column > 0);
    column.ok_or_else(|| format!("{key}: `{value}` is not a column; columns count from 1"))
}
