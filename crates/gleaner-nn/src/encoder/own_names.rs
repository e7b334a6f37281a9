//! An encoder's tensors under the names that transformers gives them.

use super::{
    EncoderConfig,
    family::{Family, OwnName},
    layout::PREFIX,
};
use crate::weights::NamedTensor;
use std::collections::BTreeMap;

impl EncoderConfig {
    /// What the names of the encoder's tensors begin with in a model of transformers with a head, such as `bert.`.
    pub fn prefix(&self) -> &'static str {
        match self.family() {
            Family::Bert => PREFIX,
            Family::DistilBert => "distilbert.",
            Family::Electra => "electra.",
            Family::Roberta => "roberta.",
            Family::ModernBert => "model.",
            Family::Deberta => "deberta.",
        }
    }

    /// The tensors with the family's names after `prefix`. Tensors that are not the encoder's stay as they are.
    pub(crate) fn with_own_names<'a>(
        &self,
        tensors: Vec<NamedTensor<'a>>,
        prefix: &str,
    ) -> Vec<NamedTensor<'a>> {
        let family = self.family();
        let mut named = Vec::with_capacity(tensors.len());
        // Queries, keys and values of ModernBERT are the thirds of one tensor.
        let mut thirds: BTreeMap<String, BTreeMap<usize, NamedTensor<'a>>> = BTreeMap::new();
        for tensor in tensors {
            let Some(name) = tensor.name().strip_prefix(PREFIX).map(str::to_owned) else {
                named.push(tensor);
                continue;
            };
            let own = family.own_name(&name).unwrap_or(OwnName { name, third: None });
            let full = format!("{prefix}{}", own.name);
            match own.third {
                None => named.push(tensor.renamed(full)),
                Some(third) => drop(thirds.entry(full).or_default().insert(third, tensor)),
            }
        }
        let stacked = |(name, parts): (String, BTreeMap<usize, NamedTensor<'a>>)| {
            NamedTensor::stacked(name, parts.into_values().collect())
        };
        named.extend(thirds.into_iter().map(stacked));
        named
    }
}
