//! Columns that number the words: running numbers, ids such as `d1-1`, and character offsets.

use super::cell::{can_be_words, has_digit, number, numbering};
use super::head::HeadRow;
use super::tags::is_tag;
use crate::error::Problem;

/// What a column before the words holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Index {
    /// Something else, such as the words.
    No,
    /// Numbers or names that an index has, but not in an order that only an index has.
    Unsure,
    /// Numbers that increase within each sentence. CoNLL-U adds ranges (1-2) and empty nodes (3.1).
    Numbers,
    /// The number of the sentence.
    Sentences,
    /// Ids that end with a number that increases within each sentence.
    Ids,
    /// Offsets such as `0-4`, or one of two columns with the start and the end.
    Offsets,
    /// The same on all words of a sentence, such as the name of the document.
    Same,
    /// Nothing.
    Empty,
}

impl Index {
    /// What the column does, for users.
    pub(super) fn does(self) -> &'static str {
        match self {
            Self::Sentences => "numbers the sentences",
            Self::Ids => "has an id for each word",
            Self::Offsets => "has the offsets of the words",
            Self::Same => "is the same on all words of a sentence",
            Self::Empty => "is empty",
            Self::No | Self::Unsure | Self::Numbers => "numbers the words",
        }
    }
}

/// A cell, and whether it starts a sentence.
type Cell<'a> = (bool, &'a str);

/// What the columns before the words hold, in rows of the same width. `word` is the column of the
/// words (from 0) if it is known.
pub(super) fn leading(
    rows: &[HeadRow<'_>],
    word: Option<usize>,
    unlabelled: bool,
) -> Result<Vec<Index>, Problem> {
    let width = rows.first().map_or(0, |row| row.cells.len());
    // The words need a column, and so do the tags.
    let needed = if unlabelled { 1 } else { 2 };
    let end = word.unwrap_or(width).min(width.saturating_sub(needed));
    let mut found: Vec<Index> = Vec::new();
    while found.len() < end {
        let column = found.len();
        // Ranges and empty nodes repeat or add to the words, so they prove nothing.
        let extras = found.first() == Some(&Index::Numbers);
        let kept = rows.iter().filter(|row| !(extras && is_extra(row.cells[0])));
        let cells: Vec<Cell<'_>> = kept.clone().map(|row| (row.opens, row.cells[column])).collect();
        let next: Vec<&str> = kept.clone().map(|row| row.cells[column + 1]).collect();
        if next.iter().all(|cell| is_tag(cell)) {
            break;
        }
        if column + 1 < end && are_start_and_end(&cells, &next) {
            found.extend([Index::Offsets; 2]);
            continue;
        }
        let after: Vec<&str> = match column + 1 < end {
            true => kept.map(|row| row.cells[column + 2]).collect(),
            false => Vec::new(),
        };
        let index = match classify(&cells, &next) {
            index @ (Index::No | Index::Unsure) => {
                let same = repeated(&cells, &next, &after);
                same.unwrap_or_else(|| named(index, &cells, &next, &after))
            }
            index => index,
        };
        match index {
            Index::Unsure if word.is_none() => {
                return Err(Problem::Numbered { column: column + 1 });
            }
            Index::No | Index::Unsure => break,
            index => found.push(index),
        }
    }
    Ok(found)
}

/// What a column holds, by the cells of all known rows. `next` has the cells of the column after it.
fn classify(cells: &[Cell<'_>], next: &[&str]) -> Index {
    if cells.len() > 1 && cells.iter().all(|(_, cell)| cell.trim().is_empty()) {
        return Index::Empty;
    }
    let numbers: Vec<(bool, u64)> = plain(cells);
    if numbers.is_empty() {
        return match (are_offsets(cells, next), are_ids(cells, next)) {
            (true, _) => Index::Offsets,
            (false, true) => Index::Ids,
            (false, false) => Index::No,
        };
    }
    let increase = numbers.windows(2).all(|pair| pair[1].0 || pair[1].1 > pair[0].1);
    let rest = cells.iter().filter(|(_, cell)| numbering(cell).is_none());
    if !rest.clone().all(|(_, cell)| is_extra(cell)) {
        let most = numbers.len() > 2.max(cells.len() / 2);
        return if most && increase { Index::Unsure } else { Index::No };
    }
    if increase {
        let enough = cells.len() > 2 && follow_each_other(&numbers, next);
        let enough = enough || few_are_enough(&numbers, next);
        return if enough { Index::Numbers } else { Index::Unsure };
    }
    let sentences = numbers.iter().filter(|(opens, _)| *opens).count();
    let constant = numbers
        .windows(2)
        .all(|pair| if pair[1].0 { pair[1].1 > pair[0].1 } else { pair[1].1 == pair[0].1 });
    match constant && sentences > 1 {
        true => Index::Sentences,
        false => Index::Unsure,
    }
}

/// Whether a row is a range or an empty node of CoNLL-U, which repeat or add to the words.
pub(super) fn is_extra(cell: &str) -> bool {
    let parts = cell.split_once('-').or_else(|| cell.split_once('.'));
    parts.is_some_and(|(first, last)| number(first).is_some() && number(last).is_some())
}

/// Whether most numbers of a sentence are one more than the one before, and the first of the file is 0 or 1 or comes
/// before what can be words. A list of years with their parts of speech is not an index.
fn follow_each_other(numbers: &[(bool, u64)], next: &[&str]) -> bool {
    let inside = numbers.windows(2).filter(|pair| !pair[1].0);
    let (mut steps, mut gaps) = (0_usize, 0_usize);
    for pair in inside {
        let step = pair[1].1 - pair[0].1 == 1;
        (steps, gaps) = (steps + usize::from(step), gaps + usize::from(!step));
    }
    let starts = numbers.iter().filter(|(opens, _)| *opens).all(|(_, number)| *number < 2);
    steps >= gaps && (numbers[0].1 < 2 || starts || can_be_words(next))
}

/// One or two numbers can be words by chance. They are an index if they start at 0 or 1 and what
/// follows them can be words rather than parts of speech.
fn few_are_enough(numbers: &[(bool, u64)], next: &[&str]) -> bool {
    let start = numbers.iter().filter(|(opens, _)| *opens).all(|(_, n)| *n < 2);
    let differ = next.windows(2).all(|pair| pair[0] != pair[1]);
    start && next.iter().any(|cell| cell.contains(char::is_lowercase)) && differ
}

/// The cells that are numbers. A number starts a sentence also if only rows that are none come
/// between it and the start.
fn plain(cells: &[Cell<'_>]) -> Vec<(bool, u64)> {
    let mut opens = false;
    let mut numbers = Vec::new();
    for (first, cell) in cells {
        opens |= *first;
        if let Some(number) = numbering(cell) {
            numbers.push((opens, number));
            opens = false;
        }
    }
    numbers
}

/// Whether all cells are spans such as `0-4`, each after the one before it in the sentence. A single one has the length
/// of the word that follows it.
fn are_offsets(cells: &[Cell<'_>], next: &[&str]) -> bool {
    let span = |cell: &str| {
        let (start, end) = cell.split_once(['-', ':'])?;
        Some((number(start)?, number(end)?)).filter(|(start, end)| start < end)
    };
    let spans: Option<Vec<(bool, (u64, u64))>> =
        cells.iter().map(|(opens, cell)| Some((*opens, span(cell)?))).collect();
    let is_long = |((_, (start, end)), word): (&(bool, (u64, u64)), &&str)| {
        end - start == word.chars().count() as u64
    };
    spans.is_some_and(|spans| {
        let ordered = |pair: &[(bool, (u64, u64))]| pair[1].0 || pair[1].1.0 >= pair[0].1.1;
        let fit = || !next.is_empty() && spans.iter().zip(next).all(is_long);
        (spans.len() > 1 || fit()) && spans.windows(2).all(ordered)
    })
}

/// Whether two columns have the start and the end of each word, in order.
fn are_start_and_end(cells: &[Cell<'_>], next: &[&str]) -> bool {
    let pairs = cells.iter().zip(next);
    let spans: Option<Vec<(bool, u64, u64)>> =
        pairs.map(|((opens, start), end)| Some((*opens, number(start)?, number(end)?))).collect();
    spans.is_some_and(|spans| {
        let ordered = |pair: &[(bool, u64, u64)]| pair[1].0 || pair[1].1 >= pair[0].2;
        spans.len() > 1
            && spans.iter().all(|(_, start, end)| start < end)
            && spans.windows(2).all(ordered)
    })
}

/// Whether all words of a sentence have the same cell, although one of the next two columns differs: `Same` if three
/// words in a row have it, or two that have the form of a name; `Unsure` for other two. `None` if the cells differ.
fn repeated(cells: &[Cell<'_>], next: &[&str], after: &[&str]) -> Option<Index> {
    let equal = |pair: &[Cell<'_>]| pair[0].1 == pair[1].1;
    let differ = [next, after].into_iter().any(|others| {
        let mut pairs = cells.windows(2).zip(others.windows(2));
        pairs.any(|(pair, others)| !pair[1].0 && others[0] != others[1])
    });
    if !differ || !cells.windows(2).all(|pair| pair[1].0 || equal(pair)) {
        return None;
    }
    if cells.windows(2).filter(|pair| equal(pair)).count() > 1 {
        return Some(Index::Same);
    }
    let is_name = |cell: &str| has_digit(cell) || cell.contains(['.', '_', '/']);
    let named = cells.iter().all(|(_, cell)| is_name(cell));
    match (named, can_be_words(next)) {
        (true, _) if next.iter().all(|cell| has_digit(cell)) => Some(Index::Same),
        (true, true) => Some(Index::Same),
        (false, true) => Some(Index::Unsure),
        (_, false) => None,
    }
}

/// A column that is not clearly an index, but whose cells all have digits, although what follows can be words: ids in
/// an order of their own. `after` has the column after `next`: offsets in `next` that fit it prove ids.
fn named(index: Index, cells: &[Cell<'_>], next: &[&str], after: &[&str]) -> Index {
    let offsets: Vec<Cell<'_>> =
        cells.iter().zip(next).map(|((opens, _), cell)| (*opens, *cell)).collect();
    let numbered = cells.iter().all(|(_, cell)| has_digit(cell));
    match index {
        Index::No if numbered && are_offsets(&offsets, after) => Index::Ids,
        Index::No if numbered && can_be_words(next) => Index::Unsure,
        Index::No if are_parts_of_speech(cells, next) => Index::Unsure,
        index => index,
    }
}

/// Whether a column has parts of speech, and the next one the words.
fn are_parts_of_speech(cells: &[Cell<'_>], next: &[&str]) -> bool {
    /// Those of Universal Dependencies and of the Penn Treebank.
    const PARTS: &str = "ADJ ADP ADV AUX CCONJ CONJ DET INTJ NOUN NUM PART PRON PROPN PUNCT SCONJ SYM VERB X \
        CC CD DT EX FW IN JJ JJR JJS LS MD NN NNS NNP NNPS PDT POS PRP PRP$ RB RBR RBS RP TO UH VB VBD VBG VBN \
        VBP VBZ WDT WP WP$ WRB";
    let is_part = |cell: &str| PARTS.split(' ').any(|part| part == cell);
    let mut letters = cells
        .iter()
        .map(|(_, cell)| *cell)
        .filter(|cell| cell.contains(char::is_alphabetic))
        .peekable();
    let parts = letters.peek().is_some() && letters.all(is_part);
    // A lemma of a word in capitals differs from it in its case only.
    let is_lemma =
        |((_, cell), next): (&Cell<'_>, &&str)| cell.to_lowercase() == next.to_lowercase();
    parts && can_be_words(next) && !cells.iter().zip(next).all(is_lemma)
}

/// Whether all cells are ids: what comes before their last number is the same within a sentence, and
/// the number increases.
fn are_ids(cells: &[Cell<'_>], next: &[&str]) -> bool {
    let id = |cell: &'_ str| -> Option<(usize, u64)> {
        let stem = cell.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        Some((stem, number(&cell[stem..])?)).filter(|_| stem > 0)
    };
    let (mut separated, mut starts, mut continues, mut by_one) = (true, true, true, true);
    let mut before: Option<(&str, u64)> = None;
    for (opens, cell) in cells {
        let Some((stem, number)) = id(cell) else { return false };
        let stem = &cell[..stem];
        separated &= stem.ends_with(['-', '_', '.', ':', '/', '#']);
        starts &= !opens || number < 2;
        if let Some((old, last)) = before {
            let increases = old == stem && number > last;
            if !opens && !increases {
                return false;
            }
            continues &= increases;
            by_one &= *opens || number == last + 1;
        }
        before = Some((stem, number));
    }
    // Names such as `A1` and `A2` can be words; many of them in a row are not, and neither are a few that start at 0
    // or 1, or continue from sentence to sentence, before words.
    let longest = cells.split(|(opens, _)| *opens).map(|rest| rest.len() + 1).max();
    let rows = longest.unwrap_or(0);
    let many = if separated { rows > 1 } else { rows > 2 };
    let in_order = (starts || continues) && (separated || (rows > 1 && by_one));
    many || (cells.len() > 1 && in_order && can_be_words(next))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A column before words, or parts of speech. Sentences are separated by `|`.
    fn classified(text: &str, next: [&str; 2]) -> Index {
        let mut cells = Vec::new();
        for sentence in text.split('|') {
            cells.extend(sentence.split_whitespace().enumerate().map(|(at, cell)| (at == 0, cell)));
        }
        let next: Vec<&str> = next.into_iter().cycle().take(cells.len()).collect();
        classify(&cells, &next)
    }

    #[test]
    fn columns_that_number_words_are_recognised() {
        for (text, index) in [
            ("1 2 | 1", Index::Numbers),
            ("0 1 2 3 | 4 5", Index::Numbers),
            ("1 2 4 | 1 2", Index::Numbers),
            ("1-2 1 2 3 3.1 | 1", Index::Numbers),
            ("1 1 1 | 2 2", Index::Sentences),
            ("d1-1 d1-2 | d1-3 | d2-1", Index::Ids),
            ("1-1 1-2 | 2-1", Index::Ids),
            ("w1 w2 w3 w4 | w1", Index::Ids),
            ("w1 w2 | w1", Index::Ids),
            ("d1-1 | d1-2", Index::Ids),
            ("1.1 | 2.1", Index::Ids),
            ("1. 2. | 1.", Index::Numbers),
            ("(1) (2)", Index::Numbers),
            ("0-4 5-9 10-11 | 12-14", Index::Offsets),
        ] {
            assert_eq!(classified(text, ["Ab", "cd"]), index, "{text}");
        }
    }

    #[test]
    fn words_are_no_index_and_doubtful_numbers_are_unsure() {
        for (text, index) in [
            ("Anna sings | 1", Index::No),
            ("A1 A2 | B3", Index::No),
            ("w1 | w1 | w1", Index::No),
            ("d1-1", Index::No),
            ("2 1 3", Index::Unsure),
            ("1984 2001 2010", Index::Unsure),
            ("1990 1991 1992", Index::Unsure),
            ("1 2 3 a", Index::Unsure),
            ("7", Index::Unsure),
            ("99999999999999999999 a", Index::No),
        ] {
            assert_eq!(classified(text, ["CD", "NN"]), index, "{text}");
        }
    }

    /// The columns before the words of rows separated by commas, or the column that is unsure. `|` separates sentences.
    fn before(text: &str) -> Result<Vec<Index>, usize> {
        let mut rows: Vec<HeadRow<'_>> = Vec::new();
        for sentence in text.split('|') {
            for (at, line) in sentence.split(',').enumerate() {
                rows.push(HeadRow { line: 1, opens: at == 0, cells: line.split(' ').collect() });
            }
        }
        leading(&rows, None, false).map_err(|problem| match problem {
            Problem::Numbered { column } => column,
            _ => 0,
        })
    }

    #[test]
    fn names_of_sentences_and_offsets_are_found_in_short_files() {
        use Index::{Ids, Numbers, Offsets, Same, Sentences};
        assert_eq!(before("1-1 0-4 Anna O"), Ok(vec![Ids, Offsets]));
        assert_eq!(before("1-1 0-4 Anna O|2-1 5-9 Oslo O"), Ok(vec![Ids, Offsets]));
        assert_eq!(before("s12 Anna O,s12 sings O|s13 Oslo O"), Ok(vec![Same]));
        assert_eq!(before("a.txt Anna O,a.txt sings O"), Ok(vec![Same]));
        assert_eq!(
            before("d1 1 1 Anna O,d1 1 2 sings O|d1 2 1 Oslo O"),
            Ok(vec![Same, Sentences, Numbers])
        );
        assert_eq!(before("ha UH O,ha NN O"), Ok(vec![]));
        assert_eq!(before("B2B name O,is verb O"), Ok(vec![]));
        assert_eq!(before("IN in O,TO to O"), Ok(vec![]));
        for (unsure, column) in [
            ("3fa9 Anna O,0b7e sings O", 1),
            ("d1-1 Anna O", 1),
            ("wiki Anna O,wiki sings O", 1),
            ("w1 Anna O|w1 Oslo O", 1),
            ("NNP Anna O,VBZ sings O,. . O", 1),
        ] {
            assert_eq!(before(unsure), Err(column), "{unsure}");
        }
    }
}
