//! Sentences under construction.

/// A sentence under construction.
#[derive(Default)]
pub(crate) struct Draft {
    pub(crate) words: Vec<String>,
    pub(crate) tags: Vec<String>,
    /// Whether text is appended to the last word.
    open: bool,
    /// The type of the open span, and whether it has a word.
    span: Option<(&'static str, bool)>,
    /// Whether the next letter becomes a capital.
    pub(crate) capital: bool,
    /// The last number.
    pub(crate) number: usize,
}

impl Draft {
    /// Adds text to the open word, or starts a word.
    pub(crate) fn write(&mut self, text: &str) {
        let text =
            if std::mem::take(&mut self.capital) { capitalised(text) } else { text.to_owned() };
        if self.open {
            self.words.last_mut().expect("an open word exists").push_str(&text);
            return;
        }
        self.words.push(text);
        self.open = true;
        self.tags.push(match &mut self.span {
            None => "O".to_owned(),
            Some((entity_type, has_word)) => {
                let prefix = if std::mem::replace(has_word, true) { "I" } else { "B" };
                format!("{prefix}-{entity_type}")
            }
        });
    }

    /// Ends the open word.
    pub(crate) fn end_word(&mut self) {
        self.open = false;
    }

    /// Starts a span of an entity type at the next word.
    pub(crate) fn open_span(&mut self, entity_type: &'static str) {
        assert!(self.span.is_none(), "a span of type {entity_type} inside another span");
        assert!(
            !self.open,
            "a span of type {entity_type} starts inside the word `{:?}`",
            self.words.last()
        );
        self.span = Some((entity_type, false));
    }

    /// Ends the open span.
    pub(crate) fn close_span(&mut self) {
        self.span = None;
    }

    /// Capitalises the first word. Words that start with a quote or an apostrophe (`'n`, `'s`) are skipped, as in both
    /// languages.
    pub(crate) fn capitalise(&mut self) {
        let word = self.words.iter_mut().find(|word| !word.starts_with(['“', '\'']));
        if let Some(word) = word {
            *word = capitalised(word);
        }
    }
}

/// Capitalises the first letter. The Dutch digraph `ij` counts as one letter.
fn capitalised(word: &str) -> String {
    if let Some(rest) = word.strip_prefix("ij") {
        return format!("IJ{rest}");
    }
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
