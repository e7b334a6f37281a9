//! Several processes with one cache, configured by environment variables.

use crate::support::{ENCODER, World};
use gleaner_hub::{Event, Hub, testing::Fault};
use std::{
    fs,
    process::{Child, Command, Stdio},
    time::Duration,
};

/// Set in child processes of the test program.
const CHILD: &str = "GLEANER_HUB_TEST_CHILD";

/// Downloads the encoder with the configuration of the environment.
fn child() {
    let mut waited = false;
    let fetched = Hub::from_env().and_then(|hub| {
        hub.encoder(&ENCODER.parse()?, &mut |event| waited |= matches!(event, Event::Locked { .. }))
    });
    match fetched {
        Ok(fetched) => {
            println!("\nRESULT {} {waited} {}", fetched.downloaded.len(), fetched.folder.display())
        }
        Err(error) => println!("\nRESULT {error}"),
    }
}

fn start(world: &World, variables: &[(&str, &str)]) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "processes::the_environment_is_used", "--nocapture"])
        .env_clear()
        .env(CHILD, "1")
        .env("HF_HOME", world.cache.path())
        .env("HF_ENDPOINT", world.hub.endpoint())
        .envs(variables.iter().copied())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

fn result(child: Child) -> String {
    let output = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    let line = output.lines().find_map(|line| line.strip_prefix("RESULT "));
    line.unwrap_or_else(|| panic!("{output}")).to_owned()
}

#[test]
fn two_processes_share_one_download() {
    let world = World::new();
    world.hub.fault("model.safetensors", 2, Fault::Slow(Duration::from_millis(300)));
    let both = [start(&world, &[]), start(&world, &[])].map(result);
    let hub = world.cache.path().join("hub/models--our--encoder");
    let folder = hub.join("snapshots").join(world.hub.commit("models/our/encoder"));
    for result_line in &both {
        assert!(result_line.ends_with(folder.to_str().unwrap()), "{result_line}");
    }
    let weights = world.take_downloads().into_iter().filter(|d| d.starts_with("model")).count();
    assert_eq!(weights, 1, "the second waited for the first: {both:?}");
    assert!(both.iter().any(|result_line| result_line.contains(" true ")), "{both:?}");
    assert!(
        fs::read(folder.join("model.safetensors")).unwrap()
            == world.read("models/our/encoder/model.safetensors")
    );
    assert_eq!(fs::read_dir(hub.join("blobs")).unwrap().count(), 3);
}

#[test]
fn the_download_of_a_killed_process_is_resumed() {
    let world = World::new();
    world.hub.fault("model.safetensors", 1, Fault::Stall(150_000));
    let mut first = start(&world, &[]);
    let blobs = world.cache.path().join("hub/models--our--encoder/blobs");
    let part = |name: &str| name.ends_with(".incomplete") && name.len() > 64;
    let arrived = || {
        let mut entries = fs::read_dir(&blobs).ok()?.flatten();
        let part = entries.find(|e| part(e.file_name().to_str().unwrap()))?;
        (part.metadata().ok()?.len() == 150_000).then_some(())
    };
    while arrived().is_none() {
        assert!(first.try_wait().unwrap().is_none(), "it ended before it was killed");
        std::thread::sleep(Duration::from_millis(5));
    }
    first.kill().unwrap();
    first.wait().unwrap();
    world.hub.take_requests();
    let result_line = result(start(&world, &[]));
    assert!(result_line.starts_with("1 false "), "{result_line}");
    assert_eq!(world.take_downloads(), ["model.safetensors bytes=150000-"]);
}

#[test]
fn the_environment_is_used() {
    if std::env::var_os(CHILD).is_some() {
        return child();
    }
    let world = World::new();
    world.hub.gate(ENCODER, "right");
    assert!(result(start(&world, &[])).contains("set HF_TOKEN"));
    let elsewhere = tempfile::tempdir().unwrap();
    let other = [("HF_TOKEN", "right"), ("HF_HUB_CACHE", elsewhere.path().to_str().unwrap())];
    let result_line = result(start(&world, &other));
    assert!(
        result_line.contains(&format!("{}/models--our", elsewhere.path().display())),
        "{result_line}"
    );
    assert!(result(start(&world, &[("HF_HUB_OFFLINE", "1")])).contains("HF_HUB_OFFLINE"));
    let offline = [other[1], ("HF_HUB_OFFLINE", "1")];
    assert!(result(start(&world, &offline)).starts_with("0 false "), "{offline:?}");
}
