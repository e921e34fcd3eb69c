//! The configuration: a YAML file → [`Config`], checked once, with every mistake told at once.
//!
//! ```text
//!          yaml            field, keys                    listener, tls, upstream, policy, …
//!  text ────────► Node tree ───────────► Section, Field ─────────────────────────► Config
//!               (with places)          (types, unknown keys)   (defaults, rules, files)
//! ```
//!
//! Every key, its default and its meaning: `config.example.yaml`, which [`EXAMPLE`] holds. Each
//! section has one file here that resolves it; nothing outside this module checks again. Mistakes
//! look like
//!
//! ```text
//! config.yaml:7:5: listeners[0].policy.read_timout: unknown key; did you mean 'read_timeout'?
//! ```
//!
//! # Today's date
//!
//! A certificate that has expired is no mistake in a running proxy, which may have been given it on
//! purpose, to see what clients make of it. So [`load`] says it in a warning, and [`check`], whose
//! job is to find what is wrong, counts it as a mistake.
//!
//! Not here: the command line ([`crate::cli`]) and minting certificates.

mod address;
mod alpn;
mod context;
mod errors;
mod field;
mod identity;
mod key;
mod keys;
mod listener;
mod logging;
mod model;
mod node;
mod pem;
mod policy;
mod quick;
mod root;
#[cfg(test)]
mod tests;
mod tls;
mod units;
mod upstream;
mod yaml;

use std::path::Path;

use self::context::Context;
use self::node::Place;

pub(crate) use self::address::collide;
pub use self::address::host_port;
pub use self::errors::{ConfigErrors, Mistake, Warning, WarningKind};
pub use self::identity::{CertifiedIdentity, ClientAuth, Identity};
pub use self::logging::BODY_HARD_CAP;
pub use self::model::{
    Config, Inbound, Listener, Logging, Metrics, MinVersion, OnFull, Policy, Roots, Store, TlsIn,
    TlsOut, Upstream, UpstreamAddr, UpstreamTls,
};
pub use self::quick::quick;

/// An example file with every key, its default and what it means.
pub const EXAMPLE: &str = include_str!("../../config.example.yaml");

/// Reads the configuration file at `path` and every file that it names.
///
/// # Errors
/// Every mistake there is: in the text, in the values, in the files named.
pub fn load(path: &Path) -> Result<Config, ConfigErrors> {
    read(path, false)
}

/// Does what [`load`] does, and counts as mistakes also what only today's date makes wrong
/// ([`WarningKind::NotValidNow`]).
///
/// # Errors
/// As for [`load`].
pub fn check(path: &Path) -> Result<Config, ConfigErrors> {
    read(path, true)
}

fn read(path: &Path, strict: bool) -> Result<Config, ConfigErrors> {
    let mut ctx = Context::new(path);
    let config = match pem::read_bounded(path) {
        Ok(bytes) => resolve(&bytes, &mut ctx),
        Err(error) => {
            let hint = match error.kind() {
                std::io::ErrorKind::NotFound => {
                    "; `wiretracer --dump-example-config` prints one to begin with"
                }
                _ => "",
            };
            ctx.mistake_at(None, "", format!("cannot read: {error}{hint}"));
            None
        }
    };
    ctx.finish(config, strict)
}

fn resolve(bytes: &[u8], ctx: &mut Context) -> Option<Config> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            ctx.mistake_at(Some(place_in(bytes, error.valid_up_to())), "", "not UTF-8 text");
            return None;
        }
    };
    match yaml::parse(text) {
        Ok(root) => root::config(&root, ctx),
        Err(error) => {
            ctx.mistake_at(Some(error.place), "", error.message);
            None
        }
    }
}

/// The place of the byte at `offset`, up to which the bytes are text.
fn place_in(bytes: &[u8], offset: usize) -> Place {
    let before = String::from_utf8_lossy(&bytes[..offset]);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Place {
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
    }
}

/// Asserts, for the fuzzer and for a unit test on seeds: any bytes are a configuration with
/// listeners, or mistakes of one line each that name a place in the text.
#[doc(hidden)]
pub fn fuzz(data: &[u8]) {
    let mut ctx = Context::new(Path::new("/nonexistent/config.yaml"));
    let config = resolve(data, &mut ctx);
    let lines = data.split(|byte| *byte == b'\n' || *byte == b'\r').count() + 1;
    match ctx.finish(config, true) {
        Ok(config) => assert!(!config.listeners.is_empty()),
        Err(errors) => {
            assert!(!errors.mistakes.is_empty());
            for mistake in errors.mistakes {
                assert!(mistake.place.is_some_and(|place| (1..=lines).contains(&place.line)));
                assert!(!mistake.to_string().contains(char::is_control), "{mistake}");
            }
        }
    }
}
