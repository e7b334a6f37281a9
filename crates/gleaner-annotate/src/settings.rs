//! `project.toml`.

use crate::error::AnnotateError;
use gleaner::{GleanerError, Overrides, SAMPLE_ENCODER, Settings, active::Order};
use gleaner_base::{hidden::is_hidden, tags::is_entity_type};
use serde::{Deserialize, Serialize};
use std::{
    fs,
    ops::Range,
    path::{Path, PathBuf},
};
use toml::Spanned;

/// The version of the format of a project's folder.
const FORMAT: u32 = 1;
const FIX: &str = "docs/reference/annotation-project.md lists the keys";
/// A training on fewer sentences than these has small batches: with those of the preset it would have few steps, and
/// some trainings learn nothing. docs/results/active measured 20 to 60 sentences, where small batches gained; with 210
/// they did not. The limit itself was not measured.
const FEW: usize = 100;
/// Number of sentences in a small batch.
const SMALL_BATCH: usize = 4;

/// What a project is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Text is annotated.
    Annotate,
    /// The doubtful sentences of a labelled corpus are reviewed. Nothing is held out, and nothing is trained.
    Audit,
}

/// What imported labels are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Imported {
    /// Proposals: their sentences are shown.
    Proposal,
    /// Right: their sentences count as accepted and are not shown.
    Gold,
}

/// The direction of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// By the letters of each sentence.
    Auto,
    /// Left to right.
    Ltr,
    /// Right to left.
    Rtl,
}

/// The settings of a project.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ProjectSettings {
    /// What the project is for. Default: to annotate.
    pub mode: Mode,
    /// The entity types, in the order of their keys on the page.
    pub types: Vec<String>,
    /// The text of the guidelines; empty if there are none.
    pub guidelines: String,
    /// The model that proposes before the first training.
    pub model: Option<PathBuf>,
    /// The encoder of trainings. Without one, they start from `model`.
    pub encoder: Option<PathBuf>,
    /// Number of accepted sentences, held-out ones not counted, between two trainings; 0 never trains. Default: 50.
    pub retrain_every: usize,
    /// Share of the sentences that is held out. Default: 0.2.
    pub random_share: f64,
    /// Share of the sentences that every annotator gets, to measure their agreement. Default: 0.1.
    pub shared: f64,
    /// The order of the other sentences. Default: margin.
    pub order: Order,
    /// What imported labels are. Default: proposals.
    pub imported: Imported,
    /// The direction of the text. Default: auto.
    pub direction: Direction,
    /// Seed of everything that is drawn. Default: 0.
    pub seed: u64,
    /// The settings of trainings that differ from the preset.
    training: Overrides,
}

/// The keys as the file has them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Shape {
    format: Option<Spanned<u32>>,
    mode: Option<Spanned<Mode>>,
    types: Spanned<Vec<String>>,
    guidelines: Option<Spanned<String>>,
    model: Option<String>,
    encoder: Option<String>,
    retrain_every: Option<usize>,
    random_share: Option<Spanned<f64>>,
    shared: Option<Spanned<f64>>,
    order: Option<Spanned<Order>>,
    imported: Option<Imported>,
    direction: Option<Direction>,
    seed: Option<u64>,
    settings: Option<Spanned<Overrides>>,
}

impl Shape {
    /// A key that is given and has no effect in an audit.
    fn only_to_annotate(&self) -> Option<&'static str> {
        let given = [
            ("model", self.model.is_some()),
            ("encoder", self.encoder.is_some()),
            ("retrain-every", self.retrain_every.is_some()),
            ("random-share", self.random_share.is_some()),
            ("order", self.order.is_some()),
            ("imported", self.imported.is_some()),
            ("settings", self.settings.is_some()),
        ];
        given.into_iter().find_map(|(key, is_given)| is_given.then_some(key))
    }
}

/// The file that is read.
struct Source<'a> {
    path: &'a Path,
    text: &'a str,
}

impl Source<'_> {
    fn error(&self, at: usize, what: impl Into<String>, fix: impl Into<String>) -> AnnotateError {
        let line = self.text[..at.min(self.text.len())].matches('\n').count() + 1;
        let (what, fix) = (what.into(), fix.into());
        AnnotateError::Settings { path: self.path.to_owned(), line, what, fix }
    }

    fn share(
        &self,
        key: &str,
        share: Option<Spanned<f64>>,
        default: f64,
    ) -> Result<f64, AnnotateError> {
        let Some(share) = share else { return Ok(default) };
        match *share.get_ref() {
            value if (0.0..1.0).contains(&value) => Ok(value),
            value => {
                let what = format!("{key}: {value} is not a share");
                Err(self.error(share.span().start, what, "use 0 or more and less than 1"))
            }
        }
    }
}

impl ProjectSettings {
    /// Reads a project's settings and guidelines. Paths in it are relative to its folder.
    ///
    /// # Errors
    /// The file cannot be read, a key is unknown, or a value does not fit; with the line.
    pub fn read(path: &Path) -> Result<Self, AnnotateError> {
        let text = fs::read_to_string(path).map_err(|e| AnnotateError::io(path, e))?;
        let source = Source { path, text: &text };
        let shape: Shape = toml::from_str(&text).map_err(|e| {
            let what = e.message().trim().replace('\n', " ");
            source.error(e.span().map_or(0, |Range { start, .. }| start), what, FIX)
        })?;
        if let Some(format) = shape.format.as_ref().filter(|f| *f.get_ref() != FORMAT) {
            let what = format!("format {}, but this program reads {FORMAT}", format.get_ref());
            return Err(source.error(format.span().start, what, "update Gleaner"));
        }
        let mode = shape.mode.as_ref().map_or(Mode::Annotate, |mode| *mode.get_ref());
        if let (Mode::Audit, Some(key)) = (mode, shape.only_to_annotate()) {
            let at = shape.mode.map_or(0, |mode| mode.span().start);
            let what = format!("mode: an audit trains nothing and has no `{key}`");
            return Err(source.error(at, what, "remove that key"));
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        let at = shape.types.span().start;
        check_types(shape.types.get_ref()).map_err(|(what, fix)| source.error(at, what, fix))?;
        let (every, held_out) = match mode {
            Mode::Annotate => (50, 0.2),
            Mode::Audit => (0, 0.0),
        };
        let settings = Self {
            mode,
            types: shape.types.into_inner(),
            guidelines: guidelines(&source, folder, shape.guidelines)?,
            model: shape.model.map(|model| local(folder, &model)),
            encoder: shape.encoder.map(|encoder| local(folder, &encoder)),
            retrain_every: shape.retrain_every.unwrap_or(every),
            random_share: source.share("random-share", shape.random_share, held_out)?,
            shared: source.share("shared", shape.shared, 0.1)?,
            order: shape.order.as_ref().map_or(Order::Margin, |order| *order.get_ref()),
            imported: shape.imported.unwrap_or(Imported::Proposal),
            direction: shape.direction.unwrap_or(Direction::Auto),
            seed: shape.seed.unwrap_or(0),
            training: Overrides::default(),
        };
        let (at, training) = match shape.settings {
            Some(training) => (training.span().start, training.into_inner()),
            None => (0, Overrides::default()),
        };
        if let Some(key) = own_key(&training) {
            let what = format!("settings: `{key}` is given by the project");
            return Err(source.error(at, what, "remove it"));
        }
        let settings = Self { training, ..settings };
        let trains = settings.training().map_err(|e| {
            let message = e.to_string();
            let (what, fix) = message.split_once("; ").unwrap_or((&message, FIX));
            source.error(at, format!("settings: {what}"), fix)
        })?;
        match shape.order {
            Some(order) if *order.get_ref() == Order::Disagreement && trains.is_some() => {
                let what = "order: `disagreement` needs several models, but a training makes one";
                let fix = "use margin, entropy or diverse, or an ensemble as `model` and retrain-every = 0";
                Err(source.error(order.span().start, what, fix))
            }
            _ => Ok(settings),
        }
    }

    /// The settings of a training. `None` if the project has neither an encoder nor a model to start from, or never
    /// trains.
    ///
    /// # Errors
    /// A value is out of range.
    pub fn training(&self) -> Result<Option<Settings>, GleanerError> {
        let mut own = Settings::builder();
        match (&self.encoder, &self.model) {
            _ if self.retrain_every == 0 => return Ok(None),
            (Some(encoder), _) => own.network.encoder = Some(encoder.clone()),
            (None, Some(model)) => own.network.start = Some(model.clone()),
            (None, None) => return Ok(None),
        }
        Settings::resolve(&[&own, &self.training]).map(Some)
    }

    /// The batch of a training on this number of sentences, if it is not that of [`ProjectSettings::training`]. A batch
    /// that the project sets, or the batch of a protocol that it names, is kept.
    pub(crate) fn small_batch(&self, sentences: usize) -> Option<usize> {
        let is_set =
            self.training.optimizer.batch.is_some() || self.training.run.protocol.is_some();
        (sentences < FEW && !is_set).then_some(SMALL_BATCH)
    }
}

/// The text of the guidelines. A file that is named must exist; `guidelines.md` may.
fn guidelines(
    source: &Source,
    folder: &Path,
    name: Option<Spanned<String>>,
) -> Result<String, AnnotateError> {
    let at = name.as_ref().map(|name| name.span().start);
    let name = name.map_or_else(|| "guidelines.md".into(), Spanned::into_inner);
    match (fs::read_to_string(folder.join(&name)), at) {
        (Ok(text), _) => Ok(text),
        (Err(e), None) if e.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        (Err(e), at) => {
            let what = format!("guidelines: {name}: {e}");
            Err(source.error(at.unwrap_or(0), what, "name a file of the project's folder in UTF-8"))
        }
    }
}

/// Refuses types that no tag can have.
pub(crate) fn check_types(types: &[String]) -> Result<(), (String, &'static str)> {
    if types.is_empty() {
        return Err(("types: there is none".into(), "name one or more, such as PER"));
    }
    for (number, name) in types.iter().enumerate() {
        let is_plain = !name.chars().any(|c| is_hidden(c) || c.is_control() || "\"\\".contains(c));
        if !is_entity_type(name) || !is_plain {
            let what = format!("types: `{}` cannot be a type", name.escape_debug());
            return Err((what, "use letters and digits without spaces"));
        }
        if types[..number].contains(name) {
            return Err((format!("types: `{name}` is named twice"), "name each type once"));
        }
    }
    Ok(())
}

/// A key of a training's settings that says which texts there are and how they are read and divided, or where the
/// training starts. A project decides these itself.
fn own_key(training: &Overrides) -> Option<String> {
    /// Keys that choose among the accepted sentences, or change them.
    const ALLOWED: [&str; 6] =
        ["cutoff", "train-limit", "split-seed", "drop-leaks", "replace-mentions", "mentions"];
    let mut own = Overrides::default();
    (own.data, own.corpus) = (training.data.clone(), training.corpus.clone());
    (own.network.encoder, own.network.start) =
        (training.network.encoder.clone(), training.network.start.clone());
    (own.self_training.pool, own.self_training.pool_limit, own.self_training.pool_map) = (
        training.self_training.pool.clone(),
        training.self_training.pool_limit,
        training.self_training.pool_map.clone(),
    );
    let own = serde_json::to_value(own).expect("settings are plain data");
    let mut given = own.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
    given.find(|(key, _)| !ALLOWED.contains(&key.as_str())).map(|(key, _)| key.clone())
}

/// A folder beside the project's settings if there is one, otherwise the path as given, which may be a name on the hub.
fn local(folder: &Path, name: &str) -> PathBuf {
    let beside = folder.join(name);
    if name != SAMPLE_ENCODER && beside.exists() { beside } else { name.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ProjectSettings, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("project.toml");
        fs::write(&path, text).unwrap();
        let shown = folder.path().display().to_string() + "/";
        ProjectSettings::read(&path).map_err(|e| e.to_string().replace(&shown, ""))
    }

    #[test]
    fn only_types_are_needed() {
        let settings = read("types = [\"PER\"]").unwrap();
        assert_eq!((settings.retrain_every, settings.random_share), (50, 0.2));
        assert_eq!(settings.training().unwrap(), None);
        let text = "types = [\"PER\"]\nencoder = \"sample:tiny\"\n[settings]\nepochs = 3";
        let training = read(text).unwrap().training().unwrap().unwrap();
        assert_eq!(training.optimizer.epochs, 3);
        let never = text.replace("[settings]", "retrain-every = 0\n[settings]");
        assert_eq!(read(&never).unwrap().training().unwrap(), None);
        assert_eq!(read(text).unwrap().small_batch(99), Some(4));
        assert_eq!(read(text).unwrap().small_batch(100), None);
        for own in ["batch = 16", "protocol = \"published\""] {
            assert_eq!(read(&format!("{text}\n{own}")).unwrap().small_batch(20), None, "{own}");
        }
        let audit = read("mode = \"audit\"\ntypes = [\"PER\"]").unwrap();
        assert_eq!((audit.mode, audit.random_share), (Mode::Audit, 0.0));
    }

    #[test]
    fn faults_have_their_line_and_a_fix() {
        for (text, expected) in [
            ("seed = 1", "project.toml:1: missing field `types`; docs/reference"),
            ("types = [\"A\"]\n\ntyps = 1", "project.toml:3: unknown field `typs`"),
            ("types = []", "project.toml:1: types: there is none; name one or more"),
            ("types = [\"A B\"]", "project.toml:1: types: `A B` cannot be a type; use letters"),
            ("types = [\"A\", \"A\"]", "project.toml:1: types: `A` is named twice; name each"),
            (
                "types = [\"A\"]\nrandom-share = 1.0",
                "project.toml:2: random-share: 1 is not a share",
            ),
            ("types = [\"A\"]\nshared = nan", "project.toml:2: shared: NaN is not a share"),
            ("types = [\"A\"]\norder = \"best\"", "project.toml:2: unknown variant `best`"),
            ("format = 2\ntypes = [\"A\"]", "project.toml:1: format 2, but this program reads 1"),
            ("types = [\"A\"]\nguidelines = \"no.md\"", "project.toml:2: guidelines: no.md: "),
            (
                "types = [\"A\"]\nencoder = \"e\"\norder = \"disagreement\"",
                "project.toml:3: order: `disagreement` needs several models",
            ),
            (
                "types = [\"A\"]\n[settings]\ntrain = [\"a\"]",
                "project.toml:2: settings: `train` is given by the project; remove it",
            ),
            (
                "types = [\"A\"]\n[settings]\ntrain-limit = 9\nexclude = [\"a\"]",
                "project.toml:2: settings: `exclude` is given by the project; remove it",
            ),
            (
                "types = [\"A\"]\n[settings]\npool-limit = 9",
                "project.toml:2: settings: `pool-limit` is given by the project; remove it",
            ),
            (
                "mode = \"audit\"\ntypes = [\"A\"]\nencoder = \"e\"",
                "project.toml:1: mode: an audit trains nothing and has no `encoder`; remove that key",
            ),
            (
                "types = [\"A\"]\nmode = \"audit\"\n[settings]\nepochs = 1",
                "project.toml:2: mode: an audit trains nothing and has no `settings`",
            ),
            (
                "types = [\"A\"]\nencoder = \"e\"\n[settings]\nepochs = 0",
                "project.toml:3: settings: epochs: ",
            ),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.starts_with(expected), "{text}\n{error}");
        }
    }
}
