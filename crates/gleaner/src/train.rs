//! Training: from labelled text and settings to a tagger.

#[cfg(test)]
mod active_vocabulary;
mod checkpoint;
mod epochs;
mod event;
mod progress;
mod pseudo;
mod start;
mod trainer;

pub use event::{EpochRecord, Event, Observer};
pub use pseudo::{Agreement, Round};
pub use start::TakenOver;

use crate::{
    EncoderFiles, GleanerError, Labels, ModelFolder, Pieces, Provenance, RunData, Settings, Tagger,
    batches::Framing,
    model_folder::TrainedOn,
    pieces::WordPieces,
    settings::{Freeze, PieceLabels},
};
use gleaner_corpus::Corpus;
use gleaner_nn::{
    Compute, Precision,
    crf::Rules,
    encoder::EncoderConfig,
    network::{HeadConfig, Network},
};
use start::Started;
use std::{collections::BTreeSet, path::Path};

/// A finished training: the tagger in its best state, and how it got there.
pub struct Trained {
    /// The tagger.
    pub tagger: Tagger,
    /// What is saved beside it.
    pub provenance: Provenance,
}

/// Trains a tagger and writes it to the folder `out`, which must be new or empty. With `resume`
/// the folder may hold an unfinished training with the same settings, which then goes on.
///
/// Nothing is written before all texts and the encoder have been read.
///
/// # Errors
/// The data, the encoder or the settings are wrong, or the folder cannot be written.
pub fn train(
    settings: &Settings,
    out: &Path,
    resume: bool,
    observer: &mut dyn Observer,
) -> Result<Trained, GleanerError> {
    let folder = ModelFolder::claim(out, resume)?;
    let mut data = RunData::load(settings)?;
    let compute = compute(settings)?;
    data.notes.extend(lacks(settings.network.precision, &compute));
    let Prepared { mut tagger, encoder, started, active } = prepare(settings, &data)?;
    let own = TrainedOn::of(&data);
    let (taken_over, trained_on) = match started {
        Some(Started { taken_over, trained_on: earlier }) => {
            data.notes.extend(start::leaks(earlier.as_ref(), &data));
            (Some(taken_over), earlier.map(|earlier| earlier.with(own)))
        }
        None => (None, Some(own)),
    };
    data.notes.extend(pseudo::not_compared(&tagger.labels, data.pool.as_ref()));
    let mut provenance = Provenance::new(settings, &data, taken_over);
    let folder = folder.create()?;
    let state = epochs::begin(settings, &mut tagger, &folder, &provenance)?;
    observer.on(&Event::Start { settings, data: &data, active });
    if let (Some(model), Some(taken)) = (&settings.network.start, &provenance.taken_over) {
        let new_labels = &taken.new_labels;
        observer.on(&Event::TakenOver { model, new_labels });
    }
    epochs::run(settings, &data, &mut tagger, &folder, state, &mut provenance, observer)?;
    if let Some(test) = &data.test {
        let scored = tagger.score(test, settings.optimizer.batch)?;
        provenance.test = Some(crate::model_folder::Scores::of(&scored, settings.run.resamples));
        observer.on(&Event::Test { corpus: test, scored: &scored });
    }
    folder.finish(&tagger, &encoder, &provenance, trained_on.as_ref())?;
    Ok(Trained { tagger, provenance })
}

/// All that a training needs before its first step.
struct Prepared {
    tagger: Tagger,
    encoder: EncoderFiles,
    /// What it begins with, if that is an earlier tagger.
    started: Option<Started>,
    /// Pieces of the active vocabulary.
    active: usize,
}

fn prepare(settings: &Settings, data: &RunData) -> Result<Prepared, GleanerError> {
    let (mut tagger, encoder, started) = match &settings.network.start {
        Some(model) => {
            let (tagger, encoder, started) = start::tagger(settings, model, data)?;
            (tagger, encoder, Some(started))
        }
        None => {
            let encoder =
                EncoderFiles::open(settings.network.encoder.as_deref().ok_or_else(|| {
                    GleanerError::Settings(
                        "no encoder; give --encoder FOLDER (or --encoder sample:tiny to try)"
                            .into(),
                    )
                })?)?;
            (new_tagger(settings, &encoder, data)?, encoder, None)
        }
    };
    let layers = encoder.config.num_hidden_layers;
    if matches!(settings.network.freeze, Freeze::Layers(n) if n > layers) {
        return Err(GleanerError::Settings(format!(
            "freeze: the encoder has {layers} layers; freeze that many at most"
        )));
    }
    let active = active_pieces(&tagger, data.corpora().chain(&data.pool));
    tagger.network.activate(&active)?;
    tagger.network.params.freeze(|name| settings.network.freeze.keeps(name));
    Ok(Prepared { tagger, encoder, started, active: active.len() })
}

/// A tagger with a fresh head.
fn new_tagger(
    settings: &Settings,
    encoder: &EncoderFiles,
    data: &RunData,
) -> Result<Tagger, GleanerError> {
    let labels = Labels::of(data.corpora());
    if labels.len() == 1 {
        return Err(GleanerError::Labels {
            path: data.train.path.clone(),
            what: "no entity in any text; check the tag column and the label map".into(),
        });
    }
    let compute = compute(settings)?;
    let head = head_config(settings, &labels);
    let network = Network::on_encoder(
        encoder.config.clone(),
        head,
        encoder.weights.clone(),
        settings.run.seed,
        compute,
    )?;
    let tokenizer =
        settings.network.encoder.as_deref().unwrap_or(Path::new("")).join("tokenizer.json");
    let pieces = Pieces::new(&tokenizer, &encoder.tokenizer_json, settings.pieces.fold_case)?;
    Ok(tagger_of(settings, network, pieces, labels))
}

/// The head that settings describe.
pub(crate) fn head_config(settings: &Settings, labels: &Labels) -> HeadConfig {
    HeadConfig {
        kind: settings.network.head,
        tags: labels.len(),
        lstm_units: settings.network.lstm_units,
        lstm_layers: settings.network.lstm_layers,
        lstm_dropout: settings.network.lstm_dropout as f32,
        rules: settings.network.constraints.then(|| Rules::iob2(labels.names())),
    }
}

/// Puts a tagger together.
pub(crate) fn tagger_of(
    settings: &Settings,
    network: Network,
    pieces: Pieces,
    labels: Labels,
) -> Tagger {
    let limit = settings.pieces.max_pieces.min(network.encoder_config().max_pieces() - 2);
    let framing = Framing { labels: settings.pieces.piece_labels, limit };
    let cuts = settings.pieces.piece_labels == PieceLabels::Repeated;
    let network = network.with_precision(settings.network.precision);
    Tagger { network, pieces, labels, framing, cuts, temperature: 1.0 }
}

/// The pieces of all texts of a run, sorted: their rows alone are trained.
fn active_pieces<'a>(tagger: &Tagger, corpora: impl Iterator<Item = &'a Corpus>) -> Vec<u32> {
    let mut active: BTreeSet<u32> = tagger.pieces.frame().into();
    for sentence in corpora.flat_map(|c| &c.sentences) {
        active.extend(tagger.pieces.sentence(&sentence.words).ids);
    }
    active.into_iter().collect()
}

/// The device that settings name.
///
/// # Errors
/// This machine does not have it.
pub fn compute(settings: &Settings) -> Result<Compute, GleanerError> {
    Ok(settings.run.device.parse()?)
}

/// What to say where a device does not have the precision that was asked for.
pub fn lacks(precision: Precision, compute: &Compute) -> Option<String> {
    let lacks = precision.available_on(compute) != precision;
    lacks.then(|| format!("{compute} has no bf16 instructions: products are in f32"))
}

/// How fast a training would run.
pub struct Rehearsal {
    /// Pieces a second, special ones included.
    pub pieces_a_second: f64,
    /// Numbers that are trained.
    pub parameters: usize,
    /// The encoder's shape.
    pub encoder: EncoderConfig,
    /// The encoder's tokenizer, as the training would use it.
    pub tokenizer: Pieces,
}

/// Trains on a few batches of the data and throws the result away.
///
/// # Errors
/// The data, the encoder or the settings are wrong.
pub fn rehearse(settings: &Settings, data: &RunData) -> Result<Rehearsal, GleanerError> {
    let Prepared { mut tagger, encoder, .. } = prepare(settings, data)?;
    let pieces_a_second = epochs::rehearse(settings, data, &mut tagger)?;
    let params = &tagger.network.params;
    let trained = params.ids().filter(|id| !params.is_frozen(*id));
    let parameters = trained.map(|id| params.shape(id).iter().product::<usize>()).sum();
    Ok(Rehearsal { pieces_a_second, parameters, encoder: encoder.config, tokenizer: tagger.pieces })
}
