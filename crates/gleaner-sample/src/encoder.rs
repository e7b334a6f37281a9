//! A tiny encoder for both languages, as three files in Hugging Face's formats.

/// The files of an encoder.
#[derive(Clone, Copy, Debug)]
pub struct EncoderFiles {
    /// `config.json`: a BERT's shape.
    pub config: &'static str,
    /// `tokenizer.json`: cased word pieces.
    pub tokenizer: &'static str,
    /// `model.safetensors`: the tensors in half precision, under Hugging Face's names without a prefix.
    pub weights: &'static [u8],
}

/// The encoder that `examples/pretrain` made from [`pretraining_text`](crate::pretraining_text) alone.
pub fn encoder() -> EncoderFiles {
    EncoderFiles {
        config: include_str!("../encoder/config.json"),
        tokenizer: include_str!("../encoder/tokenizer.json"),
        weights: include_bytes!("../encoder/model.safetensors"),
    }
}
