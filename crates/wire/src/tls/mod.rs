//! TLS (RFC 8446, RFC 5246) as far as it can be read without a key.
//!
//! ```text
//! bytes ── opening ──┬─ not TLS: what is it?
//!                    └─ record ── handshake ──┬─ client_hello ── fingerprint (JA3, JA4)
//!                                             ├─ server_hello
//!                                             └─ certificate
//! ```
//!
//! Two doors lead in:
//!
//! * [`HelloReader`]: a proxy that ends TLS reads the ClientHello first, keeps the bytes, and hands
//!   them to its TLS library afterwards;
//! * [`Observer`]: a proxy that lets TLS through watches both directions.
//!
//! Nothing is decrypted here and no certificate is opened: chains and distinguished names are
//! handed out as DER.

mod certificate;
mod client_hello;
mod codes;
mod cursor;
mod fingerprint;
#[doc(hidden)]
pub mod fuzzing;
mod handshake;
mod hello_reader;
mod observer;
mod opening;
mod record;
mod server_hello;

pub use certificate::CertificateRequest;
pub use client_hello::{ClientHello, Ech};
pub use codes::{
    AlertDescription, AlertLevel, CipherSuite, ClientCertificateType, ContentType, ExtensionType,
    HandshakeType, NamedGroup, ProtocolVersion, SignatureScheme, is_grease,
};
pub use fingerprint::{Fingerprint, Transport};
pub use handshake::{MAX_CLIENT_HELLO, MAX_MESSAGE};
pub use hello_reader::{HelloProgress, HelloReader, Partial};
pub use observer::{Alert, Event, Observer, Totals};
pub use server_hello::ServerHello;

/// A message whose outer structure can't be read, so that nothing of it can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Broken {
    /// What is wrong with it.
    what: &'static str,
    /// Where its structure is written.
    rfc_section: &'static str,
}
