//! Taggers in the forms of other programs: folders that transformers loads, and ONNX graphs.

mod folder;
mod onnx;
mod source;
mod tokenizer;
mod transformers;

#[cfg(test)]
mod testing;

pub(crate) use folder::Folder;
pub use onnx::onnx;
pub use transformers::transformers;
