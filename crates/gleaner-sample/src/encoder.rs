//! The tiny encoder, as files in Hugging Face's formats.

/// The files of an encoder.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct EncoderFiles {
    /// `config.json`: the configuration of a BERT.
    pub config: &'static str,
    /// `tokenizer.json`: cased WordPiece.
    pub tokenizer: &'static str,
    /// `model.safetensors`: the tensors in half precision (f16), with Hugging Face's names without prefix.
    pub weights: &'static [u8],
}

/// The tiny encoder for both languages. `examples/pretrain` trained it on
/// [`pretraining_text`](crate::pretraining_text) only.
///
/// ```
/// let files = gleaner_sample::encoder();
/// assert!(files.config.contains("\"model_type\": \"bert\""));
/// ```
pub fn encoder() -> EncoderFiles {
    EncoderFiles {
        config: include_str!("../encoder/config.json"),
        tokenizer: include_str!("../encoder/tokenizer.json"),
        weights: include_bytes!("../encoder/model.safetensors"),
    }
}
