//! The command line of Gleaner, as a library: the binary `gleaner` and the Python package, which carries the command,
//! both call [`command`]. [`embed`] has the steps of commands without their output.

mod adapt_progress;
mod cli;
mod commands;
mod cores;
mod corpus_files;
mod events;
mod exit;
mod held_out;
mod hub;
mod new_folder;
mod opened;
mod output;
mod progress;
mod reading;
mod settings;
mod signals;
mod study_progress;
mod text;
mod tracking;
mod trainings;
mod trainings_bar;

pub mod embed;

use cli::{Cli, Command, DataCommand, EncoderCommand};
use std::{
    ffi::OsString,
    io::{Write, stdout},
};

/// Runs the command line with these arguments, of which the first is the name of the program. Returns the exit code.
/// Ends the process itself after printing help, and if an argument is invalid.
pub fn command(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    signals::survive_size_limits();
    let cli = Cli::read(arguments);
    let result = run(&cli);
    // A host that is not a Rust program does not flush it at its end. What fails was reported, or nobody reads it.
    let _ = stdout().flush();
    match result {
        Ok(()) => 0,
        Err(error) if exit::is_broken_pipe(&error) => 0,
        Err(error) => {
            // An error is one line, whatever the names that it quotes.
            output::say(&format!("error: {error:#}").replace('\n', "\\n"));
            exit::code(&error)
        }
    }
}

fn run(cli: &Cli) -> anyhow::Result<()> {
    let output = output::Output::new(cli);
    match &cli.command {
        Command::Train(args) => commands::train::run(args, &output),
        Command::Adapt(args) => commands::adapt::run(args, &output),
        Command::Encoder(EncoderCommand::Trim(args)) => commands::trim::run(args, &output),
        Command::Encoder(EncoderCommand::Rank(args)) => commands::rank::run(args, &output),
        Command::Evaluate(args) => commands::evaluate::run(args, &output),
        Command::Predict(args) => commands::predict::run(args, &output),
        Command::Serve(args) => commands::serve::run(args, &output),
        Command::Ensemble(args) => commands::ensemble::run(args, &output),
        Command::Quantize(args) => commands::quantize::run(args, &output),
        Command::Annotate(args) => commands::annotate::run(args, &output),
        Command::Export(args) => commands::export::run(args, &output),
        Command::Push(args) => commands::push::run(args, &output),
        Command::Data(DataCommand::Inspect(args)) => commands::inspect::run(args, &output),
        Command::Data(DataCommand::Audit(args)) => commands::audit::run(args, &output),
        Command::Data(DataCommand::Convert(args)) => commands::convert::run(args, &output),
        Command::Data(DataCommand::Split(args)) => commands::split::run(args, &output),
        Command::Data(DataCommand::Mentions(args)) => commands::mentions::run(args, &output),
        Command::Data(DataCommand::Sample(args)) => commands::sample::run(args, &output),
        Command::Study(command) => commands::study::run(command, &output),
        Command::Sources(args) => commands::sources::run(args, &output),
        Command::Devices => commands::devices::run(&output),
        Command::Doctor(args) => commands::doctor::run(args, &output),
        Command::Completions(args) => commands::completions::run(args),
        Command::Man(args) => commands::man::run(args, &output),
    }
}
