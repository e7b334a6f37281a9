//! The settings of the stages.

use super::{Best, member_seed};
use crate::{
    CorpusPath, GleanerError, Joined, PieceLabels, Protocol, Settings, Split, Stage, Student,
    Targets,
};
use std::path::Path;

impl Best {
    /// Refuses settings that do not fit the recipe.
    pub(super) fn check(&self, settings: &Settings) -> Result<(), GleanerError> {
        let bad = |what: &str| Err(GleanerError::Settings(format!("recipe best: {what}")));
        if self.members < 2 {
            return bad("members: fewer than two models vote; use 2 or more");
        }
        if settings.run.protocol != Protocol::Sound {
            return bad("it uses the preset `sound`; leave out --protocol");
        }
        if settings.pieces.piece_labels != PieceLabels::First {
            return bad(
                "a model that labels more pieces than the first of a word cannot learn from others; use \
                 --piece-labels first",
            );
        }
        if !settings.self_training.teacher.is_empty() {
            return bad("its ensemble is the teacher; leave out --teacher");
        }
        if self.sources.first().is_some_and(|main| main.whole) {
            return bad(
                "the dev part of the first source chooses the epoch, so it cannot be trained on; leave out `whole` of \
                 the first source, or name another source first",
            );
        }
        if settings.network.start.is_some() && !self.sources.is_empty() {
            return bad("either a model to start from or sources; leave out --start or --sources");
        }
        Ok(())
    }
}

/// The settings of the training on the sources: the same network and optimiser, without a pool. No sentence of the main
/// text is trained on.
pub(super) fn of_sources(settings: &Settings, sources: &[Joined]) -> Settings {
    let preset = Settings::preset(Protocol::Sound, Stage::Fresh);
    let mut own = settings.clone();
    own.self_training = preset.self_training;
    let read = |source: &Joined| source.corpus.beside(&settings.corpus);
    let main = sources.first().expect("there are sources");
    own.corpus = read(main);
    own.data = preset.data;
    own.data.data = Some(main.corpus.path.clone());
    own.data.cutoff = main.limit;
    own.data.join = sources[1..]
        .iter()
        .map(|source| Joined {
            corpus: CorpusPath {
                path: source.corpus.path.clone(),
                options: read(source),
                alone: true,
            },
            ..source.clone()
        })
        .collect();
    let given = &settings.data;
    own.data.split = match given.split {
        Split::Folds => Split::Given,
        other => other,
    };
    (own.data.split_seed, own.data.drop_leaks) = (given.split_seed, given.drop_leaks);
    (own.data.strict, own.data.skip_bad) = (given.strict, given.skip_bad);
    let texts = given.data.iter().chain(&given.train).chain(&given.dev).chain(&given.test);
    let texts = texts.map(|path| CorpusPath {
        path: path.clone(),
        options: settings.corpus.clone(),
        alone: true,
    });
    own.data.exclude = given.exclude.iter().cloned().chain(texts).collect();
    own
}

/// The settings of a member.
pub(super) fn of_member(settings: &Settings, number: u32) -> Settings {
    let mut own = settings.clone();
    own.self_training = Settings::preset(Protocol::Sound, Stage::Fresh).self_training;
    own.run.seed = member_seed(settings.run.seed, number);
    own
}

/// The settings of the model that learns from the ensemble, and from the pool, which the ensemble labels once.
pub(super) fn of_student(settings: &Settings, ensemble: &Path) -> Settings {
    let mut own = settings.clone();
    own.self_training.teacher = vec![ensemble.to_owned()];
    own.self_training.targets = Targets::Soft;
    own.self_training.student = Student::Continue;
    own
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Overrides;

    fn settings(toml: &str) -> Settings {
        Settings::resolve(&[&toml::from_str::<Overrides>(toml).unwrap()]).unwrap()
    }

    fn best(sources: &[&str], members: u32) -> Best {
        Best { sources: sources.iter().map(|s| s.parse().unwrap()).collect(), members }
    }

    #[test]
    fn settings_that_do_not_fit_are_refused_with_the_remedy() {
        let said = |best: &Best, toml: &str| best.check(&settings(toml)).unwrap_err().to_string();
        for (members, toml, what) in [
            (1, "", "use 2 or more"),
            (2, "protocol = \"published\"", "leave out --protocol"),
            (2, "piece-labels = \"all\"", "use --piece-labels first"),
            (2, "teacher = [\"t\"]", "leave out --teacher"),
            (2, "start = \"m\"", "leave out --start or --sources"),
        ] {
            let said = said(&best(&["danish"], members), toml);
            assert!(said.starts_with("recipe best: ") && said.ends_with(what), "{said}");
        }
        assert!(best(&[], 2).check(&settings("start = \"m\"")).is_ok());
        // Only the first source has a dev part that is used.
        let with_whole = |at: usize| {
            let mut best = best(&["danish", "icelandic"], 2);
            best.sources[at].whole = true;
            best.check(&settings(""))
        };
        let said = with_whole(0).unwrap_err().to_string();
        assert!(said.starts_with("recipe best: the dev part of the first source"), "{said}");
        assert!(with_whole(1).is_ok());
    }

    #[test]
    fn sources_are_read_by_their_own_options_and_hold_no_sentence_of_the_main_text() {
        let main = settings(
            "data = \"faroese\"\ncutoff = 9\nword-column = 2\nsplit = \"folds\"\nexclude = [\"more\"]\n\
             pool = [\"p\"]\nepochs = 3\nreplace-mentions = 0.5",
        );
        let best = best(&["danish=50,map=PERSON:PER", "icelandic,tag-column=4"], 2);
        let own = of_sources(&main, &best.sources);
        assert_eq!(own.data.data.as_deref(), Some(Path::new("danish")));
        assert_eq!((own.data.cutoff, own.data.split), (Some(50), Split::Given));
        assert!(own.corpus.label_map.is_some());
        assert!(own.self_training.pool.is_empty() && own.data.replace_mentions == 0.0);
        let joined = &own.data.join[0].corpus;
        assert_eq!((joined.options.tag_column, joined.alone), (Some(4), true));
        assert!(joined.options.label_map.is_none());
        let excluded: Vec<_> =
            own.data.exclude.iter().map(|text| text.path.to_str().unwrap()).collect();
        assert_eq!(excluded, ["more", "faroese"]);
        assert_eq!(own.data.exclude[1].options.word_column, Some(2));
        assert_eq!((own.optimizer.epochs, own.run.seed), (3, main.run.seed));
    }

    #[test]
    fn layers_are_reset_where_the_sources_are_trained_and_nowhere_else() {
        let main = settings("data = \"faroese\"\nreset-layers = 2");
        let folder = tempfile::tempdir().unwrap();
        let reset = |sources: &[&str]| -> Vec<usize> {
            let stages = best(sources, 2).stages(&main, &folder.path().join("out"), false).unwrap();
            let settings = stages.iter().map(|stage| stage.settings());
            settings
                .inspect(|own| own.check().unwrap())
                .map(|own| own.network.reset_layers)
                .collect()
        };
        assert_eq!(reset(&["danish"]), [2, 0, 0, 0, 0]);
        assert_eq!(reset(&[]), [2, 2, 2, 2]);
    }

    #[test]
    fn members_differ_in_their_seed_and_only_the_student_reads_the_pool() {
        let main = settings(
            "data = \"faroese\"\npool = [\"p\"]\nseed = 7\nstudent = \"fresh\"\nrounds = 2",
        );
        let member = of_member(&main, 3);
        assert_eq!((member.run.seed, member.self_training.pool.len()), (2007, 0));
        assert_eq!(of_member(&main, 1).run.seed, 7);
        let student = of_student(&main, Path::new("e"));
        assert_eq!((student.run.seed, student.self_training.pool.len()), (7, 1));
        assert!(student.check().is_ok());
    }
}
