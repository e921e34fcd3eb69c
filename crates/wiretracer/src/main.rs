//! Parse, run, print the error, exit code.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;
use wiretracer::cli::Cli;
use wiretracer::commands;

fn main() -> ExitCode {
    match commands::run(Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            // Nobody can be told when standard error is gone.
            let _ = writeln!(std::io::stderr(), "{}", commands::message(&error));
            commands::exit_code(&error)
        }
    }
}
