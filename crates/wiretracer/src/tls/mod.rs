//! TLS on both sides: handshakes, what they agreed on, and why they failed.

mod answer;
pub mod client;
mod context;
pub mod doctor;
pub mod failure;
pub mod keys;
pub mod local_ca;
pub mod mint;
pub mod observed;
pub mod server;
#[cfg(test)]
mod tests;
mod verify;
pub mod x509;

use std::sync::{Arc, OnceLock};

use analysis::record::TlsParameters;

/// The crypto provider: aws-lc-rs.
pub fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    static PROVIDER: OnceLock<Arc<rustls::crypto::CryptoProvider>> = OnceLock::new();
    Arc::clone(PROVIDER.get_or_init(|| Arc::new(rustls::crypto::aws_lc_rs::default_provider())))
}

/// The key log of `SSLKEYLOGFILE`, one for both sides; it does nothing when the variable is unset.
fn key_log() -> Arc<rustls::KeyLogFile> {
    static KEY_LOG: OnceLock<Arc<rustls::KeyLogFile>> = OnceLock::new();
    Arc::clone(KEY_LOG.get_or_init(|| Arc::new(rustls::KeyLogFile::new())))
}

/// What a handshake agreed on.
pub fn parameters(connection: &rustls::CommonState, sni: Option<String>) -> TlsParameters {
    TlsParameters {
        sni,
        alpn: connection.alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned()),
        version: connection.protocol_version().map(version_name),
        cipher: connection.negotiated_cipher_suite().map(|suite| {
            let name = format!("{:?}", suite.suite());
            // rustls spells the TLS 1.3 suites TLS13_…; the registry says TLS_….
            name.replacen("TLS13_", "TLS_", 1)
        }),
        group: connection
            .negotiated_key_exchange_group()
            .map(|group| wire_group_name(group.name())),
        resumed: connection.handshake_kind().map(|kind| kind == rustls::HandshakeKind::Resumed),
    }
}

fn version_name(version: rustls::ProtocolVersion) -> String {
    match version {
        rustls::ProtocolVersion::TLSv1_2 => "TLSv1.2".to_owned(),
        rustls::ProtocolVersion::TLSv1_3 => "TLSv1.3".to_owned(),
        other => format!("{other:?}"),
    }
}

fn wire_group_name(group: rustls::NamedGroup) -> String {
    wire::tls::NamedGroup(u16::from(group)).to_string()
}
