//! Options of `gleaner export`.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

pub(super) const HELP: &str = "Examples:
  gleaner export my-model --to transformers --out my-model-transformers
  gleaner export my-model --to onnx --out my-model-onnx

The README.md of the written folder says how to use it.";

#[derive(Args)]
pub struct ExportArgs {
    /// Folder of a model, or OWNER/NAME on the Hugging Face hub.
    pub model: PathBuf,
    /// Form to write.
    #[arg(long, value_enum, value_name = "FORM")]
    pub to: Form,
    /// New or empty folder to write to.
    #[arg(long, value_name = "FOLDER")]
    pub out: PathBuf,
}

/// A form that other programs read.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// A folder that the Python library transformers loads.
    Transformers,
    /// An ONNX graph that computes emissions, with the tokenizer.
    Onnx,
}
