//! From a value as written to one that can be compared, by the field's type.

use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;

use regex::RegexBuilder;
use wire::grpc::Status;

use super::error::Fault;
use super::expr::{Operand, Operator};
use super::fields::{Field, FieldType};
use super::matcher::{ClientMatcher, Matcher};
use super::number::number;
use super::scanner::{Raw, position_in};
use super::suggest::suggest;
use crate::vocabulary::TlsCategory;

/// How large a compiled regular expression may be, in bytes.
const REGEX_SIZE: usize = 10 << 20;

/// The highest gRPC status that has a name.
const LAST_GRPC_STATUS: u32 = 16;

pub(super) fn operand(
    source: &str,
    field: &Field,
    operator: Operator,
    raw: &Raw,
) -> Result<Operand, Fault> {
    let kind = field.kind();
    let matcher = match operator {
        Operator::Regex | Operator::NotRegex => regex(source, kind, raw)?,
        Operator::Prefix => prefix(kind, raw),
        Operator::In if raw.star && kind.is_text() => prefix(kind, raw),
        Operator::In if raw.star => {
            let message = format!("'{field}' is not a text that could begin with something");
            return Err(Fault::new(raw.span.clone(), message));
        }
        Operator::Equal | Operator::NotEqual | Operator::In => equal(field, raw)?,
        Operator::Greater | Operator::GreaterOrEqual | Operator::Less | Operator::LessOrEqual => {
            Matcher::Range(order(field, operator, raw)?)
        }
    };
    Ok(Operand { written: raw.text.as_str().into(), star: raw.star, matcher })
}

fn regex(source: &str, kind: FieldType, raw: &Raw) -> Result<Matcher, Fault> {
    let quote = |fault: Fault| match raw.quoted {
        true => fault,
        false => fault.hint("put it in double quotes if it holds spaces or lone parentheses"),
    };
    if let Err(error) = regex_syntax::Parser::new().parse(&raw.text) {
        let (span, what) = match &error {
            regex_syntax::Error::Parse(error) => (error.span(), error.kind().to_string()),
            regex_syntax::Error::Translate(error) => (error.span(), error.kind().to_string()),
            _ => return Err(quote(Fault::new(raw.span.clone(), "not a regular expression"))),
        };
        let start = position_in(source, raw, span.start.offset);
        let end = position_in(source, raw, span.end.offset).max(start);
        return Err(quote(Fault::new(start..end, format!("in the regular expression: {what}"))));
    }
    RegexBuilder::new(&raw.text)
        .size_limit(REGEX_SIZE)
        .case_insensitive(!kind.words().is_empty())
        .build()
        .map(Matcher::Regex)
        .map_err(|_| {
            let message = format!("the regular expression needs more than {REGEX_SIZE} bytes");
            Fault::new(raw.span.clone(), message)
        })
}

fn prefix(kind: FieldType, raw: &Raw) -> Matcher {
    let text = raw.text.as_str();
    match kind {
        FieldType::Client | FieldType::Address => {
            Matcher::Client(ClientMatcher::Prefix(text.trim_start_matches('[').into()))
        }
        FieldType::Conn => {
            Matcher::Prefix { text: text.to_ascii_lowercase().into(), any_case: false }
        }
        _ => Matcher::Prefix { text: text.into(), any_case: !kind.words().is_empty() },
    }
}

fn equal(field: &Field, raw: &Raw) -> Result<Matcher, Fault> {
    let text = raw.text.as_str();
    let kind = field.kind();
    Ok(match kind {
        FieldType::Text => Matcher::Equal(text.into()),
        FieldType::Words(_) => Matcher::OneOf(vec![word(field, raw)?]),
        FieldType::Category => {
            let wanted = word(field, raw)?;
            let refines = |category: &&TlsCategory| {
                wanted.parse().is_ok_and(|wanted| category.refines(wanted))
            };
            let meant = TlsCategory::ALL.iter().filter(refines);
            Matcher::OneOf(meant.map(|category| category.as_str()).collect())
        }
        FieldType::TlsVersion => Matcher::Equal(tls_version(text).into()),
        FieldType::Number
        | FieldType::Status
        | FieldType::GrpcStatus
        | FieldType::Duration
        | FieldType::Bytes => Matcher::Range(range(field, raw)?),
        FieldType::Client => Matcher::Client(client(raw, true)?),
        FieldType::Address => Matcher::Client(client(raw, false)?),
        FieldType::Conn => conn(raw)?,
        FieldType::Switch => Matcher::Switch(matches!(word(field, raw)?, "1" | "true")),
        FieldType::Error => match text {
            "1" | "true" => Matcher::Switch(true),
            "0" | "false" => Matcher::Switch(false),
            _ => {
                return Err(Fault::new(raw.span.clone(), "error= takes 1, 0, true or false")
                    .hint("error~TEXT searches the error's text"));
            }
        },
    })
}

/// The word of the field's closed list, in the list's own spelling.
fn word(field: &Field, raw: &Raw) -> Result<&'static str, Fault> {
    let words = || field.kind().words().iter().copied().flatten().copied();
    if let Some(word) = words().find(|word| word.eq_ignore_ascii_case(&raw.text)) {
        return Ok(word);
    }
    let similar = match suggest(&raw.text, words()) {
        Some(word) => format!(", did you mean '{word}'?"),
        None => String::new(),
    };
    let mut allowed: Vec<_> = words().collect();
    allowed.sort_unstable();
    allowed.dedup();
    let message = format!("{field} is never '{}'{similar}", raw.text);
    Err(Fault::new(raw.span.clone(), message).hint(format!("allowed: {}", allowed.join(", "))))
}

/// `1.3` and `TLS1.3` as the records spell it, `TLSv1.3`.
fn tls_version(text: &str) -> String {
    let number = text.trim_start_matches(|letter: char| letter.is_ascii_alphabetic());
    let letters = &text[..text.len() - number.len()];
    let tls = ["", "tls", "tlsv"].iter().any(|name| letters.eq_ignore_ascii_case(name));
    match tls && number.starts_with("1.") {
        true => format!("TLSv{number}"),
        false => text.to_owned(),
    }
}

fn range(field: &Field, raw: &Raw) -> Result<RangeInclusive<u64>, Fault> {
    let text = raw.text.as_str();
    let kind = field.kind();
    if let (FieldType::Status, [class @ b'1'..=b'9', b'x' | b'X', b'x' | b'X']) =
        (kind, text.as_bytes())
    {
        let first = u64::from(class - b'0') * 100;
        return Ok(first..=first + 99);
    }
    let Some((from, to)) = text.split_once("..").filter(|&both| both != ("", "")) else {
        let exact = single(field, text, raw)?;
        return Ok(exact..=exact);
    };
    let from = if from.is_empty() { 0 } else { single(field, from, raw)? };
    let to = if to.is_empty() { u64::MAX } else { single(field, to, raw)? };
    match from <= to {
        true => Ok(from..=to),
        false => Err(Fault::new(raw.span.clone(), "the range ends before it begins")),
    }
}

fn order(field: &Field, operator: Operator, raw: &Raw) -> Result<RangeInclusive<u64>, Fault> {
    #[expect(clippy::reversed_empty_ranges, reason = "nothing is below zero or past the maximum")]
    const NEVER: RangeInclusive<u64> = 1..=0;
    let limit = single(field, &raw.text, raw)?;
    Ok(match operator {
        Operator::Greater => limit.checked_add(1).map_or(NEVER, |least| least..=u64::MAX),
        Operator::GreaterOrEqual => limit..=u64::MAX,
        Operator::Less => limit.checked_sub(1).map_or(NEVER, |most| 0..=most),
        _ => 0..=limit,
    })
}

/// One number, which is `text` or stands in it.
fn single(field: &Field, text: &str, raw: &Raw) -> Result<u64, Fault> {
    let kind = field.kind();
    if kind == FieldType::GrpcStatus {
        let named = |&number: &u32| {
            Status(number).name().is_some_and(|name| name.eq_ignore_ascii_case(text))
        };
        if let Some(number) = (0..=LAST_GRPC_STATUS).find(named) {
            return Ok(u64::from(number));
        }
    }
    number(kind, text).map_err(|hint| {
        let message = format!("'{text}' is not a value of {field}");
        Fault::new(raw.span.clone(), message).hint(hint)
    })
}

/// An address for `client` (with or without a port) or `client_ip` (without).
fn client(raw: &Raw, with_port: bool) -> Result<ClientMatcher, Fault> {
    let text = raw.text.as_str();
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    if text.ends_with(['.', ':']) {
        return Ok(ClientMatcher::Prefix(text.trim_start_matches('[').into()));
    }
    if let Ok(ip) = bare.parse::<IpAddr>() {
        return Ok(ClientMatcher::Ip(ip.to_string().into()));
    }
    if let Ok(net) = text.parse() {
        return Ok(ClientMatcher::Net(net));
    }
    match text.parse::<SocketAddr>() {
        Ok(addr) if with_port => {
            return Ok(ClientMatcher::Endpoint(addr.ip().to_string().into(), addr.port()));
        }
        Ok(_) => {
            return Err(Fault::new(raw.span.clone(), "client_ip has no port")
                .hint("use client= for an address with its port"));
        }
        Err(_) => {}
    }
    let numeric = text.chars().all(|character| {
        character.is_ascii_hexdigit() || matches!(character, '.' | ':' | '[' | ']' | '/')
    });
    // A PROXY header can also name a UNIX socket.
    if !numeric || text.starts_with('/') {
        return Ok(ClientMatcher::Ip(text.into()));
    }
    Err(Fault::new(raw.span.clone(), format!("'{text}' is not an address")).hint(
        "an address (10.0.0.5, ::1), with a port (10.0.0.5:4242, [::1]:4242), a network \
         (10.0.0.0/8), or a beginning that ends with a dot or a colon (10.0.0.)",
    ))
}

/// A connection's UUID, or how it ends.
fn conn(raw: &Raw) -> Result<Matcher, Fault> {
    if let Ok(id) = raw.text.parse::<uuid::Uuid>() {
        return Ok(Matcher::Equal(id.to_string().into()));
    }
    let digits = |character: char| character.is_ascii_hexdigit() || character == '-';
    match !raw.text.is_empty() && raw.text.chars().all(digits) {
        true => Ok(Matcher::Suffix(raw.text.to_ascii_lowercase().into())),
        false => Err(Fault::new(raw.span.clone(), "not a connection id")
            .hint("the UUID, or its last hex digits as the rows show them")),
    }
}
