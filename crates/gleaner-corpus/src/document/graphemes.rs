//! Grapheme clusters as doccano counts them: what a reader takes for one character.

use unicode_segmentation::UnicodeSegmentation;

/// The number of Unicode scalar values in each grapheme cluster of a text, in order.
///
/// The clusters are the extended ones of UAX #29 without rule GB9c, which joins consonants of Indic scripts: doccano's
/// library for JavaScript, `grapheme-splitter`, is older than that rule. It is also older than some emoji, of which it
/// divides the sequences.
pub(super) fn lengths(text: &str) -> Vec<usize> {
    let mut lengths = Vec::with_capacity(text.len());
    for cluster in text.graphemes(true) {
        let mut length = 0;
        let mut before = None;
        for character in cluster.chars() {
            if before.is_some_and(|before| is_conjunct(before, character)) {
                lengths.push(length);
                length = 0;
            }
            length += 1;
            before = Some(character);
        }
        lengths.push(length);
    }
    lengths
}

/// Whether only GB9c joins a letter to the character before it. The rule needs a consonant further ahead, so the two
/// characters alone are two clusters.
fn is_conjunct(before: char, letter: char) -> bool {
    letter.is_alphabetic()
        && [before, letter].iter().collect::<String>().graphemes(true).count() > 1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `grapheme-splitter`, as it is in doccano, answers.
    #[test]
    fn clusters_are_those_of_doccano() {
        for (text, expected) in [
            ("", &[][..]),
            ("a b", &[1, 1, 1]),
            ("Jo\u{301}n", &[1, 2, 1]),
            ("a\r\nb", &[1, 2, 1]),
            ("a\u{ad}b", &[1, 1, 1]),
            ("e\u{200d}b", &[2, 1]),
            // Emoji: a family, flags, a skin tone, a rocket that a person joins, a key.
            ("👨\u{200d}👩\u{200d}👧!", &[5, 1]),
            ("🇫🇴🇩🇰", &[2, 2]),
            ("👍🏽", &[2]),
            ("👩🏽\u{200d}🚀x", &[4, 1]),
            ("1\u{fe0f}\u{20e3}", &[3]),
            // Consonants that a virama joins are several clusters.
            ("अन्ना", &[1, 2, 2]),
            ("दिल्ली", &[2, 2, 2]),
            ("ক্ষ", &[2, 1]),
            ("കൃഷ്ണൻ", &[2, 2, 1, 1]),
            ("நாயகி", &[2, 1, 2]),
            ("က္က", &[2, 1]),
            ("ខ្មែរ", &[2, 2, 1]),
            // Hangul syllables of several letters are one, and so are a mark and the number after it.
            ("\u{1112}\u{1161}\u{11ab}", &[3]),
            ("\u{600}1", &[2]),
            ("مُحَمَّد", &[2, 2, 3, 1]),
            ("שָׁלוֹם", &[3, 1, 2, 1]),
        ] {
            assert_eq!(lengths(text), expected, "{text}");
        }
    }
}
