//! Starting from an earlier tagger: its encoder, head and CRF, with labels matched by name.

use super::{head_config, tagger_of};
use crate::{
    EncoderFiles, GleanerError, Labels, Pieces, RunData, Settings, Tagger,
    model_folder::{SavedModel, TrainedOn, digest},
};
use gleaner_nn::{
    network::{HeadKind, Network},
    rng::Stream,
    weights::WeightFile,
};
use safetensors::{Dtype, tensor::TensorView};
use serde::{Deserialize, Serialize};
use std::{path::Path, sync::Arc};

/// What a training took over from an earlier model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct TakenOver {
    /// SHA-256 of the model's `gleaner.json`, which tells it from any other.
    pub sha256: String,
    /// Labels that the model did not know: their rows of the linear layer and the CRF are drawn
    /// anew.
    pub new_labels: Vec<String>,
}

/// What is known of the model that a training starts from.
pub(super) struct Started {
    pub(super) taken_over: TakenOver,
    /// What the model was trained on, where it says so.
    pub(super) trained_on: Option<TrainedOn>,
}

/// The tagger in the folder `model`, made ready to learn the labels of `data` too.
pub(super) fn tagger(
    settings: &Settings,
    model: &Path,
    data: &RunData,
) -> Result<(Tagger, EncoderFiles, Started), GleanerError> {
    let SavedModel { provenance, encoder, labels: known, manifest, trained_on } =
        SavedModel::open(model)?;
    same_shape(settings, &provenance.settings)?;
    let (labels, new_labels) = united(&known, &Labels::of(data.corpora()));
    let weights = match new_labels.is_empty() {
        true => encoder.weights.clone(),
        false => Arc::new(widened(settings, &encoder, &known, &labels)?),
    };
    let compute = super::compute(settings)?;
    let head = head_config(settings, &labels);
    let network = Network::saved(encoder.config.clone(), head, weights, compute)?;
    let tokenizer = model.join("tokenizer.json");
    let pieces = Pieces::new(&tokenizer, &encoder.tokenizer_json, settings.pieces.fold_case)?;
    let tagger = tagger_of(settings, network, pieces, labels);
    let taken_over = TakenOver { sha256: digest(&manifest), new_labels };
    Ok((tagger, encoder, Started { taken_over, trained_on }))
}

/// What to say of dev and test sentences that the model was trained on.
pub(super) fn leaks(trained_on: Option<&TrainedOn>, data: &RunData) -> Option<String> {
    let Some(trained_on) = trained_on else {
        return Some(
            "the model to start from does not say what it was trained on, since an earlier program made \
             it: leaks from there go unnoticed"
                .into(),
        );
    };
    let held = std::iter::once(&data.dev).chain(&data.test);
    let leaks: usize = held.map(|text| trained_on.count(text)).sum();
    (leaks > 0).then(|| {
        format!(
            "the model to start from was trained on {leaks} sentences of dev or test: scores are too high; \
             train it anew with --exclude"
        )
    })
}

/// Refuses settings under which the model's weights would mean something else.
fn same_shape(ours: &Settings, theirs: &Settings) -> Result<(), GleanerError> {
    let lstm = theirs.network.head == HeadKind::BilstmCrf;
    let keys: [(&str, bool, String); 5] = [
        ("head", ours.network.head == theirs.network.head, word(&theirs.network.head)),
        (
            "lstm-units",
            !lstm || ours.network.lstm_units == theirs.network.lstm_units,
            word(&theirs.network.lstm_units),
        ),
        (
            "lstm-layers",
            !lstm || ours.network.lstm_layers == theirs.network.lstm_layers,
            word(&theirs.network.lstm_layers),
        ),
        (
            "piece-labels",
            ours.pieces.piece_labels == theirs.pieces.piece_labels,
            word(&theirs.pieces.piece_labels),
        ),
        (
            "fold-case",
            ours.pieces.fold_case == theirs.pieces.fold_case,
            word(&theirs.pieces.fold_case),
        ),
    ];
    match keys.into_iter().find(|(_, same, _)| !same) {
        None => Ok(()),
        Some((key, _, value)) => Err(GleanerError::Settings(format!(
            "{key}: the model to start from was trained with {value}; set {key} to that"
        ))),
    }
}

/// A setting's value as it is written in files.
fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).map(|v| v.to_string()).unwrap_or_default()
}

/// The labels of both: those known as they are numbered, then the others; and which these are.
fn united(known: &Labels, of_data: &Labels) -> (Labels, Vec<String>) {
    let new: Vec<String> =
        of_data.names().iter().filter(|n| known.id(n).is_none()).cloned().collect();
    (Labels::new(known.names().iter().chain(&new).cloned().collect()), new)
}

/// The model's weights with rows for more labels. Rows are found by the labels' names; those of
/// new labels are drawn as a fresh head of this seed would draw them.
fn widened(
    settings: &Settings,
    encoder: &EncoderFiles,
    known: &Labels,
    labels: &Labels,
) -> Result<WeightFile, GleanerError> {
    let file = &encoder.weights;
    // What the linear layer reads of each unit.
    let width = file.shape("fc.weight").and_then(|shape| shape.last().copied()).unwrap_or(1);
    let mut tensors: Vec<(String, Vec<usize>, Vec<u8>)> = Vec::new();
    for name in file.names() {
        let shape = file.shape(name).unwrap_or(&[]).to_vec();
        let values = file.read(name, &shape)?;
        let (shape, values) = match of_labels(name) {
            false => (shape, values),
            true => {
                let fresh = Fresh::new(settings, name, &shape, labels.len(), width);
                rows(&shape, &values, known, labels, &fresh)
            }
        };
        let bytes = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        tensors.push((name.to_owned(), shape, bytes));
    }
    let views = tensors.iter().map(|(name, shape, bytes)| {
        let view = TensorView::new(Dtype::F32, shape.clone(), bytes);
        (name, view.expect("as many bytes as its shape says"))
    });
    let bytes = safetensors::serialize(views, None).expect("plain tensors");
    Ok(WeightFile::from_bytes(&file.path().display().to_string(), &bytes)?)
}

/// Whether a tensor has a row (and maybe a column) for each label.
fn of_labels(name: &str) -> bool {
    name.starts_with("fc.") || name.starts_with("crf.")
}

/// The values that a fresh tensor of the head would start from.
struct Fresh {
    stream: Stream,
    bound: f32,
    shape: Vec<usize>,
}

impl Fresh {
    fn new(settings: &Settings, name: &str, shape: &[usize], labels: usize, width: usize) -> Self {
        // As PyTorch draws a linear layer and pytorch-crf its transitions.
        let bound = if name.starts_with("crf.") { 0.1 } else { 1.0 / (width as f32).sqrt() };
        let columns = |&n: &usize| if name == "crf.transitions" { labels } else { n };
        let shape = std::iter::once(labels).chain(shape.get(1).map(columns)).collect();
        Self { stream: Stream::new(settings.run.seed).named("start").named(name), bound, shape }
    }

    fn value(&self, at: usize) -> f32 {
        (2.0 * self.stream.uniform(at as u64) - 1.0) * self.bound
    }
}

/// A tensor of the head with its values moved to where `labels` number them.
fn rows(
    shape: &[usize],
    values: &[f32],
    known: &Labels,
    labels: &Labels,
    fresh: &Fresh,
) -> (Vec<usize>, Vec<f32>) {
    let old_width = shape.get(1).copied().unwrap_or(1);
    let width = fresh.shape.get(1).copied().unwrap_or(1);
    let old = |id: usize| known.id(labels.name(id as u16)).map(usize::from);
    let square = shape.len() == 2 && old_width == known.len() && width == labels.len();
    let value = |at: usize| {
        let (row, column) = (at / width, at % width);
        let from = if square { old(column) } else { Some(column) };
        match (old(row), from) {
            (Some(row), Some(column)) => values[row * old_width + column],
            _ => fresh.value(at),
        }
    };
    (fresh.shape.clone(), (0..labels.len() * width).map(value).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Overrides;

    fn labels(names: &[&str]) -> Labels {
        Labels::new(names.iter().map(|n| (*n).to_owned()).collect())
    }

    #[test]
    fn known_labels_keep_their_numbers_and_new_ones_follow() {
        let known = labels(&["O", "B-PER", "I-PER"]);
        let (all, new) = united(&known, &labels(&["O", "B-LOC", "I-LOC", "B-PER", "I-PER"]));
        assert_eq!(all.names(), ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]);
        assert_eq!(new, ["B-LOC", "I-LOC"]);
        let (same, new) = united(&known, &labels(&["O"]));
        assert_eq!((same, new), (known, Vec::new()));
    }

    #[test]
    fn rows_move_with_their_names_and_new_rows_are_drawn() {
        let settings = Settings::resolve(&[&Overrides::default()]).unwrap();
        // Numbered otherwise than `united` would, so that a copy by number would show.
        let (known, all) = (labels(&["O", "B-X"]), labels(&["B-X", "B-Y", "O"]));
        let fresh = Fresh::new(&settings, "crf.transitions", &[2, 2], 3, 400);
        let (shape, values) = rows(&[2, 2], &[1.0, 2.0, 3.0, 4.0], &known, &all, &fresh);
        assert_eq!(shape, [3, 3]);
        let kept: Vec<f32> = [0, 2, 6, 8].map(|i| values[i]).to_vec();
        assert_eq!(kept, [4.0, 3.0, 2.0, 1.0]);
        for drawn in [1, 3, 4, 5, 7] {
            assert!(values[drawn].abs() <= 0.1 && values[drawn] != 0.0, "{values:?}");
        }
        let fresh = Fresh::new(&settings, "fc.weight", &[2, 3], 3, 3);
        let before = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let (shape, values) = rows(&[2, 3], &before, &known, &all, &fresh);
        assert_eq!((shape, &values[..3], &values[6..]), (vec![3, 3], &before[3..], &before[..3]));
        let fresh = Fresh::new(&settings, "fc.bias", &[2], 3, 400);
        let (shape, values) = rows(&[2], &[7.0, 8.0], &known, &all, &fresh);
        assert_eq!((shape, values[0], values[2]), (vec![3], 8.0, 7.0));
        // Within what a layer of 400 inputs draws from, whatever the head.
        assert!(values[1].abs() <= 0.05 && values[1] != 0.0, "{values:?}");
    }
}
