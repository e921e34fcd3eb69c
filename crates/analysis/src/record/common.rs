//! The pieces that all kinds of records share, and how they look in JSON.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use wire::Timestamp;
use wire::http::Fields;

/// Names a connection: a UUIDv7, so it sorts by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConnId(pub uuid::Uuid);

impl fmt::Display for ConnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Names a record: its connection and its ordinal there, `<conn_id>.<n>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId {
    /// The connection.
    pub conn: ConnId,
    /// The ordinal of the record on the connection, from 1.
    pub ordinal: u32,
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.conn, self.ordinal)
    }
}

impl Serialize for RecordId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RecordId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.rsplit_once('.')
            .and_then(|(conn, ordinal)| {
                Some(Self { conn: ConnId(conn.parse().ok()?), ordinal: ordinal.parse().ok()? })
            })
            .ok_or_else(|| D::Error::custom(format!("'{text}' is not <conn_id>.<number>")))
    }
}

/// Whence a record comes: the fields that every kind has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The record's own name.
    pub id: RecordId,
    /// The listener's name in the configuration.
    pub listener: Arc<str>,
    /// The client's address: the one that a PROXY header claims, if there was one.
    pub client_ip: Arc<str>,
    /// The client's port, as `client_ip`; null for a UNIX socket.
    pub client_port: Option<u16>,
    /// The connection that the record belongs to.
    pub conn_id: ConnId,
}

/// A moment, in JSON as Unix seconds with microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seconds(pub Timestamp);

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.0.as_micros() as f64 / 1e6)
    }
}

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seconds = f64::deserialize(deserializer)?;
        if !(0.0..=9e9).contains(&seconds) {
            return Err(D::Error::custom(format!("{seconds} is not a time in Unix seconds")));
        }
        Ok(Self(Timestamp::from_micros((seconds * 1e6).round() as u64)))
    }
}

/// A duration, in JSON as milliseconds with three decimals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(pub Duration);

impl Millis {
    /// The number that stands in JSON.
    pub fn as_f64(self) -> f64 {
        self.0.as_micros() as f64 / 1e3
    }
}

impl Serialize for Millis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.as_f64())
    }
}

impl<'de> Deserialize<'de> for Millis {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let millis = f64::deserialize(deserializer)?;
        if !(0.0..=1e15).contains(&millis) {
            return Err(D::Error::custom(format!("{millis} is not a duration in milliseconds")));
        }
        Ok(Self(Duration::from_micros((millis * 1e3).round() as u64)))
    }
}

/// Bytes from the network, shown as text: UTF-8 as it is, every other byte as `\xNN`.
pub struct Text<'a>(pub &'a [u8]);

impl Text<'_> {
    /// The text as a string of its own.
    pub fn into_string(self) -> String {
        match std::str::from_utf8(self.0) {
            Ok(text) => text.to_owned(),
            Err(_) => self.to_string(),
        }
    }

    /// As [`Text::into_string`], for bytes that may be taken over.
    pub fn from_vec(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap_or_else(|error| Text(error.as_bytes()).to_string())
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            f.write_str(chunk.valid())?;
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        Ok(())
    }
}

impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(self.0) {
            Ok(text) => serializer.serialize_str(text),
            Err(_) => serializer.collect_str(self),
        }
    }
}

/// Serde for field lines as an array of `[name, value]` pairs (`#[serde(with = "headers")]`).
pub mod headers {
    use super::{Deserialize, Deserializer, Fields, Serializer, Text};

    /// Writes the pairs.
    pub fn serialize<S: Serializer>(fields: &Fields, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(fields.iter().map(|field| (Text(field.name), Text(field.value))))
    }

    /// Reads the pairs. `\xNN` stays as it is written: which bytes it stood for cannot be known.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Fields, D::Error> {
        let pairs = Vec::<(String, String)>::deserialize(deserializer)?;
        Ok(pairs.into_iter().collect())
    }
}
