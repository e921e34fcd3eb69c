//! An expression, and the records of the catalogue below that it means.

use std::sync::Arc;

use crate::filter::Filter;
use crate::record::{H2Detail, Record, TlsParameters};
use crate::samples::{conn, control, event, goaway, http1, millis, open, tls, tls_fail};
use crate::vocabulary::*;

fn catalogue() -> Vec<(&'static str, Record)> {
    let rst = H2Detail::RstStream { error_code: 8, error_name: "CANCEL".into() };
    let print = H2Detail::Fingerprint { h2fp: "1:65536|0|0".into(), profile: Some("nginx".into()) };
    vec![
        ("grpc", event(|_| ())),
        ("get200", http1(200)),
        ("get503", {
            let mut record = http1(503);
            if let Record::Event(event) = &mut record {
                event.origin.client_ip = "2001:db8::5".into();
                event.origin.listener = "web edge".into();
                event.request.path = Some("/a(b)/\"q\" c".into());
                event.response.headers = [(&b"X-Raw"[..], &b"\xffz"[..])].into_iter().collect();
                event.duration_ms = millis(20);
                event.error = Some("HTTP status 503".into());
            }
            record
        }),
        ("cut", {
            let mut record = http1(200);
            if let Record::Event(event) = &mut record {
                event.response.status = None;
                event.error = Some("the upstream left".into());
            }
            record
        }),
        ("in", tls(|_| ())),
        (
            "out",
            tls(|tls| {
                tls.side = Side::Out;
                tls.fingerprints = None;
                tls.tls =
                    TlsParameters { alpn: Some("http/1.1".into()), ..TlsParameters::default() };
            }),
        ),
        ("no_ech", tls(|tls| tls.fingerprints = Some(Arc::default()))),
        ("unknown", tls_fail(TlsCategory::UnknownCa, "unable to get local issuer certificate")),
        ("self", tls_fail(TlsCategory::SelfSigned, "self-signed certificate")),
        ("expired", tls_fail(TlsCategory::Expired, "certificate has expired")),
        ("goaway", goaway()),
        ("rst", control(Some(5), rst)),
        ("print", control(None, print)),
        ("open", open()),
        ("idle", conn(|_| ())),
        (
            "refused",
            conn(|conn| {
                conn.origin.client_ip = "10.0.0.50".into();
                conn.close_reason = Some(CloseReason::UpstreamConnectFail);
                conn.flags = vec![ConnFlag::ClientFin, ConnFlag::UpstreamNoCloseNotify];
                conn.detail = Some("connection refused".into());
            }),
        ),
    ]
}

const EVENTS: &str = "grpc get200 get503 cut";
const TLS: &str = "in out no_ech unknown self expired";
const REST: &str = "goaway rst print open idle refused";

#[track_caller]
fn assert_means(table: &[(&str, &str)]) {
    let catalogue = catalogue();
    for (expression, expected) in table {
        let filter = Filter::parse(expression).unwrap_or_else(|error| panic!("{error}"));
        let found: Vec<&str> = catalogue
            .iter()
            .filter(|(_, record)| filter.matches(record))
            .map(|(name, _)| *name)
            .collect();
        assert_eq!(found.join(" "), *expected, "{expression}");
        let normal = Filter::parse(&filter.to_string()).unwrap_or_else(|error| panic!("{error}"));
        for (name, record) in &catalogue {
            assert_eq!(normal.matches(record), filter.matches(record), "{normal} on {name}");
        }
    }
}

#[test]
fn nothing_means_everything() {
    let all = format!("{EVENTS} {TLS} {REST}");
    assert_means(&[("", &all), ("  \t", &all)]);
    assert!(Filter::parse(" ").unwrap().is_empty());
    assert!(!Filter::parse("x").unwrap().is_empty());
}

#[test]
fn every_example_of_the_guide() {
    assert_means(&[
        ("proto=grpc", "grpc"),
        (
            "client^=10.0.0.",
            "grpc get200 cut in out no_ech unknown self expired goaway rst print open idle refused",
        ),
        (r"path~^/pkg\.Svc/", "grpc"),
        ("proto in (http*,grpc)", EVENTS),
        ("conn=01890a5d-ac96-774b-bcce-b302099a8057 kind=conn", "open idle refused"),
        ("conn=550e8400-e29b-41d4-a716-446655440000", ""),
        ("error=1", "grpc get503 cut unknown self expired goaway refused"),
        ("proto=tls outcome=fail category=unknown_ca", "unknown self"),
        ("side=out", "out unknown self expired"),
        ("proto=grpc error=1 client=10.0.0.", "grpc"),
        ("proto=h2ctl direction=upstream", "goaway rst print"),
        ("tls in fail", ""),
        ("tls out fail", "unknown self expired"),
        ("tls out fail category=expired", "expired"),
    ]);
}

#[test]
fn terms_join_or_and_negate() {
    assert_means(&[
        ("kind=conn or kind=tls side=in", "in no_ech open idle refused"),
        ("(kind=conn or kind=tls) -outcome=fail", "in out no_ech open idle refused"),
        ("kind=conn -(flag=client_fin or open)", "idle"),
        ("kind=conn not ( flag=client_fin or open )", "idle"),
        ("kind=conn and NOT flag=client_fin AND not open", "idle"),
        ("--status=503", "get503"),
        ("status = 503 OR h2 = goaway", "get503 goaway"),
        ("kind=conn\t\n closed_by=proxy", "idle refused"),
    ]);
}

#[test]
fn a_record_without_the_field_satisfies_only_a_negated_term() {
    assert_means(&[
        ("status!=200", "get503"),
        ("kind=event -status=200", "get503 cut"),
        ("status!~^2", "get503"),
        ("sni!=other", "grpc in no_ech"),
        ("flag!=client_fin", "grpc get200 get503 cut open idle"),
        ("flag=client_fin", "refused"),
        ("header.x-tag!=a", ""),
        ("header.x-tag!=c", "grpc"),
        ("error!~timeout", "grpc get503 cut unknown self expired goaway refused"),
        ("error!=1 kind=event", "get200"),
        ("error=false kind=conn", "open idle"),
        ("code=H2-RST or blame=client", ""),
        ("blame!=client", ""),
    ]);
}

#[test]
fn numbers_have_order_units_classes_and_ranges() {
    assert_means(&[
        ("status>=500", "get503"),
        ("status>200", "get503"),
        ("status<=200", "grpc get200"),
        ("status<200", ""),
        ("status=5xx", "get503"),
        ("status=200..503", "grpc get200 get503"),
        ("status in (2xx,404)", "grpc get200"),
        ("status^=50", "get503"),
        ("grpc_status=14", "grpc"),
        ("grpc_status=unavailable", "grpc"),
        ("grpc_status in (INTERNAL,UNAVAILABLE)", "grpc"),
        ("grpc_status>=INTERNAL", "grpc"),
        ("grpc_status~^UNAV", "grpc"),
        ("grpc_status!=0", "grpc"),
        ("stream=5", "grpc rst"),
        ("duration>1.25s", ""),
        ("duration>=1.25s", "grpc get200 cut idle refused"),
        ("duration>500 kind=conn", "idle refused"),
        ("duration=3..20ms", "get503 in out no_ech unknown self expired"),
        ("bytes_out>=2KiB", "grpc get200 get503 cut idle refused"),
        ("bytes_out>2.048kB", "idle refused"),
        ("bytes_in<1kB kind=conn", "idle refused"),
    ]);
}

#[test]
fn clients_by_address_port_prefix_and_network() {
    assert_means(&[
        ("client=10.0.0.5 kind=conn", "open idle"),
        ("client=10.0.0.5:4242 kind=conn", "open idle"),
        ("client=10.0.0.5:4243", ""),
        ("client=10.0.0.5: kind=conn", "open idle"),
        ("client^=10.0.0.5 kind=conn", "open idle refused"),
        ("client=10.0.0. kind=conn", "open idle refused"),
        ("client=10.0.0.48/29", "refused"),
        ("client=2001:db8::5", "get503"),
        ("client=[2001:db8::5]", "get503"),
        ("client=[2001:0DB8::5]:4242", "get503"),
        ("client=[2001:db8::5]:1", ""),
        ("client=2001:db8:", "get503"),
        ("client^=[2001:db8::5]:42", "get503"),
        ("client~:4242$ kind=conn client!=10.0.0.50", "open idle"),
        ("client in (10.0.0.50,2001:*)", "get503 refused"),
        ("client_ip=10.0.0.50", "refused"),
        ("client_ip~^10\\.0\\.0\\.5$ kind=conn", "open idle"),
    ]);
}

#[test]
fn values_in_quotes_and_parentheses() {
    assert_means(&[
        ("listener=\"web edge\"", "get503"),
        ("listener in (\"web edge\", nothing)", "get503"),
        (r#"path="/a(b)/\"q\" c""#, "get503"),
        (r"path~^/a\(b\)", "get503"),
        (r"(path~/a\() or path=/nothing", "get503"),
        (r#"path~"\"q\"\sc$""#, "get503"),
        ("path^=/a(b)/", "get503"),
        ("(path=/last)", "idle refused"),
        ("path in (\"/*\")", ""),
        ("path in (/l*,/pkg*)", "grpc idle refused"),
        ("sni in (*)", "grpc in no_ech"),
        ("header.X-REGION=\"eu 1\"", "grpc"),
        ("header.x-tag=b", "grpc"),
        ("header.grpc-status=14", "grpc"),
        (r"header.x-raw=\xffz", "get503"),
    ]);
}

#[test]
fn the_other_fields() {
    assert_means(&[
        ("kind=h2ctl", "goaway rst print"),
        ("kind in (verdict)", ""),
        ("proto=websocket", ""),
        ("listener=grpc-mitm status=200", "grpc get200"),
        ("upstream=127.0.0.1:50052 kind=conn", "open idle refused"),
        ("upstream^=upstream.example", "unknown self expired"),
        ("upstream^=192.0.2.7:", "unknown self expired"),
        ("conn=099A8057 kind=conn", "open idle refused"),
        ("conn=8058", ""),
        ("conn^=01890A5D kind=conn", "open idle refused"),
        ("method=POST", "grpc"),
        ("authority~example$", "get200 get503 cut"),
        ("grpc_service=pkg.Svc grpc_method=Method", "grpc"),
        ("h2=rst_stream", "rst"),
        ("h2^=go", "goaway"),
        ("h2~^rst", "rst"),
        ("direction=downstream", ""),
        ("reason=cert_verify_failed category in (expired)", "expired"),
        ("category!=unknown_ca", "expired"),
        ("category=self_signed", "self"),
        ("alert=unknown_ca", "unknown self expired"),
        ("sni=api.example", "grpc in no_ech"),
        ("alpn=h2", "grpc in no_ech"),
        ("alpn_in=h2", "in no_ech"),
        ("alpn_out=http/1.1", "out"),
        ("tlsver=1.3 kind=tls", "in no_ech unknown self expired"),
        ("tlsver=TLS1.3 kind=event", "grpc"),
        ("cipher~256_GCM", "unknown self expired"),
        ("closed_by=client", ""),
        ("close_reason in (client_idle_timeout,denied)", "idle"),
        ("flag in (trailers_only,upstream_no_close_notify)", "grpc refused"),
        ("error~refused", "refused"),
        ("error~expired", "expired"),
        ("error~ENHANCE", "goaway"),
        ("proxy=v2", "idle refused"),
        ("proxy_src^=10.0.0.5", "idle refused"),
        ("proxy_dst=192.0.2.1:443", "idle refused"),
        ("ja3=e7d705a3286e19ea42f587b344ee6865", "in"),
        ("ja4^=t13d", "in"),
        ("ech=1", "in"),
        ("ech=0", "no_ech"),
        ("esni=true", ""),
        ("h2fp^=1:65536", "print"),
        ("h2fp_out=nginx", "print"),
        ("h2fp_in=nginx", ""),
    ]);
}

#[test]
fn bare_words_search_what_the_row_shows() {
    assert_means(&[
        ("unavailable", "grpc"),
        ("-> 50052", "open"),
        ("\"open ->\"", "open"),
        ("enhance_your_CALM(11)", "goaway"),
        ("too_many", "goaway"),
        ("[2001:db8", "get503"),
        ("10.0.0.50:4242", "refused"),
        ("web", "get503"),
        ("client_fin", "refused"),
        ("certificate", "unknown self expired"),
        ("-certificate kind=tls", "in out no_ech"),
        ("GET -503 kind=event", "get200 cut"),
        ("api.example", "in no_ech"),
    ]);
}

#[test]
fn tls_in_fail_finds_a_failed_handshake_with_the_client() {
    let failed = tls(|tls| {
        tls.outcome = Outcome::Fail;
        tls.reason = Some(TlsReason::UnknownCa);
    });
    assert!(Filter::parse("tls in fail").unwrap().matches(&failed));
}
