//! Trains a tagger on a folder with the files train, dev and test, and saves it:
//! `cargo run --release --example train_on_own_text -- FOLDER ENCODER MODEL`.
//! Without arguments it trains on the built-in sample and saves nothing.

use gleaner::{Dataset, GleanerError, Settings, train};
use std::env;

fn main() -> Result<(), GleanerError> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let argument = |at: usize, default: &str| arguments.get(at).cloned().unwrap_or(default.into());
    let settings = Settings::builder()
        .data(argument(0, "sample:af"))
        .encoder(argument(1, "sample:tiny"))
        .build()?;
    let data = Dataset::load(&settings)?;
    data.notes.iter().for_each(|note| println!("note: {note}"));
    let trained = train::fit(&settings, data, None, &mut |event: &train::Event| {
        if let train::Event::Epoch { record, .. } = event {
            println!("epoch {:2}: F1 on dev {:.3}", record.epoch, record.dev_f1);
        }
    })?;
    if let Some(test) = &trained.provenance.test {
        println!("F1 on test: {:.3}", test.entities.micro.f1);
    }
    match arguments.get(2) {
        Some(folder) => trained.save(folder),
        None => Ok(()),
    }
}
