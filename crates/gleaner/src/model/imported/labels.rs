//! The labels of other programs as tags of IOB2.

use crate::Labels;
use gleaner_base::tags::{Notation, Prefix, Tag};
use std::collections::BTreeSet;

/// The tags of a classifier's rows, whose labels are `names`. Letters after the type or in lower case, and labels
/// without letters (IO), are read as in labelled text.
///
/// # Errors
/// What is not a tag, or not one of IOB2, IOB1 or IO.
pub(super) fn tags(names: &[String]) -> Result<Labels, String> {
    let of = |notation: Notation| -> Option<Vec<String>> {
        names.iter().map(|name| notation.canonical(name)).collect()
    };
    let notations = [Notation::Prefix, Notation::Suffix, Notation::Plain];
    let Some(tags) = notations.into_iter().find_map(of) else {
        let odd = names.iter().find(|name| Notation::Prefix.canonical(name).is_none());
        return Err(format!("its label `{}` is not a tag", odd.map_or("", String::as_str)));
    };
    if !tags.iter().any(|tag| tag == "O") {
        return Err("none of its labels is O".into());
    }
    for (name, tag) in names.iter().zip(&tags) {
        if matches!(Tag::parse(tag), Some(Tag::Entity(Prefix::Last | Prefix::Single, _))) {
            return Err(format!(
                "its label `{name}` belongs to the scheme BIOES or BILOU, which it cannot be converted from"
            ));
        }
    }
    let mut known = BTreeSet::new();
    match tags.iter().find(|tag| !known.insert(*tag)) {
        Some(twice) => Err(format!("two of its labels are read as {twice}")),
        None => Ok(Labels::new(tags)),
    }
}

/// The labels with the tags that the types lack, which follow in the order of the types. A tagger of IO has no B-X, and
/// one of IOB1 only where two entities touch; but what it finds is written with both.
pub(super) fn completed(known: &Labels) -> Labels {
    let types = known.names().iter().filter_map(|name| name.get(2..));
    let types: BTreeSet<&str> = types.collect();
    let tags = types.iter().flat_map(|t| [format!("B-{t}"), format!("I-{t}")]);
    let missing = tags.filter(|tag| known.id(tag).is_none());
    Labels::new(known.names().iter().cloned().chain(missing).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(names: &[&str]) -> Result<Labels, String> {
        tags(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn other_ways_to_write_tags_are_renamed_in_their_order() {
        for (names, expected) in [
            (&["B-PER", "O", "I-PER"][..], &["B-PER", "O", "I-PER"][..]),
            (&["O", "b-per", "m-per"], &["O", "B-per", "I-per"]),
            (&["O", "PER-B", "PER-I"], &["O", "B-PER", "I-PER"]),
            (&["O", "PER", "work of art"], &["O", "I-PER", "I-work_of_art"]),
        ] {
            assert_eq!(of(names).unwrap().names(), expected);
        }
    }

    #[test]
    fn types_get_the_tags_that_they_lack() {
        let known = of(&["B-LOC", "I-PER", "O", "I-LOC"]).unwrap();
        assert_eq!(completed(&known).names(), ["B-LOC", "I-PER", "O", "I-LOC", "B-PER"]);
        let whole = of(&["O", "B-PER", "I-PER"]).unwrap();
        assert_eq!(completed(&whole), whole);
    }

    #[test]
    fn labels_that_are_not_tags_of_words_are_refused_by_name() {
        for (names, says) in [
            (&["O", "B-PER", "[PAD]"][..], "its label `[PAD]` is not a tag"),
            (&["LABEL_0", "LABEL_1"], "its label `LABEL_0` is not a tag"),
            (&["NOUN", "VERB"], "none of its labels is O"),
            (&["O", "S-PER", "B-PER", "I-PER"], "its label `S-PER` belongs to the scheme BIOES"),
            (&["O", "B-PER", "L-PER", "U-PER"], "its label `L-PER` belongs to the scheme BIOES"),
            (&["O", "B-A_B", "B-A B"], "two of its labels are read as B-A_B"),
        ] {
            let error = of(names).unwrap_err();
            assert!(error.starts_with(says), "{error}");
        }
    }
}
