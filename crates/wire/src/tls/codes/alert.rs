//! Alert levels and descriptions (RFC 8446 §6, IANA "TLS Alerts").
//!
//! `AlertDescription(116)` prints `certificate_required`: these names are what users search for, so
//! they stand here letter for letter. What newer RFCs keep as `…_RESERVED` (`no_certificate`,
//! `export_restriction`, …) has the name under which it was once sent.

use crate::code::open_code;

open_code! {
    /// How grave an alert is (RFC 8446 §6). TLS 1.3 goes by the description alone.
    AlertLevel(u8) {
        /// The connection can go on.
        WARNING = 1, "warning";
        /// The connection ends here.
        FATAL = 2, "fatal";
    }
}

open_code! {
    /// What an alert says (RFC 8446 §6, RFC 5246 §7.2).
    AlertDescription(u8) {
        /// 0
        CLOSE_NOTIFY = 0, "close_notify";
        /// 10
        UNEXPECTED_MESSAGE = 10, "unexpected_message";
        /// 20
        BAD_RECORD_MAC = 20, "bad_record_mac";
        /// 21
        DECRYPTION_FAILED = 21, "decryption_failed";
        /// 22
        RECORD_OVERFLOW = 22, "record_overflow";
        /// 30
        DECOMPRESSION_FAILURE = 30, "decompression_failure";
        /// 40
        HANDSHAKE_FAILURE = 40, "handshake_failure";
        /// 41
        NO_CERTIFICATE = 41, "no_certificate";
        /// 42
        BAD_CERTIFICATE = 42, "bad_certificate";
        /// 43
        UNSUPPORTED_CERTIFICATE = 43, "unsupported_certificate";
        /// 44
        CERTIFICATE_REVOKED = 44, "certificate_revoked";
        /// 45
        CERTIFICATE_EXPIRED = 45, "certificate_expired";
        /// 46
        CERTIFICATE_UNKNOWN = 46, "certificate_unknown";
        /// 47
        ILLEGAL_PARAMETER = 47, "illegal_parameter";
        /// 48
        UNKNOWN_CA = 48, "unknown_ca";
        /// 49
        ACCESS_DENIED = 49, "access_denied";
        /// 50
        DECODE_ERROR = 50, "decode_error";
        /// 51
        DECRYPT_ERROR = 51, "decrypt_error";
        /// 52
        TOO_MANY_CIDS_REQUESTED = 52, "too_many_cids_requested";
        /// 60
        EXPORT_RESTRICTION = 60, "export_restriction";
        /// 70
        PROTOCOL_VERSION = 70, "protocol_version";
        /// 71
        INSUFFICIENT_SECURITY = 71, "insufficient_security";
        /// 80
        INTERNAL_ERROR = 80, "internal_error";
        /// 86
        INAPPROPRIATE_FALLBACK = 86, "inappropriate_fallback";
        /// 90
        USER_CANCELED = 90, "user_canceled";
        /// 100
        NO_RENEGOTIATION = 100, "no_renegotiation";
        /// 109
        MISSING_EXTENSION = 109, "missing_extension";
        /// 110
        UNSUPPORTED_EXTENSION = 110, "unsupported_extension";
        /// 111
        CERTIFICATE_UNOBTAINABLE = 111, "certificate_unobtainable";
        /// 112
        UNRECOGNIZED_NAME = 112, "unrecognized_name";
        /// 113
        BAD_CERTIFICATE_STATUS_RESPONSE = 113, "bad_certificate_status_response";
        /// 114
        BAD_CERTIFICATE_HASH_VALUE = 114, "bad_certificate_hash_value";
        /// 115
        UNKNOWN_PSK_IDENTITY = 115, "unknown_psk_identity";
        /// 116
        CERTIFICATE_REQUIRED = 116, "certificate_required";
        /// 117
        GENERAL_ERROR = 117, "general_error";
        /// 120
        NO_APPLICATION_PROTOCOL = 120, "no_application_protocol";
        /// 121
        ECH_REQUIRED = 121, "ech_required";
    }
}
