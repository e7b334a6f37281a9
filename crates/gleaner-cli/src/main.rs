//! The command line of Gleaner.

mod adapt_progress;
mod cli;
mod commands;
mod cores;
mod corpus_files;
mod exit;
mod held_out;
mod hub;
mod new_folder;
mod output;
mod progress;
mod rounds;
mod signals;
mod study_progress;
mod text;
mod tracking;
mod trainings;

use cli::{Cli, Command, DataCommand, EncoderCommand};
use std::process::ExitCode;

fn main() -> ExitCode {
    signals::survive_size_limits();
    let cli = Cli::read();
    match run(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if exit::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output::say(&format!("error: {error:#}"));
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
