//! The processor cores that this program may use.
//!
//! A job scheduler, `taskset` or a container can allow fewer cores than the machine has. More threads than cores only
//! wait for each other, and two hyper-threads of one core share its arithmetic units.

use anyhow::Result;
use gleaner::GleanerError;
use std::{collections::BTreeSet, fs, path::Path, thread::available_parallelism};
use sysinfo::System;

/// The number of logical cores that this program may use.
pub fn logical() -> usize {
    available_parallelism().map_or(1, usize::from)
}

/// The number of physical cores that this program may use: those of its affinity mask, up to the quota of its control
/// group.
pub fn physical() -> usize {
    let cores = allowed(Path::new("/")).or_else(|| System::physical_core_count().ok());
    let limit = quota(Path::new("/")).unwrap_or(usize::MAX).min(logical());
    cores.map_or(limit, |cores| cores.min(limit)).max(1)
}

/// Sets the number of threads; by default the physical cores that the program may use.
pub fn set_threads(threads: Option<usize>) -> Result<()> {
    if threads == Some(0) {
        let what = "threads: 0 threads compute nothing; leave it out to use the physical cores";
        return Err(GleanerError::Settings(what.into()).into());
    }
    let threads = threads.unwrap_or_else(physical);
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build_global()
        .map_err(|e| GleanerError::Settings(format!("threads: {threads}: {e}; use fewer")).into())
}

/// The processor's name.
pub fn processor(system: &System) -> String {
    let first = system.cpus().first();
    first.map_or_else(|| "unknown".into(), |c| c.brand().trim().to_owned())
}

/// The physical cores in the affinity mask, by Linux's files under `root`.
fn allowed(root: &Path) -> Option<usize> {
    let status = fs::read_to_string(root.join("proc/self/status")).ok()?;
    let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?;
    let core = |cpu: usize| {
        let topology = root.join(format!("sys/devices/system/cpu/cpu{cpu}/topology"));
        // The second name is that of kernels before 5.3.
        ["core_cpus_list", "thread_siblings_list"]
            .iter()
            .find_map(|name| fs::read_to_string(topology.join(name)).ok())
    };
    let cores: Option<BTreeSet<String>> = cpus(list.trim())?.into_iter().map(core).collect();
    cores.map(|cores| cores.len())
}

/// The processors of a list such as `0-3,8`.
fn cpus(list: &str) -> Option<Vec<usize>> {
    let mut cpus = Vec::new();
    for part in list.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        cpus.extend(first.parse::<usize>().ok()?..=last.parse().ok()?);
    }
    Some(cpus)
}

/// The whole processors that the quotas of the control group and its ancestors allow, at least 1, by Linux's files
/// under `root`.
fn quota(root: &Path) -> Option<usize> {
    let groups = fs::read_to_string(root.join("proc/self/cgroup")).ok()?;
    let mut lowest: Option<usize> = None;
    for line in groups.lines() {
        let mut fields = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(group)) = (fields.next(), fields.next()) else { continue };
        let mount = match controllers {
            "" => root.join("sys/fs/cgroup"),
            _ if controllers.split(',').any(|name| name == "cpu") => root.join("sys/fs/cgroup/cpu"),
            _ => continue,
        };
        // In a container the path can be that on the host, which does not exist here: the mount is its group then.
        let group = Path::new(group.trim_start_matches('/'));
        for folder in group.ancestors().map(|group| mount.join(group)) {
            if let Some(processors) = folder_quota(&folder) {
                lowest = Some(lowest.map_or(processors, |lowest| lowest.min(processors)));
            }
        }
    }
    lowest
}

/// The quota of one control group: version 2 in `cpu.max`, version 1 in two files. The quota and the period are in
/// microseconds.
fn folder_quota(folder: &Path) -> Option<usize> {
    let read = |name: &str| fs::read_to_string(folder.join(name)).ok();
    let (quota, period) = match read("cpu.max") {
        Some(both) => {
            let (quota, period) = both.trim().split_once(' ')?;
            (quota.to_owned(), period.to_owned())
        }
        None => (read("cpu.cfs_quota_us")?, read("cpu.cfs_period_us")?),
    };
    // `max`, or -1 in version 1, means no limit.
    let (quota, period): (usize, usize) = (quota.trim().parse().ok()?, period.trim().parse().ok()?);
    quota.checked_div(period).map(|processors| processors.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    /// A root folder with these files.
    fn root(files: &[(&str, &str)]) -> TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        root
    }

    #[test]
    fn hyper_threads_of_one_core_count_once_and_only_in_the_affinity_mask() {
        let topology: Vec<(String, String)> = (0..8)
            .map(|cpu| {
                let path = format!("sys/devices/system/cpu/cpu{cpu}/topology/core_cpus_list");
                (path, format!("{},{}\n", cpu % 4, cpu % 4 + 4))
            })
            .collect();
        for (list, cores) in [("0-7", 4), ("0,4", 1), ("0-1,4-6", 3), ("3", 1)] {
            let status = format!("Name:\tgleaner\nCpus_allowed_list:\t{list}\n");
            let mut files = vec![("proc/self/status", status.as_str())];
            files.extend(topology.iter().map(|(path, text)| (path.as_str(), text.as_str())));
            assert_eq!(allowed(root(&files).path()), Some(cores), "{list}");
        }
        assert_eq!(allowed(root(&[("proc/self/status", "Cpus_allowed_list:\t0\n")]).path()), None);
        assert_eq!(allowed(root(&[]).path()), None);
    }

    #[test]
    fn the_lowest_quota_of_a_group_and_its_ancestors_holds() {
        let group = ("proc/self/cgroup", "0::/user/job\n");
        for (files, processors) in [
            (vec![("sys/fs/cgroup/user/job/cpu.max", "100000 100000\n")], Some(1)),
            (vec![("sys/fs/cgroup/cpu.max", "250000 100000\n")], Some(2)),
            (vec![("sys/fs/cgroup/cpu.max", "50000 100000\n")], Some(1)),
            (
                vec![
                    ("sys/fs/cgroup/user/job/cpu.max", "max 100000\n"),
                    ("sys/fs/cgroup/user/cpu.max", "300000 100000\n"),
                ],
                Some(3),
            ),
            (vec![("sys/fs/cgroup/cpu.max", "max 100000\n")], None),
            (vec![], None),
        ] {
            let files: Vec<_> = files.into_iter().chain([group]).collect();
            assert_eq!(quota(root(&files).path()), processors, "{files:?}");
        }
    }

    #[test]
    fn quotas_of_the_first_version_are_read() {
        let files = |quota| {
            root(&[
                ("proc/self/cgroup", "5:memory:/x\n4:cpu,cpuacct:/docker/1\n"),
                ("sys/fs/cgroup/cpu/cpu.cfs_quota_us", quota),
                ("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"),
            ])
        };
        assert_eq!(quota(files("200000\n").path()), Some(2));
        assert_eq!(quota(files("-1\n").path()), None);
    }
}
