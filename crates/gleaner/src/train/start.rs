//! Starting from an earlier tagger: its encoder, head and CRF, with labels matched by name.

use super::prepare::{compute, tagger_config};
use crate::{
    Dataset, EncoderFiles, GleanerError, Labels, PieceTokenizer, Settings, Tagger, TaggerConfig,
    TrainedOn,
    data::digest,
    model::{Rows, SavedModel, check_model},
};
use gleaner_base::model_files::TOKENIZER;
use gleaner_nn::{
    network::{Classifier, HeadKind, Network},
    rng::Stream,
    weights::{self, NamedTensor, Sink, WeightFile},
};
use serde::{Deserialize, Serialize};
use std::{path::Path, sync::Arc};

/// What a training took over from an earlier model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct TakenOver {
    /// SHA-256 that identifies the model: of its `gleaner.json`, or, of a model that transformers saved, of its
    /// `config.json` and its linear layer.
    pub sha256: String,
    /// Labels that the model did not have: their rows of the linear layer and the CRF are drawn at random.
    pub new_labels: Vec<String>,
}

/// The model that a training starts from.
pub(super) struct Started {
    pub(super) taken_over: TakenOver,
    /// The sentences that the model was trained on, where its folder records them.
    pub(super) trained_on: Option<TrainedOn>,
}

/// The tagger in the folder `model`, extended to the labels of `data`.
pub(super) fn tagger(
    settings: &Settings,
    model: &Path,
    data: &Dataset,
) -> Result<(Tagger, EncoderFiles, Started), GleanerError> {
    let SavedModel { manifest, encoder, labels, rows, trained_on } = SavedModel::open(model)?;
    check_model(model)?;
    let config = tagger_config(settings);
    same_shape(&config, &manifest.tagger)?;
    let known = rows.as_ref().map_or_else(|| labels.clone(), |rows| rows.labels.clone());
    // `labels` has more: taggers of IO and IOB1 have no rows for some tags that are written.
    let labels = united(&united(&known, &labels), &Labels::of(data.corpora()));
    let new_labels = labels.names()[known.len()..].to_vec();
    labels.check_for(&data.train.path)?;
    let (head, device) = (config.head(&labels), compute(settings)?);
    let (shape, file) = (encoder.config.clone(), encoder.weights.clone());
    let network = match &rows {
        Some(rows) => {
            let classifier = widened_rows(settings, rows, &labels);
            Network::with_classifier(shape, &classifier, head.rules, file, device)?
        }
        None if new_labels.is_empty() => Network::saved(shape, head, file, device)?,
        None => {
            let file = Arc::new(widened(settings, &encoder, &known, &labels)?);
            Network::saved(shape, head, file, device)?
        }
    };
    let path = model.join(TOKENIZER);
    let tokenizer = PieceTokenizer::new(&path, &encoder.tokenizer_json, config.fold_case)?;
    let tagger = Tagger::new(&config, network, tokenizer, labels);
    let taken_over = TakenOver { sha256: digest(&manifest.bytes), new_labels };
    Ok((tagger, encoder, Started { taken_over, trained_on }))
}

/// A note where dev or test sentences are among those that an earlier model was trained on. `model` is what the model
/// is to this training.
pub(super) fn leaks(model: &str, trained_on: Option<&TrainedOn>, data: &Dataset) -> Option<String> {
    let Some(trained_on) = trained_on else {
        return Some(format!(
            "{model} does not record its training sentences, because an earlier version or another program made it: \
             leaks from them cannot be detected"
        ));
    };
    let held = std::iter::once(&data.dev).chain(&data.test);
    let leaks: usize = held.map(|text| trained_on.count(text)).sum();
    (leaks > 0).then(|| {
        format!(
            "{model} was trained on {leaks} sentences of dev or test, so scores are too high; train it \
             again with --exclude"
        )
    })
}

/// Refuses settings that do not fit the model's weights.
fn same_shape(ours: &TaggerConfig, theirs: &TaggerConfig) -> Result<(), GleanerError> {
    let lstm = theirs.head == HeadKind::BilstmCrf;
    let keys: [(&str, bool, String); 5] = [
        ("head", ours.head == theirs.head, word(&theirs.head)),
        ("lstm-units", !lstm || ours.lstm_units == theirs.lstm_units, word(&theirs.lstm_units)),
        ("lstm-layers", !lstm || ours.lstm_layers == theirs.lstm_layers, word(&theirs.lstm_layers)),
        ("piece-labels", ours.piece_labels == theirs.piece_labels, word(&theirs.piece_labels)),
        ("fold-case", ours.fold_case == theirs.fold_case, word(&theirs.fold_case)),
    ];
    match keys.into_iter().find(|(_, same, _)| !same) {
        None => Ok(()),
        Some((key, _, value)) => Err(GleanerError::Settings(format!(
            "{key}: the model to start from was trained with {value}; set {key} to {value}"
        ))),
    }
}

/// A setting's value as it is written in files.
fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).map(|v| v.to_string()).unwrap_or_default()
}

/// The labels of both, the known ones first with their numbers unchanged.
fn united(known: &Labels, of_data: &Labels) -> Labels {
    let new = of_data.names().iter().filter(|name| known.id(name).is_none());
    Labels::new(known.names().iter().chain(new).cloned().collect())
}

/// The model's weights with rows for more labels. Rows are matched by the labels' names; those of new labels are drawn
/// as for a fresh head of this seed.
fn widened(
    settings: &Settings,
    encoder: &EncoderFiles,
    known: &Labels,
    labels: &Labels,
) -> Result<WeightFile, GleanerError> {
    let file = &encoder.weights;
    // The input width of the linear layer.
    let width = file.shape("fc.weight").and_then(|shape| shape.last().copied()).unwrap_or(1);
    let tensor = |name| -> Result<NamedTensor, GleanerError> {
        let shape = file.shape(name).unwrap_or(&[]).to_vec();
        if !of_labels(name) {
            let whole = shape.clone();
            let read = move |sink: &mut Sink| sink(&file.read(name, &whole)?);
            return Ok(NamedTensor::in_chunks(name, &shape, read));
        }
        let fresh = Fresh::new(settings, name, &shape, labels.len(), width);
        let (shape, values) = rows(&shape, &file.read(name, &shape)?, known, labels, &fresh);
        Ok(NamedTensor::new(name, &shape, move || values.clone()))
    };
    let tensors: Vec<NamedTensor> = file.names().map(tensor).collect::<Result<_, _>>()?;
    let bytes = weights::encode(&tensors)?;
    Ok(WeightFile::from_bytes(&file.path().display().to_string(), &bytes)?)
}

/// A linear layer with rows for more labels, as [`widened`] makes them.
fn widened_rows(settings: &Settings, known: &Rows, labels: &Labels) -> Classifier {
    let Classifier { weight, bias } = &known.classifier;
    let (count, width) = (bias.len(), weight.len() / bias.len());
    let all = |name: &str, shape: &[usize], values: &[f32]| {
        let fresh = Fresh::new(settings, name, shape, labels.len(), width);
        rows(shape, values, &known.labels, labels, &fresh).1
    };
    let weight = all("fc.weight", &[count, width], weight);
    Classifier { weight, bias: all("fc.bias", &[count], bias) }
}

/// Whether a tensor has a row (and maybe a column) for each label.
fn of_labels(name: &str) -> bool {
    name.starts_with("fc.") || name.starts_with("crf.")
}

/// The starting values of a fresh tensor of the head.
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

/// A tensor of the head with its rows (and columns) moved to the numbers of `labels`.
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
        let all = united(&known, &labels(&["O", "B-LOC", "I-LOC", "B-PER", "I-PER"]));
        assert_eq!(all.names(), ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]);
        assert_eq!(united(&known, &labels(&["O"])), known);
    }

    #[test]
    fn rows_move_with_their_names_and_new_rows_are_drawn() {
        let settings = Settings::resolve(&[&Overrides::default()]).unwrap();
        // Not numbered as `united` numbers them, so that a copy by number would fail.
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
        // Within the bound of a layer with 400 inputs.
        assert!(values[1].abs() <= 0.05 && values[1] != 0.0, "{values:?}");
    }
}
