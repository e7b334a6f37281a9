//! What of a folder would survive a power cut.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

/// A folder as it is now, and as it would be after a power cut: files with the contents, and folders with the names, of
/// their last sync.
pub(super) struct Durable {
    root: PathBuf,
    nodes: Vec<Node>,
    /// The present names.
    names: BTreeMap<PathBuf, usize>,
}

/// What is known of a node at its last sync.
enum Node {
    File(Vec<u8>),
    Folder(BTreeMap<OsString, usize>),
    Link(PathBuf),
}

impl Durable {
    /// A folder in which everything is synced.
    pub(super) fn of(root: &Path) -> io::Result<Self> {
        let mut disk = Self { root: root.to_owned(), nodes: Vec::new(), names: BTreeMap::new() };
        disk.scan(root)?;
        Ok(disk)
    }

    fn scan(&mut self, path: &Path) -> io::Result<usize> {
        let kind = fs::symlink_metadata(path)?.file_type();
        let node = if kind.is_symlink() {
            Node::Link(fs::read_link(path)?)
        } else if kind.is_dir() {
            let mut names = BTreeMap::new();
            for entry in fs::read_dir(path)? {
                let entry = entry?;
                names.insert(entry.file_name(), self.scan(&entry.path())?);
            }
            Node::Folder(names)
        } else {
            Node::File(fs::read(path)?)
        };
        Ok(self.add(path, node))
    }

    fn add(&mut self, path: &Path, node: Node) -> usize {
        self.nodes.push(node);
        self.names.insert(path.to_owned(), self.nodes.len() - 1);
        self.nodes.len() - 1
    }

    pub(super) fn create_file(&mut self, path: &Path) {
        self.add(path, Node::File(Vec::new()));
    }

    pub(super) fn create_folder(&mut self, path: &Path) {
        self.add(path, Node::Folder(BTreeMap::new()));
    }

    pub(super) fn create_link(&mut self, path: &Path, target: &Path) {
        self.add(path, Node::Link(target.to_owned()));
    }

    pub(super) fn rename(&mut self, from: &Path, to: &Path) {
        let below = |path: &&PathBuf| path.starts_with(from);
        let moved: Vec<PathBuf> = self.names.keys().filter(below).cloned().collect();
        for path in moved {
            let Some(node) = self.names.remove(&path) else { continue };
            let name = path.strip_prefix(from).unwrap_or(&path);
            self.names.insert(to.join(name), node);
        }
    }

    pub(super) fn remove(&mut self, path: &Path) {
        self.names.remove(path);
    }

    /// Syncs a file's contents or a folder's names.
    pub(super) fn sync(&mut self, path: &Path) -> io::Result<()> {
        let Some(&at) = self.names.get(path) else { return Ok(()) };
        let is_child = |(name, _): &(&PathBuf, &usize)| name.parent() == Some(path);
        let name = |path: &Path| path.file_name().unwrap_or_default().to_owned();
        match &mut self.nodes[at] {
            Node::File(contents) => *contents = fs::read(path)?,
            Node::Folder(names) => {
                let children = self.names.iter().filter(is_child);
                *names = children.map(|(path, node)| (name(path), *node)).collect();
            }
            Node::Link(_) => {}
        }
        Ok(())
    }

    /// Cuts the power.
    pub(super) fn restore(&self) -> io::Result<()> {
        let Some(Node::Folder(names)) = self.names.get(&self.root).map(|at| &self.nodes[*at])
        else {
            return Ok(());
        };
        for entry in fs::read_dir(&self.root)? {
            let entry = entry?;
            match entry.file_type()?.is_dir() {
                true => fs::remove_dir_all(entry.path())?,
                false => fs::remove_file(entry.path())?,
            }
        }
        self.write_all(&self.root, names)
    }

    fn write_all(&self, folder: &Path, names: &BTreeMap<OsString, usize>) -> io::Result<()> {
        for (name, at) in names {
            let path = folder.join(name);
            match &self.nodes[*at] {
                Node::File(contents) => fs::write(&path, contents)?,
                Node::Link(target) => make_link(target, &path)?,
                Node::Folder(names) => {
                    fs::create_dir(&path)?;
                    self.write_all(&path, names)?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(unix)]
fn make_link(target: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

/// Elsewhere, links are files.
#[cfg(not(unix))]
fn make_link(_target: &Path, _link: &Path) -> io::Result<()> {
    Ok(())
}
