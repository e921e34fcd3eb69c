//! Extension types (RFC 8446 §4.2, IANA "TLS ExtensionType Values").
//!
//! A few that browsers send have no registration: `application_settings` (ALPS), `channel_id`, and
//! the drafts' `encrypted_server_name` that came before `encrypted_client_hello`.

use crate::code::open_code;

open_code! {
    /// What an extension is about.
    ExtensionType(u16) {
        /// 0x0000
        SERVER_NAME = 0x0000, "server_name";
        /// 0x0001
        MAX_FRAGMENT_LENGTH = 0x0001, "max_fragment_length";
        /// 0x0002
        CLIENT_CERTIFICATE_URL = 0x0002, "client_certificate_url";
        /// 0x0003
        TRUSTED_CA_KEYS = 0x0003, "trusted_ca_keys";
        /// 0x0004
        TRUNCATED_HMAC = 0x0004, "truncated_hmac";
        /// 0x0005
        STATUS_REQUEST = 0x0005, "status_request";
        /// 0x0006
        USER_MAPPING = 0x0006, "user_mapping";
        /// 0x0007
        CLIENT_AUTHZ = 0x0007, "client_authz";
        /// 0x0008
        SERVER_AUTHZ = 0x0008, "server_authz";
        /// 0x0009
        CERT_TYPE = 0x0009, "cert_type";
        /// 0x000a
        SUPPORTED_GROUPS = 0x000a, "supported_groups";
        /// 0x000b
        EC_POINT_FORMATS = 0x000b, "ec_point_formats";
        /// 0x000c
        SRP = 0x000c, "srp";
        /// 0x000d
        SIGNATURE_ALGORITHMS = 0x000d, "signature_algorithms";
        /// 0x000e
        USE_SRTP = 0x000e, "use_srtp";
        /// 0x000f
        HEARTBEAT = 0x000f, "heartbeat";
        /// 0x0010
        APPLICATION_LAYER_PROTOCOL_NEGOTIATION = 0x0010, "application_layer_protocol_negotiation";
        /// 0x0011
        STATUS_REQUEST_V2 = 0x0011, "status_request_v2";
        /// 0x0012
        SIGNED_CERTIFICATE_TIMESTAMP = 0x0012, "signed_certificate_timestamp";
        /// 0x0013
        CLIENT_CERTIFICATE_TYPE = 0x0013, "client_certificate_type";
        /// 0x0014
        SERVER_CERTIFICATE_TYPE = 0x0014, "server_certificate_type";
        /// 0x0015
        PADDING = 0x0015, "padding";
        /// 0x0016
        ENCRYPT_THEN_MAC = 0x0016, "encrypt_then_mac";
        /// 0x0017
        EXTENDED_MASTER_SECRET = 0x0017, "extended_master_secret";
        /// 0x0018
        TOKEN_BINDING = 0x0018, "token_binding";
        /// 0x0019
        CACHED_INFO = 0x0019, "cached_info";
        /// 0x001a
        TLS_LTS = 0x001a, "tls_lts";
        /// 0x001b
        COMPRESS_CERTIFICATE = 0x001b, "compress_certificate";
        /// 0x001c
        RECORD_SIZE_LIMIT = 0x001c, "record_size_limit";
        /// 0x0022
        DELEGATED_CREDENTIALS = 0x0022, "delegated_credentials";
        /// 0x0023
        SESSION_TICKET = 0x0023, "session_ticket";
        /// 0x0024
        TLMSP = 0x0024, "TLMSP";
        /// 0x0025
        TLMSP_PROXYING = 0x0025, "TLMSP_proxying";
        /// 0x0026
        TLMSP_DELEGATE = 0x0026, "TLMSP_delegate";
        /// 0x0027
        SUPPORTED_EKT_CIPHERS = 0x0027, "supported_ekt_ciphers";
        /// 0x0029
        PRE_SHARED_KEY = 0x0029, "pre_shared_key";
        /// 0x002a
        EARLY_DATA = 0x002a, "early_data";
        /// 0x002b
        SUPPORTED_VERSIONS = 0x002b, "supported_versions";
        /// 0x002c
        COOKIE = 0x002c, "cookie";
        /// 0x002d
        PSK_KEY_EXCHANGE_MODES = 0x002d, "psk_key_exchange_modes";
        /// 0x002f
        CERTIFICATE_AUTHORITIES = 0x002f, "certificate_authorities";
        /// 0x0030
        OID_FILTERS = 0x0030, "oid_filters";
        /// 0x0031
        POST_HANDSHAKE_AUTH = 0x0031, "post_handshake_auth";
        /// 0x0032
        SIGNATURE_ALGORITHMS_CERT = 0x0032, "signature_algorithms_cert";
        /// 0x0033
        KEY_SHARE = 0x0033, "key_share";
        /// 0x0034
        TRANSPARENCY_INFO = 0x0034, "transparency_info";
        /// 0x0035
        CONNECTION_ID_DEPRECATED = 0x0035, "connection_id_deprecated";
        /// 0x0036
        CONNECTION_ID = 0x0036, "connection_id";
        /// 0x0037
        EXTERNAL_ID_HASH = 0x0037, "external_id_hash";
        /// 0x0038
        EXTERNAL_SESSION_ID = 0x0038, "external_session_id";
        /// 0x0039
        QUIC_TRANSPORT_PARAMETERS = 0x0039, "quic_transport_parameters";
        /// 0x003a
        TICKET_REQUEST = 0x003a, "ticket_request";
        /// 0x003b
        DNSSEC_CHAIN = 0x003b, "dnssec_chain";
        /// 0x003c
        SEQUENCE_NUMBER_ENCRYPTION_ALGORITHMS = 0x003c, "sequence_number_encryption_algorithms";
        /// 0x003d
        RRC = 0x003d, "rrc";
        /// 0x003e
        TLS_FLAGS = 0x003e, "tls_flags";
        /// 0x3374
        NEXT_PROTOCOL_NEGOTIATION = 0x3374, "next_protocol_negotiation";
        /// 0x4469
        APPLICATION_SETTINGS_OLD = 0x4469, "application_settings_old";
        /// 0x44cd
        APPLICATION_SETTINGS = 0x44cd, "application_settings";
        /// 0x754f
        CHANNEL_ID_OLD = 0x754f, "channel_id_old";
        /// 0x7550
        CHANNEL_ID = 0x7550, "channel_id";
        /// 0xfd00
        ECH_OUTER_EXTENSIONS = 0xfd00, "ech_outer_extensions";
        /// 0xfe0d
        ENCRYPTED_CLIENT_HELLO = 0xfe0d, "encrypted_client_hello";
        /// 0xff01
        RENEGOTIATION_INFO = 0xff01, "renegotiation_info";
        /// 0xffa5
        QUIC_TRANSPORT_PARAMETERS_DRAFT = 0xffa5, "quic_transport_parameters_draft";
        /// 0xffce
        ENCRYPTED_SERVER_NAME = 0xffce, "encrypted_server_name";
    }
}
