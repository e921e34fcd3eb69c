//! What holds for every expression.

use proptest::prelude::*;

use crate::filter::{FieldId, Filter, fuzz};

#[test]
fn the_table_has_the_contract_s_fields_and_each_can_be_asked_for() {
    const CONTRACT: &str = "kind proto listener client client_ip upstream conn status method path \
        authority grpc_service grpc_method grpc_status stream direction h2 side outcome reason \
        category alert sni alpn alpn_in alpn_out tlsver cipher closed_by close_reason flag error \
        duration bytes_in bytes_out proxy proxy_src proxy_dst ja3 ja4 ech esni h2fp h2fp_in \
        h2fp_out code blame";
    let names: Vec<_> = FieldId::ALL.iter().map(|id| id.name()).collect();
    assert_eq!(names, CONTRACT.split_whitespace().collect::<Vec<_>>());
    for &id in FieldId::ALL {
        assert_eq!(FieldId::named(id.name()), Some(id));
        for word in id.kind().words().iter().copied().flatten() {
            let filter = Filter::parse(&format!("{}={word}", id.name())).unwrap();
            assert_eq!(filter.terms().len(), 1);
        }
    }
}

#[test]
fn the_normal_form_has_no_more_quotes_than_needed() {
    for (source, normal) in [
        ("  proto = grpc   and error=1", "proto=grpc error=1"),
        ("(a)", "a"),
        ("a (b c) or not (d or e)", "a (b c) or -(d or e)"),
        ("\"a\" \"or\" \"x=y\" \"b c\"", "a \"or\" \"x=y\" \"b c\""),
        ("status  in( 1 , 2 )", "status in (1,2)"),
        ("path in (/a*, \"/b*\")", "path in (/a*,\"/b*\")"),
        (r#"path~"a \"b\"\d""#, r#"path~"a \"b\"\\d""#),
        ("Header.X-A=1", "header.x-a=1"),
        ("", ""),
    ] {
        assert_eq!(Filter::parse(source).unwrap().to_string(), normal);
        assert_eq!(Filter::parse(source).unwrap().source(), source);
    }
}

#[test]
fn seeds_of_the_fuzzer() {
    let seeds: &[&[u8]] = &[
        b"",
        b"tls in fail",
        b"tls \"in\" (a or b)",
        b"proto=grpc -(status>=500 or grpc_status!=0) path~^/a\\(b\\)",
        b"h2 in (GOAWAY, rst*) client in (10.*,[::1]) \"a b\" not -> x",
        b"path=\"\\\\\\\"\\n\" header.:path^=/ duration=1..2s bytes_in=..1MiB",
        b"path=\xff\xfe conn=099a8057 \xe2\x80\xae",
        b"path~\"\\\\(\\x{202e}[\"",
        b"sni in (*, \"*\", a(b)*)",
        b"((((((",
    ];
    for seed in seeds {
        fuzz(seed);
        for end in 0..seed.len() {
            fuzz(&seed[..end]);
        }
    }
}

/// Texts made of the language's own pieces, which reach deeper than random ones.
fn expression() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(FieldId::ALL).prop_map(|id| id.name().to_owned()),
        prop::sample::select(
            &[
                "=",
                "!=",
                "^=",
                "~",
                "!~",
                ">",
                ">=",
                "<",
                "<=",
                " in (",
                ",",
                ")",
                "(",
                "\"",
                "\\",
                "*",
                " ",
                " or ",
                " and ",
                " not ",
                "-",
                "->",
                "..",
                "5xx",
                "10.0.0.",
                "[::1]",
                "grpc",
                "1",
                "503",
                "UNAVAILABLE",
                "1.5s",
                "MiB",
                "header.",
                "x",
                "é",
                "\u{202e}",
            ][..]
        )
        .prop_map(str::to_owned),
        "\\PC{0,3}",
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn expressions_are_mistakes_with_a_place_or_have_a_normal_form(text in expression()) {
        fuzz(text.as_bytes());
    }

    #[test]
    fn any_bytes_are_too(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        fuzz(&bytes);
    }

    #[test]
    fn any_text_can_be_a_value_in_quotes(text in any::<String>()) {
        let quoted = text.replace('\\', "\\\\").replace('"', "\\\"");
        let filter = Filter::parse(&format!("path=\"{quoted}\"")).unwrap();
        prop_assert_eq!(filter.terms()[0].operands[0].written(), text);
    }
}
