//! `gleaner man`

use crate::{
    cli::{Cli, ManArgs},
    new_folder,
    output::Output,
};
use anyhow::Result;
use clap::Command;
use clap_mangen::Man;
use gleaner::GleanerError;
use gleaner_base::files;
use std::io;

pub fn run(args: &ManArgs, output: &Output) -> Result<()> {
    let out = &args.out;
    new_folder::check(out)?;
    let mut command = Cli::with_defaults();
    // Gives every command its full name, such as `gleaner-data-audit`.
    command.build();
    let pages = pages(&command)?;
    files::create_folder(out).map_err(|error| GleanerError::Io { path: out.clone(), error })?;
    for (name, page) in &pages {
        let path = out.join(name);
        files::write(&path, page).map_err(|error| GleanerError::Io { path, error })?;
    }
    output.human(&format!(
        "Wrote {} pages to {1}. Next step:\n  man {1}/gleaner.1",
        pages.len(),
        out.display()
    ))
}

/// The pages of a command and of the commands below it, each with the name of its file.
fn pages(command: &Command) -> io::Result<Vec<(String, Vec<u8>)>> {
    let program = concat!("gleaner ", env!("CARGO_PKG_VERSION"));
    let man = Man::new(command.clone()).source(program);
    let mut page = Vec::new();
    man.render(&mut page)?;
    let mut all = vec![(man.get_filename(), page)];
    // `help` gets no page: each page is the help of its command.
    for below in command.get_subcommands().filter(|c| c.get_name() != "help") {
        all.extend(pages(below)?);
    }
    Ok(all)
}
