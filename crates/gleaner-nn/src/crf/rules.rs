//! Tag sequences that are ruled out.

/// Which tags may start a sentence and which may follow which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    tags: usize,
    start: Vec<bool>,
    next: Vec<bool>,
}

impl Rules {
    /// IOB2's rules for tags named `O`, `B-X` and `I-X`: an `I-X` follows `B-X` or `I-X` only.
    pub fn iob2<S: AsRef<str>>(names: &[S]) -> Self {
        let kind = |s: &str| s.strip_prefix("I-").map(str::to_owned);
        let allowed = |before: Option<&str>, name: &str| match kind(name) {
            None => true,
            Some(x) => before.is_some_and(|b| b == format!("B-{x}") || b == name),
        };
        let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
        Self {
            tags: names.len(),
            start: names.iter().map(|n| allowed(None, n)).collect(),
            next: names.iter().flat_map(|b| names.iter().map(|n| allowed(Some(b), n))).collect(),
        }
    }

    /// Whether a sentence may start with `tag`.
    pub fn may_start(&self, tag: usize) -> bool {
        self.start[tag]
    }

    /// Whether `tag` may follow `before`.
    pub fn may_follow(&self, before: usize, tag: usize) -> bool {
        self.next[before * self.tags + tag]
    }

    /// Whether a whole sequence keeps the rules.
    pub fn allows(&self, tags: &[u16]) -> bool {
        tags.first().is_none_or(|t| self.may_start(usize::from(*t)))
            && tags.windows(2).all(|w| self.may_follow(usize::from(w[0]), usize::from(w[1])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inside_tags_follow_their_own_type_only() {
        let r = Rules::iob2(&["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]);
        assert!(r.allows(&[0, 1, 2, 2, 3, 4, 0, 1, 1]));
        assert!(r.allows(&[]));
        for broken in [&[2u16][..], &[0, 2], &[1, 4], &[3, 2], &[4, 2]] {
            assert!(!r.allows(broken), "{broken:?}");
        }
    }
}
