//! One tag as it stands in a file.

/// Where in its entity a word stands, by the letter before the hyphen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Prefix {
    Begin,
    Inside,
    /// E- (BIOES) or L- (BILOU).
    Last,
    /// S- (BIOES) or U- (BILOU).
    Single,
}

/// A tag taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tag<'a> {
    Outside,
    Entity(Prefix, &'a str),
}

impl<'a> Tag<'a> {
    /// Takes a tag apart; `None` where it is none. The type is what follows the first hyphen; it
    /// holds no white space.
    pub(crate) fn parse(tag: &'a str) -> Option<Self> {
        if tag == "O" {
            return Some(Self::Outside);
        }
        let (letter, label) = tag.split_once('-')?;
        let prefix = match letter {
            "B" => Prefix::Begin,
            "I" => Prefix::Inside,
            "E" | "L" => Prefix::Last,
            "S" | "U" => Prefix::Single,
            _ => return None,
        };
        is_label(label).then_some(Self::Entity(prefix, label))
    }
}

/// Whether `label` can be the type of an entity: not empty, and no white space in it.
pub(crate) fn is_label(label: &str) -> bool {
    !label.is_empty() && !label.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_tags_and_nothing_else() {
        assert_eq!(Tag::parse("O"), Some(Tag::Outside));
        assert_eq!(Tag::parse("B-WORK-OF-ART"), Some(Tag::Entity(Prefix::Begin, "WORK-OF-ART")));
        assert_eq!(Tag::parse("L-PER"), Tag::parse("E-PER"));
        assert_eq!(Tag::parse("U-PER"), Tag::parse("S-PER"));
        for bad in ["", "B-", "B", "X-PER", "B_PER", "b-PER", "o", "PER", "-PER", "B-A B", "BI-PER"]
        {
            assert_eq!(Tag::parse(bad), None, "{bad}");
        }
    }
}
