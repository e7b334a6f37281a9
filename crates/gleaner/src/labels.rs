//! The tags of a tagger.

use crate::GleanerError;
use gleaner_base::hidden::is_hidden;
use gleaner_corpus::Corpus;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// Maximum number of tags. Decoding keeps the square of their number, and numbers them with 16 bits.
const MOST_TAGS: usize = 4096;

/// Tag names by id: `O`, then `B-X` and `I-X` of every entity type, sorted by type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labels {
    names: Vec<String>,
    ids: BTreeMap<String, u16>,
}

impl Labels {
    /// The tags of the types that occur in `corpora`.
    pub fn of<'a>(corpora: impl IntoIterator<Item = &'a Corpus>) -> Self {
        let types: BTreeSet<String> = corpora.into_iter().flat_map(Corpus::entity_types).collect();
        let tags = types.iter().flat_map(|t| [format!("B-{t}"), format!("I-{t}")]);
        Self::new(std::iter::once("O".to_owned()).chain(tags).collect())
    }

    /// Labels with these names, in this order.
    pub fn new(names: Vec<String>) -> Self {
        let ids = names.iter().enumerate().map(|(i, n)| (n.clone(), i as u16)).collect();
        Self { names, ids }
    }

    /// All names, by id.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Number of tags.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The name of a tag.
    pub fn name(&self, id: u16) -> &str {
        &self.names[usize::from(id)]
    }

    /// The id of a tag.
    pub fn id(&self, name: &str) -> Option<u16> {
        self.ids.get(name).copied()
    }

    /// The id of O.
    pub(crate) fn outside(&self) -> u16 {
        self.id("O").unwrap_or(0)
    }

    /// The entity types, in the order of the tags.
    pub fn types(&self) -> Vec<&str> {
        self.names.iter().filter_map(|name| name.strip_prefix("B-")).collect()
    }

    /// Whether these labels have the same types as others, in any order.
    pub(crate) fn has_types_of(&self, others: &Self) -> bool {
        let sorted =
            |labels: &Self| labels.types().into_iter().map(str::to_owned).collect::<BTreeSet<_>>();
        sorted(self) == sorted(others)
    }

    /// The tag that continues a span tagged `id`: I-X after B-X and I-X, none after O.
    pub(crate) fn inside(&self, id: u16) -> Option<u16> {
        self.id(&format!("I-{}", self.name(id).get(2..)?))
    }

    /// The tag that begins a span of the type of `id`; O for O.
    pub(crate) fn begin(&self, id: u16) -> u16 {
        let begin = self.name(id).get(2..).and_then(|name| self.id(&format!("B-{name}")));
        begin.unwrap_or(id)
    }

    /// What keeps a tagger from having these labels, if anything does: their number, their form, or one that is missing
    /// or there twice.
    pub(crate) fn fault(&self) -> Option<String> {
        if self.len() > MOST_TAGS {
            return Some(format!("{} labels (at most {MOST_TAGS})", self.len()));
        }
        // White space and line ends would break the columns of a file with predicted tags.
        let odd = |c: char| c.is_whitespace() || is_hidden(c);
        let is_tag = |name: &String| {
            let entity_type = name.strip_prefix("B-").or(name.strip_prefix("I-"));
            name == "O" || entity_type.is_some_and(|name| !name.is_empty() && !name.contains(odd))
        };
        if let Some(odd) = self.names.iter().find(|name| !is_tag(name)) {
            return Some(format!("the label {odd:?} is not O, B-TYPE or I-TYPE"));
        }
        let is_whole = self.id("O").is_some() && self.ids.len() == self.names.len();
        (!is_whole).then(|| "no label O, or a label twice".to_owned())
    }

    /// Refuses labels that a tagger of the text at `path` cannot have.
    ///
    /// # Errors
    /// [`GleanerError::Labels`].
    pub(crate) fn check_for(&self, path: &Path) -> Result<(), GleanerError> {
        let Some(fault) = self.fault() else { return Ok(()) };
        let fix = "check the tag column, or map types with --map OLD=NEW or a [label-map]";
        Err(GleanerError::Labels { path: path.to_owned(), what: format!("{fault}; {fix}") })
    }

    /// The entity types of a corpus that these labels lack.
    pub(crate) fn unknown(&self, corpus: &Corpus) -> Vec<String> {
        let unknown = |t: &String| self.id(&format!("B-{t}")).is_none();
        corpus.entity_types().into_iter().filter(unknown).collect()
    }

    /// Refuses a corpus with entity types that these labels lack, and lists all of them.
    ///
    /// # Errors
    /// [`GleanerError::Labels`].
    pub fn check(&self, corpus: &Corpus) -> Result<(), GleanerError> {
        let unknown = self.unknown(corpus);
        if unknown.is_empty() {
            return Ok(());
        }
        Err(GleanerError::Labels {
            path: corpus.path.clone(),
            what: format!(
                "the model has no type {}, only {}; map names with --map OLD=NEW or a [label-map]",
                unknown.join(", "),
                self.types().join(", ")
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_a_tagger_are_tags_once_each() {
        let fault =
            |names: &[&str]| Labels::new(names.iter().map(|n| (*n).to_owned()).collect()).fault();
        assert_eq!(fault(&["O", "B-A", "I-A"]), None);
        for (names, says) in [
            (&["B-A", "I-A"][..], "no label O, or a label twice"),
            (&["O", "B-A", "B-A"], "no label O, or a label twice"),
            (&[], "no label O, or a label twice"),
            (&["O", "A"], "the label \"A\" is not O, B-TYPE or I-TYPE"),
            (&["O", "I-"], "the label \"I-\" is not O, B-TYPE or I-TYPE"),
            (&["O", "B-A B"], "the label \"B-A B\" is not O, B-TYPE or I-TYPE"),
            (&["O", "B-\u{1b}"], "the label \"B-\\u{1b}\" is not O, B-TYPE or I-TYPE"),
        ] {
            assert_eq!(fault(names).as_deref(), Some(says));
        }
        let many: Vec<String> = (0..4097).map(|i| format!("B-{i}")).collect();
        assert_eq!(Labels::new(many).fault().unwrap(), "4097 labels (at most 4096)");
    }

    #[test]
    fn spans_are_begun_and_continued_by_tags_of_their_type() {
        let labels =
            Labels::new(["O", "B-LOC", "I-LOC", "B-PER", "I-PER"].map(String::from).to_vec());
        assert_eq!(labels.inside(3), Some(4));
        assert_eq!(labels.inside(4), Some(4));
        assert_eq!(labels.inside(0), None);
        assert_eq!([0, 3, 4].map(|tag| labels.begin(tag)), [0, 3, 3]);
    }
}
