//! From settings and texts to a tagger before its first step.

use super::{
    EncodedTexts, layers,
    start::{self, Started},
};
use crate::{
    Dataset, EncoderFiles, GleanerError, Labels, PieceTokenizer, Settings, Tagger, TaggerConfig,
};
use gleaner_base::model_files::TOKENIZER;
use gleaner_nn::{Compute, Precision, network::Network};
use std::path::Path;

/// Everything that a training needs before its first step.
pub(super) struct Prepared {
    pub(super) tagger: Tagger,
    pub(super) encoder: EncoderFiles,
    /// The earlier tagger that the training starts from, if any.
    pub(super) started: Option<Started>,
    pub(super) texts: EncodedTexts,
    /// Number of pieces in the active vocabulary.
    pub(super) active: usize,
}

pub(super) fn prepare(settings: &Settings, data: &Dataset) -> Result<Prepared, GleanerError> {
    let (mut tagger, encoder, started) = match &settings.network.start {
        Some(model) => {
            let (tagger, encoder, started) = start::tagger(settings, model, data)?;
            (tagger, encoder, Some(started))
        }
        None => {
            let encoder =
                EncoderFiles::open(settings.network.encoder.as_deref().ok_or_else(|| {
                    GleanerError::Settings(
                        "no encoder; add --encoder FOLDER (or --encoder sample:tiny to try)".into(),
                    )
                })?)?;
            (new_tagger(settings, &encoder, data)?, encoder, None)
        }
    };
    tagger.segmenter = data.segmenter.clone();
    layers::check(settings, encoder.config.num_hidden_layers)?;
    let texts = EncodedTexts::of(&tagger, data);
    let active = texts.active(&tagger);
    tagger.network.activate(&active)?;
    layers::arrange(settings, &mut tagger.network);
    Ok(Prepared { tagger, encoder, started, texts, active: active.len() })
}

/// A tagger with a fresh head.
pub(super) fn new_tagger(
    settings: &Settings,
    encoder: &EncoderFiles,
    data: &Dataset,
) -> Result<Tagger, GleanerError> {
    let labels = Labels::of(data.corpora());
    if labels.len() == 1 {
        return Err(GleanerError::Labels {
            path: data.train.path.clone(),
            what: "no entity in any text; check the tag column and the label map".into(),
        });
    }
    labels.check_for(&data.train.path)?;
    let config = tagger_config(settings);
    let network = Network::on_encoder(
        encoder.config.clone(),
        config.head(&labels),
        encoder.weights.clone(),
        settings.run.seed,
        compute(settings)?,
    )?;
    let folder = settings.network.encoder.as_deref().unwrap_or(Path::new(""));
    let path = folder.join(TOKENIZER);
    let fold_case = settings.pieces.fold_case;
    let tokenizer = PieceTokenizer::new(&path, &encoder.tokenizer_json, fold_case)?;
    Ok(Tagger::new(&config, network, tokenizer, labels))
}

/// The settings that labelling needs too.
pub(super) fn tagger_config(settings: &Settings) -> TaggerConfig {
    TaggerConfig {
        head: settings.network.head,
        lstm_units: settings.network.lstm_units,
        lstm_layers: settings.network.lstm_layers,
        lstm_dropout: settings.network.lstm_dropout,
        constraints: settings.network.constraints,
        piece_labels: settings.pieces.piece_labels,
        max_pieces: settings.pieces.max_pieces,
        fold_case: settings.pieces.fold_case,
        precision: settings.network.precision,
    }
}

/// The device that settings name.
///
/// # Errors
/// This machine or this build does not have it.
pub fn compute(settings: &Settings) -> Result<Compute, GleanerError> {
    Ok(settings.run.device.parse()?)
}

/// A note for users where a device lacks the precision that was asked for.
pub fn precision_note(precision: Precision, compute: &Compute) -> Option<String> {
    let lacking = precision.available_on(compute) != precision;
    lacking.then(|| format!("{compute} has no bf16 instructions; matrix products use f32"))
}
