//! Languages and pairs.

use super::{check::Checks, shape};
use crate::{
    error::StudyError,
    source::{DataSource, LocalData},
    study::{Language, Languages, Pair},
};
use gleaner::{CorpusOptions, CorpusPath};
use std::{collections::BTreeMap, path::PathBuf};
use toml::Spanned;

pub(super) fn languages(
    file: &Checks,
    shape: &Spanned<BTreeMap<Spanned<String>, Spanned<shape::Language>>>,
    common: &CorpusOptions,
) -> Result<Languages, StudyError> {
    let mut languages = Languages::new();
    for (code, spanned) in shape.get_ref() {
        let at = code.span().start;
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let name = code.get_ref();
        if name.is_empty() || !name.chars().all(plain) {
            return Err(file.error(
                at,
                format!("languages: `{name}` is not a valid language code"),
                "use letters, digits, - and _",
            ));
        }
        if name == "mean" {
            let what = "languages: `mean` is reserved for the mean over languages".to_owned();
            return Err(file.error(at, what, "choose another code"));
        }
        let l = spanned.get_ref();
        let data = data(file, name, at, l)?;
        let cutoff = l.cutoff.as_ref().map(|n| file.positive(n, "cutoff")).transpose()?;
        let text = |spanned: &Spanned<CorpusPath>| -> Result<CorpusPath, StudyError> {
            let text = spanned.get_ref().clone();
            let path = file.existing_path(spanned.span().start, &text.path, "unlabelled:")?;
            Ok(CorpusPath { path, ..text })
        };
        let language = Language {
            data,
            options: l.options(file)?.or(common),
            cutoff,
            unlabelled: l.unlabelled.iter().map(text).collect::<Result<_, _>>()?,
            line: file.line(at),
        };
        languages.insert(name.clone(), language);
    }
    match languages.is_empty() {
        true => Err(file.error(
            shape.span().start,
            "languages: no language",
            "add a table [languages.CODE]",
        )),
        false => Ok(languages),
    }
}

fn data(
    file: &Checks,
    code: &str,
    at: usize,
    l: &shape::Language,
) -> Result<DataSource, StudyError> {
    match (&l.data, &l.files) {
        (Some(name), None) => match name.get_ref().starts_with("hub:") {
            true => Ok(DataSource::Hub(name.get_ref().clone())),
            false => Ok(DataSource::Local(LocalData::Folder(file.existing(name, "data:")?))),
        },
        (None, Some(files)) => {
            let all = |paths: &[Spanned<String>]| -> Result<Vec<PathBuf>, StudyError> {
                paths.iter().map(|p| file.existing(p, "files:")).collect()
            };
            let f = files.get_ref();
            if f.train.is_empty() {
                let what = "files: no training file";
                return Err(file.error(files.span().start, what, "list one or more"));
            }
            let (train, dev, test) = (all(&f.train)?, all(&f.dev)?, all(&f.test)?);
            Ok(DataSource::Local(LocalData::Files { train, dev, test }))
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
pub(super) fn pairs(
    file: &Checks,
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
                error(format!("pairs: `{text}` is not a pair"), "write TARGET <- SOURCE")
            })?;
        for code in [target, source] {
            if !languages.contains_key(code) {
                let known: Vec<&str> = languages.keys().map(String::as_str).collect();
                let what = format!("pairs: unknown language `{code}`");
                return Err(error(what, &format!("use one of {}", known.join(", "))));
            }
        }
        if target == source {
            return Err(error(
                format!("pairs: `{text}` is one language"),
                "write two different ones",
            ));
        }
        let pair = Pair { target: target.to_owned(), source: source.to_owned() };
        if pairs.contains(&pair) {
            return Err(error(format!("pairs: `{text}` occurs twice"), "remove one"));
        }
        pairs.push(pair);
    }
    Ok(pairs)
}
