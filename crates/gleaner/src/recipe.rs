//! The recipe `best`: several trainings that make one model.
//!
//! ```text
//! encoder ─▶ model of the sources ─▶ members, each with its seed ─▶ ensemble ─▶ distilled model
//! ```
//!
//! Each stage has a folder beside that of the model, so that it can be resumed. The last stage writes the model.

mod settings;

use crate::{
    Dataset, Ensemble, EnsembleScores, GleanerError, Joined, Provenance, Settings,
    data::short_name,
    is_ensemble,
    train::{self, Checkpoints, Observer, Trained, compute},
};
use gleaner_base::{files, model_files::MANIFEST};
use std::path::{Path, PathBuf};

/// What separates the seeds of members. The folds of a study are 100 apart.
const MEMBER_SEEDS: u64 = 1000;

/// The seed of a member of an ensemble; `number` is counted from 1.
pub fn member_seed(seed: u64, number: u32) -> u64 {
    seed.wrapping_add(MEMBER_SEEDS * u64::from(number - 1))
}

/// What the stages are made of.
#[derive(Clone, Debug)]
pub struct Best {
    /// The corpora of other languages that are trained on first, if any. The dev part of the first is used.
    pub sources: Vec<Joined>,
    /// Number of members of the ensemble, 2 or more.
    pub members: u32,
}

/// A stage of the recipe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Trains a model on the sources.
    Sources,
    /// Trains the member with this number, from 1.
    Member(u32),
    /// Makes the ensemble of the members.
    Ensemble,
    /// Trains one model that learns from the ensemble.
    Distilled,
}

/// A stage of the recipe, with its folder.
pub struct Stage {
    /// What it does.
    pub kind: Kind,
    /// The folder that it writes.
    pub folder: PathBuf,
    work: Work,
}

enum Work {
    /// With these settings.
    Train(Box<Settings>),
    /// Of the models in these folders, on the texts of these settings.
    Vote(Vec<PathBuf>, Box<Settings>),
    /// With these settings, after this note.
    Distil(Box<Settings>, Made),
}

/// What the note on a distilled model is made of.
struct Made {
    seeds: Vec<u64>,
    sources: Vec<String>,
    resume: bool,
}

/// The folder of the stages of a model.
pub fn stages_folder(out: &Path) -> PathBuf {
    let mut name = out.file_name().unwrap_or(out.as_os_str()).to_owned();
    name.push(".stages");
    out.with_file_name(name)
}

/// Removes the folder of the stages, if it exists.
///
/// # Errors
/// It cannot be removed.
pub fn remove_stages(out: &Path) -> Result<(), GleanerError> {
    let folder = stages_folder(out);
    match folder.is_dir() {
        true => files::remove_folder(&folder).map_err(|e| GleanerError::io(&folder, e)),
        false => Ok(()),
    }
}

impl Best {
    /// The stages that write a model to the folder `out`, which must be new or empty. `settings` are those of the
    /// members and of the distilled model; the sources are trained on with the same ones. With `resume`, the folders
    /// may hold an unfinished recipe with the same settings. Nothing is written yet.
    ///
    /// # Errors
    /// A folder is occupied, or the settings do not fit the recipe.
    pub fn stages(
        &self,
        settings: &Settings,
        out: &Path,
        resume: bool,
    ) -> Result<Vec<Stage>, GleanerError> {
        self.check(settings)?;
        if out.file_name().is_none() {
            let what =
                format!("{}: the stages have a folder beside the model's; name one", out.display());
            return Err(GleanerError::Settings(what));
        }
        Checkpoints::claim(out, resume)?;
        let folder = stages_folder(out);
        let is_occupied = std::fs::read_dir(&folder).is_ok_and(|mut all| all.next().is_some());
        if is_occupied && !resume {
            let fix = "add --resume to continue it, or remove the folder";
            return Err(GleanerError::occupied(&folder, "it has stages of a recipe", fix));
        }
        let mut stages = Vec::new();
        let mut stage = |kind: Kind, folder: &Path, work: Work| {
            stages.push(Stage { kind, folder: folder.to_owned(), work });
        };
        let mut settings = settings.clone();
        if !self.sources.is_empty() {
            let sources = folder.join("sources");
            let own = settings::of_sources(&settings, &self.sources);
            stage(Kind::Sources, &sources, Work::Train(Box::new(own)));
            (settings.network.start, settings.network.encoder) = (Some(sources), None);
            // The model of the sources has learnt in these layers.
            settings.network.reset_layers = 0;
        }
        let (mut members, mut seeds) = (Vec::new(), Vec::new());
        for number in 1..=self.members {
            let own = settings::of_member(&settings, number);
            let member = folder.join(format!("member-{number}"));
            seeds.push(own.run.seed);
            stage(Kind::Member(number), &member, Work::Train(Box::new(own)));
            members.push(member);
        }
        let ensemble = folder.join("ensemble");
        let own = settings::of_member(&settings, 1);
        stage(Kind::Ensemble, &ensemble, Work::Vote(members, Box::new(own)));
        let own = settings::of_student(&settings, &ensemble);
        let sources = self.sources.iter().map(|s| short_name(&s.corpus.path)).collect();
        let made = Made { seeds, sources, resume };
        stage(Kind::Distilled, out, Work::Distil(Box::new(own), made));
        Ok(stages)
    }
}

impl Stage {
    /// The settings of its training, or of the texts that the ensemble is scored on.
    #[cfg(test)]
    fn settings(&self) -> &Settings {
        match &self.work {
            Work::Train(settings) | Work::Vote(_, settings) | Work::Distil(settings, _) => settings,
        }
    }

    /// Whether an earlier start finished it. The last stage is never finished: its folder would be occupied.
    ///
    /// # Errors
    /// Its folder holds something else.
    pub fn is_done(&self) -> Result<bool, GleanerError> {
        let other = |what: &str| {
            let fix = "remove the folder of the stages to begin again, or choose another --out";
            Err(GleanerError::occupied(&self.folder, what, fix))
        };
        match &self.work {
            Work::Train(settings) if self.folder.join(MANIFEST).is_file() => {
                let made = Provenance::read(&self.folder)?;
                if made.settings != **settings {
                    return other("it was trained with other settings");
                }
                match made.is_of(&Dataset::load(settings)?) {
                    true => Ok(true),
                    false => other("it was trained on texts that have changed since"),
                }
            }
            Work::Vote(members, _) if is_ensemble(&self.folder) => {
                match EnsembleScores::read(&self.folder)?.map(|scores| scores.members.len()) {
                    Some(count) if count == members.len() => Ok(true),
                    _ => other("it is an ensemble of other members"),
                }
            }
            _ => Ok(false),
        }
    }

    /// Does the stage, resuming its training if an earlier start began it. `None` for the ensemble, which trains
    /// nothing.
    ///
    /// # Errors
    /// As [`train::train`] and [`Ensemble::save`].
    pub fn run(&self, observer: &mut dyn Observer) -> Result<Option<Trained>, GleanerError> {
        match &self.work {
            Work::Train(settings) => train::train(settings, &self.folder, true, observer).map(Some),
            Work::Vote(members, settings) => {
                let dev = Dataset::load(settings)?.dev;
                Ensemble::make(&self.folder, members, &compute(settings)?, &dev)?;
                Ok(None)
            }
            Work::Distil(settings, made) => {
                let checkpoints = Checkpoints::claim(&self.folder, made.resume)?;
                let mut data = Dataset::load(settings)?;
                let teacher = settings.self_training.teacher.first();
                let scores = teacher.map(|folder| EnsembleScores::read(folder)).transpose()?;
                data.notes.push(made.note(scores.flatten().as_ref()));
                train::train_on(settings, data, &checkpoints, observer).map(Some)
            }
        }
    }
}

impl Made {
    /// What the model card says of the recipe.
    fn note(&self, scores: Option<&EnsembleScores>) -> String {
        let seeds: Vec<String> = self.seeds.iter().map(u64::to_string).collect();
        let start = match &self.sources[..] {
            [] => String::new(),
            sources => format!(", which start from one model trained on {}", sources.join(", ")),
        };
        let dev = scores.map_or_else(String::new, |scores| {
            format!(
                "; on dev, the entity F1 of the ensemble is {:.3}, that of its members {:.3} in the mean",
                scores.f1,
                scores.mean_of_members()
            )
        });
        format!(
            "recipe best: learnt from an ensemble of {} models with the seeds {}{start}{dev}; `gleaner train --recipe best` with the same texts repeats all stages",
            seeds.len(),
            seeds.join(", ")
        )
    }
}
