//! Folders that a command fills.

use anyhow::Result;
use gleaner::GleanerError;
use std::{fs, path::Path};

/// Refuses a folder that holds anything, so that nothing is overwritten.
pub fn check(folder: &Path) -> Result<()> {
    let is_empty = |mut entries: fs::ReadDir| entries.next().is_none();
    if folder.exists() && !fs::read_dir(folder).is_ok_and(is_empty) {
        let message = format!(
            "{}: the folder is not empty; choose another folder, or empty this one",
            folder.display()
        );
        return Err(GleanerError::Settings(message).into());
    }
    Ok(())
}
