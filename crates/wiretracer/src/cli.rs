//! The command line: what may be said, and in which combinations.
//!
//! ```text
//! wiretracer [-c FILE | -l ADDR -u HOST:PORT] [--headless] …     the proxy
//! wiretracer --check | --dump-example-config                     about its configuration
//! wiretracer probe HOST:PORT | probe -c FILE                     about an upstream
//! wiretracer demo | ca … | completions SHELL | man               everything else
//! ```
//!
//! Only parsing is here. A usage error ends the program with exit code 2, which is clap's own; what
//! each option does is with the part of the program that does it.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::config;
use crate::upstream::Target;

const EXAMPLES: &str = "\
Examples:
  wiretracer --dump-example-config > config.yaml   Begin with a file that has every setting
  wiretracer --check -c config.yaml                Tell every mistake in it
  wiretracer                                       Run ./config.yaml with the terminal UI
  wiretracer --headless --print json | jq .        Run it without, records on standard output
  wiretracer -l 127.0.0.1:8443 -u api.internal:443 No file: look at one upstream now
  wiretracer probe api.internal:443                Is that upstream well? Sends no request
  wiretracer demo                                  See it at work, nothing needed

Exit codes: 0 well, 1 failed at run time, 2 usage or configuration, 3 a verdict says no.";

/// Shows what HTTP, gRPC and TLS connections do, and why they fail.
///
/// A proxy that passes every byte on unchanged and explains what it saw: handshakes, requests,
/// HTTP/2 control frames and how connections ended.
#[derive(Clone, Debug, PartialEq, Eq, Parser)]
#[command(name = "wiretracer", version, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// What to do instead of running a configured proxy.
    #[command(subcommand)]
    pub command: Option<Command>,

    /// How to run a configured proxy.
    #[command(flatten)]
    pub run: Run,
}

/// The subcommands.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Run an upstream, a proxy and a client that makes good and bad traffic; needs no files
    Demo(Demo),
    /// Diagnose an upstream without traffic; exit code 0 healthy, 3 not
    Probe(Probe),
    /// The local certificate authority that signs minted certificates
    Ca {
        /// What to do with it.
        #[command(subcommand)]
        action: CaAction,
    },
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page (roff)
    Man,
}

/// What `wiretracer ca` can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
pub enum CaAction {
    /// Create it, if there is none yet
    Create,
    /// Print what its certificate says: name, dates, key, fingerprint
    Show,
    /// Print the path of its certificate, for clients that take one
    Path,
}

/// Running a configured proxy.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
pub struct Run {
    /// Configuration file
    #[arg(short, long, value_name = "FILE", default_value = "./config.yaml")]
    pub config: PathBuf,

    /// Listen here, without a configuration file; takes TLS and plaintext
    #[arg(short, long, value_name = "ADDR", requires = "upstream", conflicts_with = "config")]
    pub listen: Option<String>,

    /// Connect there, without a configuration file; TLS is detected
    #[arg(short, long, value_name = "HOST:PORT", requires = "listen", conflicts_with = "config")]
    pub upstream: Option<String>,

    /// Read the configuration and every file it names, tell all mistakes, and stop
    #[arg(long, conflicts_with_all = ["listen", "upstream"])]
    pub check: bool,

    /// Print an example configuration with every setting, and stop
    #[arg(long, alias = "gen-config", conflicts_with_all = ["check", "listen", "upstream"])]
    pub dump_example_config: bool,

    /// Where records go.
    #[command(flatten)]
    pub output: Output,

    /// The program's own affairs.
    #[command(flatten)]
    pub process: Process,
}

impl Run {
    /// Where the configuration comes from.
    #[must_use]
    pub fn source(&self) -> Source<'_> {
        match (&self.listen, &self.upstream) {
            (Some(listen), Some(upstream)) => Source::Quick { listen, upstream },
            _ => Source::File(&self.config),
        }
    }
}

/// Where a configuration comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source<'a> {
    /// A file.
    File(&'a Path),
    /// Two addresses.
    Quick {
        /// Where to listen.
        listen: &'a str,
        /// Where to connect.
        upstream: &'a str,
    },
}

/// `wiretracer demo`.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
pub struct Demo {
    /// Where records go.
    #[command(flatten)]
    pub output: Output,

    /// The program's own affairs.
    #[command(flatten)]
    pub process: Process,
}

/// `wiretracer probe`.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
pub struct Probe {
    /// What to connect to [default: upstream.addr of the listener]
    #[arg(value_name = "HOST:PORT", value_parser = target, required_unless_present = "config")]
    pub target: Option<Target>,

    /// Connect as a listener of this configuration file does
    #[arg(short, long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// The listener [default: the one with that upstream, or the only one]
    #[arg(long, value_name = "NAME", requires = "config")]
    pub listener: Option<String>,

    /// Insist on TLS [default without a configuration file: find out]
    #[arg(long)]
    pub tls: bool,

    /// Insist on plaintext
    #[arg(long, conflicts_with = "tls")]
    pub plaintext: bool,

    /// The name to send (SNI) and to verify [default: the host]
    #[arg(long, value_name = "NAME", value_parser = server_name)]
    pub server_name: Option<String>,

    /// The limit of each step [default: the listener's, or 5]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub timeout: Option<Duration>,

    /// Examine every address, and ask of each that it is well
    #[arg(long)]
    pub all: bool,

    /// Send `GET /`, too
    #[arg(long)]
    pub http: bool,

    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

fn target(text: &str) -> Result<Target, String> {
    config::host_port(text).map(|(host, port)| Target::Named(host, port))
}

fn server_name(text: &str) -> Result<String, String> {
    match rustls_pki_types::ServerName::try_from(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err("a host name or an IP address, without a port".to_owned()),
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    /// An hour.
    const LONGEST: f64 = 3600.0;
    let seconds = text.parse::<f64>().ok().filter(|&seconds| seconds > 0.0 && seconds <= LONGEST);
    let duration = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    duration.ok_or_else(|| format!("seconds, more than 0 and at most {LONGEST}"))
}

/// Where records go.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
pub struct Output {
    /// Run without the terminal UI
    #[arg(long)]
    pub headless: bool,

    /// How --headless prints records: text if standard output is a terminal, else json
    #[arg(long, value_name = "FORM")]
    pub print: Option<Print>,

    /// Print, and write to files, only what matches, such as 'proto=grpc error=1'
    #[arg(long, value_name = "EXPR")]
    pub filter: Option<String>,
}

/// How records are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Print {
    /// One line a record, for reading
    Text,
    /// One JSON object a line
    Json,
    /// Not at all
    None,
}

/// The program's own affairs.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
pub struct Process {
    /// Append the program's own messages to this file instead of standard error
    #[arg(long, value_name = "FILE")]
    pub log: Option<PathBuf>,

    /// The least severe messages to tell [default: RUST_LOG, or info]
    #[arg(long, value_name = "LEVEL")]
    pub log_level: Option<LogLevel>,

    /// Worker threads [default: one for each core]
    #[arg(long, value_name = "N", env = "TOKIO_WORKER_THREADS")]
    pub threads: Option<NonZeroUsize>,
}

/// How severe a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogLevel {
    /// What ends the program or a listener
    Error,
    /// What needs somebody's attention
    Warn,
    /// What the program does
    Info,
    /// What each connection does
    Debug,
    /// Everything
    Trace,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use clap::error::ErrorKind;

    use super::*;

    fn parse(line: &str) -> Result<Cli, ErrorKind> {
        let words = ["wiretracer"].into_iter().chain(line.split_whitespace());
        Cli::try_parse_from(words).map_err(|error| error.kind())
    }

    fn ok(line: &str) -> Cli {
        parse(line).unwrap_or_else(|kind| panic!("{line}: {kind}"))
    }

    #[test]
    fn definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn nothing_said_runs_the_default_file_with_the_ui() {
        let run = ok("").run;
        assert_eq!(run.source(), Source::File(Path::new("./config.yaml")));
        assert!(!run.output.headless && !run.check && !run.dump_example_config);
        assert_eq!((run.output.print, run.output.filter), (None, None));
        assert_eq!((run.process.log, run.process.log_level), (None, None));
    }

    #[test]
    fn every_option_of_a_run() {
        let run = ok("-c f.yaml --headless --print text --log x.log --log-level debug \
                      --threads 3 --filter proto=grpc")
        .run;
        assert_eq!(run.source(), Source::File(Path::new("f.yaml")));
        assert!(run.output.headless);
        assert_eq!(run.output.print, Some(Print::Text));
        assert_eq!(run.output.filter.as_deref(), Some("proto=grpc"));
        assert_eq!(run.process.log, Some(PathBuf::from("x.log")));
        assert_eq!(run.process.log_level, Some(LogLevel::Debug));
        assert_eq!(run.process.threads, NonZeroUsize::new(3));
        assert!(ok("--check --config f.yaml").run.check);
    }

    #[test]
    fn two_addresses_stand_for_a_file() {
        let quick = Source::Quick { listen: "127.0.0.1:1", upstream: "h:2" };
        assert_eq!(ok("-l 127.0.0.1:1 -u h:2").run.source(), quick);
        assert_eq!(ok("--listen 127.0.0.1:1 --upstream h:2").run.source(), quick);
    }

    #[test]
    fn the_example_has_two_names() {
        assert!(ok("--dump-example-config").run.dump_example_config);
        assert!(ok("--gen-config").run.dump_example_config);
    }

    #[test]
    fn subcommands() {
        let demo = ok("demo --headless --print json --threads 2").command;
        let Some(Command::Demo(demo)) = demo else { panic!("{demo:?}") };
        assert!(demo.output.headless);
        assert_eq!(demo.output.print, Some(Print::Json));
        for (line, action) in [
            ("ca create", CaAction::Create),
            ("ca show", CaAction::Show),
            ("ca path", CaAction::Path),
        ] {
            assert_eq!(ok(line).command, Some(Command::Ca { action }));
        }
        let Some(Command::Probe(probe)) = ok("probe [::1]:443 --timeout 0.5 --json").command else {
            panic!("no probe")
        };
        assert_eq!(probe.target, Some(Target::Named("::1".to_owned(), 443)));
        assert_eq!(probe.timeout, Some(Duration::from_millis(500)));
        assert!(probe.json && !probe.all && !probe.http);
        let Some(Command::Probe(probe)) = ok("probe -c f.yaml --listener a").command else {
            panic!("no probe")
        };
        assert_eq!((probe.target, probe.listener), (None, Some("a".to_owned())));
        assert_eq!(ok("completions zsh").command, Some(Command::Completions { shell: Shell::Zsh }));
        assert_eq!(ok("man").command, Some(Command::Man));
    }

    #[test]
    fn what_cannot_be_said() {
        for (line, kind) in [
            ("-l 127.0.0.1:1", ErrorKind::MissingRequiredArgument),
            ("-u h:2", ErrorKind::MissingRequiredArgument),
            ("-l 127.0.0.1:1 -u h:2 -c f.yaml", ErrorKind::ArgumentConflict),
            ("--check --dump-example-config", ErrorKind::ArgumentConflict),
            ("--check -l 127.0.0.1:1 -u h:2", ErrorKind::ArgumentConflict),
            ("--headless demo", ErrorKind::ArgumentConflict),
            ("--threads 0", ErrorKind::ValueValidation),
            ("--print yaml", ErrorKind::InvalidValue),
            ("--log-level loud", ErrorKind::InvalidValue),
            ("--headles", ErrorKind::UnknownArgument),
            ("ca", ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand),
            ("completions", ErrorKind::MissingRequiredArgument),
            ("serve", ErrorKind::InvalidSubcommand),
            ("probe", ErrorKind::MissingRequiredArgument),
            ("probe host", ErrorKind::ValueValidation),
            ("probe host:0", ErrorKind::ValueValidation),
            ("probe original_dst", ErrorKind::ValueValidation),
            ("probe h:1 --listener a", ErrorKind::MissingRequiredArgument),
            ("probe h:1 --tls --plaintext", ErrorKind::ArgumentConflict),
            ("probe h:1 --timeout 0", ErrorKind::ValueValidation),
            ("probe h:1 --server-name a:1", ErrorKind::ValueValidation),
        ] {
            assert_eq!(parse(line), Err(kind), "{line}");
        }
    }

    #[test]
    fn a_usage_error_exits_with_2_and_help_with_0() {
        let exit = |word| Cli::try_parse_from(["wiretracer", word]).unwrap_err().exit_code();
        assert_eq!(exit("--headles"), 2);
        assert_eq!(exit("--help"), 0);
        assert_eq!(exit("--version"), 0);
    }

    /// Runs itself again with the variable set, because a test must not change its own environment.
    #[test]
    fn threads_come_from_the_environment_too() {
        const NAME: &str = "TOKIO_WORKER_THREADS";
        const SET: &str = "7";
        if std::env::var(NAME).as_deref() == Ok(SET) {
            assert_eq!(ok("").run.process.threads, NonZeroUsize::new(7));
            assert_eq!(ok("--threads 2").run.process.threads, NonZeroUsize::new(2));
            // It must not count as an option in front of the subcommand.
            let Some(Command::Demo(demo)) = ok("demo").command else { panic!("no demo") };
            assert_eq!(demo.process.threads, NonZeroUsize::new(7));
            assert_eq!(ok("man").command, Some(Command::Man));
            return;
        }
        let status = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "cli::tests::threads_come_from_the_environment_too"])
            .env(NAME, SET)
            .stdout(std::process::Stdio::null())
            .status()
            .unwrap();
        assert!(status.success());
    }

    #[test]
    fn help_shows_examples_and_hides_nothing_of_a_run() {
        let help = Cli::command().render_help().to_string();
        for word in ["Examples:", "--config", "--headless", "--check", "--dump-example-config"] {
            assert!(help.contains(word), "{word} in {help}");
        }
    }
}
