//! Finding the column of the tags.

use std::collections::{BTreeMap, BTreeSet};

use gleaner_base::tags::looks_like_tag;

use super::head::HeadRow;
use super::header;
use crate::error::Problem;

/// Where the tag of a word is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TagPlace {
    /// A column, from 0.
    Column(usize),
    /// The last column of a line.
    Last,
    /// The value of a key in a column of `key=value|key=value`. A word without the key has the tag O.
    Key(usize, String),
}

impl TagPlace {
    /// The tag in a row.
    pub(super) fn tag<'a>(&self, row: &'a [impl AsRef<str>]) -> &'a str {
        let cell = match self {
            Self::Column(column) | Self::Key(column, _) => row.get(*column),
            Self::Last => row.last(),
        };
        let cell = cell.map_or("", |cell| cell.as_ref());
        match self {
            Self::Key(_, key) => {
                pairs(cell).find(|(k, _)| *k == key.as_str()).map_or("O", |(_, tag)| tag)
            }
            _ => cell.trim_matches(' '),
        }
    }
}

/// The chunk types of CoNLL-2000 and CoNLL-2003. A column of chunks looks like one of entities.
const CHUNKS: [&str; 19] = [
    "NP", "VP", "PP", "ADJP", "ADVP", "SBAR", "PRT", "CONJP", "INTJ", "LST", "UCP", "QP", "NC",
    "VC", "PC", "AC", "NX", "VX", "PX",
];

/// Keys of the tag in the MISC column, in lower case, for files in which several keys have tags.
const KEYS: [&str; 3] = ["name", "ner", "ne"];

/// Whether a cell looks like a tag, also with spaces around it, as some files align their columns.
pub(super) fn is_tag(cell: &str) -> bool {
    looks_like_tag(cell.trim_matches(' '))
}

/// The type of a tag; `None` for `O`.
fn entity_type(cell: &str) -> Option<&str> {
    let cell = cell.trim_matches(' ');
    let (first, rest) = cell.split_once('-')?;
    if first.len() == 1 { Some(rest) } else { cell.rsplit_once('-').map(|(kind, _)| kind) }
}

/// The pairs of a cell such as `name=B-PER|SpaceAfter=No`.
fn pairs(cell: &str) -> impl Iterator<Item = (&str, &str)> {
    cell.split('|').filter_map(|pair| pair.split_once('='))
}

/// The columns of tags from the column `from` on, except the last if it only has a copy.
///
/// One cell in ten can be malformed, so that its line is reported and not the whole column.
pub(super) fn columns(rows: &[HeadRow<'_>], from: usize, except: usize) -> Vec<usize> {
    let Some(first) = rows.first() else { return Vec::new() };
    let width = first.cells.len();
    let cells = |column: usize| rows.iter().map(move |row| row.cells[column]);
    let mut found: Vec<usize> = Vec::new();
    for column in (from..width).filter(|column| *column != except) {
        let bad = cells(column).filter(|cell| !is_tag(cell)).count();
        if bad * 10 > rows.len() {
            continue;
        }
        let types: BTreeSet<&str> = cells(column).filter_map(entity_type).collect();
        let chunks = !types.is_empty() && types.iter().all(|kind| CHUNKS.contains(kind));
        if chunks && column + 1 < width {
            continue;
        }
        found.retain(|other| !cells(*other).eq(cells(column)));
        found.push(column);
    }
    found
}

/// The place of the tags in rows of the same width, and why it was chosen.
pub(super) fn find(
    rows: &[HeadRow<'_>],
    from: usize,
    word: usize,
    names: Option<&[String]>,
) -> Result<(TagPlace, String), Problem> {
    let width = rows.first().map_or(0, |row| row.cells.len());
    let last = width.saturating_sub(1);
    let found = columns(rows, from, word);
    if let [one] = found[..] {
        let why = match one == last {
            true => "the last column".to_owned(),
            false => "the only column of tags".to_owned(),
        };
        return Ok((TagPlace::Column(one), why));
    }
    if let Some(named) = names.and_then(|names| header::tag_column(names, &found)) {
        return Ok((TagPlace::Column(named), "named by the header".to_owned()));
    }
    if found.len() > 1 {
        return Err(Problem::TagColumns { columns: described(rows, &found, names) });
    }
    if let Some((column, keys)) = (from..width).rev().find_map(|c| Some((c, keys(rows, c)?))) {
        return match &keys[..] {
            [key] => {
                let why = format!("the key {key} of column {}", column + 1);
                Ok((TagPlace::Key(column, key.clone()), why))
            }
            _ => Err(Problem::TagKeys { column: column + 1, keys }),
        };
    }
    // Tags without prefixes (IO) look like other text, except that most words have O.
    let others = (from..width).filter(|column| *column != word).count();
    let has_outside = rows.iter().any(|row| row.cells[last].trim().eq_ignore_ascii_case("o"));
    if others > 1 && !has_outside {
        return Err(Problem::NoTagColumn { found: width });
    }
    Ok((TagPlace::Column(last), "the last column".to_owned()))
}

/// The keys of a column of `key=value` pairs whose values are tags; `None` if there are none.
fn keys(rows: &[HeadRow<'_>], column: usize) -> Option<Vec<String>> {
    let mut tagged: BTreeMap<&str, (bool, bool)> = BTreeMap::new();
    for (key, value) in rows.iter().flat_map(|row| pairs(row.cells[column])) {
        let (all, entity) = tagged.entry(key).or_insert((true, false));
        *all &= is_tag(value);
        *entity |= entity_type(value).is_some();
    }
    let is_named = |key: &str| KEYS.contains(&key.to_ascii_lowercase().as_str());
    let mut keys: Vec<&str> = tagged
        .into_iter()
        .filter(|(key, (all, entity))| *all && (*entity || is_named(key)))
        .map(|(key, _)| key)
        .collect();
    if keys.len() > 1 && keys.iter().filter(|key| is_named(key)).count() == 1 {
        keys.retain(|key| is_named(key));
    }
    (!keys.is_empty()).then(|| keys.into_iter().map(str::to_owned).collect())
}

/// `3 (ORG, PER)`: columns with their names, or with the types in them.
fn described(rows: &[HeadRow<'_>], found: &[usize], names: Option<&[String]>) -> Vec<String> {
    const SHOWN: usize = 4;
    let of = |column: usize| {
        if let Some(name) = names.and_then(|names| names.get(column)) {
            return format!("{} ({name})", column + 1);
        }
        let cells = rows.iter().filter_map(|row| entity_type(row.cells[column]));
        let types: BTreeSet<&str> = cells.collect();
        let shown: Vec<&str> = types.iter().copied().take(SHOWN).collect();
        let more = if types.len() > SHOWN { ", ..." } else { "" };
        match shown.is_empty() {
            true => format!("{} (only O)", column + 1),
            false => format!("{} ({}{more})", column + 1, shown.join(", ")),
        }
    };
    found.iter().map(|column| of(*column)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, word: usize) -> Result<TagPlace, String> {
        let row = |(line, text): (usize, &'static str)| HeadRow {
            line,
            opens: line == 1,
            cells: text.split(' ').collect(),
        };
        let text: &'static str = Box::leak(text.to_owned().into_boxed_str());
        let rows: Vec<HeadRow<'_>> = (1..).zip(text.split('|')).map(row).collect();
        let found = find(&rows, word, word, None);
        found.map(|(place, _)| place).map_err(|problem| problem.to_string())
    }

    #[test]
    fn tags_of_any_spelling_look_like_tags() {
        for tag in ["O", "o", "B-PER", "b-per", "PER-B", "M-X", "S-work of art", "E-A-B", " O "] {
            assert!(is_tag(tag), "{tag}");
        }
        for other in ["", "_", "PER", "B-", "-B", "NNP", "0-4", "B_PER", "None", "1-1", "BI-PER"] {
            assert!(!is_tag(other), "{other}");
        }
    }

    #[test]
    fn the_column_of_tags_is_found() {
        use TagPlace::{Column, Key};
        for (text, word, place) in [
            ("Anna B-PER|sings O", 0, Column(1)),
            ("Anna NNP B-NP B-PER|sings VBZ B-VP O", 0, Column(3)),
            ("Anna NNP B-NP|sings VBZ B-VP", 0, Column(2)),
            ("1 Anna B-PER - -|2 sings O - -", 1, Column(2)),
            ("Anna B-PER B-PER|sings O O", 0, Column(2)),
            ("Anna NNP PER|sings VBZ O", 0, Column(2)),
            ("Anna X|sings Y", 0, Column(1)),
            ("Anna N NE=B-PER|b V a=b", 0, Key(2, "NE".into())),
        ] {
            assert_eq!(found(text, word), Ok(place), "{text}");
        }
    }

    #[test]
    fn several_columns_or_none_are_refused() {
        insta::assert_snapshot!(found("Die O O|Uni B-ORG O|Trier I-ORG B-LOC", 0).unwrap_err(), @"several columns have tags: 2 (ORG), 3 (LOC); choose one of them (--tag-column 2, or tag-column = 2 in a settings file)");
        assert_eq!(found("a O O", 0), Ok(TagPlace::Column(2)), "copies are one column");
        insta::assert_snapshot!(found("a N _|b V _", 0).unwrap_err(), @"none of the 3 columns has a tag in each line; choose the column of the tags (--tag-column N, or tag-column = N in a settings file)");
    }

    #[test]
    fn keys_have_tags() {
        let row = ["Anna", "name=B-PER|SpaceAfter=No"];
        assert_eq!(TagPlace::Key(1, "name".into()).tag(&row), "B-PER");
        assert_eq!(TagPlace::Key(1, "name".into()).tag(&["a", "_"]), "O");
        assert_eq!(TagPlace::Last.tag(&["a", "b", " O "]), "O");
        assert_eq!(TagPlace::Column(4).tag(&["a"]), "");
    }
}
