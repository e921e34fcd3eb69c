//! What `Sec-WebSocket-Extensions` in the 101 response says (RFC 6455 §9.1, RFC 7692 §7.1).

use crate::decoder::PerDirection;

const MAX_WINDOW_BITS: u8 = 15;
const MIN_WINDOW_BITS: u8 = 8;

/// The extensions in use on a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extensions {
    /// permessage-deflate, with the parameters of both senders.
    pub deflate: Option<Deflate>,
    /// Whether there is an extension that isn't known here: the reserved bits of frames may then
    /// mean something.
    pub unknown: bool,
}

/// permessage-deflate: how each side compresses, by who sends.
pub type Deflate = PerDirection<DeflateParams>;

/// How one side compresses its messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeflateParams {
    /// Whether each message is compressed on its own, without reference to earlier ones.
    pub no_context_takeover: bool,
    /// The base-2 logarithm of the sender's LZ77 window, 8 to 15.
    pub max_window_bits: u8,
}

impl Default for DeflateParams {
    fn default() -> Self {
        Self { no_context_takeover: false, max_window_bits: MAX_WINDOW_BITS }
    }
}

impl Extensions {
    /// Reads the values of the response's `Sec-WebSocket-Extensions` lines, in order.
    ///
    /// What is not understood, parameters of permessage-deflate included, counts as an unknown
    /// extension.
    pub fn from_response<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut extensions = Self::default();
        for value in values {
            for extension in split_unquoted(value, b',') {
                if !extension.trim_ascii().is_empty() {
                    extensions.add(extension);
                }
            }
        }
        extensions
    }

    fn add(&mut self, extension: &[u8]) {
        let mut parts = split_unquoted(extension, b';');
        let name = parts.next().unwrap_or_default().trim_ascii();
        let deflate = name.eq_ignore_ascii_case(b"permessage-deflate") && self.deflate.is_none();
        match deflate.then(|| deflate_params(parts)).flatten() {
            Some(params) => self.deflate = Some(params),
            None => self.unknown = true,
        }
    }
}

/// Client's and server's parameters (RFC 7692 §7.1); `None` when one isn't valid in a response.
fn deflate_params<'a>(params: impl Iterator<Item = &'a [u8]>) -> Option<Deflate> {
    let mut deflate = Deflate::default();
    let [client, server] = &mut deflate.0;
    for param in params {
        let (name, value) = match param.iter().position(|&byte| byte == b'=') {
            Some(equals) => (&param[..equals], Some(param[equals + 1..].trim_ascii())),
            None => (param, None),
        };
        match (&*name.trim_ascii().to_ascii_lowercase(), value) {
            (b"client_no_context_takeover", None) => client.no_context_takeover = true,
            (b"server_no_context_takeover", None) => server.no_context_takeover = true,
            (b"client_max_window_bits", Some(bits)) => client.max_window_bits = window_bits(bits)?,
            (b"server_max_window_bits", Some(bits)) => server.max_window_bits = window_bits(bits)?,
            _ => return None,
        }
    }
    Some(deflate)
}

fn window_bits(value: &[u8]) -> Option<u8> {
    let digits = value.strip_prefix(b"\"").and_then(|v| v.strip_suffix(b"\"")).unwrap_or(value);
    let bits = str::from_utf8(digits).ok()?.parse().ok()?;
    (MIN_WINDOW_BITS..=MAX_WINDOW_BITS).contains(&bits).then_some(bits)
}

/// Splits at a separator that doesn't stand inside a quoted string.
fn split_unquoted(value: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let mut quoted = false;
    value.split(move |&byte| {
        quoted ^= byte == b'"';
        byte == separator && !quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(no_context_takeover: bool, max_window_bits: u8) -> DeflateParams {
        DeflateParams { no_context_takeover, max_window_bits }
    }

    #[test]
    fn the_response_tells_what_was_agreed_upon() {
        let both = |client, server| Some(PerDirection([client, server]));
        let default = DeflateParams::default();
        for (value, deflate, unknown) in [
            ("", None, false),
            ("permessage-deflate", both(default, default), false),
            (
                "Permessage-Deflate ; Server_No_Context_Takeover",
                both(default, params(true, 15)),
                false,
            ),
            (
                "permessage-deflate; client_no_context_takeover; client_max_window_bits=12; \
                 server_max_window_bits=\"10\"",
                both(params(true, 12), params(false, 10)),
                false,
            ),
            ("permessage-deflate; server_max_window_bits=16", None, true),
            ("permessage-deflate; server_max_window_bits=7", None, true),
            ("permessage-deflate; client_max_window_bits", None, true),
            ("permessage-deflate; mystery=1", None, true),
            ("x-webkit-deflate-frame", None, true),
            ("foo; a=\"b, permessage-deflate\", permessage-deflate", both(default, default), true),
            (" , ", None, false),
        ] {
            let expected = Extensions { deflate, unknown };
            assert_eq!(Extensions::from_response([value.as_bytes()]), expected, "{value}");
        }
    }

    #[test]
    fn several_lines_are_one_list() {
        let extensions = Extensions::from_response([&b"foo"[..], b"permessage-deflate"]);
        assert!(extensions.unknown && extensions.deflate.is_some());
    }
}
