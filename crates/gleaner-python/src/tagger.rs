//! Taggers.

use crate::{failure, input, threads};
use anyhow::Result;
use gleaner::{
    Dataset, Ensemble, GleanerError, Overrides, Segmenter, Sentence, Tagged, Words, export,
    is_ensemble,
};
use gleaner_cli::embed::{self, Model};
use gleaner_corpus::{
    CorpusError,
    text::{Reader, Token},
};
use pyo3::{prelude::*, types::PyBytes};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// Number of sentences after which Ctrl-C is looked for.
const CHECK: usize = 512;

/// The type, the first position and the position after the last, and the confidence. Positions are those of words, or
/// of Unicode scalar values in a text.
type Span = (String, usize, usize, f64);

/// A text to score on.
enum Text {
    Named(PathBuf),
    Given(Vec<Sentence>),
}

/// A tagger, or an ensemble.
#[pyclass(frozen, module = "gleaner._gleaner")]
pub struct Tagger {
    model: Model,
}

#[pymethods]
impl Tagger {
    /// Opens a tagger by its folder or its name on the hub.
    #[staticmethod]
    fn load(
        py: Python<'_>,
        model: PathBuf,
        device: Option<String>,
        precision: Option<String>,
    ) -> PyResult<Self> {
        threads::start(py)?;
        failure::detached(py, || {
            Ok(Self { model: Model::open(&model, device, precision.as_deref())? })
        })
    }

    /// Its folder.
    #[getter]
    fn folder(&self) -> PathBuf {
        self.model.folder().to_owned()
    }

    /// The names of the tags, in the order of `probabilities`.
    #[getter]
    fn tags(&self) -> Vec<String> {
        self.first().labels().names().to_vec()
    }

    /// The entity types.
    #[getter]
    fn types(&self) -> Vec<String> {
        self.model.ensemble().types().into_iter().map(str::to_owned).collect()
    }

    /// The number of members; 1 for a tagger.
    #[getter]
    fn members(&self) -> usize {
        self.model.ensemble().members().len()
    }

    /// The tags and the spans of sentences.
    fn label(
        &self,
        py: Python<'_>,
        sentences: &Bound<'_, PyAny>,
    ) -> PyResult<Vec<(Vec<String>, Vec<Span>)>> {
        threads::start(py)?;
        let sentences = input::sentences(sentences)?;
        failure::detached(py, || {
            let labelled = stream(self.model.ensemble(), sentences)?;
            Ok(labelled.into_iter().map(|tagged| (tagged.tags, spans(tagged.spans))).collect())
        })
    }

    /// The spans of texts.
    fn find(&self, py: Python<'_>, texts: &Bound<'_, PyAny>) -> PyResult<Vec<Vec<Span>>> {
        threads::start(py)?;
        let texts = input::texts(texts)?;
        failure::detached(py, || find(self.model.ensemble(), &texts))
    }

    /// The probability of every tag at every word: for each sentence, the bytes of `[words, tags]` numbers of 8 bytes.
    fn probabilities<'py>(
        &self,
        py: Python<'py>,
        sentences: &Bound<'py, PyAny>,
    ) -> PyResult<Vec<Bound<'py, PyBytes>>> {
        threads::start(py)?;
        let sentences = input::sentences(sentences)?;
        let numbers = failure::detached(py, || self.of_tags(&sentences))?;
        let bytes = |of: Vec<f64>| of.into_iter().flat_map(f64::to_ne_bytes).collect::<Vec<u8>>();
        Ok(numbers.into_iter().map(|of| PyBytes::new(py, &bytes(of))).collect())
    }

    /// All scores on a labelled text, as JSON. `options` say how a text that is named is read.
    fn evaluate(
        &self,
        py: Python<'_>,
        text: &Bound<'_, PyAny>,
        options: &str,
        resamples: usize,
    ) -> PyResult<String> {
        threads::start(py)?;
        let text = match text.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>() {
            Ok((words, tags)) => Text::Given(input::labelled(&words, &tags, "test")?),
            Err(_) => Text::Named(text.extract()?),
        };
        failure::detached(py, || {
            let corpus = match text {
                Text::Named(path) => embed::test_text(&path, &overrides(options)?)?,
                Text::Given(sentences) => Dataset::corpus("test", sentences)?,
            };
            Ok(serde_json::to_string(&self.model.evaluate(&corpus, resamples)?)?)
        })
    }

    /// Writes the tagger in the form of another program. Returns the names of the files.
    fn export(&self, py: Python<'_>, to: &str, folder: PathBuf) -> PyResult<Vec<String>> {
        threads::start(py)?;
        let model = self.model.folder();
        failure::detached(py, || match to {
            "transformers" => Ok(export::transformers(model, &folder)?),
            "onnx" => Ok(export::onnx(model, &folder)?),
            _ => {
                let what = format!("to: unknown form `{to}`; use `transformers` or `onnx`");
                Err(GleanerError::Settings(what).into())
            }
        })
    }
}

impl Tagger {
    fn first(&self) -> &gleaner::Tagger {
        &self.model.ensemble().members()[0]
    }

    fn of_tags(&self, sentences: &[Vec<String>]) -> Result<Vec<Vec<f64>>> {
        if is_ensemble(self.model.folder()) {
            let what = "an ensemble has probabilities of entities, not of tags; use the confidences of its spans, or \
                        one of its members";
            return Err(GleanerError::Settings(what.into()).into());
        }
        let mut all = Vec::with_capacity(sentences.len());
        for chunk in sentences.chunks(CHECK) {
            check_signals()?;
            let slices: Vec<&[String]> = chunk.iter().map(Vec::as_slice).collect();
            all.extend(self.first().tag_probabilities(&slices)?);
        }
        Ok(all)
    }
}

/// Settings from JSON.
pub fn overrides(json: &str) -> Result<Overrides> {
    serde_json::from_str(json).map_err(|error| {
        let said = error.to_string();
        // The place is one in a text that users never see.
        let what = said.rsplit_once(" at line ").map_or(said.as_str(), |(what, _)| what);
        let help = "`gleaner train --help` lists the keys";
        GleanerError::Settings(format!("{what}; {help}")).into()
    })
}

/// Labels sentences as the command line does, so that the network and the decoder work at the same time.
fn stream<T: Words + Send + 'static>(
    ensemble: &Arc<Ensemble>,
    sentences: Vec<T>,
) -> Result<Vec<Tagged>> {
    let mut all = Vec::with_capacity(sentences.len());
    let sentences = sentences.into_iter().map(Ok);
    for (number, labelled) in ensemble.stream::<T, GleanerError>(sentences).enumerate() {
        if number % CHECK == 0 {
            check_signals()?;
        }
        all.push(labelled?.1);
    }
    Ok(all)
}

/// Stops at Ctrl-C.
fn check_signals() -> Result<()> {
    Ok(Python::attach(|py| py.check_signals())?)
}

fn spans(found: Vec<gleaner::TaggedSpan>) -> Vec<Span> {
    found.into_iter().map(|span| (span.label, span.start, span.end, span.confidence)).collect()
}

/// The tokens of a sentence of a text.
struct Cut {
    text: usize,
    words: Vec<String>,
    /// Where each word begins and ends in the text, in Unicode scalar values.
    places: Vec<(usize, usize)>,
}

impl Words for Cut {
    fn words(&self) -> &[String] {
        &self.words
    }
}

impl Cut {
    fn of(text: usize, tokens: Vec<Token>) -> Self {
        let places = tokens.iter().map(|token| (token.start, token.end)).collect();
        Self { text, words: tokens.into_iter().map(|token| token.text).collect(), places }
    }
}

/// Finds the entities of texts.
fn find(ensemble: &Arc<Ensemble>, texts: &[String]) -> Result<Vec<Vec<Span>>> {
    let mut cut = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        let name = match texts.len() {
            1 => "text".to_owned(),
            _ => format!("text {}", at + 1),
        };
        for tokens in sentences(text, &name, ensemble.segmenter()) {
            cut.push(Cut::of(at, tokens?));
        }
    }
    let places: Vec<(usize, Vec<(usize, usize)>)> =
        cut.iter().map(|cut| (cut.text, cut.places.clone())).collect();
    let mut found = vec![Vec::new(); texts.len()];
    for ((text, places), tagged) in places.into_iter().zip(stream(ensemble, cut)?) {
        let of_text = spans(tagged.spans).into_iter().map(|(label, first, after, confidence)| {
            (label, places[first].0, places[after - 1].1, confidence)
        });
        found[text].extend(of_text);
    }
    Ok(found)
}

/// The words of each sentence of a text.
fn sentences(
    text: &str,
    name: &str,
    segmenter: &Segmenter,
) -> impl Iterator<Item = Result<Vec<Token>, CorpusError>> {
    let reader = Reader::with_segmenter(text.as_bytes(), Path::new(name), false, segmenter.clone());
    reader.map(|sentence| Ok(sentence?.tokens))
}
