//! What the texts of a study hold: read before anything runs, so that what is wrong with them is
//! told then.

use super::planner::Planner;
use crate::{
    StudyError,
    facts::{Facts, TextFact, digest},
    file::PoolSource,
};
use gleaner::{Overrides, RunData, Settings, Student, pool_sentences};
use std::collections::BTreeMap;

/// Sizes of the texts by language.
#[derive(Default)]
pub(crate) struct Survey {
    /// Divided as the settings say.
    pub(crate) texts: BTreeMap<String, TextFact>,
    /// Targets of a cross-validation, at their first fold.
    pub(crate) folded: BTreeMap<String, TextFact>,
}

impl Survey {
    /// A language as a target.
    pub(crate) fn as_target(&self, language: &str) -> &TextFact {
        self.folded.get(language).unwrap_or_else(|| &self.texts[language])
    }
}

impl Planner<'_> {
    /// Reads every language's texts, unless it is known what they hold.
    pub(super) fn look(&self, facts: &mut Facts) -> Result<Survey, StudyError> {
        let mut survey = Survey::default();
        for code in self.study.divided_as_set() {
            let settings = self.settings(&[], &self.data(code, None))?;
            survey.texts.insert(code.to_owned(), self.fact(code, &settings, facts)?);
        }
        if let Some(folds) = self.study.folds {
            for code in self.study.targets() {
                let target = self.target(code, Some(1), 0);
                let fact = self.fact(code, &self.settings(&[], &target)?, facts)?;
                let (all, line) = (fact.all(), self.study.languages[code].line);
                if all < 4 * folds {
                    return Err(StudyError::File {
                        path: self.study.path.clone(),
                        line,
                        what: format!("languages.{code} has {all} sentences for {folds} folds"),
                        fix: "use fewer folds, so that each has four sentences or more".into(),
                    });
                }
                survey.folded.insert(code.to_owned(), fact);
            }
        }
        let pseudo = self.study.experiments.pseudo.iter().map(|p| Some(p.pool));
        let recipes = self.study.experiments.recipes.iter().map(|recipe| recipe.pool);
        if pseudo.chain(recipes).any(|pool| pool == Some(PoolSource::Target)) {
            for code in self.study.targets() {
                self.look_at_pool(code, facts)?;
            }
        }
        self.check(&survey)?;
        Ok(survey)
    }

    /// Reads a language's text without labels, unless it is known what it holds.
    fn look_at_pool(&self, code: &str, facts: &mut Facts) -> Result<(), StudyError> {
        let unlabelled = &self.study.languages[code].unlabelled;
        if unlabelled.is_empty() {
            return Ok(());
        }
        // How often it is labelled is the experiments' matter.
        let student = Some(Student::Continue);
        let own = Overrides { pool: Some(unlabelled.clone()), student, ..self.data(code, None) };
        let settings = self.settings(&[], &own)?;
        let reading = serde_json::json!([
            "unlabelled",
            &self.found[code].unlabelled,
            settings.word_column,
            settings.tag_column,
            settings.strict,
            settings.skip_bad
        ]);
        facts.text(digest(reading.to_string().as_bytes()), || {
            Ok(TextFact { train: pool_sentences(&settings)?, ..TextFact::default() })
        })?;
        Ok(())
    }

    /// What a language's texts hold, read unless it is known.
    fn fact(
        &self,
        code: &str,
        settings: &Settings,
        facts: &mut Facts,
    ) -> Result<TextFact, StudyError> {
        let reading = serde_json::json!([
            &self.found[code].print,
            settings.split,
            settings.split_seed,
            settings.folds,
            settings.fold,
            settings.cutoff,
            settings.word_column,
            settings.tag_column,
            &settings.label_map,
            settings.drop_leaks,
            settings.strict,
            settings.skip_bad
        ]);
        facts.text(digest(reading.to_string().as_bytes()), || {
            let data = RunData::load(settings)?;
            let types: std::collections::BTreeSet<String> =
                data.corpora().flat_map(gleaner_corpus::Corpus::entity_types).collect();
            Ok(TextFact {
                train: data.train.sentences.len(),
                dev: data.dev.sentences.len(),
                test: data.test.as_ref().map(|t| t.sentences.len()),
                types: types.into_iter().collect(),
            })
        })
    }

    /// Refuses texts that some run could not be scored on.
    fn check(&self, survey: &Survey) -> Result<(), StudyError> {
        let error = |language: &str, what: String, fix: String| {
            let line = self.study.languages[language].line;
            Err(StudyError::File { path: self.study.path.clone(), line, what, fix })
        };
        for (language, text) in &survey.texts {
            if text.test.is_none() && self.study.is_scored_as_divided(language) {
                let what = format!("languages.{language} has no test part to score on");
                let fix = "add test files, or settings.split = \"80-10-10\"".into();
                return error(language, what, fix);
            }
        }
        if self.study.experiments.zero_shot.factors.is_empty() {
            return Ok(());
        }
        for pair in &self.study.pairs {
            let known = &survey.texts[&pair.source].types;
            let unknown: Vec<&str> = survey
                .as_target(&pair.target)
                .types
                .iter()
                .filter(|t| !known.contains(t))
                .map(String::as_str)
                .collect();
            if !unknown.is_empty() {
                let what = format!(
                    "languages.{} has the type {}, which {} has not ({})",
                    pair.target,
                    unknown.join(", "),
                    pair.source,
                    known.join(", ")
                );
                let fix = "map names with label-map, or leave zero-shot out".into();
                return error(&pair.target, what, fix);
            }
        }
        Ok(())
    }
}
