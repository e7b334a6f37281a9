//! The numbers that stand for strings in spaCy's files.

/// spaCy's own names, whose numbers are their positions; other strings have a hash. The numbers 19 to 63 are FLAG19 to
/// FLAG63, and 104 to 379 are DEPRECATED001 to DEPRECATED276.
const NAMES: [(u64, &str); 3] = [
    (
        1,
        "IS_ALPHA IS_ASCII IS_DIGIT IS_LOWER IS_PUNCT IS_SPACE IS_TITLE IS_UPPER LIKE_URL LIKE_NUM LIKE_EMAIL IS_STOP \
         IS_OOV_DEPRECATED IS_BRACKET IS_QUOTE IS_LEFT_PUNCT IS_RIGHT_PUNCT IS_CURRENCY",
    ),
    (
        64,
        "ID ORTH LOWER NORM SHAPE PREFIX SUFFIX LENGTH CLUSTER LEMMA POS TAG DEP ENT_IOB ENT_TYPE HEAD SENT_START \
         SPACY PROB LANG ADJ ADP ADV AUX CONJ CCONJ DET INTJ NOUN NUM PART PRON PROPN PUNCT SCONJ SYM VERB X EOL SPACE",
    ),
    (
        380,
        "PERSON NORP FACILITY ORG GPE LOC PRODUCT EVENT WORK_OF_ART LANGUAGE LAW DATE TIME PERCENT MONEY QUANTITY \
         ORDINAL CARDINAL acomp advcl advmod agent amod appos attr aux auxpass cc ccomp complm conj cop csubj \
         csubjpass dep det dobj expl hmod hyph infmod intj iobj mark meta neg nmod nn npadvmod nsubj nsubjpass num \
         number oprd obj obl parataxis partmod pcomp pobj poss possessive preconj prep prt punct quantmod relcl rcmod \
         root xcomp acl ENT_KB_ID MORPH ENT_ID IDX _",
    ),
];

/// The number of a string; 0 for the empty one.
pub(super) fn number(text: &str) -> u64 {
    if text.is_empty() {
        return 0;
    }
    let position = |&(first, names): &(u64, &str)| {
        let position = names.split(' ').position(|name| name == text)?;
        Some(first + position as u64)
    };
    NAMES
        .iter()
        .find_map(position)
        .or_else(|| numbered(text))
        .unwrap_or_else(|| hash(text.as_bytes()))
}

/// The number of a name of the kind FLAG19 or DEPRECATED001.
fn numbered(text: &str) -> Option<u64> {
    let (digits, width, before, numbers) = match text.strip_prefix("FLAG") {
        Some(digits) => (digits, 2, 0, 19..=63),
        None => (text.strip_prefix("DEPRECATED")?, 3, 103, 1..=276),
    };
    let number: u64 =
        digits.parse().ok().filter(|_| digits.len() == width && !digits.starts_with('+'))?;
    numbers.contains(&number).then_some(before + number)
}

/// MurmurHash64A with the seed 1. A hash in the range of the names would be taken for one; spaCy has the same gap.
fn hash(bytes: &[u8]) -> u64 {
    const FACTOR: u64 = 0xc6a4_a793_5bd1_e995;
    const SHIFT: u32 = 47;
    let mut hash = 1 ^ (bytes.len() as u64).wrapping_mul(FACTOR);
    let (words, tail) = bytes.as_chunks::<8>();
    for word in words {
        let mut word = u64::from_le_bytes(*word).wrapping_mul(FACTOR);
        word ^= word >> SHIFT;
        hash = (hash ^ word.wrapping_mul(FACTOR)).wrapping_mul(FACTOR);
    }
    if !tail.is_empty() {
        let mut word = [0; 8];
        word[..tail.len()].copy_from_slice(tail);
        hash = (hash ^ u64::from_le_bytes(word)).wrapping_mul(FACTOR);
    }
    hash ^= hash >> SHIFT;
    hash = hash.wrapping_mul(FACTOR);
    hash ^ hash >> SHIFT
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers below this one belong to spaCy's own names.
    const HASHES: u64 = 457;

    #[test]
    fn numbers_are_those_of_spacy() {
        // From spaCy's documentation of its strings.
        assert_eq!(number("coffee"), 3_197_928_453_018_144_401);
        assert_eq!(number("apple"), 8_566_208_034_543_834_098);
        let names = [
            ("", 0),
            ("IS_ALPHA", 1),
            ("IS_CURRENCY", 18),
            ("FLAG19", 19),
            ("FLAG63", 63),
            ("ID", 64),
        ];
        let later = [
            ("SPACE", 103),
            ("DEPRECATED001", 104),
            ("DEPRECATED276", 379),
            ("PERSON", 380),
            ("ORG", 383),
        ];
        let last = [("LOC", 385), ("det", 415), ("xcomp", 450), ("_", 456)];
        for (name, expected) in names.iter().chain(&later).chain(&last) {
            assert_eq!(number(name), *expected, "{name}");
        }
        for text in
            ["FLAG18", "FLAG64", "FLAG+19", "FLAG019", "DEPRECATED277", "DEPRECATED1", "PER"]
        {
            assert!(number(text) > HASHES, "{text}");
        }
    }
}
