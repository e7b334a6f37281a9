//! Reading a folder with a tagger, whichever program wrote it.

use super::{imported::Imported, saved::SavedModel};
use crate::GleanerError;
use std::path::Path;

impl SavedModel {
    /// Reads a folder that `gleaner train` wrote, or one with a tagger that transformers saved.
    pub(crate) fn open(folder: &Path) -> Result<Self, GleanerError> {
        match Imported::find(folder) {
            Some(imported) => imported.open(folder),
            None => Self::trained(folder),
        }
    }
}
