//! Abbreviations that a text shows by its own use of dots, in the manner of Punkt (Kiss and Strunk 2006, "Unsupervised
//! Multilingual Sentence Boundary Detection", section 3).

use std::collections::{BTreeMap, BTreeSet};

/// Score from which a word is an abbreviation (Kiss and Strunk, section 3.1.5).
const THRESHOLD: f64 = 0.3;

/// The occurrences of a word, in lower case.
#[derive(Default)]
struct Counts {
    /// With a dot after it.
    dotted: usize,
    /// Without.
    bare: usize,
    /// With a dot that likely ends no sentence: a small letter, a digit or a comma follows.
    inside: usize,
    /// Written in capitals only.
    capitals: usize,
}

/// Counts of words and dots of a text.
#[derive(Default)]
pub(super) struct Counter {
    words: BTreeMap<String, Counts>,
    tokens: usize,
    dots: usize,
    /// Capitalised words after a number with a dot, as in `24. Dezember`.
    after_numbers: BTreeMap<String, usize>,
    /// Words that occur with a small first letter.
    small: BTreeSet<String>,
}

/// What a text shows about its dots.
pub(super) struct Learnt {
    pub(super) abbreviations: BTreeSet<String>,
    pub(super) after_ordinals: BTreeSet<String>,
}

/// A word of a text with the dot after it split off.
struct Piece<'a> {
    word: &'a str,
    dotted: bool,
}

impl Counter {
    /// Counts the words of a line or sentence. A dot may follow its word with or without a space.
    pub(super) fn add<'a>(&mut self, words: impl Iterator<Item = &'a str>) {
        let mut pieces: Vec<Piece<'a>> = Vec::new();
        for word in words {
            match pieces.last_mut() {
                Some(last) if word == "." && !last.dotted => last.dotted = true,
                _ => {
                    let dotted = word.len() > 1 && word.ends_with('.') && !word.ends_with("..");
                    let stem = if dotted { &word[..word.len() - 1] } else { word };
                    let inner = super::repair::opened(stem);
                    // Marks alone are kept: a comma after a dot shows that no sentence ends there.
                    pieces
                        .push(Piece { word: if inner.is_empty() { stem } else { inner }, dotted });
                }
            }
        }
        for (at, piece) in pieces.iter().enumerate() {
            self.count(piece, pieces.get(at + 1).map(|next| next.word));
        }
    }

    fn count(&mut self, piece: &Piece<'_>, next: Option<&str>) {
        self.tokens += 1;
        self.dots += usize::from(piece.dotted);
        let first = next.and_then(|next| next.chars().next());
        let capitalised = next.filter(|_| first.is_some_and(char::is_uppercase));
        if piece.dotted
            && super::repair::is_ordinal(piece.word)
            && let Some(next) = capitalised
        {
            *self.after_numbers.entry(next.to_owned()).or_default() += 1;
        }
        if !piece.word.contains(char::is_alphabetic) {
            return;
        }
        let lower = piece.word.to_lowercase();
        if piece.word.starts_with(char::is_lowercase) && !self.small.contains(&lower) {
            self.small.insert(lower.clone());
        }
        let counts = self.words.entry(lower).or_default();
        counts.capitals += usize::from(!piece.word.contains(char::is_lowercase));
        if piece.dotted {
            counts.dotted += 1;
            let goes_on =
                |c: char| c.is_lowercase() || c.is_numeric() || matches!(c, ',' | ';' | ':');
            counts.inside += usize::from(first.is_some_and(goes_on));
        } else {
            counts.bare += 1;
        }
    }

    pub(super) fn learnt(&self) -> Learnt {
        // Without any dot, nothing is an abbreviation; the probability must stay inside (0, 1).
        let share = (self.dots as f64 / self.tokens.max(1) as f64).clamp(1e-6, 0.9);
        let abbreviations = self
            .words
            .iter()
            .filter(|(word, counts)| is_abbreviation(word, counts, share))
            .map(|(word, _)| word.clone())
            .collect();
        let after_ordinals = self
            .after_numbers
            .iter()
            .filter(|(word, count)| **count >= 2 && !self.small.contains(&word.to_lowercase()))
            .map(|(word, _)| word.clone())
            .collect();
        Learnt { abbreviations, after_ordinals }
    }
}

/// Whether a word is an abbreviation, where `share` of all words have a dot after them.
///
/// In a small text, Punkt takes many words that occur once or twice, at the end of a sentence, for abbreviations. So a
/// word needs three dots, and acronyms one that ends no sentence. Two such dots, if they are a third of all, are enough
/// for a word that often occurs without a dot too, such as `kr` in `50 kr` and `kr. 50`.
fn is_abbreviation(word: &str, counts: &Counts, share: f64) -> bool {
    let &Counts { dotted, bare, inside, capitals } = counts;
    if inside >= 2 && inside * 3 >= dotted && bare <= dotted * 4 {
        return true;
    }
    let acronym = capitals * 2 > dotted + bare && word.chars().count() > 1 && !word.contains('.');
    if dotted < 3 || (acronym && inside == 0) {
        return false;
    }
    score(word, dotted, bare, share) >= THRESHOLD
}

/// The score of section 3.1: log-likelihood ratio, times the factors of length, inner dots and uses without a dot.
fn score(word: &str, dotted: usize, bare: usize, share: f64) -> f64 {
    let (dotted, bare) = (dotted as f64, bare as f64);
    let null = dotted * share.ln() + bare * (1.0 - share).ln();
    let alternative = dotted * 0.99_f64.ln() + bare * 0.01_f64.ln();
    let ratio = 2.0 * (alternative - null);
    let inner = word.matches('.').count();
    let letters = (word.chars().count() - inner) as f64;
    ratio * (-letters).exp() * (inner + 1) as f64 * letters.powf(-bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learnt(text: &str) -> Learnt {
        let mut counter = Counter::default();
        for line in text.lines() {
            counter.add(line.split_whitespace());
        }
        counter.learnt()
    }

    #[test]
    fn a_word_that_mostly_has_a_dot_is_an_abbreviation() {
        let text = "Han bor i Kbh. nu og hun bor i Kbh. endnu.\nDe kom til Kbh. Anna gik.\nHun gik ud i dag.\nNu i dag.\nVi ses i dag ved fem.\n";
        let found = learnt(text).abbreviations;
        assert!(found.contains("kbh"), "{found:?}");
        assert!(!found.contains("dag"), "{found:?}");
    }

    #[test]
    fn a_dot_may_stand_alone() {
        let found = learnt("Tað kostar 3 mill . krónur .\nOg 5 mill . meira .\n").abbreviations;
        assert_eq!(Vec::from_iter(found), ["mill"]);
    }

    #[test]
    fn names_of_months_follow_ordinals() {
        let text = "Er kam am 24. Dezember an.\nSie kam am 3. Dezember an.\nEs waren 16. Das war viel.\nEs waren 17. Das stimmt.\nIch weiß das.\n";
        assert_eq!(Vec::from_iter(learnt(text).after_ordinals), ["Dezember"]);
    }
}
