//! One value of a term, compiled: how a record's value is held against it.

use std::fmt::{self, Write as _};
use std::net::IpAddr;
use std::ops::RangeInclusive;

use ipnet::IpNet;
use regex::Regex;

use super::eval::Value;
use crate::row::Endpoint;

#[derive(Clone, Debug)]
pub(super) enum Matcher {
    /// The same text.
    Equal(Box<str>),
    /// One of these words: the one written and those that refine it.
    OneOf(Vec<&'static str>),
    /// The beginning of the text.
    Prefix { text: Box<str>, any_case: bool },
    /// The end of the text.
    Suffix(Box<str>),
    /// A place in the text.
    Regex(Regex),
    /// A number in the range; an empty range is never met.
    Range(RangeInclusive<u64>),
    /// Yes or no.
    Switch(bool),
    /// A client's address.
    Client(ClientMatcher),
}

#[derive(Clone, Debug)]
pub(super) enum ClientMatcher {
    /// This address, on any port.
    Ip(Box<str>),
    /// This address and port.
    Endpoint(Box<str>, u16),
    /// How `10.0.0.5:4242` or `::1]:4242` begins: without the bracket before an IPv6 address.
    Prefix(Box<str>),
    /// A network.
    Net(IpNet),
}

impl Matcher {
    /// Whether the value fits; none when it is not of the sort that this can be held against.
    pub(super) fn test(&self, value: Value<'_>) -> Option<bool> {
        match (self, value) {
            (_, Value::Nothing) => Some(false),
            (Self::Equal(text), Value::Text(value)) => Some(**text == *value),
            (Self::OneOf(words), Value::Text(value)) => Some(words.contains(&value)),
            (Self::Prefix { text, any_case }, Value::Text(value)) => {
                Some(begins(value, text, *any_case))
            }
            (Self::Prefix { text, .. }, Value::Number(value)) => {
                Some(with_text(value, |value| value.starts_with(&**text)))
            }
            (Self::Suffix(text), Value::Text(value)) => Some(value.ends_with(&**text)),
            (Self::Regex(regex), Value::Text(value)) => Some(regex.is_match(value)),
            (Self::Regex(regex), Value::Number(value)) => {
                Some(with_text(value, |value| regex.is_match(value)))
            }
            (Self::Regex(regex), Value::Client(client)) => {
                Some(with_text(client, |value| regex.is_match(value)))
            }
            (Self::Range(range), Value::Number(value)) => Some(range.contains(&value)),
            (Self::Switch(wanted), Value::Switch(value)) => Some(*wanted == value),
            (Self::Client(matcher), Value::Client(client)) => Some(matcher.test(client)),
            _ => None,
        }
    }
}

impl ClientMatcher {
    fn test(&self, client: Endpoint<'_>) -> bool {
        match self {
            Self::Ip(ip) => client.ip == &**ip,
            Self::Endpoint(ip, port) => client.ip == &**ip && client.port == Some(*port),
            Self::Prefix(prefix) if prefix.len() <= client.ip.len() => {
                client.ip.starts_with(&**prefix)
            }
            Self::Prefix(prefix) => with_text(client, |text| {
                text.strip_prefix('[').unwrap_or(text).starts_with(&**prefix)
            }),
            Self::Net(net) => client
                .ip
                .parse::<IpAddr>()
                .is_ok_and(|ip| net.contains(&ip) || net.contains(&ip.to_canonical())),
        }
    }
}

fn begins(value: &str, prefix: &str, any_case: bool) -> bool {
    match value.as_bytes().get(..prefix.len()) {
        Some(start) if any_case => start.eq_ignore_ascii_case(prefix.as_bytes()),
        Some(start) => start == prefix.as_bytes(),
        None => false,
    }
}

/// Hands the value's text over without an allocation, unless it is longer than an address can be.
fn with_text(value: impl fmt::Display, test: impl FnOnce(&str) -> bool) -> bool {
    let mut buffer = Buffer { bytes: [0; 64], length: 0 };
    match write!(buffer, "{value}") {
        Ok(()) => test(std::str::from_utf8(&buffer.bytes[..buffer.length]).unwrap_or_default()),
        Err(fmt::Error) => test(&value.to_string()),
    }
}

struct Buffer {
    bytes: [u8; 64],
    length: usize,
}

impl fmt::Write for Buffer {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length + text.len();
        let room = self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}
