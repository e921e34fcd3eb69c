//! Every field of the language in one table: its name, its type, its meaning.
//!
//! Parsing, "did you mean", help and completion all read it; where a field's values come from is in
//! each [`Subject`](super::Subject).

use std::fmt;

use crate::vocabulary::{
    Blame, CloseReason, ConnFlag, EventFlag, Flow, H2Event, Outcome, Party, Protocol, ProxyVersion,
    Side, TlsCategory, TlsReason,
};

/// What kind of values a field has, and so how they are written and compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// Any text, compared exactly.
    Text,
    /// A closed list (in parts), compared in any case.
    Words(&'static [&'static [&'static str]]),
    /// A category of certificate faults: a closed list in which some words refine others.
    Category,
    /// A TLS version: `TLSv1.3`; `TLS1.3` and `1.3` are understood too.
    TlsVersion,
    /// A whole number.
    Number,
    /// An HTTP status: a number, or a class such as `5xx`.
    Status,
    /// A gRPC status: a number, or its name.
    GrpcStatus,
    /// A duration, with a unit; in milliseconds without one.
    Duration,
    /// A size in bytes, with or without a unit.
    Bytes,
    /// An address and port.
    Client,
    /// An address.
    Address,
    /// A connection's UUID, or its last digits as the rows show them.
    Conn,
    /// 1 or 0.
    Switch,
    /// 1 or 0, and texts to search in.
    Error,
}

impl FieldType {
    /// The closed list, in parts; none when the values are open.
    pub const fn words(self) -> &'static [&'static [&'static str]] {
        match self {
            Self::Words(lists) => lists,
            Self::Category => &[TlsCategory::WORDS],
            Self::Switch => &[&["1", "0", "true", "false"]],
            _ => &[],
        }
    }

    /// Whether `>`, `>=`, `<` and `<=` make sense.
    pub const fn is_number(self) -> bool {
        matches!(
            self,
            Self::Number | Self::Status | Self::GrpcStatus | Self::Duration | Self::Bytes
        )
    }

    /// Whether `^=`, `~` and `!~` make sense.
    pub const fn is_text(self) -> bool {
        !matches!(self, Self::Duration | Self::Bytes | Self::Switch)
    }
}

/// The field of a term.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// One of the table.
    Known(FieldId),
    /// `header.NAME`: the request's and response's headers and trailers of this name.
    Header(Box<str>),
}

impl Field {
    /// The type of its values.
    pub fn kind(&self) -> FieldType {
        match self {
            Self::Known(id) => id.kind(),
            Self::Header(_) => FieldType::Text,
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(id) => f.write_str(id.name()),
            Self::Header(name) => write!(f, "{HEADER}{name}"),
        }
    }
}

/// What a field name begins with when the rest is a header's name.
pub const HEADER: &str = "header.";

macro_rules! fields {
    ( $( $id:ident $name:literal: $kind:expr, $doc:literal; )* ) => {
        /// A field of the table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FieldId { $( #[doc = $doc] $id, )* }

        impl FieldId {
            /// Every field, in the table's order.
            pub const ALL: &'static [Self] = &[ $( Self::$id, )* ];

            /// As it is written in a filter.
            pub const fn name(self) -> &'static str {
                match self { $( Self::$id => $name, )* }
            }

            /// The type of its values.
            pub const fn kind(self) -> FieldType {
                match self { $( Self::$id => $kind, )* }
            }

            /// What it means, in a line.
            pub const fn doc(self) -> &'static str {
                match self { $( Self::$id => $doc, )* }
            }

            /// The field of this name.
            pub fn named(name: &str) -> Option<Self> {
                match name { $( $name => Some(Self::$id), )* _ => None }
            }
        }
    };
}

use FieldType::{
    Address, Bytes, Category, Client, Conn, Duration, Error, GrpcStatus, Number, Status, Switch,
    Text, TlsVersion, Words,
};

const RECORD_KINDS: &[&str] = &["event", "tls", "h2ctl", "conn", "verdict"];
const ROW_KINDS: &[&str] = &["tls", "h2ctl", "conn", "verdict"];

fields! {
    Kind "kind": Words(&[RECORD_KINDS]), "kind of record";
    Proto "proto": Words(&[Protocol::WORDS, ROW_KINDS]), "protocol of an event, else the kind of record";
    Listener "listener": Text, "the listener's name in the configuration";
    Client "client": Client, "client address: 10.0.0.5, 10.0.0.5:4242, 10.0.0. (prefix), 10.0.0.0/8";
    ClientIp "client_ip": Address, "client address without the port";
    Upstream "upstream": Text, "upstream address as configured, or as connected to";
    Conn "conn": Conn, "connection id, or its last digits";
    Status "status": Status, "HTTP status: 503, 5xx, 500..504";
    Method "method": Text, "request method";
    Path "path": Text, "request path; of a connection, its last request's";
    Authority "authority": Text, ":authority or Host";
    GrpcService "grpc_service": Text, "package.Service of a gRPC call";
    GrpcMethod "grpc_method": Text, "method of a gRPC call";
    GrpcStatus "grpc_status": GrpcStatus, "gRPC status: 14 or UNAVAILABLE";
    Stream "stream": Number, "HTTP/2 stream identifier";
    Direction "direction": Words(&[Flow::WORDS]), "sender of an HTTP/2 control frame";
    H2 "h2": Words(&[H2Event::WORDS]), "HTTP/2 control event";
    Side "side": Words(&[Side::WORDS]), "in: handshake with the client, out: with the upstream";
    Outcome "outcome": Words(&[Outcome::WORDS]), "how a TLS handshake went";
    Reason "reason": Words(&[TlsReason::WORDS]), "why a TLS handshake failed";
    Category "category": Category, "what is wrong with the certificate";
    Alert "alert": Text, "TLS alert sent or received";
    Sni "sni": Text, "server name in TLS";
    Alpn "alpn": Text, "protocol agreed on in TLS";
    AlpnIn "alpn_in": Text, "protocol agreed on with the client";
    AlpnOut "alpn_out": Text, "protocol agreed on with the upstream";
    TlsVer "tlsver": TlsVersion, "TLS version";
    Cipher "cipher": Text, "TLS cipher suite";
    ClosedBy "closed_by": Words(&[Party::WORDS]), "who ended the connection";
    CloseReason "close_reason": Words(&[CloseReason::WORDS]), "why the connection ended";
    Flag "flag": Words(&[ConnFlag::WORDS, EventFlag::WORDS]), "a flag of an event or a connection";
    Error "error": Error, "1: it failed, 0: it did not; ~ searches the error's text";
    Duration "duration": Duration, "duration of an exchange, a handshake or a closed connection";
    BytesIn "bytes_in": Bytes, "bytes from the client";
    BytesOut "bytes_out": Bytes, "bytes from the upstream";
    Proxy "proxy": Words(&[ProxyVersion::WORDS]), "version of the PROXY header";
    ProxySrc "proxy_src": Text, "source that the PROXY header claims";
    ProxyDst "proxy_dst": Text, "destination that the PROXY header claims";
    Ja3 "ja3": Text, "JA3 fingerprint of the ClientHello";
    Ja4 "ja4": Text, "JA4 fingerprint of the ClientHello";
    Ech "ech": Switch, "whether Encrypted Client Hello was offered";
    Esni "esni": Switch, "whether the legacy ESNI extension was offered";
    H2fp "h2fp": Text, "HTTP/2 fingerprint, or the name of the client known by it";
    H2fpIn "h2fp_in": Text, "HTTP/2 fingerprint of the client";
    H2fpOut "h2fp_out": Text, "HTTP/2 fingerprint of the upstream";
    Code "code": Text, "code of a verdict";
    Blame "blame": Words(&[Blame::WORDS]), "whom a verdict blames";
}
