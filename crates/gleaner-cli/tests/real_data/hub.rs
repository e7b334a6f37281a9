//! Finding the splits of a real data set on a hub.

use crate::shared;
use gleaner_hub::{Hub, testing::TestHub};
use std::{fs, path::PathBuf};

fn bytes(paths: &[PathBuf]) -> Vec<Vec<u8>> {
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

#[test]
#[cfg_attr(not(shared), ignore = "needs the shared data folder beside the checkout")]
fn wikiann_is_found() {
    let root = shared("data/hub");
    let cache = tempfile::tempdir().unwrap();
    let server = TestHub::serve(&root);
    let hub = Hub::new(server.config(cache.path())).unwrap();
    let fetch = |config: &str| {
        let id = format!("hub:unimelb-nlp/wikiann:{config}").parse().unwrap();
        hub.dataset(&id, &mut |_| {}).unwrap()
    };
    let source =
        |file: &str| fs::read(root.join("datasets/unimelb-nlp/wikiann").join(file)).unwrap();
    let fo = fetch("fo");
    assert!(bytes(&fo.train) == [source("fo/train-00000-of-00001.parquet")]);
    assert!(bytes(&fo.dev) == [source("fo/validation-00000-of-00001.parquet")]);
    assert!(bytes(&fo.test) == [source("fo/test-00000-of-00001.parquet")]);
    let is = fetch("is");
    assert!(bytes(&is.train) == [source("is/train-00000-of-00001.parquet")]);
    assert_eq!((is.dev.len(), is.test.len()), (0, 1));
}
