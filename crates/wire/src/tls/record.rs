//! The record layer of one direction (RFC 8446 §5.1), without any buffering of content.
//!
//! ```text
//!          ┌──────────── header: type, version, length ───────────┐
//!          ▼                                                      │ length 0
//!       Header ── five bytes, all good ──► Content ── none left ──┘
//!          └───── five bytes, nonsense ──► an error; the reader is of no more use
//! ```
//!
//! Content is handed on in the pieces that the network cut it into.

use super::{ContentType, ProtocolVersion};

/// The longest content of a record: 2^14 bytes and the 2048 that compression and encryption might
/// add in TLS 1.2 (RFC 5246 §6.2.3).
pub(super) const MAX_RECORD: u16 = (1 << 14) + 2048;

/// The five bytes before a record's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RecordHeader {
    pub(super) content_type: ContentType,
    pub(super) length: u16,
}

/// One step through the records.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// A header is complete.
    Header(RecordHeader),
    /// Some of the content of the record, never none.
    Content(ContentType, &'a [u8]),
}

/// Follows the records of one direction.
#[derive(Clone, Debug)]
pub(super) struct RecordReader {
    state: State,
    /// Bytes taken so far.
    offset: u64,
    header_offset: u64,
}

#[derive(Clone, Debug)]
enum State {
    Header { bytes: [u8; 5], have: usize },
    Content { header: RecordHeader, left: u16 },
}

impl State {
    const START: Self = Self::Header { bytes: [0; 5], have: 0 };
}

impl RecordReader {
    pub(super) const fn new() -> Self {
        Self { state: State::START, offset: 0, header_offset: 0 }
    }

    /// The next piece of `input`; none when it is used up.
    ///
    /// # Errors
    ///
    /// A sentence about what is wrong with a header. Where the next record would begin is unknown
    /// then.
    pub(super) fn next<'a>(&mut self, input: &mut &'a [u8]) -> Result<Option<Piece<'a>>, String> {
        match &mut self.state {
            State::Header { bytes, have } => {
                let count = input.len().min(bytes.len() - *have);
                let (taken, rest) = input.split_at(count);
                bytes[*have..*have + count].copy_from_slice(taken);
                *have += count;
                *input = rest;
                self.offset += count as u64;
                if *have < bytes.len() {
                    return Ok(None);
                }
                self.header_offset = self.offset - bytes.len() as u64;
                let header = parse(*bytes)?;
                self.state = match header.length {
                    0 => State::START,
                    left => State::Content { header, left },
                };
                Ok(Some(Piece::Header(header)))
            }
            State::Content { .. } if input.is_empty() => Ok(None),
            State::Content { header, left } => {
                let count = input.len().min((*left).into());
                let (taken, rest) = input.split_at(count);
                let content_type = header.content_type;
                *left -= count as u16;
                *input = rest;
                self.offset += count as u64;
                if *left == 0 {
                    self.state = State::START;
                }
                Ok(Some(Piece::Content(content_type, taken)))
            }
        }
    }

    /// Bytes before the header that was told last, or that was wrong.
    pub(super) const fn header_offset(&self) -> u64 {
        self.header_offset
    }

    /// The record that is not complete, and how many bytes of its content came.
    pub(super) const fn unfinished(&self) -> Option<(RecordHeader, u16)> {
        match self.state {
            State::Content { header, left } => Some((header, header.length - left)),
            State::Header { .. } => None,
        }
    }

    /// Bytes before the header that is begun and not complete.
    pub(super) const fn unfinished_header(&self) -> Option<u64> {
        match self.state {
            State::Header { have: have @ 1.., .. } => Some(self.offset - have as u64),
            _ => None,
        }
    }
}

fn parse([content_type, major, minor, high, low]: [u8; 5]) -> Result<RecordHeader, String> {
    let content_type = ContentType(content_type);
    if content_type.name().is_none() {
        return Err(format!("record of unknown type {}", content_type.0));
    }
    if major != 3 {
        let version = ProtocolVersion(u16::from_be_bytes([major, minor]));
        return Err(format!("record with version {version}; TLS has 0x03__"));
    }
    let length = u16::from_be_bytes([high, low]);
    if length > MAX_RECORD {
        return Err(format!("record of {length} bytes; at most {MAX_RECORD} are allowed"));
    }
    Ok(RecordHeader { content_type, length })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> (Vec<String>, Result<(), String>) {
        let (mut reader, mut input, mut seen) = (RecordReader::new(), bytes, Vec::new());
        loop {
            match reader.next(&mut input) {
                Ok(Some(piece)) => seen.push(format!("{piece:?}")),
                Ok(None) => return (seen, Ok(())),
                Err(what) => return (seen, Err(what)),
            }
        }
    }

    #[test]
    fn records_follow_one_another() {
        let (seen, end) = all(b"\x16\x03\x01\0\x02ab\x17\x03\x03\0\0\x15\x03\x03\0\x02\x01");
        assert_eq!(end, Ok(()));
        assert_eq!(
            seen,
            [
                "Header(RecordHeader { content_type: handshake, length: 2 })",
                "Content(handshake, [97, 98])",
                "Header(RecordHeader { content_type: application_data, length: 0 })",
                "Header(RecordHeader { content_type: alert, length: 2 })",
                "Content(alert, [1])",
            ]
        );
    }

    #[test]
    fn a_header_that_makes_no_sense_says_why() {
        let table: &[(&[u8], &str)] = &[
            (b"\x19\x03\x01\0\x02", "record of unknown type 25"),
            (b"\x16\x02\x01\0\x02", "record with version 0x0201; TLS has 0x03__"),
            (b"\x16\x03\x01\xff\xff", "record of 65535 bytes; at most 18432 are allowed"),
        ];
        for (bytes, what) in table {
            assert_eq!(all(bytes).1, Err((*what).to_owned()));
        }
    }

    #[test]
    fn knows_what_is_unfinished() {
        let mut reader = RecordReader::new();
        assert_eq!(reader.unfinished_header(), None);
        assert_eq!(reader.next(&mut &b"\x16\x03"[..]), Ok(None));
        assert_eq!(reader.unfinished_header(), Some(0));
        reader.next(&mut &b"\x03\0\x09"[..]).unwrap();
        reader.next(&mut &b"abc"[..]).unwrap();
        assert_eq!(reader.unfinished().map(|(header, came)| (header.length, came)), Some((9, 3)));
        assert_eq!(reader.header_offset(), 0);
    }
}
