//! The numbers of TLS and their registered names.
//!
//! ```
//! use wire::tls::{AlertDescription, CipherSuite, ProtocolVersion};
//!
//! assert_eq!(AlertDescription(116).to_string(), "certificate_required");
//! assert_eq!(CipherSuite(0x1301).to_string(), "TLS_AES_128_GCM_SHA256");
//! assert_eq!(ProtocolVersion(0x0304).to_string(), "TLSv1.3");
//! assert_eq!(CipherSuite(0x7777).to_string(), "0x7777");
//! ```

mod alert;
mod cipher_suite;
mod extension_type;
mod named_group;
mod signature_scheme;

pub use alert::{AlertDescription, AlertLevel};
pub use cipher_suite::CipherSuite;
pub use extension_type::ExtensionType;
pub use named_group::NamedGroup;
pub use signature_scheme::SignatureScheme;

use crate::code::open_code;

open_code! {
    /// A protocol version (RFC 8446 §4.2.1), named as OpenSSL names it.
    ProtocolVersion(u16) {
        /// 0x0002
        SSLV2 = 0x0002, "SSLv2";
        /// 0x0300
        SSLV3 = 0x0300, "SSLv3";
        /// 0x0301
        TLSV1 = 0x0301, "TLSv1";
        /// 0x0302
        TLSV1_1 = 0x0302, "TLSv1.1";
        /// 0x0303
        TLSV1_2 = 0x0303, "TLSv1.2";
        /// 0x0304
        TLSV1_3 = 0x0304, "TLSv1.3";
    }
}

open_code! {
    /// What a record carries (RFC 8446 §5.1).
    ContentType(u8) {
        /// 20
        CHANGE_CIPHER_SPEC = 20, "change_cipher_spec";
        /// 21
        ALERT = 21, "alert";
        /// 22
        HANDSHAKE = 22, "handshake";
        /// 23
        APPLICATION_DATA = 23, "application_data";
        /// 24 (RFC 6520)
        HEARTBEAT = 24, "heartbeat";
    }
}

open_code! {
    /// What a handshake message is (RFC 8446 §4, RFC 5246 §7.4).
    HandshakeType(u8) {
        /// 0
        HELLO_REQUEST = 0, "hello_request";
        /// 1
        CLIENT_HELLO = 1, "client_hello";
        /// 2
        SERVER_HELLO = 2, "server_hello";
        /// 4
        NEW_SESSION_TICKET = 4, "new_session_ticket";
        /// 5
        END_OF_EARLY_DATA = 5, "end_of_early_data";
        /// 8
        ENCRYPTED_EXTENSIONS = 8, "encrypted_extensions";
        /// 11
        CERTIFICATE = 11, "certificate";
        /// 12
        SERVER_KEY_EXCHANGE = 12, "server_key_exchange";
        /// 13
        CERTIFICATE_REQUEST = 13, "certificate_request";
        /// 14
        SERVER_HELLO_DONE = 14, "server_hello_done";
        /// 15
        CERTIFICATE_VERIFY = 15, "certificate_verify";
        /// 16
        CLIENT_KEY_EXCHANGE = 16, "client_key_exchange";
        /// 20
        FINISHED = 20, "finished";
        /// 22
        CERTIFICATE_STATUS = 22, "certificate_status";
        /// 24
        KEY_UPDATE = 24, "key_update";
        /// 67, Next Protocol Negotiation, never registered
        NEXT_PROTOCOL = 67, "next_protocol";
    }
}

open_code! {
    /// A kind of certificate that a server asks for (RFC 5246 §7.4.4).
    ClientCertificateType(u8) {
        /// 1
        RSA_SIGN = 1, "rsa_sign";
        /// 2
        DSS_SIGN = 2, "dss_sign";
        /// 3
        RSA_FIXED_DH = 3, "rsa_fixed_dh";
        /// 4
        DSS_FIXED_DH = 4, "dss_fixed_dh";
        /// 64
        ECDSA_SIGN = 64, "ecdsa_sign";
        /// 65
        RSA_FIXED_ECDH = 65, "rsa_fixed_ecdh";
        /// 66
        ECDSA_FIXED_ECDH = 66, "ecdsa_fixed_ecdh";
        /// 67
        GOST_SIGN256 = 67, "gost_sign256";
        /// 68
        GOST_SIGN512 = 68, "gost_sign512";
    }
}

/// Whether a number is one of the sixteen that mean nothing, sent to keep servers tolerant
/// (GREASE, RFC 8701 §2): `0x0a0a`, `0x1a1a`, … `0xfafa`.
pub const fn is_grease(code: u16) -> bool {
    code & 0x0f0f == 0x0a0a && code >> 8 == code & 0xff
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sixteen_grease_values_and_no_other() {
        let grease: Vec<u16> = (0..=u16::MAX).filter(|code| is_grease(*code)).collect();
        let registered: Vec<u16> = (0..16).map(|n| 0x0a0a + n * 0x1010).collect();
        assert_eq!(grease, registered);
    }

    #[test]
    fn names_are_the_registered_ones() {
        assert_eq!(
            AlertDescription::NO_APPLICATION_PROTOCOL.to_string(),
            "no_application_protocol"
        );
        assert_eq!(AlertDescription(0).to_string(), "close_notify");
        assert_eq!(AlertDescription(41).to_string(), "no_certificate");
        assert_eq!(AlertDescription(200).name(), None);
        assert_eq!(NamedGroup(0x11ec).to_string(), "X25519MLKEM768");
        assert_eq!(SignatureScheme(0x0804).to_string(), "rsa_pss_rsae_sha256");
        assert_eq!(ExtensionType(0xfe0d).to_string(), "encrypted_client_hello");
        assert_eq!(CipherSuite(0x5600).to_string(), "TLS_FALLBACK_SCSV");
        assert_eq!(CipherSuite(0x0005).to_string(), "TLS_RSA_WITH_RC4_128_SHA");
        assert_eq!(CipherSuite(0xc02f).to_string(), "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
        assert_eq!(ProtocolVersion(0x0300).to_string(), "SSLv3");
    }
}
