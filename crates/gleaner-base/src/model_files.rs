//! Names of files in model folders, where more than one crate needs them.
//! `docs/reference/model-folder.md` describes the files.

/// The manifest of a trained tagger. It is written last: a folder without it is unfinished.
pub const MANIFEST: &str = "gleaner.json";
/// The manifest of an ensemble, which is written last too.
pub const ENSEMBLE: &str = "ensemble.json";
/// The digests of the sentences that a tagger or an ensemble was trained on.
pub const TRAINED_ON: &str = "trained-on.txt";
/// How weights are rounded to 8 bits, and what that costs.
pub const INT8: &str = "int8.json";
/// The record of an adapted encoder.
pub const ADAPTED: &str = "adapted.json";
/// The record of a trimmed encoder.
pub const TRIMMED: &str = "trimmed.json";
/// A tagger that was exported as an ONNX graph.
pub const GRAPH: &str = "model.onnx";
/// The weights of the graph, if they are too large for its file.
pub const GRAPH_DATA: &str = "model.onnx.data";
/// The Python module of a tagger that was exported for transformers.
pub const PYTHON_MODULE: &str = "gleaner_tagger.py";
/// The folder with the state of an unfinished training.
pub const CHECKPOINT: &str = "checkpoint";

/// The encoder's configuration, with the labels of a tagger.
pub const CONFIG: &str = "config.json";
/// The tokenizer.
pub const TOKENIZER: &str = "tokenizer.json";
/// Further settings of the tokenizer, for transformers.
pub const TOKENIZER_SETTINGS: &str = "tokenizer_config.json";
/// The special pieces of the tokenizer, for transformers.
pub const SPECIAL_PIECES: &str = "special_tokens_map.json";
/// The weights as safetensors.
pub const WEIGHTS: &str = "model.safetensors";
/// The weights as a PyTorch checkpoint. Gleaner reads it, and writes [`WEIGHTS`].
pub const PYTORCH_WEIGHTS: &str = "pytorch_model.bin";
