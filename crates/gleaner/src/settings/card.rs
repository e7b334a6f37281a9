//! Settings of the model card.

use super::bad;
use crate::GleanerError;

group! {
    /// What the model card says that no text says.
    CardSettings, CardOverrides, card {
        /// Languages of the text, for the model card, as codes of ISO 639 such as `fo`.
        plain language: Vec<String> => (long, value_name = "CODE", num_args = 1..),
        /// Licence of the model, for the model card, by its identifier on the Hugging Face hub, such as
        /// `cc-by-4.0`.
        optional license: String => (long, value_name = "ID"),
    }
}

impl CardSettings {
    /// Refuses values that the Hugging Face hub does not accept.
    pub(super) fn check(&self) -> Result<(), GleanerError> {
        let consists_of = |text: &str, others: &[char]| {
            !text.is_empty()
                && text.chars().all(|c| c.is_ascii_alphanumeric() || others.contains(&c))
        };
        if let Some(code) = self.language.iter().find(|code| !consists_of(code, &['-'])) {
            let what = format!("`{code}` is not a language code; use one such as `fo` or `pt-BR`");
            return bad("language", &what);
        }
        match &self.license {
            Some(id) if !consists_of(id, &['-', '.']) => bad(
                "license",
                &format!("`{id}` is not an identifier of a licence; use one such as `cc-by-4.0`"),
            ),
            _ => Ok(()),
        }
    }
}
