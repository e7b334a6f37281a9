//! The program `gleaner`.

use std::{env::args_os, process::ExitCode};

fn main() -> ExitCode {
    ExitCode::from(gleaner_cli::command(args_os()))
}
