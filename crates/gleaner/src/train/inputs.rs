//! What decides a training beside its settings and texts: the encoder, lists of mentions, teachers.

use crate::{
    Dataset, GleanerError, SAMPLE_ENCODER, Settings, data::digest_file, encoder_paths, ensemble,
    model::digest,
};
use gleaner_base::{
    hash::{Digest, Sha256, hex},
    model_files::MANIFEST,
};
use std::{cell::OnceCell, path::Path};

/// The files that a training depends on. They can be large, so they are read only where a checkpoint needs their
/// digest.
pub(super) struct Inputs<'a> {
    settings: &'a Settings,
    data: &'a Dataset,
    digest: OnceCell<String>,
}

impl<'a> Inputs<'a> {
    pub(super) fn new(settings: &'a Settings, data: &'a Dataset) -> Self {
        Self { settings, data, digest: OnceCell::new() }
    }

    /// A digest of their contents. A model to start from is not among them: [`TakenOver`](super::TakenOver) identifies
    /// it.
    pub(super) fn digest(&self) -> Result<&str, GleanerError> {
        if let Some(known) = self.digest.get() {
            return Ok(known);
        }
        let mut hash = Sha256::new();
        let Settings { network, self_training, .. } = self.settings;
        if let Some(encoder) = network.encoder.as_deref().filter(|_| network.start.is_none()) {
            update_with_encoder(&mut hash, encoder)?;
        }
        if let Some(mentions) = &self.data.mentions {
            hash.update(mentions.to_text());
        }
        for teacher in &self_training.teacher {
            if ensemble::is_ensemble(teacher) {
                hash.update(ensemble::digest_of(teacher)?);
            } else if teacher.join(MANIFEST).is_file() {
                hash.update(digest(teacher)?);
            } else {
                // A tagger of transformers has the files of an encoder.
                update_with_encoder(&mut hash, teacher)?;
            }
        }
        Ok(self.digest.get_or_init(|| hex(hash.finalize())))
    }
}

/// A digest of the files of an encoder.
pub(crate) fn digest_of_encoder(folder: &Path) -> Result<String, GleanerError> {
    let mut hash = Sha256::new();
    update_with_encoder(&mut hash, folder)?;
    Ok(hex(hash.finalize()))
}

/// Adds the files of an encoder. The sample is a part of the program.
fn update_with_encoder(hash: &mut Sha256, folder: &Path) -> Result<(), GleanerError> {
    if folder != Path::new(SAMPLE_ENCODER) {
        for path in encoder_paths(folder)? {
            hash.update(digest_file(&path)?);
        }
    }
    Ok(())
}
