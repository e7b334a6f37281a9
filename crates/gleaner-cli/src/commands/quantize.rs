//! `gleaner quantize`: prepares a tagger to label in 8 bits.

use crate::{
    cli::QuantizeArgs,
    cores,
    held_out::{self, Part},
    output::Output,
};
use anyhow::Result;
use gleaner::{Corpus, CorpusPath, Provenance, Quantization, Tagger, quantize};
use gleaner_base::model_files;
use gleaner_nn::{Compute, Precision};

pub fn run(args: &QuantizeArgs, output: &Output) -> Result<()> {
    cores::set_threads(args.threads)?;
    // The rounding is saved beside the record of a training, which models of other programs do not have.
    Provenance::read(&args.model)?;
    let tagger = Tagger::load_on(&args.model, Compute::cpu())?;
    let mut tagger = tagger.with_precision(Precision::F32);
    let (calibration, dev) = texts(args, output)?;
    let int8 = quantize(&mut tagger, &calibration, &dev, args.max_loss / 100.0, &mut |step| {
        output.note(&description(step));
    })?;
    int8.save(&args.model)?;
    let (cost, points) = (&int8.cost, |x: f64| 100.0 * x);
    output.human(&format!(
        "{}, {} sentences:\n  entity F1           {:.2} in f32, {:.2} in int8: {:+.2} points (95 % interval {:+.2} to {:+.2})\n  \
         same tags           {:.2} % of words, {:.2} % of those in entities\n  \
         f32 weights         {} of {} projections\n\
         saved {}; label with --precision int8",
        cost.text,
        cost.sentences,
        points(cost.f32_f1),
        points(cost.int8_f1),
        points(cost.int8_f1 - cost.f32_f1),
        points(cost.difference.low),
        points(cost.difference.high),
        points(cost.same_tags),
        points(cost.same_entity_tags),
        int8.kept.len(),
        int8.kept.len() + int8.rounding.count(),
        args.model.join(model_files::INT8).display(),
    ))?;
    output.json(&serde_json::json!({"cost": int8.cost, "kept": int8.kept}))
}

/// The text to measure activations on, and the labelled text to measure the loss on.
fn texts(args: &QuantizeArgs, output: &Output) -> Result<(Corpus, Corpus)> {
    let named = |corpus: &Option<CorpusPath>, part| {
        corpus.as_ref().map(|c| held_out::named(c, part, &args.read, output)).transpose()
    };
    match (named(&args.calibration, Part::Train)?, named(&args.text, Part::Dev)?) {
        (Some(calibration), Some(dev)) => Ok((calibration, dev)),
        (None, Some(dev)) => Ok((dev.clone(), dev)),
        (calibration, None) => {
            if calibration.is_none() {
                held_out::refuse_options(&args.read)?;
            }
            let data = held_out::of_training(&args.model, output)?;
            Ok((calibration.unwrap_or(data.train), data.dev))
        }
    }
}

/// A step, for people.
fn description(step: Quantization) -> String {
    match step {
        Quantization::Measured { sentences } => {
            format!("measured activations on {sentences} sentences")
        }
        Quantization::Scored { kept, f32_f1, int8_f1 } => format!(
            "{kept} projections in f32: entity F1 {:.2}, {:+.2} points",
            100.0 * int8_f1,
            100.0 * (int8_f1 - f32_f1)
        ),
        _ => String::new(),
    }
}
