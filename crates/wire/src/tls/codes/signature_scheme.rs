//! Signature schemes (RFC 8446 §4.2.3, IANA "TLS SignatureScheme").
//!
//! The hash-and-signature pairs that only TLS 1.2 knows (RFC 5246 §7.4.1.4.1) have no registered
//! one-word name; they are spelt here in the registry's manner: `dsa_sha256`, `rsa_pkcs1_sha224`.

use crate::code::open_code;

open_code! {
    /// A signature scheme; in TLS 1.2 a hash (high byte) and a signature algorithm (low byte).
    SignatureScheme(u16) {
        /// 0x0101
        RSA_PKCS1_MD5 = 0x0101, "rsa_pkcs1_md5";
        /// 0x0201
        RSA_PKCS1_SHA1 = 0x0201, "rsa_pkcs1_sha1";
        /// 0x0202
        DSA_SHA1 = 0x0202, "dsa_sha1";
        /// 0x0203
        ECDSA_SHA1 = 0x0203, "ecdsa_sha1";
        /// 0x0301
        RSA_PKCS1_SHA224 = 0x0301, "rsa_pkcs1_sha224";
        /// 0x0302
        DSA_SHA224 = 0x0302, "dsa_sha224";
        /// 0x0303
        ECDSA_SHA224 = 0x0303, "ecdsa_sha224";
        /// 0x0401
        RSA_PKCS1_SHA256 = 0x0401, "rsa_pkcs1_sha256";
        /// 0x0402
        DSA_SHA256 = 0x0402, "dsa_sha256";
        /// 0x0403
        ECDSA_SECP256R1_SHA256 = 0x0403, "ecdsa_secp256r1_sha256";
        /// 0x0420
        RSA_PKCS1_SHA256_LEGACY = 0x0420, "rsa_pkcs1_sha256_legacy";
        /// 0x0501
        RSA_PKCS1_SHA384 = 0x0501, "rsa_pkcs1_sha384";
        /// 0x0502
        DSA_SHA384 = 0x0502, "dsa_sha384";
        /// 0x0503
        ECDSA_SECP384R1_SHA384 = 0x0503, "ecdsa_secp384r1_sha384";
        /// 0x0520
        RSA_PKCS1_SHA384_LEGACY = 0x0520, "rsa_pkcs1_sha384_legacy";
        /// 0x0601
        RSA_PKCS1_SHA512 = 0x0601, "rsa_pkcs1_sha512";
        /// 0x0602
        DSA_SHA512 = 0x0602, "dsa_sha512";
        /// 0x0603
        ECDSA_SECP521R1_SHA512 = 0x0603, "ecdsa_secp521r1_sha512";
        /// 0x0620
        RSA_PKCS1_SHA512_LEGACY = 0x0620, "rsa_pkcs1_sha512_legacy";
        /// 0x0708
        SM2SIG_SM3 = 0x0708, "sm2sig_sm3";
        /// 0x0709
        GOSTR34102012_256A = 0x0709, "gostr34102012_256a";
        /// 0x070a
        GOSTR34102012_256B = 0x070a, "gostr34102012_256b";
        /// 0x070b
        GOSTR34102012_256C = 0x070b, "gostr34102012_256c";
        /// 0x070c
        GOSTR34102012_256D = 0x070c, "gostr34102012_256d";
        /// 0x070d
        GOSTR34102012_512A = 0x070d, "gostr34102012_512a";
        /// 0x070e
        GOSTR34102012_512B = 0x070e, "gostr34102012_512b";
        /// 0x070f
        GOSTR34102012_512C = 0x070f, "gostr34102012_512c";
        /// 0x0804
        RSA_PSS_RSAE_SHA256 = 0x0804, "rsa_pss_rsae_sha256";
        /// 0x0805
        RSA_PSS_RSAE_SHA384 = 0x0805, "rsa_pss_rsae_sha384";
        /// 0x0806
        RSA_PSS_RSAE_SHA512 = 0x0806, "rsa_pss_rsae_sha512";
        /// 0x0807
        ED25519 = 0x0807, "ed25519";
        /// 0x0808
        ED448 = 0x0808, "ed448";
        /// 0x0809
        RSA_PSS_PSS_SHA256 = 0x0809, "rsa_pss_pss_sha256";
        /// 0x080a
        RSA_PSS_PSS_SHA384 = 0x080a, "rsa_pss_pss_sha384";
        /// 0x080b
        RSA_PSS_PSS_SHA512 = 0x080b, "rsa_pss_pss_sha512";
        /// 0x081a
        ECDSA_BRAINPOOLP256R1TLS13_SHA256 = 0x081a, "ecdsa_brainpoolP256r1tls13_sha256";
        /// 0x081b
        ECDSA_BRAINPOOLP384R1TLS13_SHA384 = 0x081b, "ecdsa_brainpoolP384r1tls13_sha384";
        /// 0x081c
        ECDSA_BRAINPOOLP512R1TLS13_SHA512 = 0x081c, "ecdsa_brainpoolP512r1tls13_sha512";
        /// 0x0904
        MLDSA44 = 0x0904, "mldsa44";
        /// 0x0905
        MLDSA65 = 0x0905, "mldsa65";
        /// 0x0906
        MLDSA87 = 0x0906, "mldsa87";
    }
}
