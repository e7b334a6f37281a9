//! Statistics of a study's texts. All texts are read before anything runs, so errors in them appear
//! early.

use super::{Plan, identity::FORMAT, planner::Planner};
use crate::{
    error::StudyError,
    fingerprints::{FingerprintCache, TextStats, digest},
    study::PoolSource,
};
use gleaner::{Dataset, FileReport, Settings, Student, pool_sentences};
use serde::Serialize;
use std::collections::BTreeMap;

/// Statistics of texts by language.
#[derive(Default)]
pub(crate) struct CorpusStats {
    /// Texts that are split as the settings say.
    pub(crate) texts: BTreeMap<String, TextStats>,
    /// Targets of a cross-validation, split for their first fold.
    pub(crate) folded: BTreeMap<String, TextStats>,
}

impl CorpusStats {
    /// The statistics of a language as a target.
    pub(crate) fn as_target(&self, language: &str) -> &TextStats {
        self.folded.get(language).unwrap_or_else(|| &self.texts[language])
    }
}

impl Planner<'_> {
    /// Reads and checks every language's texts, unless the cache knows them.
    pub(super) fn read_texts(
        &self,
        cache: &mut FingerprintCache,
    ) -> Result<CorpusStats, StudyError> {
        let mut all = CorpusStats::default();
        for code in self.study.divided_as_set() {
            let settings = self.settings(&[], &self.data(code, None))?;
            all.texts.insert(code.to_owned(), self.stats(code, &settings, cache)?);
        }
        if let Some(folds) = self.study.folds {
            for code in self.study.targets() {
                let target = self.target(code, Some(1), 0);
                let stats = self.stats(code, &self.settings(&[], &target)?, cache)?;
                let (sentences, line) = (stats.all(), self.study.languages[code].line);
                if sentences < 4 * folds {
                    return Err(StudyError::File {
                        path: self.study.path.clone(),
                        line,
                        what: format!(
                            "languages.{code} has {sentences} sentences for {folds} folds"
                        ),
                        fix: "use fewer folds: each needs four sentences or more".into(),
                    });
                }
                all.folded.insert(code.to_owned(), stats);
            }
        }
        let pseudo = self.study.experiments.pseudo.iter().map(|p| Some(p.pool));
        let recipes = self.study.experiments.recipes.iter().map(|recipe| recipe.pool);
        if pseudo.chain(recipes).any(|pool| pool == Some(PoolSource::Target)) {
            for code in self.study.targets() {
                self.read_pool(code, cache)?;
            }
        }
        self.check(&all)?;
        Ok(all)
    }

    /// Reads a language's unlabelled text, unless the cache knows it.
    fn read_pool(&self, code: &str, cache: &mut FingerprintCache) -> Result<(), StudyError> {
        let unlabelled = &self.study.languages[code].unlabelled;
        if unlabelled.is_empty() {
            return Ok(());
        }
        // The study's settings may require settings that only the experiments with a pool have.
        let own = self.data(code, None).pool(unlabelled.clone()).student(Student::Continue);
        let settings = self.settings(&[], &own)?;
        let reading = serde_json::json!([
            "unlabelled",
            &self.found[code].unlabelled,
            &settings.corpus,
            settings.data.strict,
            settings.data.skip_bad
        ]);
        cache.text(digest(reading.to_string().as_bytes()), || {
            Ok(TextStats { train: pool_sentences(&settings)?, ..TextStats::default() })
        })?;
        Ok(())
    }

    /// The statistics of a language's texts, which are read unless the cache knows them.
    fn stats(
        &self,
        code: &str,
        settings: &Settings,
        cache: &mut FingerprintCache,
    ) -> Result<TextStats, StudyError> {
        let reading = serde_json::json!([
            "files",
            FORMAT,
            &self.found[code].print,
            &settings.data.data,
            &settings.data.train,
            &settings.data.dev,
            &settings.data.test,
            settings.data.split,
            settings.data.split_seed,
            settings.data.folds,
            settings.data.fold,
            settings.data.cutoff,
            &settings.corpus,
            settings.data.drop_leaks,
            settings.data.strict,
            settings.data.skip_bad
        ]);
        cache.text(digest(reading.to_string().as_bytes()), || {
            let data = Dataset::load(settings)?;
            let types: std::collections::BTreeSet<String> =
                data.corpora().flat_map(gleaner_corpus::Corpus::entity_types).collect();
            Ok(TextStats {
                train: data.train.sentences.len(),
                dev: data.dev.sentences.len(),
                test: data.test.as_ref().map(|t| t.sentences.len()),
                types: types.into_iter().collect(),
                warnings: data.warnings.iter().map(ToString::to_string).collect(),
                files: data.files,
            })
        })
    }

    /// Refuses texts that some run could not be scored on.
    fn check(&self, all: &CorpusStats) -> Result<(), StudyError> {
        let error = |language: &str, what: String, fix: String| {
            let line = self.study.languages[language].line;
            Err(StudyError::File { path: self.study.path.clone(), line, what, fix })
        };
        for (language, text) in &all.texts {
            if text.test.is_none() && self.study.is_scored_as_divided(language) {
                let what = format!("languages.{language} has no test part to score on");
                let fix = "add test files, or set split = \"80-10-10\" under [settings]".into();
                return error(language, what, fix);
            }
        }
        if self.study.experiments.zero_shot.factors.is_empty() {
            return Ok(());
        }
        for pair in &self.study.pairs {
            let known = &all.texts[&pair.source].types;
            let unknown: Vec<&str> = all
                .as_target(&pair.target)
                .types
                .iter()
                .filter(|t| !known.contains(t))
                .map(String::as_str)
                .collect();
            if !unknown.is_empty() {
                let what = format!(
                    "languages.{}: entity types {} do not occur in {} ({})",
                    pair.target,
                    unknown.join(", "),
                    pair.source,
                    known.join(", ")
                );
                let fix = "map them with label-map, or remove the zero-shot experiment".into();
                return error(&pair.target, what, fix);
            }
        }
        Ok(())
    }
}

/// How the labelled texts of a language were read.
#[derive(Debug, Serialize)]
pub struct LanguageText<'a> {
    /// The language's code.
    pub language: &'a str,
    /// Its files.
    pub files: &'a [FileReport],
    /// What is suspicious about them.
    pub warnings: &'a [String],
}

impl Plan {
    /// How the texts of each language were read, by code.
    pub fn texts(&self) -> Vec<LanguageText<'_>> {
        let CorpusStats { texts, folded } = &self.corpus_stats;
        let mut all: BTreeMap<&String, &TextStats> = folded.iter().collect();
        all.extend(texts);
        all.into_iter()
            .map(|(language, stats)| LanguageText {
                language,
                files: &stats.files,
                warnings: &stats.warnings,
            })
            .collect()
    }
}
