//! Labels a string with a saved model: `cargo run --release --example load_and_label -- MODEL "Some text."`.

use gleaner::{GleanerError, Tagger};
use std::{env, process::exit};

fn main() -> Result<(), GleanerError> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [model, text] = arguments.as_slice() else {
        eprintln!("usage: load_and_label MODEL TEXT");
        exit(2);
    };
    let tagger = Tagger::load(model)?;
    for entity in tagger.predict(text)? {
        println!("{}\t{}\t{:.2}", entity.label, entity.text, entity.confidence);
    }
    Ok(())
}
