//! The two names inside a gRPC `:path`: `/helloworld.Greeter/SayHello`. Whether such a service
//! exists isn't known here.

/// Splits a path into service and method; `None` when it doesn't have the form
/// `"/" Service-Name "/" method` (gRPC over HTTP2, "Path").
///
/// The method is what follows the last slash, as gRPC servers read it: a service name may hold
/// slashes, when a gateway has put a prefix before it.
pub fn split_path(path: &[u8]) -> Option<(&[u8], &[u8])> {
    let names = path.strip_prefix(b"/")?;
    let slash = names.iter().rposition(|&byte| byte == b'/')?;
    let (service, method) = (&names[..slash], &names[slash + 1..]);
    (!service.is_empty() && !method.is_empty()).then_some((service, method))
}

#[cfg(test)]
mod tests {
    use super::split_path;

    #[test]
    fn a_path_has_a_service_and_a_method() {
        for (path, expected) in [
            ("/helloworld.Greeter/SayHello", Some(("helloworld.Greeter", "SayHello"))),
            ("/Greeter/SayHello", Some(("Greeter", "SayHello"))),
            ("/api/v1/pkg.Greeter/SayHello", Some(("api/v1/pkg.Greeter", "SayHello"))),
            ("helloworld.Greeter/SayHello", None),
            ("/helloworld.Greeter", None),
            ("/helloworld.Greeter/", None),
            ("//SayHello", None),
            ("/", None),
            ("", None),
        ] {
            let expected = expected.map(|(s, m)| (s.as_bytes(), m.as_bytes()));
            assert_eq!(split_path(path.as_bytes()), expected, "{path}");
        }
    }
}
