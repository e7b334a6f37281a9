//! Training on a part of the training text.

use super::{Dataset, divide, mentions};
use crate::{GleanerError, Settings};

impl Dataset {
    /// Leaves in the training text the sentences at these positions, from 0, in the order of the text. A position that
    /// occurs twice counts once. Mentions that replace others come from these sentences too. How plain text is cut
    /// stays as it is.
    ///
    /// # Errors
    /// A list of mentions that `settings` name cannot be read.
    ///
    /// # Panics
    /// A position is beyond the end of the training text.
    pub fn keep_training(
        &mut self,
        positions: &[usize],
        settings: &Settings,
    ) -> Result<(), GleanerError> {
        let mut kept = positions.to_vec();
        kept.sort_unstable();
        kept.dedup();
        self.train = divide::choose(&self.train, &kept);
        self.mentions = mentions(settings, &self.train)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Overrides;
    use gleaner_corpus::Mentions;

    #[test]
    fn a_part_keeps_the_order_of_the_text_and_its_own_mentions() {
        let file: Overrides =
            toml::from_str("data = \"sample:af\"\nreplace-mentions = 0.5").unwrap();
        let settings = Settings::resolve(&[&file]).unwrap();
        let mut data = Dataset::load(&settings).unwrap();
        let (all, dev) = (data.train.sentences.clone(), data.dev.sentences.len());
        data.keep_training(&[7, 3, 5, 3], &settings).unwrap();
        assert_eq!(data.train.sentences, [all[3].clone(), all[5].clone(), all[7].clone()]);
        assert_eq!(data.dev.sentences.len(), dev);
        assert_eq!(data.mentions, Some(Mentions::of(&data.train)));
    }
}
