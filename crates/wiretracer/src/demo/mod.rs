//! `wiretracer demo`: everything that the proxy is for, in three seconds and without a file.
//!
//! ```text
//! client ──TLS──► listeners ──TLS──► upstream      all in this process, on loopback ports,
//! (client)         (stage)          (upstream)     with certificates made at start (pki, mint)
//!    ▲                │ records
//!  script          narrator ──► summary
//! ```
//!
//! The clients, the listeners and the upstreams know nothing of each other: bytes go through real
//! sockets and the same code as in any other run.

mod client;
mod grpc;
mod narrator;
mod pki;
mod script;
mod stage;
mod summary;
mod upstream;

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use analysis::filter::Filter;
use analysis::metrics::Metrics;
use anyhow::Context as _;
use tokio::signal::unix::{SignalKind, signal};

use crate::app::Print;
use crate::recorder::Recording;
use crate::service::Service;
use crate::tls::local_ca::LocalCa;
use crate::tls::mint::Minter;
use narrator::{Narrator, OutputError};
use script::{Cast, Scene};
use stage::{Door, Stage};

/// How the demo runs.
#[derive(Clone, Debug)]
pub struct Options {
    /// Ends after the last scene. Otherwise the listeners stay, to be tried by hand, until SIGINT
    /// or SIGTERM.
    pub headless: bool,
    /// What is printed: as text (the default, also into a pipe) headings, records, what clients were
    /// told, and the summary; as JSON the records alone; with nothing the summary alone.
    pub print: Print,
    /// Which records are printed; all of them count in the summary.
    pub filter: Option<Filter>,
}

/// Records that may wait for the narrator; the whole script makes a few hundred.
const QUEUE: usize = 4096;

/// A scene that is not over by then will never be.
const LIMIT: Duration = Duration::from_secs(10);

/// Plays the demo and prints it to standard output.
///
/// # Errors
///
/// When something that must work does not: loopback sockets, certificates, standard output. What
/// fails on purpose is no error.
pub async fn run(options: Options) -> anyhow::Result<()> {
    match perform(options, io::stdout()).await {
        Err(error) if is_reader_gone(&error) => Ok(()),
        result => result,
    }
}

/// Whether nobody reads our output any more. A pipe that breaks anywhere else is a failure.
fn is_reader_gone(error: &anyhow::Error) -> bool {
    error.downcast_ref::<OutputError>().is_some_and(OutputError::is_reader_gone)
}

async fn perform(options: Options, output: impl Write) -> anyhow::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let stage = Stage::build().await?;
    let config = stage.config()?;
    let ca = LocalCa::ephemeral()?;
    let trusted = ca.certificate().clone();
    let recording = Recording::new(Arc::new(Metrics::new()));
    let records = recording.subscribe(QUEUE);
    let mut narrator = Narrator::new(records, output, options.print, options.filter);
    let service = Service::start(&config, &recording, Arc::new(Minter::new(ca)))?;
    let addresses =
        service.addresses().map(|(name, address)| (Arc::clone(name), address)).collect();
    let cast = Cast::new(addresses, &trusted, stage.authority())?;
    let acting = async {
        play(&mut narrator, &cast).await?;
        if !options.headless {
            stay(&mut narrator, &cast).await?;
        }
        anyhow::Ok(())
    };
    tokio::select! {
        acted = acting => acted?,
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    service.stop().await;
    drop(recording);
    narrator.follow_all().await?;
    narrator.conclude()?;
    Ok(())
}

async fn play(narrator: &mut Narrator<impl Write>, cast: &Cast) -> anyhow::Result<()> {
    for (index, scene) in Scene::ALL.into_iter().enumerate() {
        narrator.say(&format!("{}. {}", index + 1, scene.title()))?;
        let playing =
            async { tokio::try_join!(scene.play(cast), async { Ok(narrator.follow().await?) }) };
        let (told, ()) = tokio::time::timeout(LIMIT, playing)
            .await
            .with_context(|| format!("the demo is stuck: {}", scene.title()))??;
        for line in told {
            narrator.say(&format!("  the client was told  {line}"))?;
        }
        narrator.say(&format!("  the wire says        {}\n", scene.lesson()))?;
    }
    Ok(())
}

/// Lets the user try the listeners, until a signal ends it.
async fn stay(narrator: &mut Narrator<impl Write>, cast: &Cast) -> anyhow::Result<()> {
    let address = cast.address(Door::Shop)?;
    let curl = format!(
        "curl --insecure --http1.1 --resolve {shop}:{port}:127.0.0.1 https://{shop}:{port}/cut",
        shop = pki::SHOP,
        port = address.port()
    );
    narrator.say(&format!("now you: {curl}\n(Ctrl-C ends the demo)\n"))?;
    Ok(narrator.follow_all().await?)
}

#[cfg(test)]
mod tests;
