//! What the texts of a study hold: read before anything runs, so that what is wrong with them is
//! told then.

use super::planner::Planner;
use crate::{
    StudyError,
    facts::{Facts, TextFact, digest},
};
use gleaner::{Overrides, RunData};
use std::collections::BTreeMap;

/// Sizes of the texts by language.
#[derive(Default)]
pub(crate) struct Survey {
    pub(crate) texts: BTreeMap<String, TextFact>,
}

impl Planner<'_> {
    /// Reads every language's texts, unless it is known what they hold.
    pub(super) fn look(&self, facts: &mut Facts) -> Result<Survey, StudyError> {
        let mut texts = BTreeMap::new();
        for (code, found) in &self.found {
            let settings = self.settings(&Overrides::default(), &self.data(code, None))?;
            let reading = serde_json::json!([
                &found.print,
                settings.split,
                settings.split_seed,
                settings.cutoff,
                settings.tag_column,
                &settings.label_map,
                settings.drop_leaks,
                settings.strict,
                settings.skip_bad
            ]);
            let fact = facts.text(digest(reading.to_string().as_bytes()), || {
                let data = RunData::load(&settings)?;
                let types: std::collections::BTreeSet<String> =
                    data.corpora().flat_map(gleaner_corpus::Corpus::entity_types).collect();
                Ok(TextFact {
                    train: data.train.sentences.len(),
                    dev: data.dev.sentences.len(),
                    test: data.test.as_ref().map(|t| t.sentences.len()),
                    types: types.into_iter().collect(),
                })
            })?;
            texts.insert(code.clone(), fact);
        }
        let survey = Survey { texts };
        self.check(&survey)?;
        Ok(survey)
    }

    /// Refuses texts that some run could not be scored on.
    fn check(&self, survey: &Survey) -> Result<(), StudyError> {
        let error = |language: &str, what: String, fix: String| {
            let line = self.study.languages[language].line;
            Err(StudyError::File { path: self.study.path.clone(), line, what, fix })
        };
        for language in self.study.languages.keys() {
            if survey.texts[language].test.is_none() {
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
            let unknown: Vec<&str> = survey.texts[&pair.target]
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
