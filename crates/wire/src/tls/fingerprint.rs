//! Fingerprints of a ClientHello: which software sends such a hello.
//!
//! * JA3 (Salesforce): version, cipher suites, extensions, groups and point formats as decimal
//!   numbers in wire order, then MD5.
//! * JA4 (FoxIO): a readable head, and two SHA-256 sums cut to 12 digits, over *sorted* lists, so
//!   that browsers that shuffle their extensions keep one fingerprint.
//!
//! ```text
//! t13d1516h2_8daaf6152771_e5627efa2ab1
//! ││ │ │ │ │  │            └ extensions (without SNI and ALPN), "_", signature algorithms
//! ││ │ │ │ │  └ cipher suites
//! ││ │ │ │ └ first ALPN protocol, first and last character
//! ││ │ │ └ how many extensions
//! ││ │ └ how many cipher suites
//! ││ └ d: server_name is there; i: it is not
//! │└ highest version
//! └ t: TCP, q: QUIC
//! ```
//!
//! GREASE (RFC 8701) is left out everywhere: it is random.

use std::fmt::Write;

use md5::Md5;
use sha2::{Digest, Sha256};

use super::{ClientHello, ExtensionType, ProtocolVersion, is_grease};

/// One fingerprint, before and after hashing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    /// The readable form: `ja3_raw`, or JA4's `_r` form.
    pub raw: String,
    /// The form that is compared.
    pub hash: String,
}

/// What carries the TLS handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// TCP: `t`
    Tcp,
    /// QUIC: `q`
    Quic,
}

impl ClientHello {
    /// JA3: `771,4865-4866,0-11-10,29-23,0`, and the MD5 of it.
    pub fn ja3(&self) -> Fingerprint {
        let mut raw = self.legacy_version.0.to_string();
        let mut list = |codes: &mut dyn Iterator<Item = u16>| {
            raw.push(',');
            join(&mut raw, codes.filter(|code| !is_grease(*code)), "-", |out, code| {
                write!(out, "{code}")
            });
        };
        list(&mut self.cipher_suites.iter().map(|suite| suite.0));
        list(&mut self.extensions.iter().map(|extension| extension.0));
        list(&mut self.groups.iter().map(|group| group.0));
        list(&mut self.ec_point_formats.iter().copied().map(u16::from));
        let hash = hex(&Md5::digest(&raw));
        Fingerprint { raw, hash }
    }

    /// JA4: `t13d1516h2_8daaf6152771_e5627efa2ab1`.
    pub fn ja4(&self, transport: Transport) -> Fingerprint {
        let mut suites = without_grease(self.cipher_suites.iter().map(|suite| suite.0));
        let mut extensions = without_grease(self.extensions.iter().map(|extension| extension.0));
        let head = self.ja4_head(transport, suites.len(), extensions.len());

        suites.sort_unstable();
        extensions.sort_unstable();
        extensions.retain(|code| {
            *code != ExtensionType::SERVER_NAME.0
                && *code != ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION.0
        });
        let suites = hex_list(&suites);
        let mut rest = hex_list(&extensions);
        let schemes = without_grease(self.signature_schemes.iter().map(|scheme| scheme.0));
        if !schemes.is_empty() {
            rest.push('_');
            rest.push_str(&hex_list(&schemes));
        }
        Fingerprint {
            hash: format!("{head}_{}_{}", ja4_hash(&suites), ja4_hash(&rest)),
            raw: format!("{head}_{suites}_{rest}"),
        }
    }

    fn ja4_head(&self, transport: Transport, suites: usize, extensions: usize) -> String {
        let transport = match transport {
            Transport::Tcp => 't',
            Transport::Quic => 'q',
        };
        let known = self.versions.iter().filter(|version| !is_grease(version.0));
        let version = ja4_version(known.max().copied().unwrap_or(self.legacy_version));
        let sni = match self.extensions.contains(&ExtensionType::SERVER_NAME) {
            true => 'd',
            false => 'i',
        };
        let [first, last] = ja4_alpn(self.alpn.first().map(Vec::as_slice).unwrap_or_default());
        let (suites, extensions) = (suites.min(99), extensions.min(99));
        format!("{transport}{version}{sni}{suites:02}{extensions:02}{first}{last}")
    }
}

fn ja4_version(version: ProtocolVersion) -> &'static str {
    match version {
        ProtocolVersion::TLSV1_3 => "13",
        ProtocolVersion::TLSV1_2 => "12",
        ProtocolVersion::TLSV1_1 => "11",
        ProtocolVersion::TLSV1 => "10",
        ProtocolVersion::SSLV3 => "s3",
        ProtocolVersion::SSLV2 => "s2",
        _ => "00",
    }
}

/// The first and the last character of the first protocol, or of its hexadecimal form when one of
/// the two is neither letter nor digit; zeros when there is none.
fn ja4_alpn(protocol: &[u8]) -> [char; 2] {
    let (Some(first), Some(last)) = (protocol.first(), protocol.last()) else { return ['0', '0'] };
    if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() {
        return [char::from(*first), char::from(*last)];
    }
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or('0');
    [digit(first >> 4), digit(last & 0x0f)]
}

/// The first twelve digits of SHA-256; zeros for an empty list.
fn ja4_hash(list: &str) -> String {
    match list.is_empty() {
        true => "000000000000".to_owned(),
        false => hex(&Sha256::digest(list)[..6]),
    }
}

fn without_grease(codes: impl Iterator<Item = u16>) -> Vec<u16> {
    codes.filter(|code| !is_grease(*code)).collect()
}

fn hex_list(codes: &[u16]) -> String {
    let mut out = String::with_capacity(codes.len() * 5);
    join(&mut out, codes, ",", |out, code| write!(out, "{code:04x}"));
    out
}

fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    join(&mut out, bytes, "", |out, byte| write!(out, "{byte:02x}"));
    out
}

fn join<T>(
    out: &mut String,
    items: impl IntoIterator<Item = T>,
    between: &str,
    mut item: impl FnMut(&mut String, T) -> std::fmt::Result,
) {
    for (index, value) in items.into_iter().enumerate() {
        if index > 0 {
            out.push_str(between);
        }
        // Writing to a String can't fail.
        let _ = item(out, value);
    }
}
