//! The listeners that run, and how they change: start, reload, stop.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use analysis::outcome::Cause;
use analysis::session::Memory;
use analysis::vocabulary::{CloseReason, Party};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::config::{self, Config};
use crate::listener::{self, Shared};
use crate::recorder::{Jsonl, Recording, RecordingOptions};
use crate::sink::queue::OnFull;
use crate::tls::mint::Minter;

/// Why connections are ended by us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The process ends.
    Shutdown,
    /// The listener's section of the configuration changed.
    Reload,
}

impl Stop {
    /// The words for the connection's record.
    pub fn cause(self) -> Cause {
        let (reason, detail) = match self {
            Self::Shutdown => (CloseReason::Shutdown, "wiretracer was told to stop"),
            Self::Reload => (CloseReason::Reload, "the listener's configuration changed"),
        };
        Cause::Decided { reason, closed_by: Party::Proxy, detail: detail.to_owned() }
    }
}

/// Waits until somebody says stop; a listener that is gone says so too.
pub async fn stopped(stop: &mut watch::Receiver<Option<Stop>>) -> Stop {
    match stop.wait_for(Option::is_some).await {
        Ok(reason) => reason.unwrap_or(Stop::Shutdown),
        Err(_) => Stop::Shutdown,
    }
}

/// Why the listeners could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An address cannot be listened on.
    #[error("listener '{listener}': cannot listen on {address}: {error}")]
    Bind {
        /// The listener's name.
        listener: Arc<str>,
        /// The address.
        address: SocketAddr,
        /// Why.
        error: std::io::Error,
    },
    /// The file for the records cannot be opened.
    #[error("listener '{listener}': cannot write records to {path}: {error}", path = path.display())]
    Jsonl {
        /// The listener's name.
        listener: Arc<str>,
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// A certificate or key is refused.
    #[error("listener '{listener}': TLS cannot be set up: {error}")]
    Tls {
        /// The listener's name.
        listener: Arc<str>,
        /// Why.
        error: rustls::Error,
    },
}

/// The running listeners.
#[derive(Debug)]
pub struct Service {
    running: BTreeMap<Arc<str>, Running>,
    minter: Arc<Minter>,
    memory: Arc<Memory>,
}

#[derive(Debug)]
struct Running {
    config: Arc<config::Listener>,
    address: SocketAddr,
    stop: watch::Sender<Option<Stop>>,
    task: JoinHandle<()>,
}

/// A listener that is bound and not yet running.
struct Ready {
    socket: TcpListener,
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Service {
    /// Starts every listener of the configuration, or none.
    pub fn start(
        config: &Config,
        recording: &Recording,
        minter: Arc<Minter>,
    ) -> Result<Self, StartError> {
        let mut service = Self { running: BTreeMap::new(), minter, memory: Arc::default() };
        let ready = config
            .listeners
            .iter()
            .map(|listener| service.prepare(listener, recording))
            .collect::<Result<Vec<_>, _>>()?;
        ready.into_iter().for_each(|ready| service.run(ready));
        Ok(service)
    }

    /// The addresses that are listened on, by listener.
    pub fn addresses(&self) -> impl Iterator<Item = (&Arc<str>, SocketAddr)> {
        self.running.iter().map(|(name, running)| (name, running.address))
    }

    /// Goes over to a new configuration. Listeners whose section did not change keep their
    /// connections; the connections of the others end with the reason `reload`.
    ///
    /// Gives the listeners that are down now: their address was held by a listener that had to stop
    /// first, and then could not be had after all. All others run. The next reload tries them again.
    ///
    /// # Errors
    ///
    /// When anything else fails. Nothing has changed then.
    pub async fn reload(
        &mut self,
        config: &Config,
        recording: &Recording,
    ) -> Result<Vec<StartError>, StartError> {
        let is_kept = |running: &Running| config.listeners.contains(&running.config);
        // Addresses that a changed listener holds, be it by listening on all of the machine's, are
        // free only once it stopped: everything else that can fail is tried before.
        let held: Vec<SocketAddr> = self
            .running
            .values()
            .filter(|running| !is_kept(running))
            .map(|running| running.address)
            .collect();
        let new: Vec<_> = config
            .listeners
            .iter()
            .filter(|listener| !self.running.values().any(|running| running.config == **listener))
            .collect();
        let mut ready = Vec::new();
        let mut later = Vec::new();
        for listener in new {
            if held.iter().any(|held| config::collide(*held, listener.listen)) {
                later.push((listener, self.share(listener, recording)?));
            } else {
                ready.push(self.prepare(listener, recording)?);
            }
        }
        let gone: Vec<Arc<str>> = self
            .running
            .iter()
            .filter(|(_, running)| !is_kept(running))
            .map(|(name, _)| Arc::clone(name))
            .collect();
        for name in gone {
            if let Some(running) = self.running.remove(&name) {
                running.end(Stop::Reload).await;
            }
        }
        ready.into_iter().for_each(|ready| self.run(ready));
        let mut down = Vec::new();
        for (listener, shared) in later {
            match bind(listener, shared) {
                Ok(ready) => self.run(ready),
                Err(error) => down.push(error),
            }
        }
        Ok(down)
    }

    /// Stops accepting, ends every connection, and waits until their records are made.
    pub async fn stop(self) {
        for running in self.running.values() {
            running.stop.send_replace(Some(Stop::Shutdown));
        }
        for running in self.running.into_values() {
            running.end(Stop::Shutdown).await;
        }
    }

    fn share(
        &self,
        listener: &Arc<config::Listener>,
        recording: &Recording,
    ) -> Result<Arc<Shared>, StartError> {
        let logging = &listener.logging;
        let options = RecordingOptions {
            listener: Arc::clone(&listener.name),
            sample_rate: logging.sample_rate,
            jsonl: logging.jsonl_path.as_ref().map(|path| Jsonl {
                path: path.clone(),
                on_full: match logging.jsonl_on_full {
                    config::OnFull::Drop => OnFull::Drop,
                    config::OnFull::Block => OnFull::Block,
                },
            }),
        };
        let recorder = recording.recorder_for(&options).map_err(|error| StartError::Jsonl {
            listener: Arc::clone(&listener.name),
            path: logging.jsonl_path.clone().unwrap_or_default(),
            error,
        })?;
        Shared::new(Arc::clone(listener), recorder, &self.minter, Arc::clone(&self.memory))
            .map(Arc::new)
            .map_err(|error| StartError::Tls { listener: Arc::clone(&listener.name), error })
    }

    fn prepare(
        &self,
        listener: &Arc<config::Listener>,
        recording: &Recording,
    ) -> Result<Ready, StartError> {
        bind(listener, self.share(listener, recording)?)
    }

    fn run(&mut self, ready: Ready) {
        let Ready { socket, address, shared } = ready;
        let (stop, stopping) = watch::channel(None);
        let config = Arc::clone(&shared.config);
        let task = tokio::spawn(listener::run(socket, shared, stopping));
        let name = Arc::clone(&config.name);
        self.running.insert(name, Running { config, address, stop, task });
    }
}

impl Running {
    async fn end(self, why: Stop) {
        self.stop.send_replace(Some(why));
        // A listener that panicked has nothing left to end.
        let _ = self.task.await;
    }
}

fn bind(listener: &config::Listener, shared: Arc<Shared>) -> Result<Ready, StartError> {
    let fail = |error| StartError::Bind {
        listener: Arc::clone(&listener.name),
        address: listener.listen,
        error,
    };
    let socket = listener::bind(listener.listen).map_err(fail)?;
    let address = socket.local_addr().map_err(fail)?;
    Ok(Ready { socket, address, shared })
}
