//! Trains on a related language first, then fine-tunes on the target; both in the built-in sample.

use gleaner::{Dataset, GleanerError, Settings, train};
use std::{env, fs};

fn main() -> Result<(), GleanerError> {
    let folder = env::temp_dir().join(format!("gleaner-transfer-{}", std::process::id()));
    let source = Settings::builder().data("sample:nl").encoder("sample:tiny").epochs(5).build()?;
    let quiet = &mut |_: &train::Event| {};
    train::fit(&source, Dataset::load(&source)?, None, quiet)?.save(&folder)?;
    let target = Settings::builder().data("sample:af").start(&folder).epochs(5).build()?;
    let trained = train::fit(&target, Dataset::load(&target)?, None, quiet)?;
    if let Some(test) = &trained.provenance.test {
        println!("F1 on test: {:.3}", test.entities.micro.f1);
    }
    let _ = fs::remove_dir_all(folder);
    Ok(())
}
