//! The tree of a filter, and how it is written.

use std::fmt;

use super::fields::Field;
use super::matcher::Matcher;
use super::quote::{write_operand, write_word};

/// A filter, or a part of one.
#[derive(Clone, Debug)]
pub enum Expr {
    /// Every part holds; without parts everything does.
    All(Vec<Expr>),
    /// One part holds.
    Any(Vec<Expr>),
    /// The part does not hold.
    Not(Box<Expr>),
    /// A field has a value that fits.
    Term(Term),
    /// The row shows this text.
    Word(Word),
}

/// A field, an operator, and what the field's value is held against.
#[derive(Clone, Debug)]
pub struct Term {
    /// The field.
    pub field: Field,
    /// The operator.
    pub operator: Operator,
    /// One; with [`Operator::In`] one or more.
    pub operands: Vec<Operand>,
}

/// The operators of a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `^=`
    Prefix,
    /// `~`
    Regex,
    /// `!~`
    NotRegex,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `in (…)`
    In,
}

impl Operator {
    /// Those written as signs; one that begins like another comes after it.
    pub(super) const SIGNS: [Self; 9] = [
        Self::NotEqual,
        Self::NotRegex,
        Self::Prefix,
        Self::GreaterOrEqual,
        Self::LessOrEqual,
        Self::Equal,
        Self::Regex,
        Self::Greater,
        Self::Less,
    ];

    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Prefix => "^=",
            Self::Regex => "~",
            Self::NotRegex => "!~",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::In => "in",
        }
    }

    /// Whether it holds when no value fits.
    pub const fn is_negative(self) -> bool {
        matches!(self, Self::NotEqual | Self::NotRegex)
    }

    pub(super) const fn is_order(self) -> bool {
        matches!(self, Self::Greater | Self::GreaterOrEqual | Self::Less | Self::LessOrEqual)
    }

    pub(super) const fn is_regex(self) -> bool {
        matches!(self, Self::Regex | Self::NotRegex)
    }
}

/// A value as written, and ready for comparing.
#[derive(Clone, Debug)]
pub struct Operand {
    pub(super) written: Box<str>,
    pub(super) star: bool,
    pub(super) matcher: Matcher,
}

impl Operand {
    /// The value without quotes, escapes and the `*` at its end.
    pub fn written(&self) -> &str {
        &self.written
    }

    /// Whether a `*` at its end means "begins with".
    pub fn is_prefix(&self) -> bool {
        self.star
    }
}

/// A bare word or phrase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    pub(super) written: Box<str>,
    pub(super) lower: Box<str>,
}

impl Word {
    pub(super) fn new(written: &str) -> Self {
        Self { written: written.into(), lower: written.to_lowercase().into() }
    }

    /// The text without quotes and escapes.
    pub fn written(&self) -> &str {
        &self.written
    }
}

impl Expr {
    pub(super) fn collect_terms<'a>(&'a self, terms: &mut Vec<&'a Term>) {
        match self {
            Self::All(parts) | Self::Any(parts) => {
                parts.iter().for_each(|part| part.collect_terms(terms));
            }
            Self::Not(part) => part.collect_terms(terms),
            Self::Term(term) => terms.push(term),
            Self::Word(_) => {}
        }
    }

    fn fmt_inside(&self, parenthesise: bool, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if parenthesise { write!(f, "({self})") } else { write!(f, "{self}") }
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(parts) => {
                for (index, part) in parts.iter().enumerate() {
                    f.write_str(if index > 0 { " " } else { "" })?;
                    part.fmt_inside(matches!(part, Self::All(_) | Self::Any(_)), f)?;
                }
                Ok(())
            }
            Self::Any(parts) => {
                for (index, part) in parts.iter().enumerate() {
                    f.write_str(if index > 0 { " or " } else { "" })?;
                    part.fmt_inside(matches!(part, Self::Any(_)), f)?;
                }
                Ok(())
            }
            Self::Not(part) => {
                f.write_str("-")?;
                part.fmt_inside(matches!(**part, Self::All(_) | Self::Any(_)), f)
            }
            Self::Term(term) => term.fmt(f),
            Self::Word(word) => write_word(&word.written, f),
        }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = self.operator == Operator::In;
        match list {
            true => write!(f, "{} in (", self.field)?,
            false => write!(f, "{}{}", self.field, self.operator.as_str())?,
        }
        for (index, operand) in self.operands.iter().enumerate() {
            f.write_str(if index > 0 { "," } else { "" })?;
            write_operand(&operand.written, operand.star, f)?;
        }
        f.write_str(if list { ")" } else { "" })
    }
}
