//! Options of `gleaner quantize`.

use super::{ReadArgs, data::corpus};
use clap::Args;
use gleaner::CorpusPath;
use std::path::PathBuf;

pub(super) const HELP: &str = "Examples:
  gleaner quantize my-model
  gleaner quantize my-model dev.conll
  gleaner predict my-model archive.txt --precision int8

Writes int8.json to the model's folder, and a section to its model card. The weights stay as they
are. If rounding all weights costs more than --max-loss, the layers with the largest errors keep f32
weights: one, then 3, 7 and so on, up to half of them. If that does not suffice, nothing is written.";

#[derive(Args)]
pub struct QuantizeArgs {
    /// Folder of a model.
    pub model: PathBuf,
    /// Labelled text to measure the loss on: a file, a folder with a dev file, a data set of the Hugging
    /// Face hub (hub:OWNER/NAME:CONFIG), or `sample:af` [default: the dev text of the training].
    #[arg(value_name = "PATH[,KEY=VALUE]...", value_parser = corpus)]
    pub text: Option<CorpusPath>,
    /// Text to measure activations on, in the same form; its tags are not used, and of a folder the
    /// training part is read [default: the training text, or the text above if it is given].
    #[arg(long, value_name = "PATH[,KEY=VALUE]...", value_parser = corpus)]
    pub calibration: Option<CorpusPath>,
    /// Largest loss of entity micro F1, in points.
    #[arg(long, value_name = "POINTS", default_value_t = 0.5, value_parser = points)]
    pub max_loss: f64,
    /// Number of threads [default: the number of physical cores].
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    #[command(flatten)]
    pub read: ReadArgs,
}

fn points(s: &str) -> Result<f64, String> {
    let points = s.parse().ok().filter(|points| (0.0..=100.0).contains(points));
    points.ok_or_else(|| "not a number from 0 to 100".into())
}
