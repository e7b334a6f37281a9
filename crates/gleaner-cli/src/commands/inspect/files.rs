//! Which files belong together.

use anyhow::Result;
use gleaner::{CorpusPath, Role, is_sample};
use gleaner_base::split_names::SplitName;
use gleaner_corpus::{CorpusError, Problem, find_parts, is_annotated};
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
    match find_parts(folder) {
        Ok(parts) => {
            let of_part = |(split, files): (SplitName, Vec<PathBuf>)| {
                files.into_iter().map(move |file| (Role::from(split), file))
            };
            Ok(parts.into_iter().flat_map(of_part).collect())
        }
        Err(e) if matches!(e.problem(), Problem::NoTrain { .. }) && is_annotated(folder) => {
            Ok(vec![(Role::Whole, folder.to_owned())])
        }
        Err(e) => Err(e),
    }
}
