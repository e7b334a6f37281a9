//! The weights with fewer rows.

use super::ids::NewIds;
use crate::GleanerError;
use gleaner_nn::{
    NnError,
    weights::{self, NamedTensor, WeightFile},
};
use std::path::Path;

/// The ends of the names of word embeddings.
const EMBEDDINGS: [&str; 2] = ["word_embeddings.weight", "tok_embeddings.weight"];

/// The ends of the names of tensors with one row for each piece in heads of masked-language models.
const OF_HEADS: [&str; 4] = ["predictions", "lm_head", "vocab_projector", "decoder"];

/// Buffers of positions, which some files have among the weights. They hold integers, and nothing reads them.
const BUFFERS: [&str; 2] = ["position_ids", "token_type_ids"];

/// Number of values before and after.
pub(super) struct Sizes {
    pub(super) before: usize,
    pub(super) after: usize,
}

/// Writes all tensors to a file, those of the vocabulary with the kept rows only.
pub(super) fn write(path: &Path, source: &WeightFile, ids: &NewIds) -> Result<Sizes, GleanerError> {
    let is_embedding = |name: &str| EMBEDDINGS.iter().any(|end| name.ends_with(end));
    let embedding = source.names().find(|name| is_embedding(name));
    let rows = embedding.and_then(|name| source.shape(name)?.first().copied());
    let rows = rows.filter(|rows| ids.rows().all(|row| row < *rows)).ok_or_else(|| {
        GleanerError::model(
            source.path(),
            "it has no word embeddings for all pieces of the tokenizer",
            "use the tokenizer.json that belongs to these weights",
        )
    })?;
    let mut sizes = Sizes { before: 0, after: 0 };
    let mut tensors = Vec::new();
    for name in source.names().filter(|name| !BUFFERS.iter().any(|end| name.ends_with(end))) {
        let shape = source.shape(name).unwrap_or_default();
        let has_rows = shape.first() == Some(&rows) && (is_embedding(name) || is_of_head(name));
        let tensor = match has_rows {
            true => chosen_rows(source, name, shape, ids),
            false => {
                NamedTensor::in_chunks(name, shape, move |sink| sink(&source.read(name, shape)?))
            }
        };
        sizes.before += shape.iter().product::<usize>();
        sizes.after += tensor.len();
        tensors.push(tensor);
    }
    weights::write(path, &tensors)?;
    Ok(sizes)
}

/// Whether a tensor is the decoder of a masked-language head or its bias, such as `cls.predictions.decoder.weight`,
/// `lm_head.bias` or `decoder.bias`.
fn is_of_head(name: &str) -> bool {
    let (layer, value) = name.rsplit_once('.').unwrap_or(("", name));
    matches!(value, "weight" | "bias") && OF_HEADS.iter().any(|end| layer.ends_with(end))
}

/// The kept rows of a matrix, or the kept values of a vector.
fn chosen_rows<'a>(
    source: &'a WeightFile,
    name: &'a str,
    shape: &'a [usize],
    ids: &'a NewIds,
) -> NamedTensor<'a> {
    let mut new = shape.to_vec();
    new[0] = ids.len();
    NamedTensor::in_chunks(name, &new, move |sink| -> Result<(), NnError> {
        if shape.len() == 1 {
            let all = source.read(name, shape)?;
            return sink(&ids.rows().map(|row| all[row]).collect::<Vec<f32>>());
        }
        let mut values = Vec::new();
        for row in ids.rows() {
            values.clear();
            source.read_row(name, row, &mut values)?;
            sink(&values)?;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_have_rows_for_pieces() {
        for name in [
            "cls.predictions.bias",
            "cls.predictions.decoder.weight",
            "lm_head.bias",
            "generator_lm_head.bias",
            "vocab_projector.weight",
            "decoder.bias",
        ] {
            assert!(is_of_head(name), "{name}");
        }
        for name in
            ["cls.predictions.transform.dense.weight", "head.dense.weight", "pooler.dense.bias"]
        {
            assert!(!is_of_head(name), "{name}");
        }
    }
}
