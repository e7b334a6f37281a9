//! From keys to a study: every value is looked at, and what does not fit is told with its line.

mod experiments;
mod languages;
mod recipes;

use super::{
    Pair, Reference, Seeds, Study,
    shape::{self, Shape},
};
use crate::{
    StudyError,
    source::{EncoderSource, HubModel, local},
};
use gleaner::{Overrides, Protocol, Settings, Split, is_sample};
use languages::Languages;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// The file that is being checked.
struct File<'a> {
    path: &'a Path,
    text: &'a str,
}

impl File<'_> {
    fn line(&self, at: usize) -> usize {
        self.text[..at.min(self.text.len())].matches('\n').count() + 1
    }

    fn error(&self, at: usize, what: impl Into<String>, fix: impl Into<String>) -> StudyError {
        StudyError::File {
            path: self.path.to_owned(),
            line: self.line(at),
            what: what.into(),
            fix: fix.into(),
        }
    }

    /// An error from a message that tells its own remedy.
    fn told(&self, at: usize, message: &str) -> StudyError {
        StudyError::in_study(self.path, self.line(at), message)
    }

    /// The folder that paths start from.
    fn base(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    /// A number of 1 or more.
    fn positive(&self, n: &Spanned<usize>, key: &str) -> Result<usize, StudyError> {
        match *n.get_ref() {
            0 => Err(self.error(n.span().start, format!("{key}: 0"), "use 1 or more")),
            n => Ok(n),
        }
    }

    /// A folder or file that must be there; what is built in always is.
    fn existing(&self, name: &Spanned<String>, what: &str) -> Result<PathBuf, StudyError> {
        let path = local(self.base(), name.get_ref());
        match is_sample(&path) || path.exists() {
            true => Ok(path),
            false => Err(self.error(
                name.span().start,
                format!("{what} {} does not exist", path.display()),
                "check the path; it is taken from the folder of this file",
            )),
        }
    }
}

pub(super) fn study(path: &Path, text: &str) -> Result<Study, StudyError> {
    let file = File { path, text };
    let shape: Shape = toml::from_str(text).map_err(|e| {
        let what = e.message().trim().replace('\n', " ");
        file.error(
            e.span().map_or(0, |s| s.start),
            what,
            "see docs/reference/study-file.md for the keys",
        )
    })?;
    let protocol = match &shape.protocol {
        None => Protocol::Sound,
        Some(name) => name.get_ref().parse().map_err(|e: String| {
            file.error(name.span().start, e, "write protocol = \"sound\" or \"published\"")
        })?,
    };
    let named = Overrides { protocol: Some(protocol), ..Overrides::default() };
    let mut settings = settings_of(&file, shape.settings.as_ref(), &[&named], &DIVIDING)?;
    if let Some(device) = &shape.device {
        settings.device = Some(device.get_ref().clone());
        Settings::resolve(&[&named, &settings])
            .map_err(|e| file.told(device.span().start, &format!("device: {e}")))?;
    }
    let common = [&named, &settings];
    let threads = shape.threads.as_ref().map(|n| file.positive(n, "threads")).transpose()?;
    let jobs = shape.jobs.as_ref().map(|n| file.positive(n, "jobs")).transpose()?;
    let languages = languages::languages(&file, &shape.languages)?;
    let pairs = languages::pairs(&file, &shape.pairs, &languages)?;
    let seeds = seeds(&file, shape.seeds.as_ref())?;
    let known = Known { common: &common, languages: &languages, pairs: &pairs, seeds: &seeds };
    let experiments = experiments::experiments(&file, &shape.experiments, &known)?;
    Ok(Study {
        title: shape
            .title
            .unwrap_or_else(|| path.file_stem().unwrap_or_default().to_string_lossy().into_owned()),
        path: path.to_owned(),
        protocol,
        seeds,
        folds: shape.folds.as_ref().map(|n| folds(&file, n)).transpose()?,
        jobs: jobs.unwrap_or(1),
        threads,
        keep_models: shape.keep_models,
        keep_words: shape.keep_words,
        references: references(&file, &shape.references, &languages)?,
        encoder: encoder(&file, &shape.encoder)?,
        encoder_line: file.line(shape.encoder.span().start),
        settings,
        languages,
        pairs,
        experiments,
    })
}

/// What experiments are checked against.
struct Known<'a> {
    /// Settings of all runs.
    common: &'a [&'a Overrides],
    languages: &'a Languages,
    pairs: &'a [Pair],
    /// The seeds of the study.
    seeds: &'a [u64],
}

fn seeds(file: &File, seeds: Option<&Spanned<Vec<u64>>>) -> Result<Vec<u64>, StudyError> {
    let Some(seeds) = seeds else { return Ok(vec![42]) };
    let bad =
        |what: &str| file.error(seeds.span().start, what, "write one or more numbers, each once");
    let list = seeds.get_ref();
    let sorted: std::collections::BTreeSet<_> = list.iter().collect();
    match list.len() {
        0 => Err(bad("seeds: the list is empty")),
        n if n != sorted.len() => Err(bad("seeds: a seed stands twice")),
        _ => Ok(list.clone()),
    }
}

/// The seeds of an experiment, which must be among the study's: baselines are run with these alone.
fn some_seeds(
    file: &File,
    named: Option<&Spanned<Vec<u64>>>,
    all: &[u64],
) -> Result<Seeds, StudyError> {
    let Some(named) = named else { return Ok(Seeds(None)) };
    let list = seeds(file, Some(named))?;
    match list.iter().find(|seed| !all.contains(seed)) {
        None => Ok(Seeds(Some(list))),
        Some(other) => Err(file.error(
            named.span().start,
            format!("seeds: {other} is none of the study's"),
            "add it to `seeds` at the top of the file, or name others",
        )),
    }
}

fn folds(file: &File, folds: &Spanned<usize>) -> Result<usize, StudyError> {
    match *folds.get_ref() {
        n @ 0..=1 => {
            let what = format!("folds: {n} leaves nothing to train on");
            let fix = "use 2 or more, or leave it out for the texts' own parts";
            Err(file.error(folds.span().start, what, fix))
        }
        n => Ok(n),
    }
}

fn encoder(file: &File, name: &Spanned<String>) -> Result<EncoderSource, StudyError> {
    let text = name.get_ref();
    let at = name.span().start;
    if let Some(id) = text.strip_prefix("hub:") {
        return HubModel::parse(id).map(EncoderSource::Hub).ok_or_else(|| {
            file.error(
                at,
                format!("encoder: `{text}` is no name of the hub"),
                "write hub:OWNER/NAME",
            )
        });
    }
    let path = local(file.base(), text);
    if text == gleaner::SAMPLE_ENCODER || path.is_dir() {
        return Ok(EncoderSource::Folder(path));
    }
    HubModel::parse(text).map(EncoderSource::Hub).ok_or_else(|| {
        let what = format!("encoder: {} does not exist", path.display());
        file.error(at, what, "name a folder, `sample:tiny`, or OWNER/NAME of the hub")
    })
}

/// Settings that decide which sentences are read and how they are divided: all runs of a study have the same.
const DIVIDING: [&str; 6] =
    ["split", "split-seed", "strict", "skip-bad", "word-column", "tag-column"];

/// Settings that hold for some runs, over those `common` to more of them. What the study itself decides
/// may not stand among them, `but` for these.
fn settings_of(
    file: &File,
    settings: Option<&Spanned<Overrides>>,
    common: &[&Overrides],
    but: &[&str],
) -> Result<Overrides, StudyError> {
    let Some(spanned) = settings else { return Ok(Overrides::default()) };
    let s = spanned.get_ref();
    let at = spanned.span().start;
    let decided = [
        ("protocol", s.protocol.is_some()),
        ("encoder", s.encoder.is_some()),
        ("start", s.start.is_some()),
        ("data", s.data.is_some()),
        ("train", s.train.is_some()),
        ("dev", s.dev.is_some()),
        ("test", s.test.is_some()),
        ("join", s.join.is_some()),
        ("exclude", s.exclude.is_some()),
        ("train-limit", s.train_limit.is_some()),
        ("fold", s.fold.is_some() || s.folds.is_some() || s.split == Some(Split::Folds)),
        ("pool", s.pool.is_some() || s.pool_limit.is_some() || s.pool_map.is_some()),
        ("label-map", s.label_map.is_some()),
        ("cutoff", s.cutoff.is_some()),
        ("seed", s.seed.is_some()),
        ("quantile", s.quantile.is_some()),
        ("device", s.device.is_some()),
        ("threads", s.threads.is_some()),
        ("split", s.split.is_some()),
        ("split-seed", s.split_seed.is_some()),
        ("strict", s.strict.is_some()),
        ("skip-bad", s.skip_bad.is_some()),
        ("word-column", s.word_column.is_some()),
        ("tag-column", s.tag_column.is_some()),
    ];
    if let Some((key, _)) = decided.iter().find(|(key, given)| *given && !but.contains(key)) {
        if DIVIDING.contains(key) {
            let what = format!("settings: `{key}` decides which sentences are tested on");
            let fix = "write it into [settings], where it holds for all experiments";
            return Err(file.error(at, what, fix));
        }
        let fix = match *key {
            "protocol" | "encoder" | "device" | "threads" => {
                let what = format!("settings: `{key}` is the study's own");
                return Err(file.error(at, what, "write it at the top of the file"));
            }
            "fold" => "write folds = 5 at the top of the file for a cross-validation",
            _ => "leave it to the study: see docs/reference/study-file.md for where it belongs",
        };
        return Err(file.error(at, format!("settings: `{key}` differs from run to run"), fix));
    }
    Settings::resolve(&[common, &[s]].concat())
        .map_err(|e| file.told(at, &format!("settings: {e}")))?;
    Ok(s.clone())
}

fn references(
    file: &File,
    shape: &[Spanned<shape::ReferenceShape>],
    languages: &Languages,
) -> Result<Vec<Reference>, StudyError> {
    let of = |spanned: &Spanned<shape::ReferenceShape>| {
        let r = spanned.get_ref().clone();
        let is_mean = ["", "mean"].contains(&r.language.as_str());
        match is_mean || languages.contains_key(&r.language) {
            true => Ok(Reference {
                language: r.language,
                what: r.what,
                value: r.value,
                source: r.source,
            }),
            false => {
                let what = format!("references: there is no language `{}`", r.language);
                Err(file.error(
                    spanned.span().start,
                    what,
                    "use a code that [languages] has, or `mean`",
                ))
            }
        }
    };
    shape.iter().map(of).collect()
}
