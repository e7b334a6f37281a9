//! `gleaner completions`

use crate::{
    cli::{Cli, CompletionsArgs},
    output,
};
use anyhow::Result;

pub fn run(args: &CompletionsArgs) -> Result<()> {
    // Into memory first: clap's function panics when its writer fails, as a closed pipe does.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::with_defaults(), "gleaner", &mut script);
    output::print(&String::from_utf8(script)?)
}
