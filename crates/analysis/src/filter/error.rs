//! What is wrong with an expression, and where.
//!
//! ```text
//! unknown field 'stauts', did you mean 'status'?
//!   proto=grpc stauts>=500
//!              ^^^^^^
//! ```

use std::fmt;
use std::ops::Range;

use crate::escape::{Escaped, escape};

/// A mistake in a filter. `Display` shows the message, the expression with the place under it, and
/// the hint; nothing in it needs escaping any more.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct FilterError {
    /// The whole expression.
    pub expression: String,
    /// The byte where the mistake begins.
    pub position: usize,
    /// Its length in bytes; 0 where something is missing.
    pub length: usize,
    /// What is wrong, in one line.
    pub message: String,
    /// What is allowed there, or how to write what was probably meant.
    pub hint: Option<String>,
}

/// A mistake as the parser knows it: a span of the expression that it reads.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) span: Range<usize>,
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

impl Fault {
    pub(super) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), hint: None }
    }

    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

impl FilterError {
    pub(super) fn new(expression: &str, fault: Fault) -> Self {
        Self {
            expression: expression.to_owned(),
            position: fault.span.start,
            length: fault.span.end.saturating_sub(fault.span.start),
            message: escape(&fault.message).into_owned(),
            hint: fault.hint.map(|hint| escape(&hint).into_owned()),
        }
    }
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Escapes are wider than what they stand for, so widths are taken from the escaped text.
        let width = |range: Range<usize>| {
            self.expression.get(range).map_or(0, |text| escape(text).chars().count())
        };
        let end = self.position + self.length;
        writeln!(f, "{}", self.message)?;
        writeln!(f, "  {}", Escaped(&self.expression))?;
        let (indent, carets) = (width(0..self.position), width(self.position..end).max(1));
        write!(f, "  {:indent$}{:^<carets$}", "", "")?;
        match &self.hint {
            Some(hint) => write!(f, "\n{hint}"),
            None => Ok(()),
        }
    }
}
