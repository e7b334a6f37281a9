//! An ensemble on disk: a folder with a model folder for each member (`1`, `2`, …), `trained-on.txt`, a README and
//! `ensemble.json`, which is written last: a folder without it is unfinished.

use super::{Ensemble, EnsembleScores};
use crate::{
    GleanerError, Tagger, TrainedOn,
    data::digest_file,
    model::{check_model, digest, json_bytes, versioned, write_file},
};
use gleaner_base::{
    bounded, files,
    model_files::{ENSEMBLE, MANIFEST, TRAINED_ON},
};
use gleaner_corpus::Corpus;
use gleaner_nn::Compute;
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

/// The version of the format of `ensemble.json`.
const FORMAT: u32 = 1;
/// Maximum length of the file in bytes. Thousands of members stay below it.
const MAX_LENGTH: u64 = 1_000_000;
const FIX: &str = "make it with `gleaner ensemble`";
/// The file that marks a folder as being written: what is in such a folder may be replaced.
const UNFINISHED: &str = "unfinished";

/// The file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Saved {
    format: u32,
    program: String,
    /// The probability above which a span is worth keeping.
    share: f64,
    /// The factor of the members' temperatures.
    temperature: f64,
    members: Vec<Member>,
    scores: Option<EnsembleScores>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Member {
    /// The name of its folder.
    folder: String,
    /// SHA-256 of its `gleaner.json`, in hexadecimal digits.
    gleaner_json: String,
}

impl EnsembleScores {
    /// The scores that the folder of an ensemble has, if it was assessed.
    ///
    /// # Errors
    /// A file is missing or malformed, or a member is another model than when the ensemble was made.
    pub fn read(folder: &Path) -> Result<Option<Self>, GleanerError> {
        Ok(Saved::read(folder)?.scores)
    }
}

/// Whether a folder holds a finished ensemble.
pub fn is_ensemble(folder: &Path) -> bool {
    folder.join(ENSEMBLE).is_file()
}

/// SHA-256 of the file that closes an ensemble's folder, which has those of its members.
pub(crate) fn digest_of(folder: &Path) -> Result<String, GleanerError> {
    digest_file(&folder.join(ENSEMBLE))
}

impl Ensemble {
    /// Loads an ensemble, or a single tagger, from its folder, each member as [`Tagger::load`] does.
    ///
    /// # Errors
    /// As [`Ensemble::open`].
    pub fn load(folder: impl AsRef<Path>) -> Result<Self, GleanerError> {
        Self::open(folder.as_ref(), |member| Tagger::load(member))
    }

    /// As [`Ensemble::load`], with taggers that `open` loads from model folders.
    ///
    /// # Errors
    /// A file is missing or malformed, or a member is another model than when the ensemble was made.
    pub fn open<E: From<GleanerError>>(
        folder: &Path,
        mut open: impl FnMut(&Path) -> Result<Tagger, E>,
    ) -> Result<Self, E> {
        if !is_ensemble(folder) {
            return Ok(Self::new(vec![open(folder)?])?);
        }
        let saved = Saved::read(folder)?;
        let member = |member: &Member| open(&folder.join(&member.folder));
        let members = saved.members.iter().map(member).collect::<Result<_, _>>()?;
        let Saved { share, temperature, .. } = saved;
        Ok(Self { share, temperature, ..Self::new(members)? })
    }

    /// Checks that the files of a tagger, or of all members of an ensemble, are those that `gleaner train` wrote
    /// together. Loading a model checks sizes, and the contents of all files but the weights; this checks the weights
    /// as well, and is for what passes a model on. Folders of transformers and models of earlier versions say nothing
    /// about their files, and pass.
    ///
    /// # Errors
    /// A file has other contents, or cannot be read.
    pub fn check_files(folder: &Path) -> Result<(), GleanerError> {
        if !is_ensemble(folder) {
            return check_model(folder);
        }
        let members = Saved::read(folder)?.members;
        members.iter().try_for_each(|member| check_model(&folder.join(&member.folder)))
    }

    /// Makes the ensemble of the models in the folders `members`, calibrates and scores it on a text that they were not
    /// trained on ([`Ensemble::assess`]), and writes it to `folder`.
    ///
    /// # Errors
    /// As [`Tagger::load_on`], [`Ensemble::new`], [`Ensemble::assess`] and [`Ensemble::save`].
    pub fn make(
        folder: &Path,
        members: &[PathBuf],
        compute: &Compute,
        dev: &Corpus,
    ) -> Result<EnsembleScores, GleanerError> {
        let load = |member: &PathBuf| Tagger::load_on(member, compute.clone());
        let mut ensemble = Self::new(members.iter().map(load).collect::<Result<_, _>>()?)?;
        let scores = ensemble.assess(dev, |_| ())?;
        ensemble.save(folder, members, Some(scores.clone()))?;
        Ok(scores)
    }

    /// Checks that an ensemble can be written to a folder: it is new or empty, or writing an ensemble to it was
    /// interrupted.
    ///
    /// # Errors
    /// The folder is occupied.
    pub fn check_folder(folder: &Path) -> Result<(), GleanerError> {
        // What a kill leaves of the marker itself is not worth keeping.
        let is_work =
            |entry: io::Result<fs::DirEntry>| !entry.is_ok_and(|e| files::is_partial(&e.path()));
        let occupied = fs::read_dir(folder).is_ok_and(|mut entries| entries.any(is_work));
        let is_left_over = folder.join(UNFINISHED).is_file() && !is_ensemble(folder);
        match occupied && !is_left_over || folder.is_file() {
            true => {
                let fix = "name a new or empty folder";
                Err(GleanerError::occupied(folder, "the folder is not empty", fix))
            }
            false => Ok(()),
        }
    }

    /// Checks that an ensemble can be made of these model folders: models of other programs have no manifest, by which
    /// a member is known.
    ///
    /// # Errors
    /// A folder has no `gleaner.json`, or other files than that says.
    pub fn check_members(members: &[PathBuf]) -> Result<(), GleanerError> {
        members.iter().try_for_each(|member| {
            digest(member)?;
            check_model(member)
        })
    }

    /// Writes the folder of an ensemble ([`Ensemble::check_folder`]): copies of its members' model folders, and how
    /// they label as one.
    ///
    /// # Errors
    /// The folder is occupied or cannot be written, or a member's folder cannot be read.
    pub fn save(
        &self,
        folder: &Path,
        members: &[PathBuf],
        scores: Option<EnsembleScores>,
    ) -> Result<(), GleanerError> {
        Self::check_folder(folder)?;
        Self::check_members(members)?;
        let unfinished = folder.join(UNFINISHED);
        files::create_folder(folder).map_err(|e| GleanerError::io(folder, e))?;
        write_file(&unfinished, b"")?;
        let mut saved = Saved {
            format: FORMAT,
            program: concat!("gleaner ", env!("CARGO_PKG_VERSION")).to_owned(),
            share: self.share,
            temperature: self.temperature,
            members: Vec::new(),
            scores,
        };
        let mut trained_on = Some(TrainedOn::default());
        for (number, member) in (1..).zip(members) {
            let name = format!("{number}");
            copy_model(member, &folder.join(&name))?;
            let gleaner_json = digest(&folder.join(&name))?;
            saved.members.push(Member { folder: name, gleaner_json });
            let of_member = TrainedOn::read(member)?;
            trained_on = trained_on.zip(of_member).map(|(all, own)| all.with(own));
        }
        if let Some(sentences) = trained_on {
            write_file(&folder.join(TRAINED_ON), sentences.text().as_bytes())?;
        }
        write_file(&folder.join("README.md"), saved.card().as_bytes())?;
        write_file(&folder.join(ENSEMBLE), &json_bytes(&saved))?;
        files::remove_file(&unfinished).map_err(|e| GleanerError::io(&unfinished, e))
    }
}

impl Saved {
    fn read(folder: &Path) -> Result<Self, GleanerError> {
        let path = folder.join(ENSEMBLE);
        let malformed = |what: String| GleanerError::model(&path, what, FIX);
        let bytes = bounded::read(&path, MAX_LENGTH).map_err(|e| GleanerError::io(&path, e))?;
        let saved: Self = versioned::parse(&path, &bytes, FORMAT, FIX)?;
        if !(saved.temperature > 0.0 && saved.temperature.is_finite()) {
            return Err(malformed("temperature: must be a number above 0".into()));
        }
        if !(0.0..=1.0).contains(&saved.share) {
            return Err(malformed("share: must be a number from 0 to 1".into()));
        }
        for (number, member) in (1..).zip(&saved.members) {
            // A name, never a path that leaves the folder. Each folder once, so that a small file cannot fill the
            // memory.
            if member.folder != format!("{number}") {
                return Err(malformed(format!(
                    "`{}` is not the number of a member",
                    member.folder
                )));
            }
            let of_member = folder.join(&member.folder);
            if digest(&of_member)? != member.gleaner_json {
                let what = "another model than when the ensemble was made";
                return Err(GleanerError::model(&of_member, what, FIX));
            }
        }
        Ok(saved)
    }

    /// The model card.
    fn card(&self) -> String {
        let count = self.members.len();
        let mut out = format!(
            "# An ensemble of {count} named-entity taggers\n\n\
             Made by {}. A span is kept if the mean of the members' probabilities is above {}.\n",
            self.program, self.share
        );
        if let Some(scores) = &self.scores {
            let interval = scores.interval.as_ref();
            let interval =
                interval.map_or_else(String::new, |i| format!("{:.3} to {:.3}", i.low, i.high));
            out += &format!(
                "\n## Scores\n\n`{}`, {} sentences, used to calibrate confidences:\n\n\
                 | | entity micro F1 (seqeval default) | 95 % interval |\n|---|---|---|\n",
                scores.text, scores.sentences
            );
            for (number, f1) in (1..).zip(&scores.members) {
                out += &format!("| member {number} | {f1:.3} | |\n");
            }
            out += &format!("| ensemble | {:.3} | {interval} |\n", scores.f1);
        }
        out += "\n## Use\n\n```\ngleaner predict FOLDER text.txt\ngleaner evaluate FOLDER test.conll\n```\n";
        out
    }
}

/// Copies the files of a model folder, the one that closes it last.
fn copy_model(from: &Path, to: &Path) -> Result<(), GleanerError> {
    files::create_folder(to).map_err(|e| GleanerError::io(to, e))?;
    let listed = fs::read_dir(from).and_then(|entries| {
        entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<PathBuf>>>()
    });
    let mut files = listed.map_err(|e| GleanerError::io(from, e))?;
    files.retain(|path| path.is_file() && !files::is_partial(path));
    files.sort_by_key(|path| (path.ends_with(MANIFEST), path.clone()));
    for file in files {
        let Some(name) = file.file_name() else { continue };
        let mut source = File::open(&file).map_err(|e| GleanerError::io(&file, e))?;
        let target = to.join(name);
        files::write_with(&target, |target| io::copy(&mut source, target).map(drop))
            .map_err(|e| GleanerError::io(&target, e))?;
    }
    Ok(())
}
