//! Labelling with weights of 8 bits: how a tagger's weights are rounded, and what that costs: `int8.json`.
//!
//! Rounding can ruin a tagger, so it is never done without a check: [`quantize`] compares the rounded tagger with the
//! exact one on labelled text, and refuses a rounding that loses too much.

mod quantize;

pub use quantize::{Quantization, quantize};

use crate::{
    GleanerError, Tagger,
    model::{digest, json_bytes, versioned, write_file},
};
use gleaner_base::{bounded, model_files};
use gleaner_metrics::Interval;
use gleaner_nn::{NnError, Projection, Rounding};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The version of the format of `int8.json`.
const FORMAT: u32 = 1;

/// How a tagger's weights are rounded to 8 bits for labelling, and what that costs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Int8 {
    /// The cost, measured on labelled text.
    pub cost: Int8Cost,
    /// The projections that keep f32 weights: the number of the layer, from 1, and the projection.
    pub kept: Vec<(usize, Projection)>,
    /// The rounding.
    pub rounding: Rounding,
}

/// What rounding costs, measured on labelled text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Int8Cost {
    /// The text.
    pub text: String,
    /// Its number of sentences.
    pub sentences: usize,
    /// Entity micro F1 in f32, from 0 to 1.
    pub f32_f1: f64,
    /// Entity micro F1 in int8, from 0 to 1.
    pub int8_f1: f64,
    /// The 95 % interval of their difference, int8 − f32: the paired bootstrap over sentences.
    pub difference: Interval,
    /// The share of words with the same tag.
    pub same_tags: f64,
    /// The same of the words that f32 tags as parts of entities; 1 if there are none.
    pub same_entity_tags: f64,
}

/// Maximum length of the file in bytes. The largest encoders have 200,000 divisors of a few characters each.
const MAX_LENGTH: u64 = 16_000_000;

/// The file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Saved {
    format: u32,
    /// SHA-256 of the `gleaner.json` beside it, in hexadecimal digits: the training that it belongs to.
    gleaner_json: String,
    cost: Int8Cost,
    kept: Vec<(usize, Projection)>,
    rounding: Rounding,
}

impl Int8 {
    /// Writes a section to the model card in the model's folder, and then `int8.json`.
    ///
    /// # Errors
    /// The folder holds no model, or cannot be written to.
    pub fn save(&self, folder: &Path) -> Result<(), GleanerError> {
        let Self { cost, kept, rounding } = self.clone();
        let gleaner_json = digest(folder)?;
        let saved = Saved { format: FORMAT, gleaner_json, cost, kept, rounding };
        self.write_card(&folder.join("README.md"))?;
        write_file(&folder.join(model_files::INT8), &json_bytes(&saved))
    }

    /// Reads `int8.json` of a model's folder.
    ///
    /// # Errors
    /// The file is missing or malformed, or belongs to another training.
    fn read(folder: &Path) -> Result<Self, GleanerError> {
        const FIX: &str = "run `gleaner quantize` on the model";
        let path = folder.join(model_files::INT8);
        if !path.is_file() {
            return Err(GleanerError::model(folder, "no int8.json in it", FIX));
        }
        let bytes = bounded::read(&path, MAX_LENGTH).map_err(|e| GleanerError::io(&path, e))?;
        let Saved { gleaner_json, cost, kept, rounding, .. } =
            versioned::parse(&path, &bytes, FORMAT, FIX)?;
        match gleaner_json == digest(folder)? {
            true => Ok(Self { cost, kept, rounding }),
            false => {
                let what = "belongs to another training than the gleaner.json beside it";
                Err(GleanerError::model(&path, what, FIX))
            }
        }
    }

    /// Replaces the section on rounding in a model card, or adds it. A folder without a card stays without one.
    fn write_card(&self, path: &Path) -> Result<(), GleanerError> {
        let card = match std::fs::read_to_string(path) {
            Ok(card) => card,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(e) => return Err(GleanerError::io(path, e)),
        };
        write_file(path, with_section(&card, &self.description()).as_bytes())
    }

    /// The section of a model card.
    fn description(&self) -> String {
        let Int8Cost { text, sentences, f32_f1, int8_f1, difference, .. } = &self.cost;
        let points = |x: f64| 100.0 * x;
        let kept: Vec<String> =
            self.kept.iter().map(|(layer, p)| format!("{} of layer {layer}", p.name())).collect();
        let kept = match kept.is_empty() {
            true => "No layer keeps f32 weights.".to_owned(),
            false => format!("These keep f32 weights: {}.", kept.join(", ")),
        };
        format!(
            "`--precision int8` labels with weights and activations of 8 bits. {kept}\n\n\
             | text | sentences | entity micro F1, f32 | int8 | difference in points | 95 % interval | same tags | same tags in entities |\n\
             |---|---|---|---|---|---|---|---|\n\
             | {text} | {sentences} | {f32_f1:.3} | {int8_f1:.3} | {:+.2} | {:+.2} to {:+.2} | {:.2} % | {:.2} % |\n",
            points(int8_f1 - f32_f1),
            points(difference.low),
            points(difference.high),
            points(self.cost.same_tags),
            points(self.cost.same_entity_tags),
        )
    }
}

/// A model card whose section on rounding is replaced, or added at the end. What others wrote after the section stays.
fn with_section(card: &str, description: &str) -> String {
    const HEADING: &str = "## Labelling in 8 bits";
    let lines: Vec<&str> = card.split_inclusive('\n').collect();
    let Some(start) = lines.iter().position(|line| line.trim_end() == HEADING) else {
        return format!("{card}\n{HEADING}\n\n{description}");
    };
    let (before, section) = lines.split_at(start);
    let next = section.iter().skip(1).position(|line| line.starts_with("## "));
    let after = next.map_or(String::new(), |at| format!("\n{}", section[at + 1..].concat()));
    format!("{}{HEADING}\n\n{description}{after}", before.concat())
}

impl Tagger {
    /// The same tagger with the weights of 8 bits of its folder, `model`, as [`quantize`] chose and [`Int8::save`]
    /// saved them. Only the processor computes with them.
    ///
    /// # Errors
    /// The folder has no `int8.json` that belongs to the model, or the tagger computes on another device.
    pub fn with_int8(mut self, model: &Path) -> Result<Self, GleanerError> {
        if !self.network.compute().is_cpu() {
            let what = "int8: only the processor computes in 8 bits; use --device cpu or another precision";
            return Err(GleanerError::Settings(what.into()));
        }
        let int8 = Int8::read(model)?;
        let prepared = self.network.prepare(Some(&int8.rounding)).map_err(|e| match e {
            NnError::Rounding => GleanerError::model(
                &model.join(model_files::INT8),
                "the rounding of another encoder",
                "run `gleaner quantize` on the model",
            ),
            other => other.into(),
        })?;
        self.prepared = Some(prepared);
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::with_section;

    #[test]
    fn a_section_of_a_model_card_is_replaced_and_what_follows_it_stays() {
        let added = with_section("# Card\n", "first\n");
        assert_eq!(added, "# Card\n\n## Labelling in 8 bits\n\nfirst\n");
        assert_eq!(with_section(&added, "second\n"), added.replace("first", "second"));
        let own = format!("{added}\n## Intended use\n\nArchives.\n");
        assert_eq!(with_section(&own, "second\n"), own.replace("first", "second"));
        let windows = own.replace('\n', "\r\n");
        assert_eq!(with_section(&windows, "second\n").matches("8 bits").count(), 1);
        assert!(
            with_section(&windows, "second\n").ends_with("## Intended use\r\n\r\nArchives.\r\n")
        );
    }
}
