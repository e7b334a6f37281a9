//! The parameters of a masked-language head.

use crate::{
    Group, NnError, ParamId, Params,
    encoder::{EncoderConfig, HeadNames, Linear},
    rng::Stream,
    weights::WeightFile,
};
use std::sync::Arc;

/// The standard deviation of the initial weights of a new head (Devlin et al. 2019).
const DEVIATION: f32 = 0.02;

pub(super) struct Head {
    pub(super) names: HeadNames,
    /// From hidden states to the embeddings' width.
    pub(super) dense: Linear,
    pub(super) norm: Linear,
    /// The bias of the active pieces' scores, `[active]`, once there are some.
    pub(super) bias: Option<ParamId>,
    /// Added pieces: the id of the first, and the parts of each, whose mean bias it starts with.
    added: (usize, Vec<Vec<u32>>),
    /// The file that the head was read from; `None` for a new one.
    file: Option<Arc<WeightFile>>,
}

impl Head {
    /// Reads the head of a file, or makes a new one if the file has none.
    pub(super) fn load(
        config: &EncoderConfig,
        file: &Arc<WeightFile>,
        stream: Stream,
        params: &mut Params,
    ) -> Result<Self, NnError> {
        let names = HeadNames::of(config);
        let (h, e) = (config.hidden_size, config.embedding_width());
        let is_new = file.shape(&format!("{}.weight", names.dense)).is_none();
        let mut add =
            |name: String, shape: &[usize], new: &dyn Fn(u64) -> f32| -> Result<ParamId, NnError> {
                if name.ends_with(".bias") && !names.has_biases {
                    return Ok(params.add_zeros(name, shape, Group::Linear));
                }
                let values = match is_new {
                    true => (0..shape.iter().product::<usize>() as u64).map(new).collect(),
                    false => file.read_finite(&in_file(file, &name), shape, 0, 1)?,
                };
                Ok(params.add(name, shape, Group::Linear, values))
            };
        let mut linear =
            |name: &str, shape: &[usize], new: &dyn Fn(u64) -> f32| -> Result<Linear, NnError> {
                Ok(Linear {
                    weight: add(format!("{name}.weight"), shape, new)?,
                    bias: add(format!("{name}.bias"), &shape[..1], &|_| 0.0)?,
                })
            };
        let dense = linear(names.dense, &[e, h], &|i| DEVIATION * stream.normal(i))?;
        let norm = linear(names.norm, &[e], &|_| 1.0)?;
        let file = (!is_new).then(|| Arc::clone(file));
        Ok(Self { names, dense, norm, bias: None, added: Default::default(), file })
    }

    pub(super) fn is_new(&self) -> bool {
        self.file.is_none()
    }

    /// Adds pieces with the ids from `first` on, which consist of other pieces.
    pub(super) fn add(&mut self, first: usize, parts: &[Vec<u32>]) {
        self.added = (first, parts.to_vec());
    }

    /// Adds the bias of the active pieces' scores to `params`.
    pub(super) fn activate(
        &mut self,
        active: &[u32],
        vocabulary: usize,
        params: &mut Params,
    ) -> Result<(), NnError> {
        let all = self.initial_bias(vocabulary)?;
        let values = active.iter().map(|&piece| all[piece as usize]).collect();
        let name = self.names.bias[0].to_owned();
        self.bias = Some(params.add(name, &[active.len()], Group::Linear, values));
        Ok(())
    }

    /// The bias of all pieces' scores before training, `[vocabulary]`: that of the file, and zeros if it has none.
    pub(super) fn initial_bias(&self, vocabulary: usize) -> Result<Vec<f32>, NnError> {
        let mut all = vec![0.0; vocabulary];
        let Some(file) = &self.file else { return Ok(all) };
        let mut names = self.names.bias.into_iter();
        let found = names.find_map(|name| Some((name, *file.shape(name)?.first()?)));
        let Some((name, in_file)) = found else { return Ok(all) };
        let (first, parts) = &self.added;
        // Only added pieces can make the vocabulary larger than the file's.
        let expected = if parts.is_empty() { vocabulary } else { in_file.min(vocabulary) };
        all[..expected].copy_from_slice(&file.read_finite(name, &[expected], 0, 1)?);
        for (id, parts) in (*first..).zip(parts) {
            let sum: f32 = parts.iter().map(|&part| all[part as usize]).sum();
            all[id] = sum / parts.len().max(1) as f32;
        }
        Ok(all)
    }
}

/// The name of a tensor in a file. Old files call the weight and bias of a normalisation `gamma` and `beta`.
fn in_file(file: &WeightFile, name: &str) -> String {
    let old = name
        .replace("LayerNorm.weight", "LayerNorm.gamma")
        .replace("LayerNorm.bias", "LayerNorm.beta");
    if file.shape(name).is_none() && file.shape(&old).is_some() { old } else { name.to_owned() }
}
