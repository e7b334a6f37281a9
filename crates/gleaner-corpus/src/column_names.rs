//! Names of columns, as corpora write them in the first row.

/// Names of the column of the words, in lower case.
const WORDS: [&str; 8] = ["word", "words", "token", "tokens", "form", "surface", "mot", "wort"];

/// Names of a column of tags, in lower case.
const TAGS: [&str; 16] = [
    "tag",
    "tags",
    "ner",
    "ne",
    "ner_tag",
    "ner_tags",
    "ner-tag",
    "ner-tags",
    "netag",
    "label",
    "labels",
    "iob",
    "bio",
    "iob2",
    "entity",
    "named_entity",
];

/// Names of a column that numbers the sentences, in lower case.
const SENTENCES: [&str; 7] = [
    "sentence #",
    "sentence#",
    "sentence",
    "sentence_id",
    "sentence id",
    "sentence_idx",
    "sent_id",
];

/// Names of other columns, in lower case.
const OTHERS: [&str; 18] = [
    "id",
    "index",
    "idx",
    "lemma",
    "lemmas",
    "upos",
    "xpos",
    "pos",
    "pos_tag",
    "postag",
    "cpos",
    "feats",
    "head",
    "deprel",
    "deps",
    "misc",
    "chunk",
    "chunk_tag",
];

/// The last part of a name such as `PARSEME:MWE`, in lower case.
fn plain(name: &str) -> String {
    let name = name.trim();
    name.rsplit_once(':').map_or(name, |(_, last)| last).to_lowercase()
}

pub(crate) fn is_words(name: &str) -> bool {
    WORDS.contains(&plain(name).as_str())
}

/// Also the names of the HIPE tasks, such as `NE-COARSE-LIT`.
pub(crate) fn is_tags(name: &str) -> bool {
    let name = plain(name);
    TAGS.contains(&name.as_str())
        || ["ne-", "ner-", "ner_", "ne_"].iter().any(|start| name.starts_with(start))
}

pub(crate) fn is_sentences(name: &str) -> bool {
    SENTENCES.contains(&plain(name).as_str())
}

/// Whether a name is known, of whatever column.
pub(crate) fn is_known(name: &str) -> bool {
    is_words(name) || is_tags(name) || is_sentences(name) || OTHERS.contains(&plain(name).as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_any_case_and_a_project() {
        assert!(is_words("Token") && is_words(" FORM ") && !is_words("lemma"));
        assert!(is_tags("PROJECT:NER") && is_tags("NE-COARSE-LIT") && !is_tags("pos"));
        assert!(is_sentences("Sentence #") && !is_sentences("Sentence text"));
        assert!(is_known("XPOS") && !is_known("Anna"));
    }
}
