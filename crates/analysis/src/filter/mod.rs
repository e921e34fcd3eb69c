//! The filter language: which records are meant.
//!
//! ```
//! use analysis::filter::Filter;
//!
//! let filter = Filter::parse("proto=grpc error=1 duration>500ms -path~^/grpc\\.health\\.").unwrap();
//! assert_eq!(filter.terms().len(), 4);
//!
//! let error = Filter::parse("stauts>=500").unwrap_err();
//! assert_eq!(error.message, "unknown field 'stauts', did you mean 'status'?");
//! ```
//!
//! ```text
//! filter   = [ any ]
//! any      = all { "or" all }
//! all      = negation { [ "and" ] negation }       a space is enough
//! negation = { "-" | "not" } primary
//! primary  = "(" any ")" | term | word
//! term     = field operator value | field "in" "(" value { "," value } ")"
//! operator = "=" | "!=" | "^=" | "~" | "!~" | ">" | ">=" | "<" | "<="
//! value    = '"' … '"' | anything up to a space or a ")" that closes an outer "("
//! word     = value                                 a piece of what the row shows, in any case
//! ```
//!
//! * In `in (…)` a `*` at the end of an unquoted value means "begins with".
//! * In double quotes `\"`, `\\`, `\n`, `\r` and `\t` are escapes; another backslash is itself.
//! * Numbers have units where the field has one (`duration>1.5s`, `bytes_in>1MiB`; a duration
//!   without one is in milliseconds), classes (`status=5xx`) and inclusive ranges
//!   (`status=500..504`, `duration=1s..`).
//! * Words of a closed list (`closed_by`, `h2`, …) are matched in any case, other texts exactly.
//! * A record without the field satisfies no term on it, **not even `!=` and `!~`**: `status!=200`
//!   means "has a status, which is another". `-status=200` means "anything but status 200", and so
//!   takes in records without a status. Of several values (`flag`, `header.NAME`) `=` wants one,
//!   `!=` wants none.
//!
//! The fields are in [`fields`]. What has them is a [`Subject`]: a record, or whatever else a
//! view lists.

mod error;
mod eval;
mod expr;
pub mod fields;
mod fuzzing;
mod matcher;
mod number;
mod operand;
mod parser;
mod quote;
mod scanner;
mod subject;
mod suggest;

pub use error::FilterError;
pub use eval::{Subject, Value};
pub use expr::{Expr, Operand, Operator, Term, Word};
pub use fields::{Field, FieldId};
#[doc(hidden)]
pub use fuzzing::fuzz;

use std::fmt;

/// The longest expression, in bytes.
pub const MAX_LENGTH: usize = 64 * 1024;

/// How deep parentheses and negations can nest.
pub const MAX_DEPTH: usize = 64;

/// A parsed filter. `Display` writes it in a normal form that parses to the same filter;
/// [`Filter::source`] is what was typed.
#[derive(Clone, Debug)]
pub struct Filter {
    source: Box<str>,
    expr: Expr,
}

impl Filter {
    /// Reads an expression. The empty one matches everything.
    ///
    /// # Errors
    ///
    /// At the first place that makes no sense, with what is allowed there.
    pub fn parse(source: &str) -> Result<Self, FilterError> {
        let expr = parser::parse(source).map_err(|fault| FilterError::new(source, fault))?;
        Ok(Self { source: source.into(), expr })
    }

    /// Whether a record (or another subject) is meant.
    pub fn matches<S: Subject + ?Sized>(&self, subject: &S) -> bool {
        eval::Evaluation::new(subject).holds(&self.expr)
    }

    /// The expression as it was typed.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether it matches everything because it says nothing.
    pub fn is_empty(&self) -> bool {
        matches!(&self.expr, Expr::All(list) if list.is_empty())
    }

    /// The tree.
    pub fn expr(&self) -> &Expr {
        &self.expr
    }

    /// Every field term in it, in the order of writing, whatever it is nested in.
    pub fn terms(&self) -> Vec<&Term> {
        let mut terms = Vec::new();
        self.expr.collect_terms(&mut terms);
        terms
    }
}

impl Default for Filter {
    /// Matches everything.
    fn default() -> Self {
        Self { source: "".into(), expr: Expr::All(Vec::new()) }
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.expr.fmt(f)
    }
}

impl std::str::FromStr for Filter {
    type Err = FilterError;

    fn from_str(source: &str) -> Result<Self, FilterError> {
        Self::parse(source)
    }
}

#[cfg(test)]
mod tests;
