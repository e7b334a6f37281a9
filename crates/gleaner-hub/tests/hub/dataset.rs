//! Downloading a configuration of a data set.

use crate::support::{DATA, World, noise};
use gleaner_hub::{Hub, HubErrorKind};
use std::{fs, path::PathBuf};

fn bytes(paths: &[PathBuf]) -> Vec<Vec<u8>> {
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

#[test]
fn a_configuration_is_its_splits_in_order() {
    let world = World::new();
    let data = world.data(DATA).unwrap();
    assert_eq!(bytes(&data.train), [noise(7), noise(9)]);
    assert_eq!(bytes(&data.dev), [noise(5)]);
    assert_eq!(bytes(&data.test), [noise(3)]);
    assert!(data.train[0].ends_with("fo/train-00000-of-00002.parquet"));
    assert_eq!(data.commit.as_str(), world.hub.commit("datasets/our/data"));
    assert!(data.folder().unwrap().ends_with("fo"));
    let fetched: u64 = data.downloaded.iter().map(|d| d.bytes).sum();
    assert_eq!(
        (data.downloaded.len(), fetched),
        (4, 24),
        "other configurations are not downloaded"
    );
    let again = world.data(DATA).unwrap();
    assert_eq!((again.train, again.downloaded), (data.train, vec![]));
}

#[test]
fn a_split_that_does_not_exist_is_no_files() {
    let world = World::new();
    let data = world.data("hub:our/data:da").unwrap();
    assert_eq!((data.train.len(), data.dev.len(), data.test.len()), (1, 0, 0));
}

#[test]
fn the_folder_of_converted_data_holds_all_parts() {
    let world = World::new();
    world.write("datasets/our/data/is/train/0000.parquet", b"a");
    world.write("datasets/our/data/is/test/0000.parquet", b"b");
    let data = world.data("hub:our/data:is").unwrap();
    let folder = data.folder().unwrap();
    assert!(folder.ends_with("is"), "{folder:?}");
    assert_eq!(bytes(&[folder.join("test/0000.parquet")]), [b"b"]);
}

#[test]
fn missing_configurations_are_errors() {
    let world = World::new();
    insta::assert_snapshot!(world.error(world.data("hub:our/data:is")));
    world.write("datasets/our/data/fo/test.parquet", b"x");
    insta::assert_snapshot!(world.error(world.data(DATA)));
}

#[test]
fn names_are_escaped_in_addresses() {
    let world = World::new();
    world.write("datasets/our/data/a b%20c#?é/train.parquet", b"odd");
    let data = world.data("hub:our/data:a b%20c#?é").unwrap();
    assert_eq!(bytes(&data.train), [b"odd"]);
}

#[test]
fn offline_data_must_be_there_in_full() {
    let world = World::new();
    let mut config = world.config();
    config.offline = true;
    let offline = || Hub::new(config.clone())?.dataset(&DATA.parse()?, &mut |_| {});
    assert_eq!(offline().unwrap_err().kind(), HubErrorKind::Offline);
    let data = world.data(DATA).unwrap();
    assert_eq!(offline().unwrap().train, data.train);
    // The cache of another tool has no listing. Three splits are all of them.
    let repository = world.cache.path().join("datasets--our--data");
    fs::remove_dir_all(repository.join("gleaner")).unwrap();
    assert_eq!(offline().unwrap().train, data.train);
    // Two splits can be all of them or not.
    fs::remove_file(&data.dev[0]).unwrap();
    assert_eq!(offline().unwrap_err().kind(), HubErrorKind::Offline);
    // With the listing of the hub, missing files are known.
    world.data(DATA).unwrap();
    fs::remove_file(&data.train[1]).unwrap();
    assert_eq!(offline().unwrap_err().kind(), HubErrorKind::Offline);
    // With a listing, a configuration without dev files is complete.
    world.data("hub:our/data:da").unwrap();
    let da =
        Hub::new(config.clone()).unwrap().dataset(&"hub:our/data:da".parse().unwrap(), &mut |_| {});
    assert_eq!(da.unwrap().train.len(), 1);
    let wrong = Hub::new(config).unwrap().dataset(&"hub:our/data:xx".parse().unwrap(), &mut |_| {});
    assert_eq!(wrong.unwrap_err().kind(), HubErrorKind::Missing);
}
