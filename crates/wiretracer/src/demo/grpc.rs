//! What the demo's upstream and client both need of gRPC: messages, metadata, percent-encoding.
//!
//! Messages look like protobuf with one string in field 1, so that any decoder can read them.

use std::fmt::Write as _;

use bytes::{BufMut as _, Bytes, BytesMut};
use h2::RecvStream;
use http::{HeaderMap, HeaderName, HeaderValue};
use wire::grpc::{Prefixes, Status};

/// Length-prefixed message with `text` in field 1.
pub(super) fn message(text: &str) -> Bytes {
    let mut content = BytesMut::with_capacity(text.len() + 16);
    content.put_u8(0x0a);
    let mut length = text.len();
    while length >= 0x80 {
        content.put_u8(length as u8 | 0x80);
        length >>= 7;
    }
    content.put_u8(length as u8);
    content.put_slice(text.as_bytes());
    let mut framed = BytesMut::with_capacity(content.len() + 5);
    framed.put_u8(0);
    framed.put_u32(content.len() as u32);
    framed.put(content);
    framed.freeze()
}

/// `grpc-status`, and `grpc-message` when there is something to say.
pub(super) fn status(status: Status, text: &str) -> HeaderMap {
    let mut fields = HeaderMap::new();
    fields.insert(HeaderName::from_static("grpc-status"), HeaderValue::from(status.0));
    if let Ok(value) = HeaderValue::from_str(&percent_encoded(text))
        && !text.is_empty()
    {
        fields.insert(HeaderName::from_static("grpc-message"), value);
    }
    fields
}

/// As the gRPC protocol wants `grpc-message`: everything but printable ASCII, and `%` itself.
fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        match byte {
            b' '..=b'~' if byte != b'%' => encoded.push(byte.into()),
            // Writing to a String cannot fail.
            _ => drop(write!(encoded, "%{byte:02X}")),
        }
        encoded
    })
}

/// The messages of a body as they come, counted; credit is given back for each piece.
pub(super) struct Messages {
    body: RecvStream,
    prefixes: Prefixes,
}

impl Messages {
    pub(super) fn of(body: RecvStream) -> Self {
        Self { body, prefixes: Prefixes::new() }
    }

    /// How many messages the next piece of the body begins; none at its end.
    pub(super) async fn next(&mut self) -> Option<Result<usize, h2::Error>> {
        let piece = match self.body.data().await? {
            Ok(piece) => piece,
            Err(error) => return Some(Err(error)),
        };
        let mut begun = 0;
        self.prefixes.feed(&piece, |_| begun += 1);
        Some(self.body.flow_control().release_capacity(piece.len()).map(|()| begun))
    }

    /// Reads to the end; how many messages there were.
    pub(super) async fn count(&mut self) -> Result<usize, h2::Error> {
        let mut count = 0;
        while let Some(begun) = self.next().await {
            count += begun?;
        }
        Ok(count)
    }

    /// The trailers, after the end.
    pub(super) async fn trailers(&mut self) -> Result<Option<HeaderMap>, h2::Error> {
        self.body.trailers().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_percent_encoded() {
        let fields = status(Status::NOT_FOUND, "grüner Tee, 100 %");
        assert_eq!(fields["grpc-status"], "5");
        assert_eq!(fields["grpc-message"], "gr%C3%BCner Tee, 100 %25");
        assert!(!status(Status::OK, "").contains_key("grpc-message"));
    }

    #[test]
    fn long_messages_have_long_lengths() {
        let framed = message(&"x".repeat(300));
        assert_eq!(framed[..8], [0, 0, 0, 1, 47, 0x0a, 0xac, 0x02]);
        assert_eq!(framed.len(), 5 + 3 + 300);
    }
}
