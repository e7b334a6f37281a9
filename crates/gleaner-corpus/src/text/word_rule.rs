//! How a corpus cuts words at hyphens, apostrophes and other marks, where that differs from UAX #29.
//!
//! A corpus as lists of words does not say where spaces were. A lone mark (`A`, `-`, `B`) may have had spaces around
//! it, so it counts as evidence against a joined mark only if joined ones are rare.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation;

use crate::invisible::{is_blank, is_edge};

/// What a mark is joined to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Join {
    /// The words on both sides, as the hyphen of `Saint-Denis`.
    Both,
    /// The word before it, as in `l'` `été`.
    Left,
    /// The word after it, as in `Ankara` `'da`.
    Right,
    /// None: it is a word of its own.
    None,
}

/// The rule. Where it says nothing, UAX #29 decides.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct WordRule {
    /// By the mark between its neighbours: `a` for a letter, `0` for a digit, a space for the end of the word, as in
    /// `a-a`, `%0` after a space. `*` on both sides stands for all letters and digits that were not seen beside it.
    marks: BTreeMap<String, Join>,
    /// Words that keep the dot after them, in lower case.
    dotted: BTreeSet<String>,
    /// Whether initials keep the dot after them.
    dotted_initials: bool,
    /// Marks that stay one word when repeated, as `...`.
    repeated: BTreeSet<char>,
}

/// The kind of a character beside a mark: a letter, a digit, white space or nothing, or another mark.
fn side(c: Option<char>) -> char {
    match c {
        None => ' ',
        Some(c) if c.is_whitespace() => ' ',
        Some(c) if c.is_numeric() => '0',
        Some(c) if c.is_alphanumeric() || is_word_mark(c) => 'a',
        Some(_) => '*',
    }
}

/// Combining marks and joiners continue a letter; UAX #29 keeps them with it.
fn is_word_mark(c: char) -> bool {
    // A combining mark forms one grapheme with a letter before it.
    let pair: String = ['a', c].iter().collect();
    pair.graphemes(true).count() == 1
}

fn is_mark(c: char) -> bool {
    side(Some(c)) == '*'
}

fn key(left: char, mark: char, right: char) -> String {
    [left, mark, right].iter().collect()
}

/// Evidence of a corpus for one key.
#[derive(Default, Clone, Copy)]
struct Evidence {
    both: usize,
    left: usize,
    right: usize,
    none: usize,
}

impl Evidence {
    fn add(&mut self, other: Self) {
        self.both += other.both;
        self.left += other.left;
        self.right += other.right;
        self.none += other.none;
    }
}

impl WordRule {
    /// The rule of a corpus, given as sentences of words.
    pub(super) fn learn<'a, S: AsRef<str> + 'a>(sentences: impl Iterator<Item = &'a [S]>) -> Self {
        let mut learner = Learner::default();
        for words in sentences {
            learner.add(words);
        }
        learner.rule()
    }

    fn get(&self, left: char, mark: char, right: char) -> Option<Join> {
        let inner = |c: char| c == 'a' || c == '0';
        let any = || {
            let both = inner(left) && inner(right);
            both.then(|| self.marks.get(&key('*', mark, '*'))).flatten()
        };
        self.marks.get(&key(left, mark, right)).or_else(any).copied()
    }

    /// The byte ranges of the words of a text, in order, without white space and byte order marks around them. What
    /// cannot be seen, such as a mark of direction alone, is not a word: read from columns, it would be empty.
    pub(super) fn words(&self, text: &str) -> Vec<std::ops::Range<usize>> {
        let mut cuts = vec![false; text.len() + 1];
        for (at, _) in text.split_word_bound_indices() {
            cuts[at] = true;
        }
        cuts[text.len()] = true;
        self.recut(text, &mut cuts);
        let mut ranges = Vec::new();
        let mut start = 0;
        for end in (1..=text.len()).filter(|&at| cuts[at]) {
            // Combining marks after white space form one piece with it.
            let piece = &text[start..end];
            let from = start + (piece.len() - piece.trim_start_matches(is_edge).len());
            let word = piece.trim_matches(is_edge);
            if !is_blank(word) {
                ranges.push(from..from + word.len());
            }
            start = end;
        }
        ranges
    }

    fn recut(&self, text: &str, cuts: &mut [bool]) {
        if *self == Self::default() {
            return;
        }
        let chars: Vec<(usize, char)> = text.char_indices().collect();
        let mut at = 0;
        while at < chars.len() {
            let (start, mark) = chars[at];
            if !is_mark(mark) {
                at += 1;
                continue;
            }
            let next = (at + 1..chars.len()).find(|&i| chars[i].1 != mark).unwrap_or(chars.len());
            let end = chars.get(next).map_or(text.len(), |c| c.0);
            if next > at + 1 {
                if self.repeated.contains(&mark) {
                    cuts[start + 1..end].fill(false);
                }
                at = next;
                continue;
            }
            let left = side(at.checked_sub(1).map(|i| chars[i].1));
            let right = side(chars.get(next).map(|c| c.1));
            let dot = self.dot(text, start, mark, left, right);
            let join = dot.or_else(|| self.get(left, mark, right));
            if let Some(join) = join {
                // A mark beside another mark keeps the cut of UAX #29 there.
                if left == 'a' || left == '0' {
                    cuts[start] = !matches!(join, Join::Both | Join::Left);
                }
                if right == 'a' || right == '0' {
                    cuts[end] = !matches!(join, Join::Both | Join::Right);
                }
            }
            at = next;
        }
    }

    /// Whether the word before a dot keeps it.
    fn dot(&self, text: &str, start: usize, mark: char, left: char, right: char) -> Option<Join> {
        if mark != '.' || left != 'a' || right == 'a' || right == '0' {
            return None;
        }
        let before = &text[..start];
        let from = before
            .char_indices()
            .rev()
            .find(|&(_, c)| c.is_whitespace() || (is_mark(c) && c != '.'))
            .map_or(0, |(at, c)| at + c.len_utf8());
        let word = before[from..].trim_start_matches('.');
        let keeps = self.dotted.contains(&word.to_lowercase())
            || (self.dotted_initials && super::repair::is_initial(word));
        keeps.then_some(Join::Left)
    }

    /// Whether the corpus likely had no space between two of its words, as between `l'` and `été`.
    pub(super) fn touch(&self, word: &str, next: &str) -> bool {
        let mut before = word.chars().rev();
        let (last, second_last) = (before.next(), before.next());
        let mut after = next.chars();
        let (first, second) = (after.next(), after.next());
        let inner = |c: char| c == 'a' || c == '0';
        if let Some(mark) = last.filter(|&c| is_mark(c)) {
            let (left, right) = (side(second_last), side(first));
            if inner(left) && inner(right) && self.get(left, mark, right) == Some(Join::Left) {
                return true;
            }
        }
        if let Some(mark) = first.filter(|&c| is_mark(c)) {
            let (left, right) = (side(last), side(second));
            return inner(left) && inner(right) && self.get(left, mark, right) == Some(Join::Right);
        }
        false
    }
}

/// Counts of a corpus.
#[derive(Default)]
struct Learner {
    marks: BTreeMap<(char, char, char), Evidence>,
    /// Words before a dot: with the dot, and apart from it.
    dots: BTreeMap<String, (usize, usize)>,
    initials: (usize, usize),
    repeated: BTreeMap<char, (usize, usize)>,
}

impl Learner {
    fn add<S: AsRef<str>>(&mut self, words: &[S]) {
        for (at, word) in words.iter().enumerate() {
            let word = word.as_ref();
            let before = at.checked_sub(1).and_then(|i| words[i].as_ref().chars().next_back());
            let next = words.get(at + 1).map(AsRef::as_ref);
            self.add_word(before, word, next);
        }
    }

    fn add_word(&mut self, before: Option<char>, word: &str, next: Option<&str>) {
        let chars: Vec<char> = word.chars().collect();
        let after = next.and_then(|next| next.chars().next());
        self.add_dot(word, next);
        let Some(&first) = chars.first() else { return };
        if is_mark(first) && chars.iter().all(|&c| c == first) {
            let counts = self.repeated.entry(first).or_default();
            if chars.len() > 1 {
                counts.0 += 1;
                return;
            }
            counts.1 += usize::from(after == Some(first));
        }
        for (i, &mark) in chars.iter().enumerate().filter(|(_, c)| is_mark(**c)) {
            let left = i.checked_sub(1).map(|i| chars[i]);
            let right = chars.get(i + 1).copied();
            if mark == '.' && right.is_none() && side(left) == 'a' {
                continue; // Decided for each word.
            }
            match (left, right) {
                (Some(_), Some(_)) => self.at(left, mark, right, |e| e.both += 1),
                (Some(_), None) => {
                    self.at(left, mark, None, |e| e.left += 1);
                    self.at_inner(left, mark, after, |e| e.left += 1);
                }
                (None, Some(_)) => {
                    self.at(None, mark, right, |e| e.right += 1);
                    self.at_inner(before, mark, right, |e| e.right += 1);
                }
                (None, None) => {
                    self.at(before, mark, None, |e| e.none += 1);
                    self.at(None, mark, after, |e| e.none += 1);
                    self.at_inner(before, mark, after, |e| e.none += 1);
                }
            }
        }
    }

    fn at(
        &mut self,
        left: Option<char>,
        mark: char,
        right: Option<char>,
        add: impl Fn(&mut Evidence),
    ) {
        let (left, right) = (side(left), side(right));
        // Beside another mark, UAX #29 decides; between spaces there is nothing to decide.
        if left != '*' && right != '*' && (left, right) != (' ', ' ') {
            add(self.marks.entry((left, mark, right)).or_default());
        }
    }

    fn at_inner(
        &mut self,
        left: Option<char>,
        mark: char,
        right: Option<char>,
        add: impl Fn(&mut Evidence),
    ) {
        if left.is_some() && right.is_some() {
            self.at(left, mark, right, add);
        }
    }

    fn add_dot(&mut self, word: &str, next: Option<&str>) {
        let with = word.len() > 1 && word.ends_with('.');
        let stem = word.strip_suffix('.').unwrap_or(word);
        if !(with || next == Some(".")) || !stem.ends_with(|c| side(Some(c)) == 'a') {
            return;
        }
        let add = |counts: &mut (usize, usize)| {
            counts.0 += usize::from(with);
            counts.1 += usize::from(!with);
        };
        if super::repair::is_initial(stem) {
            add(&mut self.initials);
        }
        add(self.dots.entry(stem.to_lowercase()).or_default());
    }

    fn rule(self) -> WordRule {
        let mut marks = self.marks;
        let inner = marks.clone().into_iter().filter(|((l, _, r), _)| *l != ' ' && *r != ' ');
        for ((_, mark, _), evidence) in inner {
            marks.entry(('*', mark, '*')).or_default().add(evidence);
        }
        WordRule {
            marks: marks
                .into_iter()
                .filter_map(|((l, mark, r), evidence)| {
                    Some((key(l, mark, r), decide(l, mark, r, evidence)?))
                })
                .collect(),
            dotted: self
                .dots
                .into_iter()
                .filter(|(_, c)| c.0 > c.1)
                .map(|(word, _)| word)
                .collect(),
            dotted_initials: self.initials.0 > self.initials.1,
            repeated: self
                .repeated
                .into_iter()
                .filter(|(_, c)| c.0 > c.1)
                .map(|(mark, _)| mark)
                .collect(),
        }
    }
}

/// What the evidence says, or nothing where there is too little.
fn decide(left: char, mark: char, right: char, evidence: Evidence) -> Option<Join> {
    let Evidence { both, left: before, right: after, none } = evidence;
    let attached = both + before + after;
    let dash = matches!(mark, '-' | '\u{2010}'..='\u{2015}');
    // At the end of a word, only a dash is likely to have had spaces around it where it stands alone.
    let tolerated = if (left != ' ' && right != ' ') || dash { 20 } else { 1 };
    if attached == 0 || none > attached * tolerated {
        // One or two lone marks may be quotation marks or typing errors.
        return (none >= 3).then_some(Join::None);
    }
    Some(match both.max(before).max(after) {
        most if most == both => Join::Both,
        most if most == before => Join::Left,
        _ => Join::Right,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learn(sentences: &[&str]) -> WordRule {
        let words: Vec<Vec<&str>> = sentences.iter().map(|s| s.split(' ').collect()).collect();
        WordRule::learn(words.iter().map(Vec::as_slice))
    }

    fn cut<'a>(rule: &WordRule, text: &'a str) -> Vec<&'a str> {
        rule.words(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn without_a_rule_uax_29_decides() {
        let rule = WordRule::default();
        assert_eq!(cut(&rule, "L'été, Saint-Denis!"), ["L'été", ",", "Saint", "-", "Denis", "!"]);
    }

    #[test]
    fn what_cannot_be_seen_is_no_word() {
        let text = "\u{ad} Hetta \u{200f}דוד\u{200f} a\u{200b}b\u{feff} \u{301}";
        let expected = ["Hetta", "דוד\u{200f}", "a", "b", "\u{301}"];
        for rule in [WordRule::default(), learn(&["Saint-Denis - Paris", "nu ... ja"])] {
            assert_eq!(cut(&rule, text), expected);
        }
    }

    /// With a search for the end of the word at each of its letters, this would take an hour.
    #[test]
    fn a_word_of_any_length_is_searched_once() {
        let rule = learn(&["Saint-Denis - Paris"]);
        let word = "a".repeat(2_000_000);
        assert_eq!(cut(&rule, &format!("{word}-{word} x")).len(), 2);
    }

    #[test]
    fn hyphens_and_apostrophes_are_learnt() {
        let rule = learn(&["Saint-Denis - Paris", "l' été", "l' eau ,"]);
        assert_eq!(cut(&rule, "l'hiver à Aix-les-Bains"), ["l'", "hiver", "à", "Aix-les-Bains"]);
        let rule = learn(&["Ankara 'da kaldı", "İzmir 'de"]);
        assert_eq!(cut(&rule, "Bursa'da"), ["Bursa", "'da"]);
        assert!(rule.touch("Bursa", "'da") && !rule.touch("Bursa", "da"));
    }

    #[test]
    fn dots_are_learnt_by_word() {
        let rule = learn(&["Hr. Bo er i dag .", "A. B. Friis", "Kl. 5 i dag ."]);
        assert_eq!(cut(&rule, "Hr. H. Vang i dag."), ["Hr.", "H.", "Vang", "i", "dag", "."]);
    }

    #[test]
    fn repeated_marks_are_learnt() {
        assert_eq!(cut(&learn(&["nu ... ja"]), "og..."), ["og", "..."]);
        assert_eq!(cut(&WordRule::default(), "og..."), ["og", ".", ".", "."]);
    }
}
