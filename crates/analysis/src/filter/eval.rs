//! Holding a filter against whatever has fields.

use std::cell::OnceCell;

use super::expr::{Expr, Term, Word};
use super::fields::Field;
use crate::row::Endpoint;

/// Something that a filter can be held against: a record, a connection with its records, …
pub trait Subject {
    /// Shows every value of the field to `see`, until `see` says yes; says whether it did. What
    /// has no such field shows nothing.
    fn visit(&self, field: &Field, see: &mut dyn FnMut(Value<'_>) -> bool) -> bool;

    /// Appends the text that bare words are searched in: what the row shows.
    fn write_text(&self, out: &mut String);

    /// Whether the term holds. A subject made of parts may hold it against each part instead, for
    /// the fields that only the parts have.
    fn holds(&self, term: &Term) -> bool {
        term.holds(self)
    }
}

/// One value of a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// A text, or a word of a closed list.
    Text(&'a str),
    /// A number, in bytes or microseconds where it is a size or a duration.
    Number(u64),
    /// Yes or no.
    Switch(bool),
    /// An address, perhaps with a port.
    Client(Endpoint<'a>),
    /// The field is a list, and it is empty.
    Nothing,
}

impl Term {
    /// Whether a value of the subject fits; for `!=` and `!~`, whether it has values and none fits.
    pub fn holds<S: Subject + ?Sized>(&self, subject: &S) -> bool {
        let mut has_values = false;
        let fits = subject.visit(&self.field, &mut |value| {
            self.operands.iter().any(|operand| match operand.matcher.test(value) {
                Some(fits) => {
                    has_values = true;
                    fits
                }
                None => false,
            })
        });
        if self.operator.is_negative() { has_values && !fits } else { fits }
    }
}

/// One subject under test. Its text is written when the first word asks for it.
pub(super) struct Evaluation<'a, S: ?Sized> {
    subject: &'a S,
    text: OnceCell<String>,
}

impl<'a, S: Subject + ?Sized> Evaluation<'a, S> {
    pub(super) fn new(subject: &'a S) -> Self {
        Self { subject, text: OnceCell::new() }
    }

    pub(super) fn holds(&self, expr: &Expr) -> bool {
        match expr {
            // Terms are cheap and words are not, so words come last whatever the order of writing.
            Expr::All(parts) => {
                parts.iter().filter(|part| !part.is_word()).all(|part| self.holds(part))
                    && parts.iter().filter(|part| part.is_word()).all(|part| self.holds(part))
            }
            Expr::Any(parts) => {
                parts.iter().filter(|part| !part.is_word()).any(|part| self.holds(part))
                    || parts.iter().filter(|part| part.is_word()).any(|part| self.holds(part))
            }
            Expr::Not(part) => !self.holds(part),
            Expr::Term(term) => self.subject.holds(term),
            Expr::Word(word) => self.shows(word),
        }
    }

    fn shows(&self, word: &Word) -> bool {
        let text = self.text.get_or_init(|| {
            let mut text = String::with_capacity(256);
            self.subject.write_text(&mut text);
            if text.is_ascii() {
                text.make_ascii_lowercase();
                text
            } else {
                text.to_lowercase()
            }
        });
        text.contains(&*word.lower)
    }
}

impl Expr {
    fn is_word(&self) -> bool {
        match self {
            Self::Word(_) => true,
            Self::Not(part) => part.is_word(),
            Self::All(_) | Self::Any(_) | Self::Term(_) => false,
        }
    }
}
