//! Adapting an encoder: masked-language training on raw text (Devlin et al. 2019, section 3.1; Gururangan et al. 2020),
//! before a tagger is trained on it.
//!
//! ```text
//! raw text ─▶ sentences ─▶ pieces ─▶ sequences ─▶ batches with hidden pieces ─▶ steps ─▶ an encoder folder
//! ```

mod card;
mod event;
mod forecast;
mod masking;
mod plan;
mod prepare;
mod record;
mod run;
mod save;
mod sequences;
mod settings;
mod state;
mod text;
mod vocabulary;

pub use event::{Event, Observer};
pub use forecast::{Forecast, forecast};
pub use record::{Adapted, Record};
pub use settings::AdaptSettings;
pub use text::RawText;
pub use vocabulary::{Fertility, NewPieces};

use crate::{GleanerError, train::Checkpoints};
use gleaner_base::model_files::CONFIG;
use prepare::{Prepared, prepare};
use run::Run;
use std::path::Path;

/// The file that closes a finished folder: without it, no encoder can be read from the folder.
const LAST: &str = CONFIG;

/// Adapts an encoder to raw text and writes it to the folder `out`, which must be new or empty. With `resume` the
/// folder may hold an unfinished adaptation with the same settings, which is then resumed. The result is an encoder
/// folder with a masked-language head.
///
/// Nothing is written before all texts and the encoder have been read.
///
/// # Errors
/// The texts, the encoder or the settings are wrong, training diverges, the observer stops it, or the folder cannot be
/// written.
///
/// ```no_run
/// use gleaner::adapt::{self, AdaptSettings};
///
/// # fn main() -> Result<(), gleaner::GleanerError> {
/// let settings = AdaptSettings::new("my-encoder", ["raw.txt"]);
/// let adapted = adapt::adapt(&settings, "adapted".as_ref(), false, &mut |_: &adapt::Event| {})?;
/// println!("{:?}", adapted.history.last());
/// # Ok(())
/// # }
/// ```
pub fn adapt(
    settings: &AdaptSettings,
    out: &Path,
    resume: bool,
    observer: &mut dyn Observer,
) -> Result<Adapted, GleanerError> {
    let checkpoints = Checkpoints::claim_for(out, resume, LAST)?;
    let Prepared { encoder, mut model, work } = prepare(settings)?;
    let mut adapted = Adapted::new(settings, &model, &work);
    let mut state = state::begin(&checkpoints, &adapted, &mut model)?;
    observer.on(&Event::Start {
        settings,
        texts: &work.texts.records,
        notes: &adapted.notes,
        active: work.active,
        steps: work.plan.steps,
        head_steps: work.plan.head_steps,
    });
    if state.step > 0 {
        observer.on(&Event::Resumed { steps: state.step });
    }
    let run = Run { settings, work: &work, checkpoints: Some(&checkpoints), adapted: &adapted };
    run.train(&mut model, &mut state, observer)?;
    adapted.history = state.history;
    save::save(checkpoints.model(), &encoder, &model, &adapted)?;
    checkpoints.remove()?;
    Ok(adapted)
}
