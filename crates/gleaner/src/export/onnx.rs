//! A tagger as an ONNX graph: the ids of pieces in, emissions out.
//!
//! The graph has the encoder, the BiLSTM and the linear layer. The scores of the CRF and the labels are in its
//! metadata, because ONNX has no operator that decodes them.

mod encoder;
mod file;
mod graph;
mod head;
mod message;
mod metadata;

use super::{folder::Folder, source::Source};
use crate::GleanerError;
use gleaner_base::model_files::TOKENIZER;
use gleaner_nn::weights::NamedTensor;
use graph::Graph;
use std::path::Path;

/// The `README.md` of an exported graph.
const README: &str = include_str!("onnx/README.md");

/// Writes the tagger `model`, a folder or a name on the hub, to the folder `out`: `model.onnx` and the tokenizer.
/// Weights of more than 2 GiB, which no ONNX file can hold, are in `model.onnx.data`. Returns the names of the files.
/// `model.onnx` is written last.
///
/// # Errors
/// `out` is not empty or cannot be written, the model cannot be loaded, or its encoder is a ModernBERT or
/// a DeBERTa.
pub fn onnx(model: &Path, out: &Path) -> Result<Vec<String>, GleanerError> {
    let mut folder = Folder::claim(out)?;
    let source = Source::open(model)?;
    let config = source.network.encoder_config();
    if config.rotary.is_some() || config.relative.is_some() {
        return Err(GleanerError::Settings(format!(
            "--to onnx: an encoder of type {} cannot be exported; use --to transformers",
            config.model_type
        )));
    }
    let tensors = source.network.tensors();
    let graph = graph(&source, &tensors);
    let (tags, metadata) = (source.labels.len(), metadata::of(&source));
    let model = file::Model::new(&graph, tags, &metadata, file::LARGEST);
    folder.create()?;
    folder.write("README.md", README.replace("{types}", &source.types()).as_bytes())?;
    folder.json(TOKENIZER, &source.tokenizer)?;
    model.files().iter().for_each(|name| drop(folder.register(name)));
    model.write(out)?;
    Ok(folder.into_files())
}

/// The graph of a tagger's network, whose weights are `tensors`.
fn graph<'a>(source: &Source, tensors: &'a [NamedTensor<'a>]) -> Graph<'a> {
    let mut graph = Graph::new(tensors);
    let hidden = encoder::append(&mut graph, source.network.encoder_config());
    head::append(&mut graph, &hidden, &source.decoding);
    graph
}

#[cfg(test)]
mod tests;
