//! A project as its folder has it.

use crate::{
    answer::{Action, Answer, Misfit, Span, check_name, check_spans},
    audit::Audit,
    draw::{Draw, happens},
    error::AnnotateError,
    journal::{self, Entry},
    settings::{Imported, Mode, ProjectSettings, check_types},
    state::State,
    texts::{self, Text},
};
use gleaner_base::files;
use gleaner_corpus::{Corpus, Scheme, Sentence, audit::DataSet};
use std::{
    collections::BTreeMap,
    fmt, fs,
    path::{Path, PathBuf},
};

pub(crate) const SETTINGS: &str = "project.toml";
const TEXTS: &str = "texts.jsonl";
const JOURNAL: &str = "journal.jsonl";
const AUDIT: &str = "audit.json";

/// What a new project is made of.
#[derive(Clone, Debug, Default)]
pub struct NewProject {
    /// The entity types, in the order of their keys on the page.
    pub types: Vec<String>,
    /// The encoder of trainings: a folder, or a name on the Hugging Face hub.
    pub encoder: Option<String>,
}

/// A part of the corpus that a project makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// To train on.
    Train,
    /// The random share that is never trained on.
    Test,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Train => "train",
            Self::Test => "test",
        })
    }
}

/// A project: its settings, its sentences, and the answers that count.
#[derive(Clone, Debug)]
pub struct Project {
    folder: PathBuf,
    settings: ProjectSettings,
    texts: Vec<Text>,
    state: State,
    audit: Option<Audit>,
}

impl Project {
    /// Refuses types that no tag can have, and a folder that is not empty, before any work for the project is done.
    ///
    /// # Errors
    /// As [`create`](Self::create), without writing.
    pub fn check_new(folder: &Path, types: &[String]) -> Result<(), AnnotateError> {
        if let Err((what, fix)) = check_types(types) {
            return Err(AnnotateError::folder(folder, what, fix));
        }
        if fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some())
            || folder.is_file()
        {
            let what = "the folder is not empty";
            return Err(AnnotateError::folder(folder, what, "choose a new folder for the project"));
        }
        Ok(())
    }

    /// Creates a project in a folder, which must be new or empty.
    ///
    /// # Errors
    /// The folder is not empty, a type cannot be one, or the folder cannot be written.
    pub fn create(folder: &Path, new: &NewProject) -> Result<(), AnnotateError> {
        Self::check_new(folder, &new.types)?;
        let path = folder.join(SETTINGS);
        let written = files::create_folder(folder)
            .and_then(|()| files::write(&path, new.to_toml().as_bytes()));
        written.map_err(|e| AnnotateError::io(&path, e))
    }

    /// Creates a project in a folder, which must be new or empty, that reviews the doubtful sentences of a data set.
    /// The settings are written last, so that a folder which has them is complete.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub fn create_audit(
        folder: &Path,
        types: &[String],
        set: &DataSet,
        audit: &Audit,
    ) -> Result<(), AnnotateError> {
        Self::check_new(folder, types)?;
        files::create_folder(folder).map_err(|e| AnnotateError::io(folder, e))?;
        texts::write(&folder.join(TEXTS), &texts::of_set(set))?;
        audit.write(&folder.join(AUDIT))?;
        let path = folder.join(SETTINGS);
        let written = files::write(&path, to_toml(Mode::Audit, types).as_bytes());
        written.map_err(|e| AnnotateError::io(&path, e))
    }

    /// Reads a project. Nothing is changed, and another process may be serving it: the answers are those that it has
    /// confirmed, and perhaps one that it is about to.
    ///
    /// # Errors
    /// There is no project in the folder, or a file of it cannot be read or is damaged.
    pub fn read(folder: &Path) -> Result<Self, AnnotateError> {
        let mut project = Self::without_answers(folder)?;
        project.replay(journal::read(&project.journal_path())?.entries)?;
        Ok(project)
    }

    /// As [`read`](Self::read), without the journal.
    pub(crate) fn without_answers(folder: &Path) -> Result<Self, AnnotateError> {
        let path = folder.join(SETTINGS);
        if !path.is_file() {
            let fix = "create one with `gleaner annotate PROJECT --new --types PER,ORG,LOC`";
            return Err(AnnotateError::folder(folder, "no project.toml in it", fix));
        }
        let settings = ProjectSettings::read(&path)?;
        let texts = texts::read(&folder.join(TEXTS), &settings.types)?;
        let audit = match settings.mode {
            Mode::Annotate => None,
            Mode::Audit => Some(Audit::read(&folder.join(AUDIT), &texts, &settings.types)?),
        };
        Ok(Self { folder: folder.to_owned(), settings, texts, state: State::default(), audit })
    }

    /// Applies the entries of the journal.
    ///
    /// # Errors
    /// An entry does not follow the one before, or does not fit its sentence; with its line.
    pub(crate) fn replay(&mut self, entries: Vec<Entry>) -> Result<(), AnnotateError> {
        for (at, entry) in entries.into_iter().enumerate() {
            let fault = self.state.fault(&entry).or_else(|| Some(self.misfit(&entry)?.to_string()));
            if let Some(what) = fault {
                return Err(journal::damaged(&self.journal_path(), at + 1, what));
            }
            self.state.apply(entry);
        }
        Ok(())
    }

    /// Why an entry does not fit its sentence, if it does not.
    fn misfit(&self, entry: &Entry) -> Option<Misfit> {
        let Some(text) = self.texts.get(entry.id) else {
            return Some(Misfit::NoSentence { id: entry.id });
        };
        let fits = check_name(&entry.annotator)
            .and_then(|()| check_spans(&entry.spans, text.words.len(), &self.settings.types));
        fits.err()
    }

    /// The answer in the form in which it is stored.
    ///
    /// # Errors
    /// It does not fit.
    pub(crate) fn fitting(&self, answer: Answer) -> Result<Answer, Misfit> {
        let text = self.texts.get(answer.id).ok_or(Misfit::NoSentence { id: answer.id })?;
        answer.fitting(text.words.len(), &self.settings.types)
    }

    /// Its name: that of its folder.
    pub fn name(&self) -> String {
        let path = self.folder.canonicalize().unwrap_or_else(|_| self.folder.clone());
        path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn texts_path(&self) -> PathBuf {
        self.folder.join(TEXTS)
    }

    pub(crate) fn journal_path(&self) -> PathBuf {
        self.folder.join(JOURNAL)
    }

    /// Its settings.
    pub fn settings(&self) -> &ProjectSettings {
        &self.settings
    }

    /// Its sentences, in the order of their numbers.
    pub fn texts(&self) -> &[Text] {
        &self.texts
    }

    pub(crate) fn set_texts(&mut self, texts: Vec<Text>) {
        self.texts = texts;
    }

    /// The answers that count.
    pub fn state(&self) -> &State {
        &self.state
    }

    pub(crate) fn state_mut(&mut self) -> &mut State {
        &mut self.state
    }

    /// What is reviewed, if the project is an audit.
    pub fn audit(&self) -> Option<&Audit> {
        self.audit.as_ref()
    }

    /// Whether a sentence is held out: a function of the project's seed and the sentence's number.
    pub fn is_held_out(&self, id: usize) -> bool {
        happens(self.settings.seed, Draw::HeldOut, id as u64, self.settings.random_share)
    }

    /// Whether every annotator gets a sentence.
    pub(crate) fn is_shared(&self, id: usize) -> bool {
        happens(self.settings.seed, Draw::Shared, id as u64, self.settings.shared)
    }

    /// Whether the imported labels of a sentence are right.
    pub(crate) fn is_gold(&self, text: &Text) -> bool {
        self.settings.imported == Imported::Gold && text.tags.is_some()
    }

    /// The entities of each accepted sentence. Where annotators disagree, the latest answer decides.
    pub fn accepted(&self) -> BTreeMap<usize, Vec<Span>> {
        let gold = self.texts.iter().filter(|text| self.is_gold(text));
        let mut accepted: BTreeMap<usize, Vec<Span>> =
            gold.filter_map(|text| Some((text.id, text.spans()?))).collect();
        for (id, entry) in self.state.verdicts() {
            match entry.action {
                Action::Accept => drop(accepted.insert(id, entry.spans.clone())),
                _ => drop(accepted.remove(&id)),
            }
        }
        accepted
    }

    /// The accepted sentences of a part, in the order of their numbers.
    pub fn corpus(&self, part: Part) -> Corpus {
        let accepted = self.accepted().into_iter();
        let own = accepted.filter(|(id, _)| self.is_held_out(*id) == (part == Part::Test));
        let sentences = own.map(|(id, spans)| {
            let words = self.texts[id].words.clone();
            let tags = Span::tags(&spans, words.len());
            Sentence { words, tags, line: id + 1, unrepaired: None }
        });
        Corpus {
            path: self.texts_path(),
            sentences: sentences.collect(),
            scheme: Scheme::Iob2,
            findings: Vec::new(),
            files: Vec::new(),
        }
    }
}

impl NewProject {
    /// The settings as a file.
    fn to_toml(&self) -> String {
        let mut text = to_toml(Mode::Annotate, &self.types);
        if let Some(encoder) = &self.encoder {
            // A string in JSON is one in TOML.
            text += &format!("encoder = {}\n", serde_json::Value::from(encoder.as_str()));
        }
        text
    }
}

/// The settings that every project has, as a file.
fn to_toml(mode: Mode, types: &[String]) -> String {
    let types: Vec<String> = types.iter().map(|name| format!("\"{name}\"")).collect();
    let (what, mode) = match mode {
        Mode::Annotate => ("An annotation project of", ""),
        Mode::Audit => ("An audit of a corpus with", "mode = \"audit\"\n"),
    };
    format!(
        "# {what} Gleaner. docs/reference/annotation-project.md lists the keys.\nformat = 1\n{mode}types = [{}]\n",
        types.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(types: &[&str]) -> NewProject {
        let types = types.iter().map(|&name| name.into()).collect();
        NewProject { types, encoder: Some("an \"odd\" \\ folder".into()) }
    }

    #[test]
    fn a_new_project_reads_back_and_is_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("a/b");
        Project::create(&place, &new(&["PER", "Ætt"])).unwrap();
        let project = Project::read(&place).unwrap();
        assert_eq!(project.settings().types, ["PER", "Ætt"]);
        assert_eq!(project.settings().encoder, Some("an \"odd\" \\ folder".into()));
        assert_eq!((project.name().as_str(), project.texts().len()), ("b", 0));
        let error = Project::create(&place, &new(&["PER"])).unwrap_err().to_string();
        assert!(error.ends_with("the folder is not empty; choose a new folder for the project"));
        let new_folder = folder.path().join("c");
        Project::check_new(&new_folder, &["PER".into()]).unwrap();
        assert!(Project::check_new(&new_folder, &["P\"R".into()]).is_err());
        let error = Project::create(&new_folder, &new(&[])).unwrap_err().to_string();
        assert!(error.ends_with("c: types: there is none; name one or more, such as PER"));
        assert!(!new_folder.exists());
        let error = Project::read(folder.path()).unwrap_err().to_string();
        assert!(error.contains("no project.toml in it; create one with"), "{error}");
    }
}
