//! Asking a value to be what its key needs.
//!
//! ```text
//! let tls = Section::open(&field, &keys::TLS, ctx)?;   refuses unknown and duplicate keys
//! let verify = tls.bool("verify", true, ctx);          absent: the default; wrong: reported
//! ```
//!
//! Every reader reports its own mistake and gives the caller something to go on with. `null` is the
//! same as leaving a key out where a key may be unset (paths, names, whole sections), and a mistake
//! where the default is a number or a word, because there nobody can tell what it should mean.

use std::ops::RangeInclusive;

use super::context::Context;
use super::keys::{self, Keys};
use super::node::{Meaning, Node, Place, Value, quotable};

/// A value and the key path that leads to it.
#[derive(Clone)]
pub(super) struct Field<'a> {
    pub(super) node: &'a Node,
    pub(super) path: String,
}

impl<'a> Field<'a> {
    /// Reports that the value is not one of those allowed.
    pub(super) fn refuse(&self, allowed: &str, ctx: &mut Context) {
        ctx.mistake(self, format!("found {}, allowed: {allowed}", self.node));
    }

    fn bool(&self, ctx: &mut Context) -> Option<bool> {
        match self.meaning() {
            Some(Meaning::Bool(value)) => Some(value),
            _ => self.refused("true or false", ctx),
        }
    }

    /// The text of a string; `allowed` says which strings, for the mistake.
    pub(super) fn text(&self, allowed: &str, ctx: &mut Context) -> Option<&'a str> {
        match &self.node.value {
            Value::Scalar(scalar) if scalar.meaning == Meaning::Text => Some(&scalar.text),
            Value::Scalar(scalar) if scalar.meaning != Meaning::Null => self.refused(
                &format!("{allowed}; a string that looks like something else needs quotes"),
                ctx,
            ),
            _ => self.refused(allowed, ctx),
        }
    }

    /// The text of a string that no message may show.
    pub(super) fn secret(&self, ctx: &mut Context) -> Option<&'a str> {
        let text = self.string();
        if text.is_none() {
            ctx.mistake(self, "not a string; allowed: a password in quotes, env:NAME or file:PATH");
        }
        text
    }

    /// A whole number within `range`.
    pub(super) fn integer(&self, range: RangeInclusive<u64>, ctx: &mut Context) -> Option<u64> {
        let inside = match self.meaning() {
            Some(Meaning::Integer(value)) => u64::try_from(value).ok(),
            _ => None,
        };
        match inside.filter(|value| range.contains(value)) {
            Some(value) => Some(value),
            None => {
                let allowed = format!("a whole number from {} to {}", range.start(), range.end());
                self.refused(&allowed, ctx)
            }
        }
    }

    /// A number, with or without a fraction, within `range`.
    pub(super) fn number(
        &self,
        range: RangeInclusive<f64>,
        allowed: &str,
        ctx: &mut Context,
    ) -> Option<f64> {
        let found = match self.meaning() {
            #[expect(
                clippy::cast_precision_loss,
                reason = "a whole number that big is out of every range"
            )]
            Some(Meaning::Integer(value)) => Some(value as f64),
            Some(Meaning::Number(value)) => Some(value),
            _ => None,
        };
        match found.filter(|value| range.contains(value)) {
            Some(value) => Some(value),
            None => self.refused(allowed, ctx),
        }
    }

    /// The items of a list.
    pub(super) fn items(&self, allowed: &str, ctx: &mut Context) -> Vec<Field<'a>> {
        let Value::List(nodes) = &self.node.value else {
            self.refuse(allowed, ctx);
            return Vec::new();
        };
        let item = |(index, node)| Field { node, path: format!("{}[{index}]", self.path) };
        nodes.iter().enumerate().map(item).collect()
    }

    /// One word of a closed list, given as (word, meaning).
    pub(super) fn word<T: Copy>(&self, words: &[(&str, T)], ctx: &mut Context) -> Option<T> {
        let names: Vec<&str> = words.iter().map(|(name, _)| *name).collect();
        let allowed = names.join(" or ");
        let text = self.text(&allowed, ctx)?;
        if let Some((_, value)) = words.iter().find(|(name, _)| *name == text) {
            return Some(*value);
        }
        match keys::nearest(text, &names) {
            Some(near) => self.refused(&format!("{allowed}; did you mean '{near}'?"), ctx),
            None => self.refused(&allowed, ctx),
        }
    }

    /// The text of a string that names a file.
    pub(super) fn file_name(&self, allowed: &str, ctx: &mut Context) -> Option<&'a str> {
        let name = self.text(allowed, ctx)?;
        // An empty path joined to the folder would be the folder.
        if name.is_empty() { self.refused(allowed, ctx) } else { Some(name) }
    }

    /// The text of a string, if it is one.
    pub(super) fn string(&self) -> Option<&'a str> {
        match &self.node.value {
            Value::Scalar(scalar) if scalar.meaning == Meaning::Text => Some(&scalar.text),
            _ => None,
        }
    }

    /// Whether this is a list, even an empty one.
    pub(super) fn is_list(&self) -> bool {
        matches!(self.node.value, Value::List(_))
    }

    /// Whether nothing at all is written.
    pub(super) fn is_blank(&self) -> bool {
        matches!(&self.node.value, Value::Scalar(scalar) if scalar.text.is_empty())
    }

    /// Whether this is the word true.
    pub(super) fn is_true(&self) -> bool {
        self.meaning() == Some(Meaning::Bool(true))
    }

    /// What a scalar means.
    pub(super) fn meaning(&self) -> Option<Meaning> {
        match &self.node.value {
            Value::Scalar(scalar) => Some(scalar.meaning),
            _ => None,
        }
    }

    fn refused<T>(&self, allowed: &str, ctx: &mut Context) -> Option<T> {
        self.refuse(allowed, ctx);
        None
    }
}

/// A mapping whose keys were checked.
pub(super) struct Section<'a> {
    pub(super) place: Place,
    pub(super) path: String,
    fields: Vec<(&'a str, Field<'a>)>,
}

impl<'a> Section<'a> {
    /// Opens a mapping, reporting unknown keys and keys given twice (the first one counts).
    pub(super) fn open(field: &Field<'a>, keys: &Keys, ctx: &mut Context) -> Option<Self> {
        let entries = match &field.node.value {
            Value::Map(entries) => entries.as_slice(),
            // A section whose every key is commented out.
            _ if field.node.is_null() => &[],
            _ => {
                field.refuse(&format!("a mapping with {}", keys.names.join(", ")), ctx);
                return None;
            }
        };
        let mut section =
            Self { place: field.node.place, path: field.path.clone(), fields: Vec::new() };
        let mut places: Vec<Place> = Vec::new();
        for entry in entries {
            let key = entry.key.as_str();
            let path = section.path_of(&quotable(key));
            if !keys.names.contains(&key) {
                ctx.mistake_at(Some(entry.key_place), &path, keys::unknown(key, keys));
            } else if let Some(first) = section.fields.iter().position(|(known, _)| *known == key) {
                let line = places[first].line;
                let message = format!("duplicate key, first given at line {line}");
                ctx.mistake_at(Some(entry.key_place), &path, message);
            } else {
                section.fields.push((key, Field { node: &entry.value, path }));
                places.push(entry.key_place);
            }
        }
        Some(section)
    }

    /// A section that is not in the file: every key has its default.
    pub(super) fn absent(path: String, place: Place) -> Self {
        Self { place, path, fields: Vec::new() }
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// The field of a key, whatever its value; `null` is one.
    pub(super) fn get(&self, key: &str) -> Option<&Field<'a>> {
        self.fields.iter().find(|(known, _)| *known == key).map(|(_, field)| field)
    }

    /// The field of a key that is there and not `null`.
    pub(super) fn set(&self, key: &str) -> Option<&Field<'a>> {
        self.get(key).filter(|field| !field.node.is_null())
    }

    /// A subsection; one that is absent or `null` is empty.
    pub(super) fn section(&self, key: &str, keys: &Keys, ctx: &mut Context) -> Section<'a> {
        self.set(key)
            .and_then(|field| Section::open(field, keys, ctx))
            .unwrap_or_else(|| Section::absent(self.path_of(key), self.place))
    }

    /// Reports that a key must be given.
    pub(super) fn missing(&self, key: &str, what: &str, ctx: &mut Context) {
        ctx.mistake_at(Some(self.place), &self.path_of(key), format!("missing; {what}"));
    }

    /// true or false.
    pub(super) fn bool(&self, key: &str, default: bool, ctx: &mut Context) -> bool {
        self.get(key).and_then(|field| field.bool(ctx)).unwrap_or(default)
    }
}
