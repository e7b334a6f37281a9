//! Disks that fail, for tests.
//!
//! [`sweep`] repeats some work with a fault in its first operation on the disk, then in its second one, and so on until
//! none is left. Of the many writes to a large file, those whose number is a power of two count as operations. Faults
//! are confined to a folder, so tests can run side by side.

mod durable;

use super::system;
use durable::Durable;
use std::{
    fmt, fs,
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

/// What happens to an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The disk is full. A write stops half-way.
    NoSpace,
    /// The device fails. A write stops half-way.
    Device,
    /// The permission to write is lost. A write stops half-way, as on a disk of the network.
    Permission,
    /// A write takes half of its bytes only, which is not an error.
    ShortWrite,
    /// The process is killed. A write stops half-way.
    Kill,
    /// The power is cut. What was not synced is lost: contents of files, and names in folders.
    PowerCut,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::NoSpace,
        Self::Device,
        Self::Permission,
        Self::ShortWrite,
        Self::Kill,
        Self::PowerCut,
    ];

    /// Whether no operation follows.
    fn is_end(self) -> bool {
        matches!(self, Self::Kill | Self::PowerCut)
    }

    fn error(self) -> io::Error {
        match self {
            Self::NoSpace => io::ErrorKind::StorageFull.into(),
            Self::Permission => io::ErrorKind::PermissionDenied.into(),
            other => io::Error::other(other.to_string()),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoSpace => "no space left",
            Self::Device => "the device failed",
            Self::Permission => "permission denied",
            Self::ShortWrite => "a short write",
            Self::Kill => "the process was killed",
            Self::PowerCut => "the power was cut",
        })
    }
}

/// The outcome of some work in which at most one operation failed.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    /// The fault.
    pub fault: Fault,
    /// The number of the operation, from 1.
    pub operation: usize,
    /// Whether the work succeeded by its own account.
    pub is_success: bool,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in operation {}", self.fault, self.operation)
    }
}

/// Does `work` in folders of its own within `place`, each time with another operation failing, until none fails: once
/// for every one of the `faults`. `prepare` fills the folder before, without faults. `work` says whether it succeeded.
/// `check` looks at the folder after it, again without faults; what a power cut loses is lost then. Returns the number
/// of faults.
pub fn sweep(
    place: &Path,
    faults: &[Fault],
    prepare: impl FnMut(&Path),
    work: impl FnMut(&Path) -> bool,
    check: impl FnMut(&Path, Outcome),
) -> usize {
    sweep_every(1, place, faults, prepare, work, check)
}

/// As [`sweep`], but only every `step`-th operation fails, for work that takes long. The faults start at different
/// operations, so that together they strike more of them.
pub fn sweep_every(
    step: usize,
    place: &Path,
    faults: &[Fault],
    mut prepare: impl FnMut(&Path),
    mut work: impl FnMut(&Path) -> bool,
    mut check: impl FnMut(&Path, Outcome),
) -> usize {
    let mut struck = 0;
    for (at, &fault) in faults.iter().enumerate() {
        let first = 1 + at * step / faults.len();
        for operation in (first..).step_by(step) {
            let folder = place.join(format!("{fault:?}-{operation}"));
            fs::create_dir_all(&folder).expect("a folder for tests");
            prepare(&folder);
            let plan = Active::start(&folder, fault, operation);
            let is_success = work(&folder);
            let is_struck = plan.end();
            // Nothing fails from here on. Nothing is synced either, which saves time.
            let plan = Active::start(&folder, fault, usize::MAX);
            check(&folder, Outcome { fault, operation, is_success });
            plan.end();
            fs::remove_dir_all(&folder).expect("a folder for tests");
            match is_struck {
                true => struck += 1,
                false => break,
            }
        }
    }
    struck
}

/// What is to fail in a folder.
struct Plan {
    folder: PathBuf,
    fault: Fault,
    /// Number of operations up to the one that fails.
    left: usize,
    is_struck: bool,
    disk: Option<Durable>,
}

static PLANS: Mutex<Vec<Plan>> = Mutex::new(Vec::new());

/// The plan that is in force for a path.
fn with_plan<T>(path: &Path, then: impl FnOnce(&mut Plan) -> T) -> Option<T> {
    let mut plans = PLANS.lock().unwrap_or_else(PoisonError::into_inner);
    plans.iter_mut().find(|plan| path.starts_with(&plan.folder)).map(then)
}

/// A plan that is in force until this is dropped.
struct Active(PathBuf);

impl Active {
    fn start(folder: &Path, fault: Fault, operation: usize) -> Self {
        let tracks = fault == Fault::PowerCut && operation < usize::MAX;
        let disk = tracks.then(|| Durable::of(folder).expect("a folder for tests"));
        let folder = folder.to_owned();
        let plan = Plan { folder: folder.clone(), fault, left: operation, is_struck: false, disk };
        PLANS.lock().unwrap_or_else(PoisonError::into_inner).push(plan);
        Self(folder)
    }

    /// Ends the plan; the power is cut now, if it was not before. Returns whether an operation failed.
    fn end(self) -> bool {
        let end = |plan: &mut Plan| {
            let lost = plan.disk.as_ref().map_or(Ok(()), Durable::restore);
            lost.expect("a folder for tests");
            plan.is_struck
        };
        with_plan(&self.0, end).expect("the plan is in force")
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        let mut plans = PLANS.lock().unwrap_or_else(PoisonError::into_inner);
        plans.retain(|plan| plan.folder != self.0);
    }
}

/// How much of a write happens.
enum Extent {
    All,
    Half,
    /// Half, and then this error.
    Failing(io::Error),
}

impl Plan {
    /// Begins an operation that is not a write.
    fn begin(&mut self) -> io::Result<()> {
        match self.strikes(self.fault != Fault::ShortWrite)? {
            true => Err(self.fault.error()),
            false => Ok(()),
        }
    }

    /// Begins a write, which counts as an operation if `counts` says so.
    fn begin_write(&mut self, counts: bool) -> io::Result<Extent> {
        Ok(match self.strikes(counts)? {
            true if self.fault == Fault::ShortWrite => Extent::Half,
            true => Extent::Failing(self.fault.error()),
            false => Extent::All,
        })
    }

    /// Whether the fault strikes now. An error after the process has ended.
    fn strikes(&mut self, counts: bool) -> io::Result<bool> {
        if self.is_struck {
            return if self.fault.is_end() { Err(self.fault.error()) } else { Ok(false) };
        }
        self.left -= usize::from(counts);
        self.is_struck = self.left == 0;
        Ok(self.is_struck)
    }
}

/// Begins an operation that is not a write.
fn begin(path: &Path) -> io::Result<()> {
    with_plan(path, Plan::begin).unwrap_or(Ok(()))
}

/// Notes what an operation did to names or contents.
fn note(path: &Path, what: impl FnOnce(&mut Durable)) {
    with_plan(path, |plan| {
        if let Some(disk) = &mut plan.disk {
            what(disk);
        }
    });
}

/// Syncs on the disk where no plan is in force, and otherwise only notes it.
fn sync(path: &Path, on_disk: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    begin(path)?;
    let noted = with_plan(path, |plan| match &mut plan.disk {
        Some(disk) => disk.sync(path),
        None => Ok(()),
    });
    noted.unwrap_or_else(on_disk)
}

/// A file that is open for writing.
pub(super) struct File {
    file: fs::File,
    path: PathBuf,
    /// Number of writes so far.
    writes: u64,
}

impl File {
    fn new(file: fs::File, path: &Path) -> Self {
        Self { file, path: path.to_owned(), writes: 0 }
    }

    pub(super) fn try_lock(&self) -> Result<(), fs::TryLockError> {
        self.file.try_lock()
    }

    pub(super) fn metadata(&self) -> io::Result<fs::Metadata> {
        self.file.metadata()
    }

    pub(super) fn set_len(&self, size: u64) -> io::Result<()> {
        begin(&self.path)?;
        self.file.set_len(size)
    }

    pub(super) fn sync_all(&self) -> io::Result<()> {
        sync(&self.path, || self.file.sync_all())
    }
}

impl Write for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writes += 1;
        let is_power = self.writes.is_power_of_two();
        let extent = with_plan(&self.path, |plan| plan.begin_write(is_power));
        match extent.unwrap_or(Ok(Extent::All))? {
            Extent::All => self.file.write(bytes),
            Extent::Half => self.file.write(&bytes[..bytes.len().div_ceil(2)]),
            Extent::Failing(error) => {
                self.file.write_all(&bytes[..bytes.len() / 2])?;
                Err(error)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Read for File {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read(buffer)
    }
}

impl Seek for File {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

pub(super) fn create_new(path: &Path) -> io::Result<File> {
    begin(path)?;
    let file = system::create_new(path)?;
    note(path, |disk| disk.create_file(path));
    Ok(File::new(file, path))
}

/// Opens a file that `open` creates if it is missing.
fn open<T>(path: &Path, open: impl FnOnce(&Path) -> io::Result<T>) -> io::Result<T> {
    begin(path)?;
    let exists = path.exists();
    let file = open(path)?;
    if !exists {
        note(path, |disk| disk.create_file(path));
    }
    Ok(file)
}

pub(super) fn append(path: &Path) -> io::Result<File> {
    Ok(File::new(open(path, system::append)?, path))
}

pub(super) fn open_lock(path: &Path) -> io::Result<fs::File> {
    open(path, system::open_lock)
}

pub(super) fn create_dir(path: &Path) -> io::Result<()> {
    begin(path)?;
    system::create_dir(path)?;
    note(path, |disk| disk.create_folder(path));
    Ok(())
}

pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    begin(from)?;
    system::rename(from, to)?;
    note(from, |disk| disk.rename(from, to));
    Ok(())
}

pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    sync(folder, || system::sync_folder(folder))
}

pub(super) fn remove_file(path: &Path) -> io::Result<()> {
    begin(path)?;
    system::remove_file(path)?;
    note(path, |disk| disk.remove(path));
    Ok(())
}

pub(super) fn remove_dir_all(path: &Path) -> io::Result<()> {
    let entries: Vec<fs::DirEntry> = fs::read_dir(path)?.collect::<io::Result<_>>()?;
    for entry in entries {
        match entry.file_type()?.is_dir() {
            true => remove_dir_all(&entry.path())?,
            false => remove_file(&entry.path())?,
        }
    }
    begin(path)?;
    system::remove_dir_all(path)?;
    note(path, |disk| disk.remove(path));
    Ok(())
}

pub(super) fn link(target: &Path, source: &Path, link: &Path) -> io::Result<()> {
    begin(link)?;
    system::link(target, source, link)?;
    note(link, |disk| disk.create_link(link, target));
    Ok(())
}

#[cfg(test)]
mod tests;
