//! From keys to a study: every value is looked at, and what does not fit is told with its line.

use super::{
    Experiments, Language, Pair, PoolSource, Pseudo, Reference, Study, Sweep,
    numbers::{counts, numbers},
    shape::{self, Shape},
};
use crate::{
    StudyError,
    source::{DataSource, EncoderSource, HubData, HubModel, local},
};
use gleaner::{Overrides, Protocol, Settings};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};
use toml::{Spanned, Value};

/// Rows of a factor, as published.
const ROWS: usize = 240;

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

    /// The folder that paths start from.
    fn base(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    /// A folder or file that must be there; what is built in always is.
    fn existing(&self, name: &Spanned<String>, what: &str) -> Result<PathBuf, StudyError> {
        let path = local(self.base(), name.get_ref());
        let built_in = |p: &Path| p.to_str().is_some_and(|p| p.starts_with("sample:"));
        match built_in(&path) || path.exists() {
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
        file.error(e.span().map_or(0, |s| s.start), what, "see docs/study.md for the keys")
    })?;
    let protocol = match &shape.protocol {
        None => Protocol::Sound,
        Some(name) => name.get_ref().parse().map_err(|e: String| {
            file.error(name.span().start, e, "write protocol = \"sound\" or \"published\"")
        })?,
    };
    let settings = settings_of(&file, shape.settings.as_ref(), protocol)?;
    let mut settings = settings;
    if let Some(device) = shape.device {
        settings.device = Some(device);
    }
    let threads = shape.threads.as_ref().map(|n| positive(&file, n, "threads")).transpose()?;
    let jobs = shape.jobs.as_ref().map(|n| positive(&file, n, "jobs")).transpose()?;
    let languages = languages(&file, &shape.languages)?;
    let pairs = pairs(&file, &shape.pairs, &languages)?;
    let experiments = experiments(&file, &shape.experiments, protocol, &languages, &pairs)?;
    Ok(Study {
        title: shape
            .title
            .unwrap_or_else(|| path.file_stem().unwrap_or_default().to_string_lossy().into_owned()),
        path: path.to_owned(),
        protocol,
        seeds: seeds(&file, shape.seeds.as_ref())?,
        jobs: jobs.unwrap_or(1),
        threads,
        keep_models: shape.keep_models,
        references: references(&file, &shape.references, &languages)?,
        encoder: encoder(&file, &shape.encoder)?,
        settings,
        languages,
        pairs,
        experiments,
    })
}

fn positive(file: &File, n: &Spanned<usize>, key: &str) -> Result<usize, StudyError> {
    match *n.get_ref() {
        0 => Err(file.error(n.span().start, format!("{key}: 0"), "use 1 or more")),
        n => Ok(n),
    }
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

/// Settings that hold for some runs. What the study itself decides may not stand among them.
fn settings_of(
    file: &File,
    settings: Option<&Spanned<Overrides>>,
    protocol: Protocol,
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
        ("join", s.join.is_some() || s.join_limit.is_some() || s.join_map.is_some()),
        ("pool", s.pool.is_some() || s.pool_limit.is_some() || s.pool_map.is_some()),
        ("label-map", s.label_map.is_some()),
        ("cutoff", s.cutoff.is_some()),
        ("seed", s.seed.is_some()),
        ("quantile", s.quantile.is_some()),
        ("device", s.device.is_some()),
        ("threads", s.threads.is_some()),
    ];
    if let Some((key, _)) = decided.iter().find(|(_, given)| *given) {
        return Err(file.error(
            at,
            format!("settings: `{key}` differs from run to run"),
            "leave it to the study: see docs/study.md for where it belongs",
        ));
    }
    let named = Overrides { protocol: Some(protocol), ..Overrides::default() };
    Settings::resolve(&[&named, s])
        .map_err(|e| file.error(at, format!("settings: {e}"), "mend the value"))?;
    Ok(s.clone())
}

type Languages = BTreeMap<String, Language>;

fn languages(
    file: &File,
    shape: &Spanned<BTreeMap<Spanned<String>, Spanned<shape::Language>>>,
) -> Result<Languages, StudyError> {
    let mut languages = Languages::new();
    for (code, spanned) in shape.get_ref() {
        let at = code.span().start;
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let name = code.get_ref();
        if name.is_empty() || !name.chars().all(plain) {
            return Err(file.error(
                at,
                format!("languages: `{name}` is no code of a language"),
                "use letters, digits, - and _ without spaces",
            ));
        }
        let l = spanned.get_ref();
        let data = data(file, name, at, l)?;
        let cutoff = l.cutoff.as_ref().map(|n| positive(file, n, "cutoff")).transpose()?;
        let text = |path: &Spanned<String>| file.existing(path, "unlabelled text");
        let language = Language {
            data,
            label_map: l.label_map.clone(),
            cutoff,
            unlabelled: l.unlabelled.iter().map(text).collect::<Result<_, _>>()?,
            line: file.line(at),
        };
        languages.insert(name.clone(), language);
    }
    match languages.is_empty() {
        true => Err(file.error(shape.span().start, "no language", "add a table [languages.CODE]")),
        false => Ok(languages),
    }
}

fn data(file: &File, code: &str, at: usize, l: &shape::Language) -> Result<DataSource, StudyError> {
    match (&l.data, &l.files) {
        (Some(name), None) => match name.get_ref().strip_prefix("hub:") {
            None => Ok(DataSource::Folder(file.existing(name, "the data")?)),
            Some(id) => HubData::parse(id).map(DataSource::Hub).ok_or_else(|| {
                let what = format!("data: `{}` is no data set of the hub", name.get_ref());
                file.error(name.span().start, what, "write hub:OWNER/NAME:CONFIG")
            }),
        },
        (None, Some(files)) => {
            let all = |paths: &[Spanned<String>]| -> Result<Vec<PathBuf>, StudyError> {
                paths.iter().map(|p| file.existing(p, "the file")).collect()
            };
            let f = files.get_ref();
            if f.train.is_empty() {
                let what = "files: no training file";
                return Err(file.error(files.span().start, what, "name one or more"));
            }
            Ok(DataSource::Files { train: all(&f.train)?, dev: all(&f.dev)?, test: all(&f.test)? })
        }
        (None, None) => Err(file.error(
            at,
            format!("languages.{code} has no data"),
            "add data = \"FOLDER\" or files = { train = [...] }",
        )),
        (Some(_), Some(_)) => Err(file.error(
            at,
            format!("languages.{code} has both data and files"),
            "keep one of them",
        )),
    }
}

/// Reads `target <- source`.
fn pairs(
    file: &File,
    shape: &[Spanned<String>],
    languages: &Languages,
) -> Result<Vec<Pair>, StudyError> {
    let mut pairs: Vec<Pair> = Vec::new();
    for spanned in shape {
        let text = spanned.get_ref();
        let error = |what: String, fix: &str| file.error(spanned.span().start, what, fix);
        let (target, source) = text
            .split_once("<-")
            .map(|(target, source)| (target.trim(), source.trim()))
            .ok_or_else(|| {
                error(format!("pairs: `{text}` is no pair"), "write TARGET <- SOURCE")
            })?;
        for code in [target, source] {
            if !languages.contains_key(code) {
                let known: Vec<&str> = languages.keys().map(String::as_str).collect();
                let what = format!("pairs: there is no language `{code}`");
                return Err(error(what, &format!("use one of {}", known.join(", "))));
            }
        }
        if target == source {
            return Err(error(format!("pairs: `{text}` learns from itself"), "name two languages"));
        }
        let pair = Pair { target: target.to_owned(), source: source.to_owned() };
        if pairs.contains(&pair) {
            return Err(error(format!("pairs: `{text}` stands twice"), "keep it once"));
        }
        pairs.push(pair);
    }
    Ok(pairs)
}

fn experiments(
    file: &File,
    shape: &shape::Experiments,
    protocol: Protocol,
    languages: &Languages,
    pairs: &[Pair],
) -> Result<Experiments, StudyError> {
    let settings = |s: Option<&Spanned<Overrides>>| settings_of(file, s, protocol);
    let mut e = Experiments { rows: ROWS, ..Experiments::default() };
    let needs_pair = |at: usize, name: &str| match pairs.is_empty() {
        false => Ok(()),
        true => {
            let what = format!("experiments.{name}: there is no pair to run it on");
            Err(file.error(at, what, "add pairs = [\"TARGET <- SOURCE\"]"))
        }
    };
    let factors = |value: &Spanned<Value>, name: &str| {
        needs_pair(value.span().start, name)?;
        let mut factors = counts(value.get_ref()).map_err(|what| {
            let fix = "write whole numbers: [1, 2, 4] or { from = 1, to = 23 }";
            file.error(value.span().start, format!("factors: {what}"), fix)
        })?;
        factors.sort_unstable();
        factors.dedup();
        Ok::<_, StudyError>(factors)
    };
    let sweep = |s: &shape::Factors, name: &str| -> Result<Sweep, StudyError> {
        Ok(Sweep { factors: factors(&s.factors, name)?, settings: settings(s.settings.as_ref())? })
    };
    if let Some(b) = &shape.baseline {
        e.baseline = settings(b.settings.as_ref())?;
    }
    if let Some(t) = &shape.transfer {
        e.transfer = Sweep {
            factors: factors(&t.factors, "transfer")?,
            settings: settings(t.settings.as_ref())?,
        };
        e.source = settings(t.source_settings.as_ref())?;
        e.rows = t.rows.as_ref().map_or(Ok(ROWS), |n| positive(file, n, "rows"))?;
    }
    if let Some(z) = &shape.zero_shot {
        e.zero_shot = sweep(z, "zero-shot")?;
    }
    if let Some(j) = &shape.joint {
        e.joint = sweep(j, "joint")?;
    }
    if let Some(p) = &shape.pseudo {
        needs_pair(p.span().start, "pseudo")?;
        e.pseudo = Some(pseudo(file, p, protocol, languages, pairs)?);
    }
    Ok(e)
}

fn pseudo(
    file: &File,
    spanned: &Spanned<shape::Pseudo>,
    protocol: Protocol,
    languages: &Languages,
    pairs: &[Pair],
) -> Result<Pseudo, StudyError> {
    let p = spanned.get_ref();
    let at = p.quantiles.span().start;
    let bad = |what: String| {
        let fix = "write numbers of 0 or more and below 1: 0.9, [0.8, 0.9] or { from = 0.82, to = 0.99, step = 0.01 }";
        file.error(at, format!("quantiles: {what}"), fix)
    };
    let mut quantiles = numbers(p.quantiles.get_ref()).map_err(bad)?;
    if let Some(q) = quantiles.iter().find(|q| !(0.0..1.0).contains(*q)) {
        return Err(bad(format!("{q} is out of range")));
    }
    quantiles.sort_unstable_by(f64::total_cmp);
    quantiles.dedup();
    let repeats = match &p.repeats {
        Some(n) if *n.get_ref() == 0 => {
            return Err(file.error(n.span().start, "repeats: 0", "use 1 or more"));
        }
        Some(n) => *n.get_ref(),
        None => 1,
    };
    let pool = match &p.pool {
        None if protocol == Protocol::Published => PoolSource::Source,
        None => PoolSource::Target,
        Some(name) => match name.get_ref().as_str() {
            "source" => PoolSource::Source,
            "target" => PoolSource::Target,
            other => {
                let what = format!("pool: `{other}` is none of source, target");
                let fix = "write pool = \"source\" (its training part) or \"target\" (its unlabelled text)";
                return Err(file.error(name.span().start, what, fix));
            }
        },
    };
    if let (PoolSource::Target, Some(pair)) =
        (pool, pairs.iter().find(|p| languages[&p.target].unlabelled.is_empty()))
    {
        let what = format!("experiments.pseudo: {} has no unlabelled text", pair.target);
        let fix = format!(
            "add unlabelled = [\"FILE\"] to [languages.{}], or pool = \"source\"",
            pair.target
        );
        return Err(file.error(spanned.span().start, what, fix));
    }
    Ok(Pseudo {
        quantiles,
        repeats,
        pool,
        limit: p.pool_limit.as_ref().map(|n| positive(file, n, "pool-limit")).transpose()?,
        settings: settings_of(file, p.settings.as_ref(), protocol)?,
    })
}

fn references(
    file: &File,
    shape: &[Spanned<shape::ReferenceShape>],
    languages: &Languages,
) -> Result<Vec<Reference>, StudyError> {
    let of = |spanned: &Spanned<shape::ReferenceShape>| {
        let r = spanned.get_ref().clone();
        match languages.contains_key(&r.language) {
            true => Ok(Reference {
                language: r.language,
                what: r.what,
                value: r.value,
                source: r.source,
            }),
            false => {
                let what = format!("references: there is no language `{}`", r.language);
                Err(file.error(spanned.span().start, what, "use a code that [languages] has"))
            }
        }
    };
    shape.iter().map(of).collect()
}
