//! `gleaner data mentions`

use crate::{
    cli::{MentionsArgs, OutputMode},
    held_out::{self, Part},
    output::{self, Output},
};
use anyhow::Result;
use gleaner_corpus::Mentions;
use serde_json::json;

pub fn run(args: &MentionsArgs, output: &Output) -> Result<()> {
    let mut mentions = Mentions::default();
    for path in &args.paths {
        mentions.append(Mentions::of(&held_out::named(path, Part::Train, &args.read, output)?));
    }
    if output.mode != OutputMode::Json {
        let text = mentions.to_text();
        return output::print(text.trim_end_matches('\n'));
    }
    for entity_type in mentions.types() {
        for words in mentions.of_type(entity_type) {
            output.json(&json!({"type": entity_type, "words": words}))?;
        }
    }
    Ok(())
}
