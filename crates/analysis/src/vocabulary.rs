//! The closed word lists of the records. A new word is added here first.
//!
//! Every list is an enum whose variants know their exact spelling in JSON and on screen, in both
//! directions; nothing else in the code spells these words.

/// Declares a word list: an enum, its spellings, `ALL`, `Display`, `FromStr` and serde.
macro_rules! vocabulary {
    ( $(#[$doc:meta])* $name:ident { $( $(#[$variant_doc:meta])* $variant:ident = $text:literal, )* } ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $( $(#[$variant_doc])* #[doc = concat!("`", $text, "`")] $variant, )* }

        impl $name {
            /// Every word of the list, in its order.
            pub const ALL: &'static [Self] = &[ $( Self::$variant, )* ];

            /// The spellings, in the same order.
            pub const WORDS: &'static [&'static str] = &[ $( $text, )* ];

            /// The word.
            pub const fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $text, )* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                match text {
                    $( $text => Ok(Self::$variant), )*
                    _ => Err(UnknownWord { list: stringify!($name), found: text.to_owned() }),
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

/// A word that is not on its list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{found}' is not a word of the list {list}")]
pub struct UnknownWord {
    list: &'static str,
    found: String,
}

vocabulary! {
    /// The protocol of an exchange.
    Protocol {
        Http1 = "http1",
        Http2 = "http2",
        Grpc = "grpc",
        Websocket = "websocket",
        Raw = "raw",
    }
}

vocabulary! {
    /// One of the three machines.
    Party {
        Client = "client",
        Upstream = "upstream",
        Proxy = "proxy",
    }
}

vocabulary! {
    /// Which of the proxy's two connections: `in` with the client, `out` with the upstream.
    Side {
        In = "in",
        Out = "out",
    }
}

vocabulary! {
    /// How a handshake went.
    Outcome {
        Ok = "ok",
        Fail = "fail",
    }
}

vocabulary! {
    /// Which way a control event points: sent by the client, or by the upstream.
    Flow {
        Downstream = "downstream",
        Upstream = "upstream",
    }
}

vocabulary! {
    /// The moments of a connection's life that get a record.
    ConnEvent {
        Wait = "wait",
        Open = "open",
        Close = "close",
    }
}

vocabulary! {
    /// What the PROXY protocol detection found.
    ProxyVersion {
        None = "none",
        V1 = "v1",
        V2 = "v2",
        Invalid = "invalid",
    }
}

vocabulary! {
    /// Why a connection ended.
    CloseReason {
        /// Orderly FIN or GOAWAY, nothing was in flight.
        Completed = "completed",
        ClientFin = "client_fin",
        ClientRst = "client_rst",
        UpstreamFin = "upstream_fin",
        UpstreamRst = "upstream_rst",
        ClientReadTimeout = "client_read_timeout",
        UpstreamReadTimeout = "upstream_read_timeout",
        ClientIdleTimeout = "client_idle_timeout",
        ProxyIdleTimeout = "proxy_idle_timeout",
        TlsInFail = "tls_in_fail",
        TlsOutFail = "tls_out_fail",
        UpstreamConnectFail = "upstream_connect_fail",
        UpstreamConnectTimeout = "upstream_connect_timeout",
        UpstreamHandshakeTimeout = "upstream_handshake_timeout",
        AlpnMismatch = "alpn_mismatch",
        ProxyProtocolError = "proxy_protocol_error",
        ClientProtocolError = "client_protocol_error",
        UpstreamProtocolError = "upstream_protocol_error",
        Denied = "denied",
        Reload = "reload",
        Shutdown = "shutdown",
    }
}

vocabulary! {
    /// Transport facts seen on a connection.
    ConnFlag {
        ClientFin = "client_fin",
        ClientRst = "client_rst",
        ClientNoCloseNotify = "client_no_close_notify",
        UpstreamFin = "upstream_fin",
        UpstreamRst = "upstream_rst",
        UpstreamNoCloseNotify = "upstream_no_close_notify",
        ClientTlsFail = "client_tls_fail",
        UpstreamTlsFail = "upstream_tls_fail",
        ClientReadTimeout = "client_read_timeout",
        UpstreamReadTimeout = "upstream_read_timeout",
        ClientIdleTimeout = "client_idle_timeout",
        ProxyIdleTimeout = "proxy_idle_timeout",
        UpstreamConnectTimeout = "upstream_connect_timeout",
        UpstreamHandshakeTimeout = "upstream_handshake_timeout",
        GoawayIn = "goaway_in",
        GoawayOut = "goaway_out",
        DecoderLostIn = "decoder_lost_in",
        DecoderLostOut = "decoder_lost_out",
        CaptureTruncated = "capture_truncated",
    }
}

vocabulary! {
    /// Facts about one exchange.
    EventFlag {
        /// The response consists of one header section that carries `grpc-status`.
        TrailersOnly = "trailers_only",
        /// The response began before the request was complete.
        EarlyResponse = "early_response",
        /// The request asked for 100 (Continue).
        ExpectContinue = "expect_continue",
        /// The client reset the stream.
        ClientReset = "client_reset",
        /// The upstream reset the stream.
        UpstreamReset = "upstream_reset",
        /// GOAWAY told that the request was not processed: safe to retry.
        GoawayRefused = "goaway_refused",
        /// The client reset the stream when its `grpc-timeout` was over.
        DeadlineExceeded = "deadline_exceeded",
        /// The message broke the protocol.
        Malformed = "malformed",
        /// The sender stood for want of flow-control credit at least once.
        FlowBlocked = "flow_blocked",
        /// The exchange was still going on when the connection ended.
        Cut = "cut",
        /// The stream was promised by the upstream (HTTP/2 server push).
        Pushed = "pushed",
        /// The exchange became a tunnel (Upgrade, CONNECT).
        Tunnel = "tunnel",
        /// The response was sent without its request being read to the end.
        RequestUnfinished = "request_unfinished",
        /// The tool's own limits ended the understanding of this exchange.
        DecoderLost = "decoder_lost",
    }
}

vocabulary! {
    /// Why a handshake failed: our own words, then the names of the TLS alerts (RFC 8446 §6).
    TlsReason {
        CertVerifyFailed = "cert_verify_failed",
        /// The first bytes were something else.
        NotTls = "not_tls",
        NoSharedCipher = "no_shared_cipher",
        Timeout = "timeout",
        Eof = "eof",
        Rst = "rst",
        ConnectRefused = "connect_refused",
        ConnectUnreachable = "connect_unreachable",
        Dns = "dns",
        CertificateRequired = "certificate_required",
        NoApplicationProtocol = "no_application_protocol",
        ProtocolVersion = "protocol_version",
        HandshakeFailure = "handshake_failure",
        UnrecognizedName = "unrecognized_name",
        BadCertificate = "bad_certificate",
        UnknownCa = "unknown_ca",
        CertificateExpired = "certificate_expired",
        CertificateRevoked = "certificate_revoked",
        UnsupportedCertificate = "unsupported_certificate",
        CertificateUnknown = "certificate_unknown",
        AccessDenied = "access_denied",
        DecryptError = "decrypt_error",
        InternalError = "internal_error",
        CloseNotify = "close_notify",
        UnexpectedMessage = "unexpected_message",
        BadRecordMac = "bad_record_mac",
        DecryptionFailed = "decryption_failed",
        RecordOverflow = "record_overflow",
        DecompressionFailure = "decompression_failure",
        NoCertificate = "no_certificate",
        IllegalParameter = "illegal_parameter",
        DecodeError = "decode_error",
        ExportRestriction = "export_restriction",
        InsufficientSecurity = "insufficient_security",
        InappropriateFallback = "inappropriate_fallback",
        UserCanceled = "user_canceled",
        NoRenegotiation = "no_renegotiation",
        MissingExtension = "missing_extension",
        UnsupportedExtension = "unsupported_extension",
        CertificateUnobtainable = "certificate_unobtainable",
        BadCertificateStatusResponse = "bad_certificate_status_response",
        BadCertificateHashValue = "bad_certificate_hash_value",
        UnknownPskIdentity = "unknown_psk_identity",
        EncryptedClientHelloRequired = "encrypted_client_hello_required",
    }
}

vocabulary! {
    /// What is wrong with a certificate.
    TlsCategory {
        Expired = "expired",
        NotYetValid = "not_yet_valid",
        WrongEku = "wrong_eku",
        UnknownCa = "unknown_ca",
        SelfSigned = "self_signed",
        MissingIntermediate = "missing_intermediate",
        HostnameMismatch = "hostname_mismatch",
        SignatureFailure = "signature_failure",
        WeakSignature = "weak_signature",
        Revoked = "revoked",
        PathLength = "path_length",
        NotACa = "not_a_ca",
        ClientCertMissing = "client_cert_missing",
        ClientCertRejected = "client_cert_rejected",
        Other = "other",
    }
}

vocabulary! {
    /// The kinds of `h2ctl` records.
    H2Event {
        Settings = "SETTINGS",
        SettingsAck = "SETTINGS_ACK",
        WindowUpdate = "WINDOW_UPDATE",
        FlowBlock = "FLOW_BLOCK",
        FlowResume = "FLOW_RESUME",
        RstStream = "RST_STREAM",
        Goaway = "GOAWAY",
        Ping = "PING",
        PingAck = "PING_ACK",
        PushPromise = "PUSH_PROMISE",
        Fingerprint = "FINGERPRINT",
        ProtocolError = "PROTOCOL_ERROR",
    }
}

vocabulary! {
    /// Whom a verdict blames.
    Blame {
        Client = "client",
        Upstream = "upstream",
        Network = "network",
        Proxy = "proxy",
        Config = "config",
        Nobody = "nobody",
    }
}

impl TlsCategory {
    /// Whether a filter for `wanted` also means this category: `self_signed` and
    /// `missing_intermediate` refine `unknown_ca`.
    pub fn refines(self, wanted: Self) -> bool {
        self == wanted
            || (wanted == Self::UnknownCa
                && matches!(self, Self::SelfSigned | Self::MissingIntermediate))
    }
}

impl From<wire::Direction> for Flow {
    fn from(direction: wire::Direction) -> Self {
        match direction {
            wire::Direction::FromClient => Self::Downstream,
            wire::Direction::FromUpstream => Self::Upstream,
        }
    }
}

impl From<wire::Direction> for Party {
    fn from(direction: wire::Direction) -> Self {
        match direction {
            wire::Direction::FromClient => Self::Client,
            wire::Direction::FromUpstream => Self::Upstream,
        }
    }
}
