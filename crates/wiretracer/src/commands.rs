//! What each command of the command line does.

use std::fs::OpenOptions;
use std::io::{self, IsTerminal as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::process::ExitCode;

use analysis::filter::Filter;
use anyhow::Context as _;
use clap::CommandFactory as _;
use tracing_subscriber::EnvFilter;

use crate::app::{Headless, Print, Source};
use crate::cli::{self, CaAction, Cli, Command};
use crate::config::{self, ConfigErrors};
use crate::probe::{self, Encryption};
use crate::tls::local_ca::{self, LocalCa};

/// Usage or configuration (exit code 2); everything else that goes wrong is 1.
#[derive(Debug, thiserror::Error)]
pub enum UsageError {
    /// The configuration has mistakes.
    #[error(transparent)]
    Config(#[from] ConfigErrors),
    /// `--filter` has one.
    #[error("--filter: {0}")]
    Filter(analysis::filter::FilterError),
    /// The command line of `probe` and the configuration do not go together.
    #[error(transparent)]
    Probe(#[from] probe::SettingsError),
}

/// What a diagnosis exits with when it says no.
const SAYS_NO: u8 = 3;

/// Does what the command line says; gives the exit code of what went well.
pub fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let done = match cli.command {
        Some(Command::Probe(probe)) => return self::probe(probe),
        Some(Command::Demo(demo)) => {
            start_log(&demo.process, "error")?;
            let options = crate::demo::Options {
                headless: demo.output.headless,
                print: demo.output.print.map_or(Print::Text, form),
                filter: filter(&demo.output)?,
            };
            runtime(&demo.process)?.block_on(crate::demo::run(options))
        }
        Some(Command::Ca { action }) => ca(action),
        Some(Command::Completions { shell }) => {
            let mut script = Vec::new();
            // Into memory first: `generate` panics when its reader has gone.
            clap_complete::generate(shell, &mut Cli::command(), "wiretracer", &mut script);
            io::stdout().write_all(&script).context("cannot write to standard output")
        }
        Some(Command::Man) => clap_mangen::Man::new(Cli::command())
            .render(&mut io::stdout())
            .context("cannot write the manual page"),
        None if cli.run.dump_example_config => print(config::EXAMPLE),
        None if cli.run.check => check(&cli.run),
        None => proxy(&cli.run),
    };
    done.map(|()| ExitCode::SUCCESS)
}

/// The exit code that an error stands for.
pub fn exit_code(error: &anyhow::Error) -> ExitCode {
    let is_usage = error.is::<UsageError>() || error.is::<ConfigErrors>();
    ExitCode::from(if is_usage { 2 } else { 1 })
}

/// What is printed of an error. Mistakes of the configuration begin with their places, as editors
/// and terminals like them.
pub fn message(error: &anyhow::Error) -> String {
    let configuration = error.downcast_ref::<ConfigErrors>();
    match (configuration, error.downcast_ref::<UsageError>()) {
        (Some(errors), _)
        | (
            None,
            Some(
                UsageError::Config(errors)
                | UsageError::Probe(probe::SettingsError::Config(errors)),
            ),
        ) => errors.to_string(),
        _ => format!("wiretracer: {error:#}"),
    }
}

fn proxy(run: &cli::Run) -> anyhow::Result<()> {
    start_log(&run.process, "info")?;
    let headless = Headless {
        source: match run.source() {
            cli::Source::File(path) => Source::File(path.to_owned()),
            cli::Source::Quick { listen, upstream } => {
                Source::Quick { listen: listen.to_owned(), upstream: upstream.to_owned() }
            }
        },
        print: run.output.print.map_or_else(Print::by_output, form),
        filter: filter(&run.output)?,
    };
    allow_many_descriptors();
    runtime(&run.process)?.block_on(headless.run())
}

const fn form(print: cli::Print) -> Print {
    match print {
        cli::Print::Text => Print::Text,
        cli::Print::Json => Print::Json,
        cli::Print::None => Print::Nothing,
    }
}

fn filter(output: &cli::Output) -> Result<Option<Filter>, UsageError> {
    output.filter.as_deref().map(Filter::parse).transpose().map_err(UsageError::Filter)
}

/// Tells every mistake of a configuration; says so when there is none.
fn check(run: &cli::Run) -> anyhow::Result<()> {
    let cli::Source::File(path) = run.source() else {
        return Ok(());
    };
    let config = config::check(path).map_err(UsageError::Config)?;
    for warning in &config.warnings {
        say(&format!("{warning}\n"))?;
    }
    let listeners = config.listeners.len();
    let s = if listeners == 1 { "" } else { "s" };
    print(&format!("{}: {listeners} listener{s}, no mistakes\n", path.display()))
}

fn ca(action: CaAction) -> anyhow::Result<()> {
    let directory = local_ca::directory()?;
    let path = local_ca::certificate_path(&directory);
    match action {
        CaAction::Create => {
            let path = LocalCa::create(&directory)?;
            print(&format!("{}\n", path.display()))
        }
        CaAction::Path => print(&format!("{}\n", path.display())),
        CaAction::Show => {
            let ca = LocalCa::load(&directory)
                .with_context(|| "no local CA; `wiretracer ca create` makes one")?;
            let facts = crate::tls::x509::facts(ca.certificate());
            print(&format!(
                "{}\nsubject     {}\nvalid from  {}\nvalid until {}\nkey         {}\nsha256      {}\n",
                path.display(),
                facts.subject,
                facts.not_before,
                facts.not_after,
                facts.key,
                facts.sha256
            ))
        }
    }
}

/// Raises the soft limit of open files to the hard one: each connection needs two, and the usual soft
/// limit of 1024 would end before `max_connections` does.
fn allow_many_descriptors() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, ..limit };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!("the limit of open files stays at {:?}: {error}", limit.current);
    }
}

/// Prints what is found of an upstream.
fn probe(probe: cli::Probe) -> anyhow::Result<ExitCode> {
    let encryption = match (probe.tls, probe.plaintext) {
        (true, _) => Some(Encryption::Tls),
        (_, true) => Some(Encryption::Plaintext),
        (false, false) => None,
    };
    let settings = probe::Settings::resolve(probe::Wishes {
        target: probe.target,
        config: probe.config,
        listener: probe.listener,
        encryption,
        server_name: probe.server_name,
        timeout: probe.timeout,
        all: probe.all,
        http: probe.http,
    })
    .map_err(UsageError::Probe)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let report = runtime.block_on(probe::run(settings));
    // A name lookup that hangs is not waited for.
    runtime.shutdown_background();
    if probe.json {
        print(&(report.to_json()? + "\n"))?;
    } else {
        print(&report.to_string())?;
    }
    Ok(if report.healthy { ExitCode::SUCCESS } else { ExitCode::from(SAYS_NO) })
}

/// Builds the runtime: one thread a core, unless told otherwise.
pub fn runtime(process: &cli::Process) -> io::Result<tokio::runtime::Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    if let Some(threads) = process.threads {
        builder.worker_threads(threads.get());
    }
    builder.enable_all().build()
}

/// Talk goes to standard error, or to the file of `--log`; how much of it, `--log-level` says, else
/// `RUST_LOG`, else `default`.
fn start_log(process: &cli::Process, default: &str) -> anyhow::Result<()> {
    let filter = match process.log_level {
        Some(level) => EnvFilter::new(format!("{level:?}").to_lowercase()),
        None => EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default)),
    };
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_target(false);
    match &process.log {
        None => {
            let colour = io::stderr().is_terminal()
                && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
            log.with_ansi(colour).with_writer(io::stderr).init();
        }
        Some(path) => {
            let file = OpenOptions::new()
                .create(true)
                .append(true)
                .mode(0o600)
                .open(path)
                .with_context(|| format!("--log: cannot write to {}", path.display()))?;
            log.with_ansi(false).with_writer(file).init();
        }
    }
    Ok(())
}

fn print(text: &str) -> anyhow::Result<()> {
    io::stdout().write_all(text.as_bytes()).context("cannot write to standard output")
}

fn say(text: &str) -> anyhow::Result<()> {
    io::stderr().write_all(text.as_bytes()).context("cannot write to standard error")
}
