//! Which files belong together.

use anyhow::Result;
use gleaner::{CorpusPath, Role, is_sample};
use gleaner_corpus::{CorpusError, HeldOut, Problem, find_held_out, find_splits};
use std::path::{Path, PathBuf};

/// What is looked at together.
pub(super) enum Group<'a> {
    /// Files. Several are parts of one data set.
    Files(Vec<&'a CorpusPath>),
    /// A folder, a data set of the hub or a sample.
    Whole(&'a CorpusPath),
}

/// The groups of some paths, in their order: adjacent files of one folder whose names give parts are together.
pub(super) fn groups(paths: &[CorpusPath]) -> Vec<Group<'_>> {
    let is_part = |path: &Path| Role::of_file(path) != Role::Whole;
    let mut groups: Vec<Group<'_>> = Vec::new();
    for one in paths {
        let path = &one.path;
        if is_sample(path) || path.is_dir() || path.to_string_lossy().starts_with("hub:") {
            groups.push(Group::Whole(one));
            continue;
        }
        match groups.last_mut() {
            Some(Group::Files(files))
                if files[0].path.parent() == path.parent()
                    && is_part(&files[0].path)
                    && is_part(path) =>
            {
                files.push(one);
            }
            _ => groups.push(Group::Files(vec![one])),
        }
    }
    groups
}

/// The files of a folder. A folder of brat's annotations is one text.
pub(super) fn of_folder(folder: &Path) -> Result<Vec<(Role, PathBuf)>, CorpusError> {
    let named = |role: Role, files: Vec<PathBuf>| files.into_iter().map(move |file| (role, file));
    match find_splits(folder) {
        Ok(parts) => {
            let (dev, test) = (parts.dev.unwrap_or_default(), parts.test.unwrap_or_default());
            let train = named(Role::Train, parts.train);
            Ok(train.chain(named(Role::Dev, dev)).chain(named(Role::Test, test)).collect())
        }
        Err(e) if matches!(e.problem(), Problem::NoTrain { .. }) => match find_held_out(folder) {
            Ok(HeldOut { dev, test }) => {
                let dev = named(Role::Dev, dev.unwrap_or_default());
                Ok(dev.chain(named(Role::Test, test.unwrap_or_default())).collect())
            }
            Err(_) if is_annotated(folder) => Ok(vec![(Role::Whole, folder.to_owned())]),
            Err(e) => Err(e),
        },
        Err(e) => Err(e),
    }
}

/// Whether a folder has annotations of brat and no parts, so that it is read as one text.
pub fn is_annotated(folder: &Path) -> bool {
    if find_splits(folder).is_ok() || find_held_out(folder).is_ok() {
        return false;
    }
    let Ok(entries) = folder.read_dir() else { return false };
    entries.flatten().any(|entry| entry.path().extension().is_some_and(|e| e == "ann"))
}
