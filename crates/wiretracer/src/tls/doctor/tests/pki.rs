//! Certificates for the tests, made on the fly around a fixed time.

use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose,
    RevokedCertParams, SerialNumber,
};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, UnixTime};
use time::OffsetDateTime;

/// When the tests are: 2027-01-15T08:00:00Z.
pub(super) const NOW: i64 = 1_800_000_000;
pub(super) const DAY: i64 = 86_400;
/// The name that servers' certificates are for.
pub(super) const NAME: &str = "api.example.com";

pub(super) type Der = CertificateDer<'static>;

/// A certificate with what is needed to issue others.
pub(super) struct Ca {
    params: CertificateParams,
    key: KeyPair,
    pub(super) der: Der,
}

pub(super) fn now() -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(NOW as u64))
}

pub(super) fn at(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(seconds).unwrap()
}

pub(super) fn as_it_is(_: &mut CertificateParams) {}

pub(super) fn params(names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.not_before = at(NOW - 30 * DAY);
    params.not_after = at(NOW + 60 * DAY);
    params.distinguished_name = rcgen::DistinguishedName::new();
    params
}

fn ca_params(name: &str, change: impl FnOnce(&mut CertificateParams)) -> CertificateParams {
    let mut params = params(&[]);
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.use_authority_key_identifier_extension = true;
    change(&mut params);
    params
}

impl Ca {
    pub(super) fn root(name: &str, change: impl FnOnce(&mut CertificateParams)) -> Self {
        let params = ca_params(name, change);
        let key = KeyPair::generate().unwrap();
        let der = params.self_signed(&key).unwrap().der().clone();
        Self { params, key, der }
    }

    pub(super) fn ca(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Self {
        let params = ca_params(name, change);
        let key = KeyPair::generate().unwrap();
        let der = params.signed_by(&key, &self.issuer()).unwrap().der().clone();
        Self { params, key, der }
    }

    /// Issues a certificate for the name and key of another CA.
    pub(super) fn certify(&self, other: &Self) -> Der {
        other.params.signed_by(&other.key, &self.issuer()).unwrap().der().clone()
    }

    /// Issues a certificate for [`NAME`], for servers.
    pub(super) fn leaf(&self, change: impl FnOnce(&mut CertificateParams)) -> Der {
        self.leaf_for(&[NAME], change)
    }

    pub(super) fn leaf_for(
        &self,
        names: &[&str],
        change: impl FnOnce(&mut CertificateParams),
    ) -> Der {
        let mut params = params(names);
        params.distinguished_name.push(DnType::CommonName, NAME);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        params.signed_by(&key, &self.issuer()).unwrap().der().clone()
    }

    /// Issues a certificate for a client.
    pub(super) fn client(&self, change: impl FnOnce(&mut CertificateParams)) -> Der {
        self.leaf_for(&[], |params| {
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
            change(params);
        })
    }

    /// Revokes the certificate of a serial number, three days ago.
    pub(super) fn revoke(&self, serial: u64) -> CertificateRevocationListDer<'static> {
        let list = CertificateRevocationListParams {
            this_update: at(NOW - DAY),
            next_update: at(NOW + DAY),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: vec![RevokedCertParams {
                serial_number: SerialNumber::from(serial),
                revocation_time: at(NOW - 3 * DAY),
                reason_code: Some(rcgen::RevocationReason::KeyCompromise),
                invalidity_date: None,
            }],
            key_identifier_method: KeyIdMethod::Sha256,
        };
        list.signed_by(&self.issuer()).unwrap().der().clone()
    }

    fn issuer(&self) -> Issuer<'_, &KeyPair> {
        Issuer::from_params(&self.params, &self.key)
    }
}

/// A certificate that signs itself.
pub(super) fn self_signed(change: impl FnOnce(&mut CertificateParams)) -> Der {
    let mut params = params(&[NAME]);
    params.distinguished_name.push(DnType::CommonName, NAME);
    change(&mut params);
    params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().clone()
}

/// The same with its last byte, which is of the signature, changed.
pub(super) fn damaged(der: &Der) -> Der {
    let mut bytes = der.to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    bytes.into()
}

/// One of the certificates in `fixtures/`.
pub(super) fn fixture(name: &str) -> Der {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/tls/doctor/tests/fixtures");
    Der::from_pem_file(format!("{folder}/{name}.pem")).unwrap()
}
