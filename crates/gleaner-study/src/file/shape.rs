//! The keys of a study file.

use super::check::Checks;
use crate::error::StudyError;
use gleaner::{CorpusOptions, CorpusPath, Overrides};
use gleaner_corpus::{Format, LabelMap, Nested, Offsets};
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::{Spanned, Value};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Shape {
    pub(super) title: Option<String>,
    pub(super) protocol: Option<Spanned<String>>,
    pub(super) encoder: Spanned<String>,
    pub(super) seeds: Option<Spanned<Vec<u64>>>,
    pub(super) folds: Option<Spanned<usize>>,
    #[serde(default)]
    pub(super) pairs: Vec<Spanned<String>>,
    pub(super) device: Option<Spanned<String>>,
    pub(super) threads: Option<Spanned<usize>>,
    pub(super) jobs: Option<Spanned<usize>>,
    #[serde(default = "yes")]
    pub(super) keep_models: bool,
    #[serde(default = "yes")]
    pub(super) keep_words: bool,
    pub(super) settings: Option<Spanned<Overrides>>,
    pub(super) languages: Spanned<BTreeMap<Spanned<String>, Spanned<Language>>>,
    #[serde(default)]
    pub(super) experiments: Experiments,
    #[serde(default)]
    pub(super) references: Vec<Spanned<ReferenceShape>>,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Language {
    pub(super) data: Option<Spanned<String>>,
    pub(super) files: Option<Spanned<Files>>,
    pub(super) cutoff: Option<Spanned<usize>>,
    #[serde(default)]
    pub(super) unlabelled: Vec<Spanned<CorpusPath>>,
    format: Option<Format>,
    word_column: Option<Spanned<usize>>,
    tag_column: Option<Spanned<usize>>,
    labels: Option<Vec<String>>,
    label_map: Option<LabelMap>,
    nested: Option<Nested>,
    offsets: Option<Offsets>,
    text_field: Option<String>,
}

impl Language {
    /// How its texts are read. Listed by hand: serde refuses no unknown key of a flattened table.
    pub(super) fn options(&self, file: &Checks) -> Result<CorpusOptions, StudyError> {
        let column =
            |n: &Option<Spanned<usize>>, key| n.as_ref().map(|n| file.positive(n, key)).transpose();
        let mut options = CorpusOptions::default();
        options.format = self.format;
        options.word_column = column(&self.word_column, "word-column")?;
        options.tag_column = column(&self.tag_column, "tag-column")?;
        options.labels.clone_from(&self.labels);
        options.label_map.clone_from(&self.label_map);
        options.nested = self.nested;
        options.offsets = self.offsets;
        options.text_field.clone_from(&self.text_field);
        Ok(options)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Files {
    pub(super) train: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) dev: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) test: Vec<Spanned<String>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Experiments {
    pub(super) baseline: Option<Baseline>,
    pub(super) transfer: Option<Transfer>,
    pub(super) zero_shot: Option<Factors>,
    pub(super) joint: Option<Factors>,
    pub(super) pseudo: Option<Spanned<Pseudo>>,
    pub(super) curve: Option<Curve>,
    pub(super) active: Option<Active>,
    #[serde(default)]
    pub(super) recipes: BTreeMap<Spanned<String>, Spanned<Recipe>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Curve {
    pub(super) sizes: Spanned<Value>,
    pub(super) seeds: Option<Spanned<Vec<u64>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Active {
    pub(super) strategies: Spanned<Vec<Spanned<String>>>,
    pub(super) start: Option<Spanned<usize>>,
    pub(super) step: Option<Spanned<usize>>,
    pub(super) to: Spanned<usize>,
    pub(super) seeds: Option<Spanned<Vec<u64>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Recipe {
    pub(super) sources: Option<Spanned<Value>>,
    pub(super) factor: Option<Spanned<Value>>,
    pub(super) rows: Option<Spanned<usize>>,
    pub(super) start: Option<Spanned<String>>,
    pub(super) encoder: Option<Spanned<String>>,
    pub(super) seeds: Option<Spanned<Vec<u64>>>,
    pub(super) pool: Option<Spanned<String>>,
    pub(super) pool_limit: Option<Spanned<usize>>,
    pub(super) members: Option<Spanned<Value>>,
    pub(super) distil: Option<Spanned<bool>>,
    pub(super) against: Option<Spanned<String>>,
    pub(super) settings: Option<Spanned<Overrides>>,
    pub(super) source_settings: Option<Spanned<Overrides>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Baseline {
    pub(super) settings: Option<Spanned<Overrides>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Transfer {
    pub(super) factors: Spanned<Value>,
    pub(super) rows: Option<Spanned<usize>>,
    pub(super) seeds: Option<Spanned<Vec<u64>>>,
    pub(super) settings: Option<Spanned<Overrides>>,
    pub(super) source_settings: Option<Spanned<Overrides>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Factors {
    pub(super) factors: Spanned<Value>,
    pub(super) seeds: Option<Spanned<Vec<u64>>>,
    pub(super) settings: Option<Spanned<Overrides>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Pseudo {
    pub(super) quantiles: Spanned<Value>,
    pub(super) repeats: Option<Spanned<u32>>,
    pub(super) seeds: Option<Spanned<Vec<u64>>>,
    pub(super) pool: Option<Spanned<String>>,
    pub(super) pool_limit: Option<Spanned<usize>>,
    pub(super) settings: Option<Spanned<Overrides>>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ReferenceShape {
    pub(super) language: String,
    pub(super) what: String,
    pub(super) value: f64,
    pub(super) source: String,
}
