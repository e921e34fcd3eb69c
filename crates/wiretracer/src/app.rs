//! The headless run: listeners, records, signals.

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use analysis::filter::Filter;
use analysis::metrics::Metrics;
use analysis::record::Record;
use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;

use crate::config::{self, Config, ConfigErrors};
use crate::metrics_endpoint;
use crate::recorder::Recording;
use crate::service::Service;
use crate::sink::RecordFilter;
use crate::sink::print::Form;
use crate::tls::local_ca;
use crate::tls::mint::Minter;

/// Where the configuration comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A file.
    File(PathBuf),
    /// `-l` and `-u`.
    Quick {
        /// The address to listen on.
        listen: String,
        /// The upstream.
        upstream: String,
    },
}

impl Source {
    /// Reads it.
    pub fn load(&self) -> Result<Config, ConfigErrors> {
        match self {
            Self::File(path) => config::load(path),
            Self::Quick { listen, upstream } => config::quick(listen, upstream),
        }
    }
}

/// What is printed to standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Print {
    /// One readable line a record.
    Text,
    /// One JSON object a record.
    Json,
    /// Nothing.
    Nothing,
}

impl Print {
    /// Lines for people on a terminal, JSON for whoever reads a pipe.
    pub fn by_output() -> Self {
        if std::io::stdout().is_terminal() { Self::Text } else { Self::Json }
    }

    fn form(self) -> Option<Form> {
        match self {
            Self::Text => Some(Form::Text(Arc::new(|record, line| {
                line.push_str(&analysis::row::line(record));
            }))),
            Self::Json => Some(Form::Json),
            Self::Nothing => None,
        }
    }
}

/// What the process exits with when it did not wait for its records.
const STOPPED_AT_ONCE: i32 = 1;

/// A headless run.
#[derive(Debug)]
pub struct Headless {
    /// The configuration.
    pub source: Source,
    /// What is printed.
    pub print: Print,
    /// What is printed and written to files.
    pub filter: Option<Filter>,
}

/// Everything that runs.
struct Running {
    source: Source,
    minter: Arc<Minter>,
    service: Service,
    recording: Recording,
    endpoint: Option<(SocketAddr, JoinHandle<()>)>,
}

/// The signals that are heeded.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
    user1: Signal,
}

impl Headless {
    /// Runs until a signal ends it.
    pub async fn run(self) -> anyhow::Result<()> {
        let config = self.source.load()?;
        warn(&config);
        let mut signals = Signals::listen()?;
        let recording = recording(self.print, self.filter)?;
        let minter = Arc::new(Minter::local());
        have_ca(&minter, &config)?;
        let service = Service::start(&config, &recording, Arc::clone(&minter))?;
        announce(&service, &[]);
        let endpoint = None;
        let mut running = Running { source: self.source, minter, service, recording, endpoint };
        running.serve_metrics(&config).await?;
        running.until_stopped(&mut signals).await;
        running.finish(signals).await;
        Ok(())
    }
}

impl Running {
    async fn until_stopped(&mut self, signals: &mut Signals) {
        let reader_gone = self.recording.reader_gone();
        let mut reader_gone = std::pin::pin!(reader_gone);
        loop {
            tokio::select! {
                _ = signals.interrupt.recv() => return,
                _ = signals.terminate.recv() => return,
                () = &mut reader_gone => return,
                _ = signals.hangup.recv() => self.reload().await,
                _ = signals.user1.recv() => {
                    tracing::info!("metrics:\n{}", self.recording.metrics().text());
                }
            }
        }
    }

    /// An invalid new configuration changes nothing and says why.
    async fn reload(&mut self) {
        self.recording.reopen();
        let config = match self.source.load() {
            Ok(config) => config,
            Err(errors) => {
                tracing::error!("the new configuration is not used:\n{errors}");
                return;
            }
        };
        warn(&config);
        if let Err(error) = have_ca(&self.minter, &config) {
            tracing::error!("the new configuration is not used: {error:#}");
            return;
        }
        let before: Vec<_> = self.service.addresses().map(|(_, address)| address).collect();
        let down = match self.service.reload(&config, &self.recording).await {
            Ok(down) => down,
            Err(error) => {
                tracing::error!("the new configuration is not used: {error}");
                return;
            }
        };
        for error in down {
            tracing::error!("{error}; it is down until the next reload");
        }
        if let Err(error) = self.serve_metrics(&config).await {
            tracing::error!("{error:#}");
        }
        announce(&self.service, &before);
        tracing::info!("the configuration was read again");
    }

    async fn serve_metrics(&mut self, config: &Config) -> anyhow::Result<()> {
        let wanted = config.metrics.listen;
        if self.endpoint.as_ref().map(|(address, _)| *address) == wanted {
            return Ok(());
        }
        if let Some((_, task)) = self.endpoint.take() {
            task.abort();
        }
        let Some(address) = wanted else { return Ok(()) };
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("metrics.listen: cannot listen on {address}"))?;
        let bound = listener.local_addr().context("metrics.listen")?;
        tracing::info!("metrics: http://{bound}/metrics");
        let metrics = Arc::clone(self.recording.metrics());
        let task = tokio::spawn(metrics_endpoint::serve(listener, metrics));
        self.endpoint = Some((address, task));
        Ok(())
    }

    /// Ends every connection and writes every record; a second signal ends the process at once.
    async fn finish(self, mut signals: Signals) {
        let Self { service, recording, .. } = self;
        let orderly = async {
            service.stop().await;
            let drained = tokio::task::spawn_blocking(move || recording.finish());
            // A sink that panicked has said so itself.
            let _ = drained.await;
        };
        // Pinned outside of `select!`, which would drop it, and with it wait for the sinks, before
        // the signal is heeded.
        let mut orderly = std::pin::pin!(orderly);
        tokio::select! {
            () = &mut orderly => return,
            _ = signals.interrupt.recv() => {}
            _ = signals.terminate.recv() => {}
        }
        // Whoever reads the records may have stopped reading, and a thread waits for it: nothing can
        // be joined. Nor is anything said, for standard error may be stuck just so.
        std::process::exit(STOPPED_AT_ONCE)
    }
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
            user1: signal(SignalKind::user_defined1())?,
        })
    }
}

/// Says what is listened on, but for the addresses that are `known`.
fn announce(service: &Service, known: &[SocketAddr]) {
    for (name, address) in service.addresses().filter(|(_, address)| !known.contains(address)) {
        tracing::info!("{name}: listening on {address}");
    }
}

fn warn(config: &Config) {
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
}

fn recording(print: Print, filter: Option<Filter>) -> std::io::Result<Recording> {
    let metrics = Arc::new(Metrics::new());
    let filter =
        filter.map(|filter| RecordFilter::new(move |record: &Record| filter.matches(record)));
    let recording = match print.form() {
        None => Recording::new(metrics),
        Some(form) => Recording::printing(metrics, std::io::stdout(), form, filter.clone())?,
    };
    Ok(match filter {
        None => recording,
        Some(filter) => recording.with_file_filter(filter),
    })
}

/// The local CA is only made when a listener needs it.
fn have_ca(minter: &Minter, config: &Config) -> anyhow::Result<()> {
    let mints = |listener: &config::Listener| match &listener.inbound {
        config::Inbound::Terminate(tls) | config::Inbound::Either(tls) => {
            tls.identity == config::Identity::Minted
        }
        config::Inbound::Plaintext | config::Inbound::Passthrough => false,
    };
    if config.listeners.iter().any(|listener| mints(listener)) && minter.load()? {
        let path = local_ca::certificate_path(&local_ca::directory()?);
        tracing::info!("clients must trust the local CA: {}", path.display());
    }
    Ok(())
}
