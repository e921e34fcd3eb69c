//! The configuration as written: a tree of values, each with its place in the file.
//!
//! ```text
//! listen: 127.0.0.1:9100     Entry { key: "listen", key_place: 1:1, value: Node { place: 1:9, .. } }
//! ```
//!
//! Nothing is judged here: duplicate keys are kept side by side, so that whoever opens the mapping
//! can tell both places. Reading YAML text into this tree is [`super::yaml`]'s; asking a value to be
//! of some type is [`super::field`]'s.

use std::fmt;

/// A position in the configuration file; both numbers count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

impl Place {
    /// Where every file begins.
    pub(super) const START: Self = Self { line: 1, column: 1 };
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A value and where it begins.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) value: Value,
}

/// What a value can be: YAML 1.2's three kinds of node.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Scalar(Scalar),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// One `key: value` of a mapping, in the order of the file.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) key_place: Place,
    pub(super) value: Node,
}

/// A scalar keeps its text, so that a mistake can quote what the file says.
#[derive(Clone, Debug)]
pub(super) struct Scalar {
    pub(super) text: String,
    pub(super) meaning: Meaning,
}

/// What a scalar means by the core schema (YAML 1.2, section 10.3).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Meaning {
    Null,
    Bool(bool),
    Integer(i128),
    Number(f64),
    Text,
}

impl Meaning {
    /// The meaning of a scalar without quotes.
    pub(super) fn of_plain(text: &str) -> Self {
        match text {
            "" | "~" | "null" | "Null" | "NULL" => Self::Null,
            "true" | "True" | "TRUE" => Self::Bool(true),
            "false" | "False" | "FALSE" => Self::Bool(false),
            _ => integer(text)
                .map(Self::Integer)
                .or_else(|| number(text).map(Self::Number))
                .unwrap_or(Self::Text),
        }
    }
}

fn integer(text: &str) -> Option<i128> {
    let (digits, radix) = match text.get(..2) {
        Some("0x") => (&text[2..], 16),
        Some("0o") => (&text[2..], 8),
        _ => (text, 10),
    };
    // A sign may stand before decimal digits only, and `from_str_radix` takes one anywhere.
    if radix != 10 && digits.starts_with(['+', '-']) {
        return None;
    }
    i128::from_str_radix(digits, radix).ok()
}

fn number(text: &str) -> Option<f64> {
    match text {
        ".inf" | ".Inf" | ".INF" | "+.inf" => return Some(f64::INFINITY),
        "-.inf" => return Some(f64::NEG_INFINITY),
        ".nan" | ".NaN" | ".NAN" => return Some(f64::NAN),
        _ => {}
    }
    // Rust's parser knows the words "inf" and "nan" too, which are plain text in YAML.
    let looks_numeric = text.contains(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_digit() || "+-.eE".contains(c));
    if looks_numeric { text.parse().ok() } else { None }
}

impl Node {
    /// True for `null`, `~` and an empty value.
    pub(super) fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar(scalar) if scalar.meaning == Meaning::Null)
    }

    /// How many nodes hang here, this one included.
    pub(super) fn count(&self) -> usize {
        1 + match &self.value {
            Value::Scalar(_) => 0,
            Value::List(items) => items.iter().map(Self::count).sum(),
            Value::Map(entries) => entries.iter().map(|entry| entry.value.count()).sum(),
        }
    }

    /// How many levels of collections there are from here down.
    pub(super) fn depth(&self) -> usize {
        match &self.value {
            Value::Scalar(_) => 0,
            Value::List(items) => 1 + items.iter().map(Self::depth).max().unwrap_or(0),
            Value::Map(entries) => {
                1 + entries.iter().map(|entry| entry.value.depth()).max().unwrap_or(0)
            }
        }
    }
}

/// As a message says what was found: `'yes please' (string)`, `7 (integer)`, `a list`.
impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scalar = match &self.value {
            Value::Scalar(scalar) => scalar,
            Value::List(_) => return f.write_str("a list"),
            Value::Map(_) => return f.write_str("a mapping"),
        };
        match scalar.meaning {
            Meaning::Null => f.write_str("null"),
            Meaning::Bool(_) => write!(f, "{} (boolean)", scalar.text),
            Meaning::Integer(_) => write!(f, "{} (integer)", quotable(&scalar.text)),
            Meaning::Number(_) => write!(f, "{} (number)", quotable(&scalar.text)),
            Meaning::Text => write!(f, "'{}' (string)", quotable(&scalar.text)),
        }
    }
}

/// Text from the file, fit for one line on a terminal: escaped, and cut when it is long.
pub(super) fn quotable(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut out = String::new();
    for (index, c) in text.chars().enumerate() {
        if index == LONGEST {
            out.push('…');
            break;
        }
        if c == '\'' || c == '"' {
            out.push(c);
        } else {
            out.extend(c.escape_debug());
        }
    }
    out
}
