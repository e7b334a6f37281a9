//! Training: from labelled text and settings to a tagger.
//!
//! [`fit`] trains in memory; [`train`] loads the texts that settings name, fits, and saves.

#[cfg(test)]
mod active_vocabulary;
mod card;
mod checkpoints;
mod encoded_texts;
mod epochs;
mod event;
mod inputs;
mod layers;
mod mentions;
mod prepare;
mod progress;
mod provenance;
mod pseudo;
mod rehearsal;
mod start;
mod state;
mod teachers;
mod trainer;

pub use checkpoints::{Checkpoints, checkpoint_folder, may_resume};
pub use event::{EpochRecord, Event, Observer};
pub(crate) use inputs::digest_of_encoder;
pub use prepare::{compute, precision_note};
pub use provenance::Provenance;
pub use pseudo::Round;
pub use rehearsal::{Rehearsal, rehearse};
pub use start::TakenOver;

use crate::{Dataset, EncoderFiles, GleanerError, Scores, Settings, Tagger, TrainedOn, model};
use encoded_texts::EncodedTexts;
use gleaner_base::files;
use inputs::Inputs;
use prepare::{Prepared, prepare};
use std::path::Path;
use teachers::Teachers;

/// A finished training: the tagger with the parameters that were kept, and how it was made.
pub struct Trained {
    /// The tagger, calibrated.
    pub tagger: Tagger,
    /// What is saved beside it.
    pub provenance: Provenance,
    /// The texts it was trained on.
    pub data: Dataset,
    encoder: EncoderFiles,
    trained_on: Option<TrainedOn>,
}

/// Trains a tagger on texts in memory. Nothing is written but checkpoints, where they are wanted: with `checkpoints`
/// of an unfinished training with the same settings and texts, that training is resumed.
///
/// # Errors
/// The texts, the encoder or the settings are wrong, training diverges, or a checkpoint cannot be written.
///
/// ```no_run
/// use gleaner::{Dataset, Settings, train};
///
/// # fn main() -> Result<(), gleaner::GleanerError> {
/// let settings = Settings::builder().data("my-corpus").encoder("my-encoder").build()?;
/// let data = Dataset::load(&settings)?;
/// let trained = train::fit(&settings, data, None, &mut |_: &train::Event| {})?;
/// println!("{:?}", trained.tagger.predict("Anna bor í Havn.")?);
/// # Ok(())
/// # }
/// ```
pub fn fit(
    settings: &Settings,
    mut data: Dataset,
    checkpoints: Option<&Checkpoints>,
    observer: &mut dyn Observer,
) -> Result<Trained, GleanerError> {
    let device = compute(settings)?;
    data.notes.extend(precision_note(settings.network.precision, &device));
    let Prepared { mut tagger, encoder, started, texts, active } = prepare(settings, &data)?;
    // Before anything is written.
    let teachers = Teachers::open(settings, &tagger)?;
    let mut trained_on = Some(TrainedOn::of(std::iter::once(&data.train).chain(&data.pool)));
    let mut taken_over = None;
    let mut learns_from = |model: &str, earlier: Option<TrainedOn>| {
        let leaks = start::leaks(model, earlier.as_ref(), &data);
        data.notes.extend(leaks);
        trained_on = trained_on.take().zip(earlier).map(|(own, earlier)| earlier.with(own));
    };
    if let Some(started) = started {
        learns_from("the model to start from", started.trained_on);
        taken_over = Some(started.taken_over);
    }
    if let Some(teachers) = &teachers {
        learns_from("the teacher", teachers.trained_on().cloned());
    }
    data.notes.extend(pseudo::not_compared(&tagger.labels, data.pool.as_ref()));
    let mut provenance = Provenance::new(settings, &data, taken_over);
    let inputs = &Inputs::new(settings, &data);
    let state =
        epochs::begin(settings, &mut tagger, checkpoints, &provenance, inputs, &texts.pool)?;
    observer.on(&Event::Start { settings, data: &data, active });
    if let (Some(model), Some(taken)) = (&settings.network.start, &provenance.taken_over) {
        let new_labels = &taken.new_labels;
        observer.on(&Event::TakenOver { model, new_labels });
    }
    let run = epochs::Run {
        settings,
        data: &data,
        texts: &texts,
        teachers: teachers.as_ref(),
        checkpoints,
        inputs,
    };
    run.train(&mut tagger, state, &mut provenance, observer)?;
    if let (Some(test), Some(encoded)) = (&data.test, &texts.test) {
        let scored = tagger.score_encoded(test, encoded, settings.optimizer.batch)?;
        provenance.test = Some(Scores::of(&scored, settings.run.resamples));
        observer.on(&Event::Test { corpus: test, scored: &scored });
    }
    Ok(Trained { tagger, provenance, data, encoder, trained_on })
}

/// Loads the texts that settings name, trains a tagger and writes it to the folder `out`, which must be new or empty.
/// With `resume` the folder may hold an unfinished training with the same settings, which is then resumed.
///
/// Nothing is written before all texts and the encoder have been read.
///
/// # Errors
/// The data, the encoder or the settings are wrong, training diverges, or the folder cannot be written.
pub fn train(
    settings: &Settings,
    out: &Path,
    resume: bool,
    observer: &mut dyn Observer,
) -> Result<Trained, GleanerError> {
    let checkpoints = Checkpoints::claim(out, resume)?;
    train_on(settings, Dataset::load(settings)?, &checkpoints, observer)
}

/// As [`train`], on texts that are loaded already, into the folder of `checkpoints`.
///
/// # Errors
/// As [`train`].
pub fn train_on(
    settings: &Settings,
    data: Dataset,
    checkpoints: &Checkpoints,
    observer: &mut dyn Observer,
) -> Result<Trained, GleanerError> {
    let trained = fit(settings, data, Some(checkpoints), observer)?;
    trained.save(checkpoints.model())?;
    checkpoints.remove()?;
    Ok(trained)
}

impl Trained {
    /// Writes a model folder: `gleaner.json` last, so that a folder without it is unfinished.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn save(&self, folder: impl AsRef<Path>) -> Result<(), GleanerError> {
        let folder = folder.as_ref();
        files::create_folder(folder).map_err(|e| GleanerError::io(folder, e))?;
        model::write_tagger(folder, &self.tagger, &self.encoder, self.trained_on.as_ref())?;
        let card = card::text(&self.tagger, &self.provenance);
        model::write_file(&folder.join("README.md"), card.as_bytes())?;
        model::write_manifest(folder, &self.provenance)
    }
}
