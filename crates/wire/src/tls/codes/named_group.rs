//! Named groups (RFC 8446 §4.2.7, IANA "TLS Supported Groups"), elliptic, finite-field and
//! post-quantum.

use crate::code::open_code;

open_code! {
    /// A group for key exchange. In TLS 1.2 and before the registry was called "EC Named Curve".
    NamedGroup(u16) {
        /// 0x0001
        SECT163K1 = 0x0001, "sect163k1";
        /// 0x0003
        SECT163R2 = 0x0003, "sect163r2";
        /// 0x0006
        SECT233K1 = 0x0006, "sect233k1";
        /// 0x0007
        SECT233R1 = 0x0007, "sect233r1";
        /// 0x0009
        SECT283K1 = 0x0009, "sect283k1";
        /// 0x000a
        SECT283R1 = 0x000a, "sect283r1";
        /// 0x000b
        SECT409K1 = 0x000b, "sect409k1";
        /// 0x000c
        SECT409R1 = 0x000c, "sect409r1";
        /// 0x000d
        SECT571K1 = 0x000d, "sect571k1";
        /// 0x000e
        SECT571R1 = 0x000e, "sect571r1";
        /// 0x0013
        SECP192R1 = 0x0013, "secp192r1";
        /// 0x0015
        SECP224R1 = 0x0015, "secp224r1";
        /// 0x0016
        SECP256K1 = 0x0016, "secp256k1";
        /// 0x0017
        SECP256R1 = 0x0017, "secp256r1";
        /// 0x0018
        SECP384R1 = 0x0018, "secp384r1";
        /// 0x0019
        SECP521R1 = 0x0019, "secp521r1";
        /// 0x001a
        BRAINPOOLP256R1 = 0x001a, "brainpoolP256r1";
        /// 0x001b
        BRAINPOOLP384R1 = 0x001b, "brainpoolP384r1";
        /// 0x001c
        BRAINPOOLP512R1 = 0x001c, "brainpoolP512r1";
        /// 0x001d
        X25519 = 0x001d, "x25519";
        /// 0x001e
        X448 = 0x001e, "x448";
        /// 0x001f
        BRAINPOOLP256R1TLS13 = 0x001f, "brainpoolP256r1tls13";
        /// 0x0020
        BRAINPOOLP384R1TLS13 = 0x0020, "brainpoolP384r1tls13";
        /// 0x0021
        BRAINPOOLP512R1TLS13 = 0x0021, "brainpoolP512r1tls13";
        /// 0x0022
        GC256A = 0x0022, "GC256A";
        /// 0x0023
        GC256B = 0x0023, "GC256B";
        /// 0x0024
        GC256C = 0x0024, "GC256C";
        /// 0x0025
        GC256D = 0x0025, "GC256D";
        /// 0x0026
        GC512A = 0x0026, "GC512A";
        /// 0x0027
        GC512B = 0x0027, "GC512B";
        /// 0x0028
        GC512C = 0x0028, "GC512C";
        /// 0x0029
        CURVESM2 = 0x0029, "curveSM2";
        /// 0x0100
        FFDHE2048 = 0x0100, "ffdhe2048";
        /// 0x0101
        FFDHE3072 = 0x0101, "ffdhe3072";
        /// 0x0102
        FFDHE4096 = 0x0102, "ffdhe4096";
        /// 0x0103
        FFDHE6144 = 0x0103, "ffdhe6144";
        /// 0x0104
        FFDHE8192 = 0x0104, "ffdhe8192";
        /// 0x0200
        MLKEM512 = 0x0200, "MLKEM512";
        /// 0x0201
        MLKEM768 = 0x0201, "MLKEM768";
        /// 0x0202
        MLKEM1024 = 0x0202, "MLKEM1024";
        /// 0x11eb
        SECP256R1MLKEM768 = 0x11eb, "SecP256r1MLKEM768";
        /// 0x11ec
        X25519MLKEM768 = 0x11ec, "X25519MLKEM768";
        /// 0x11ed
        SECP384R1MLKEM1024 = 0x11ed, "SecP384r1MLKEM1024";
        /// 0x11ee
        CURVESM2MLKEM768 = 0x11ee, "curveSM2MLKEM768";
        /// 0x6399
        X25519KYBER768DRAFT00 = 0x6399, "X25519Kyber768Draft00";
        /// 0x639a
        SECP256R1KYBER768DRAFT00 = 0x639a, "SecP256r1Kyber768Draft00";
    }
}
