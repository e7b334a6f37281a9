//! Finding the column of the tags.

use std::collections::{BTreeMap, BTreeSet};

use gleaner_base::tags::{Notation, looks_like_tag};

use super::head::HeadRow;
use super::header;
use crate::brackets;
use crate::error::Problem;
use crate::spelling::Spelling;

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
    if brackets::is_bracket(cell) {
        return brackets::opened(cell);
    }
    let (first, rest) = cell.split_once('-')?;
    if first.len() == 1 { Some(rest) } else { cell.rsplit_once('-').map(|(kind, _)| kind) }
}

/// The pairs of a cell such as `name=B-PER|SpaceAfter=No`.
fn pairs(cell: &str) -> impl Iterator<Item = (&str, &str)> {
    cell.split('|').filter_map(|pair| pair.split_once('='))
}

/// What the columns beside the words hold, as far as it can be a tag.
struct Columns<'r, 'a> {
    rows: &'r [HeadRow<'a>],
    from: usize,
    word: usize,
    width: usize,
}

impl<'r, 'a> Columns<'r, 'a> {
    /// The columns from `from` on, apart from that of the words.
    fn of(rows: &'r [HeadRow<'a>], from: usize, word: usize) -> Self {
        Self { rows, from, word, width: rows.first().map_or(0, |row| row.cells.len()) }
    }

    fn cells(&self, column: usize) -> impl Iterator<Item = &'a str> + Clone + use<'r, 'a> {
        self.rows.iter().map(move |row| row.cells[column].trim_matches(' '))
    }

    /// The columns for which `is` holds. Of columns with equal cells only the last one, and none of chunks before
    /// another column.
    fn all(&self, is: impl Fn(usize) -> bool) -> Vec<usize> {
        let mut found: Vec<usize> = Vec::new();
        for column in (self.from..self.width).filter(|column| *column != self.word) {
            if !is(column) || (self.are_chunks(column) && column + 1 < self.width) {
                continue;
            }
            found.retain(|other| !self.cells(*other).eq(self.cells(column)));
            found.push(column);
        }
        found
    }

    fn are_chunks(&self, column: usize) -> bool {
        let types = self.types(column);
        !types.is_empty() && types.iter().all(|kind| CHUNKS.contains(kind))
    }

    /// The types in a column of tags, with letters or without.
    fn types(&self, column: usize) -> BTreeSet<&'a str> {
        let types = self.cells(column).filter_map(entity_type);
        // A lone `-` has none.
        let types: BTreeSet<&str> = types.filter(|kind| !kind.is_empty()).collect();
        match types.is_empty() {
            true => self
                .cells(column)
                .filter(|cell| Notation::Plain.canonical(cell).is_some() && !is_tag(cell))
                .collect(),
            false => types,
        }
    }

    /// Whether a column has tags with letters. One cell in ten can be malformed, so that its line is reported and not
    /// the whole column.
    fn has_tags(&self, column: usize) -> bool {
        let bad = self.cells(column).filter(|cell| !is_tag(cell)).count();
        bad * 10 <= self.rows.len() || self.spelling(column).is_some_and(|(_, letters)| letters)
    }

    /// Whether a column has types without letters, and `O`; one cell in ten can be malformed.
    fn has_plain_tags(&self, column: usize) -> bool {
        let bad = self.cells(column).filter(|cell| Notation::Plain.canonical(cell).is_none());
        Notation::of(self.cells(column)) == Notation::Plain && bad.count() * 10 <= self.rows.len()
    }

    /// How a column spells tags other than usual, and whether they have letters or brackets.
    fn spelling(&self, column: usize) -> Option<(Spelling, bool)> {
        let spelling = Spelling::of(self.cells(column))?;
        let letters = match &spelling {
            Spelling::Outside(mark) => {
                self.cells(column).all(|cell| cell == mark.as_str() || is_tag(cell))
            }
            Spelling::Untyped | Spelling::Brackets => true,
            Spelling::Numbers => false,
        };
        Some((spelling, letters))
    }

    /// Whether a column has types without letters, and another word for `O`.
    fn has_marked_types(&self, column: usize) -> bool {
        self.spelling(column).is_some_and(|(spelling, _)| matches!(spelling, Spelling::Outside(_)))
    }

    /// Whether a column has `B` and `I` without types.
    fn has_letters_alone(&self, column: usize) -> bool {
        self.spelling(column).is_some_and(|(spelling, _)| spelling == Spelling::Untyped)
    }

    /// Whether a column has numbers.
    fn has_numbers(&self, column: usize) -> bool {
        self.spelling(column).is_some_and(|(spelling, _)| spelling == Spelling::Numbers)
    }
}

/// The columns of tags from the column `from` on, except the last if it only has a copy.
pub(super) fn columns(rows: &[HeadRow<'_>], from: usize, except: usize) -> Vec<usize> {
    let columns = Columns::of(rows, from, except);
    columns.all(|column| columns.has_tags(column))
}

/// The place of the tags in rows of the same width, and why it was chosen. `named_numbers` says that tags can be
/// numbers, because an option names them.
pub(super) fn find(
    rows: &[HeadRow<'_>],
    from: usize,
    word: usize,
    names: Option<&[String]>,
    named_numbers: bool,
) -> Result<(TagPlace, String), Problem> {
    let columns = Columns::of(rows, from, word);
    let width = columns.width;
    let last = width.saturating_sub(1);
    let tagged = columns.all(|column| columns.has_tags(column));
    let plain = columns.all(|column| columns.has_plain_tags(column));
    // Types without letters can come with chunks that have letters, or be those of an outer or inner entity.
    let mut found = [&tagged[..], &plain].concat();
    found.sort_unstable();
    found.dedup();
    if found.is_empty()
        && let Some((column, keys)) = (from..width).rev().find_map(|c| Some((c, keys(rows, c)?)))
    {
        let key = only_key(column, keys)?;
        let why = format!("the key {key} of column {}", column + 1);
        return Ok((TagPlace::Key(column, key), why));
    }
    // Letters in one column can have their types in another one.
    if found.iter().all(|column| columns.has_letters_alone(*column)) {
        found.extend(columns.all(|column| columns.has_marked_types(column)));
    }
    if found.is_empty() && named_numbers {
        found = columns.all(|column| columns.has_numbers(column));
    }
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
        return Err(Problem::TagColumns { columns: described(&columns, &found, names) });
    }
    // Tags without prefixes (IO) look like other text, except that most words have O.
    let others = (from..width).filter(|column| *column != word).count();
    let has_outside = rows.iter().any(|row| row.cells[last].trim().eq_ignore_ascii_case("o"));
    if others > 1 && !has_outside {
        return Err(Problem::NoTagColumn { found: width });
    }
    Ok((TagPlace::Column(last), "the last column".to_owned()))
}

/// The place of the tags in a column that was chosen: its cells, or the value of a key in them.
pub(super) fn chosen(rows: &[HeadRow<'_>], column: usize) -> Result<TagPlace, Problem> {
    let is_usual = rows.iter().any(|row| is_tag(row.cells[column]));
    match keys(rows, column).filter(|_| !is_usual) {
        Some(keys) => Ok(TagPlace::Key(column, only_key(column, keys)?)),
        None => Ok(TagPlace::Column(column)),
    }
}

/// Whether a column before that of the words has the tags: all its cells are tags, one of an entity, and the next
/// column has something else.
pub(super) fn come_first(rows: &[HeadRow<'_>], column: usize) -> bool {
    let all = |column: usize| rows.iter().all(|row| is_tag(row.cells[column]));
    let entity = rows.iter().any(|row| entity_type(row.cells[column]).is_some());
    rows.first().is_some_and(|row| row.cells.len() > column + 1)
        && entity
        && all(column)
        && !all(column + 1)
}

fn only_key(column: usize, mut keys: Vec<String>) -> Result<String, Problem> {
    match keys.len() {
        1 => Ok(keys.swap_remove(0)),
        _ => Err(Problem::TagKeys { column: column + 1, keys }),
    }
}

/// The keys of a column of `key=value` pairs whose values are tags; `None` if there are none.
fn keys(rows: &[HeadRow<'_>], column: usize) -> Option<Vec<String>> {
    let is_named = |key: &str| KEYS.contains(&key.to_ascii_lowercase().as_str());
    let is_plain = |key: &str| is_named(key) && !key.eq_ignore_ascii_case("name");
    let mut tagged: BTreeMap<&str, (bool, bool)> = BTreeMap::new();
    for (key, value) in rows.iter().flat_map(|row| pairs(row.cells[column])) {
        let (all, entity) = tagged.entry(key).or_insert((true, false));
        // A key such as NER can have types without letters; words without the key have O.
        let plain = || is_plain(key) && Notation::Plain.canonical(value).is_some();
        *all &= is_tag(value) || plain();
        *entity |= entity_type(value).is_some();
    }
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
fn described(columns: &Columns<'_, '_>, found: &[usize], names: Option<&[String]>) -> Vec<String> {
    const SHOWN: usize = 4;
    let of = |column: usize| {
        if let Some(name) = names.and_then(|names| names.get(column)) {
            return format!("{} ({name})", column + 1);
        }
        let types = columns.types(column);
        let shown: Vec<&str> = types.iter().copied().take(SHOWN).collect();
        let more = if types.len() > SHOWN { ", ..." } else { "" };
        match shown.is_empty() {
            true if columns.has_numbers(column) => format!("{} (numbers)", column + 1),
            true if columns.has_letters_alone(column) => format!("{} (B, I)", column + 1),
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
        let found = find(&rows, word, word, None, false);
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
            ("Anna N NER=PER|b V _", 0, Key(2, "NER".into())),
            ("Anna N B-PER x|b V _ x", 0, Column(2)),
            ("Anna N PER x|b V O y", 0, Column(2)),
            ("Anna N PER x|b V _ 3", 0, Column(2)),
            ("Anna N (PER* *|b V *) *", 0, Column(2)),
            ("Anna N B *|b V O *", 0, Column(2)),
            ("Anna N NP PER|b V VP O|, , O O", 0, Column(3)),
        ] {
            assert_eq!(found(text, word), Ok(place), "{text}");
        }
    }

    #[test]
    fn several_columns_or_none_are_refused() {
        insta::assert_snapshot!(found("Die O O|Uni B-ORG O|Trier I-ORG B-LOC", 0).unwrap_err(), @"several columns have tags: 2 (ORG), 3 (LOC); choose one of them (--tag-column 2, PATH,tag-column=2, or tag-column = 2 in a settings file)");
        assert!(found("a B-X -|b O -|c B-Y B-Z", 0).unwrap_err().contains(" 2 (X, Y), 3 (Z);"));
        assert_eq!(found("a O O", 0), Ok(TagPlace::Column(2)), "copies are one column");
        for nested in
            ["Die O O|Uni ORG O|Trier ORG LOC", "a B-GN PER|b B-GV O|c O O", "a (A* (B)|b *) *"]
        {
            assert!(
                found(nested, 0).unwrap_err().starts_with("several columns have tags: 2 ("),
                "{nested}"
            );
        }
        insta::assert_snapshot!(found("a N _|b V _", 0).unwrap_err(), @"none of the 3 columns has a tag in each line; choose the column of the tags (--tag-column N, PATH,tag-column=N, or tag-column = N in a settings file)");
    }

    #[test]
    fn chosen_columns_can_have_keys_and_tags_can_come_first() {
        let rows = |lines: &[&'static str]| -> Vec<HeadRow<'_>> {
            lines
                .iter()
                .map(|line| HeadRow { line: 1, opens: true, cells: line.split(' ').collect() })
                .collect()
        };
        let key = Ok(TagPlace::Key(1, "name".into()));
        let of =
            |lines: &[&'static str]| chosen(&rows(lines), 1).map_err(|problem| problem.to_string());
        assert_eq!(of(&["a name=B-X|b=c", "b _"]), key);
        assert_eq!(of(&["a B-X", "b O"]), Ok(TagPlace::Column(1)));
        assert!(of(&["a x=B-X|y=B-Y", "b x=O|y=O"]).unwrap_err().contains("several keys"));
        assert!(come_first(&rows(&["B-ACTOR steve", "O movies"]), 0));
        for other in [&["O x"][..], &["O O", "B-X O"], &["steve B-ACTOR"], &["B-X"]] {
            assert!(!come_first(&rows(other), 0), "{other:?}");
        }
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
