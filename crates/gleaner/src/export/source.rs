//! The tagger that is exported.

use super::tokenizer;
use crate::{
    GleanerError, Labels, PieceTokenizer, is_ensemble,
    model::{Decoding, SavedModel, SpecialPieces, check_model, resolve},
};
use gleaner_base::model_files::TOKENIZER;
use gleaner_nn::{Compute, network::Network};
use serde_json::Value;
use std::path::Path;

/// A tagger, as its parts.
pub(super) struct Source {
    pub(super) network: Network,
    pub(super) labels: Labels,
    pub(super) decoding: Decoding,
    pub(super) pieces: PieceTokenizer,
    /// The encoder's `config.json`.
    pub(super) config: Value,
    /// A `tokenizer.json` that cuts text into the pieces that the tagger reads.
    pub(super) tokenizer: Value,
}

impl Source {
    /// Opens the tagger `model`, a folder or a name on the hub.
    pub(super) fn open(model: &Path) -> Result<Self, GleanerError> {
        let folder = resolve(model)?;
        if is_ensemble(&folder) {
            return Err(GleanerError::model(
                &folder,
                "an ensemble, which no other program can label with",
                "export one of its members, such as the folder `1` in it, or train one model to label as it does, with \
                 `gleaner train --teacher`",
            ));
        }
        let saved = SavedModel::open(&folder)?;
        check_model(&folder)?;
        let network = saved.network(Compute::cpu())?;
        let SavedModel { manifest, encoder, labels, .. } = saved;
        let (config, path) = (&manifest.tagger, folder.join(TOKENIZER));
        let pieces = PieceTokenizer::new(&path, &encoder.tokenizer_json, config.fold_case)?;
        let framing = config.framing(network.encoder_config());
        let special = SpecialPieces {
            frame: pieces.frame(),
            unknown: pieces.fallback(),
            padding: network.encoder_config().pad_token_id as u32,
        };
        let decoding = Decoding::new(config, framing, manifest.temperature, special);
        let tokenizer =
            tokenizer::as_labelled(&path, &encoder.tokenizer_json, &pieces, config.fold_case)?;
        Ok(Self { network, labels, decoding, pieces, config: encoder.config_json, tokenizer })
    }

    /// The types that the tagger finds, as a list.
    pub(super) fn types(&self) -> String {
        self.labels.types().join(", ")
    }
}
