//! gRPC over HTTP/2, as far as it can be told from HTTP's own pieces: which content is gRPC, where
//! its messages begin, and what the gRPC-specific fields say.
//!
//! ```text
//! :path         /helloworld.Greeter/SayHello   split_path
//! content-type  application/grpc+proto         is_grpc
//! grpc-timeout  3985m                          parse_timeout
//! DATA          00 0000000a ..........         Prefixes
//! grpc-status   5                              Status::parse
//! grpc-message  no%20such%20user               decode_message
//! ```
//!
//! Rules cited here are those of the "gRPC over HTTP2" protocol document (`PROTOCOL-HTTP2.md`). What
//! the messages contain (protobuf or anything else) isn't looked at, and gRPC-Web, which puts its
//! trailers into the body, is not gRPC in this sense.

mod fuzzing;
mod path;
mod prefix;
mod status;
mod timeout;

#[doc(hidden)]
pub use fuzzing::fuzz;
pub use path::split_path;
pub use prefix::{PREFIX_LENGTH, Prefix, Prefixes};
pub use status::{Status, decode_message};
pub use timeout::parse_timeout;

const MEDIA_TYPE: &[u8] = b"application/grpc";

/// Whether a `content-type` announces gRPC: `application/grpc`, alone or followed by `+proto`, by
/// another subtype suffix, or by parameters. `application/grpc-web` is something else.
pub fn is_grpc(content_type: &[u8]) -> bool {
    let Some((media_type, rest)) = content_type.split_at_checked(MEDIA_TYPE.len()) else {
        return false;
    };
    media_type.eq_ignore_ascii_case(MEDIA_TYPE)
        && matches!(rest.first(), None | Some(b'+' | b';' | b' ' | b'\t'))
}

#[cfg(test)]
mod tests {
    use super::is_grpc;

    #[test]
    fn the_media_type_and_its_suffixes_are_grpc() {
        for (content_type, expected) in [
            ("application/grpc", true),
            ("application/grpc+proto", true),
            ("application/grpc+json", true),
            ("application/grpc;charset=utf-8", true),
            ("application/grpc ; charset=utf-8", true),
            ("Application/GRPC", true),
            ("application/grpc-web", false),
            ("application/grpc-web+proto", false),
            ("application/grpcx", false),
            ("application/grp", false),
            ("text/html", false),
            ("", false),
        ] {
            assert_eq!(is_grpc(content_type.as_bytes()), expected, "{content_type}");
        }
    }
}
