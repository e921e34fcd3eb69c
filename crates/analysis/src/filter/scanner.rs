//! The characters of an expression: names, operators, values, words.
//!
//! What a name or a value means is not decided here.

use std::ops::Range;

use super::error::Fault;
use super::expr::Operator;

/// A position in an expression.
#[derive(Clone, Debug)]
pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

/// A value as it stands in the expression.
#[derive(Debug)]
pub(super) struct Raw {
    /// Without quotes, escapes and the star.
    pub(super) text: String,
    /// Where it stands, quotes and star included.
    pub(super) span: Range<usize>,
    pub(super) quoted: bool,
    /// Whether it ended in a `*` that means "begins with".
    pub(super) star: bool,
}

/// What may stand in a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Up to a space.
    Value,
    /// Up to a space; a backslash takes the next character along.
    Regex,
    /// In a list: up to a comma too.
    List,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Goes past white space; says whether there was any.
    pub(super) fn skip_space(&mut self) -> bool {
        let start = self.at;
        self.at = self.text.len() - self.rest().trim_start().len();
        self.at > start
    }

    /// Goes past this text if it stands here.
    pub(super) fn eat(&mut self, text: &str) -> bool {
        let here = self.rest().starts_with(text);
        if here {
            self.at += text.len();
        }
        here
    }

    /// Goes past this keyword, in any case, if it stands here by itself.
    pub(super) fn eat_keyword(&mut self, keyword: &str) -> bool {
        let rest = self.rest();
        let here = rest.get(..keyword.len()).is_some_and(|text| text.eq_ignore_ascii_case(keyword))
            && rest[keyword.len()..]
                .chars()
                .next()
                .is_none_or(|next| next.is_whitespace() || matches!(next, '(' | ')'));
        if here {
            self.at += keyword.len();
        }
        here
    }

    /// Goes past what could be a field's name: up to a space, an operator, a bracket or a quote.
    pub(super) fn name(&mut self) -> &'a str {
        let rest = self.rest();
        let length = rest
            .char_indices()
            .find(|&(at, character)| {
                character.is_whitespace()
                    || matches!(character, '(' | ')' | '"')
                    || sign(&rest[at..]).is_some()
            })
            .map_or(rest.len(), |(at, _)| at);
        self.at += length;
        &rest[..length]
    }

    /// Goes past an operator that is written as a sign.
    pub(super) fn operator(&mut self) -> Result<Option<(Operator, Range<usize>)>, Fault> {
        let start = self.at;
        let Some(operator) = sign(self.rest()) else { return Ok(None) };
        self.at += operator.as_str().len();
        let more = self.rest().chars().take_while(|next| matches!(next, '=' | '~' | '<' | '>'));
        match more.count() {
            0 => Ok(Some((operator, start..self.at))),
            more => {
                let span = start..self.at + more;
                let message = format!("unknown operator '{}'", &self.text[span.clone()]);
                Err(Fault::new(span, message)
                    .hint("operators: = != ^= ~ !~ > >= < <= in (…); a value that begins with such a sign stands in double quotes"))
            }
        }
    }

    /// Goes past a value.
    pub(super) fn value(&mut self, place: Place) -> Result<Raw, Fault> {
        if self.peek() == Some('"') {
            return self.quoted();
        }
        let start = self.at;
        let length = unquoted_length(self.rest(), place);
        self.at += length;
        let mut text = &self.text[start..self.at];
        let span = start..self.at;
        let star = place == Place::List && text.ends_with('*');
        if star {
            text = &text[..text.len() - 1];
        }
        if place == Place::List && text.contains('*') {
            return Err(Fault::new(span, "'*' means \"begins with\" and stands only at the end")
                .hint("put the value in double quotes if it has a star of its own"));
        }
        if length == 0 {
            return Err(
                Fault::new(span, "a value is missing here").hint("write \"\" for the empty text")
            );
        }
        Ok(Raw { text: text.to_owned(), span, quoted: false, star })
    }

    /// Goes past a bare word, or a phrase in quotes.
    pub(super) fn word(&mut self) -> Result<Raw, Fault> {
        self.value(Place::Value)
    }

    fn quoted(&mut self) -> Result<Raw, Fault> {
        let start = self.at;
        let mut text = String::new();
        let mut characters = self.rest().char_indices().skip(1);
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => {
                    self.at = start + at + 1;
                    self.end_of_quotes()?;
                    return Ok(Raw { text, span: start..self.at, quoted: true, star: false });
                }
                '\\' => match characters.next() {
                    Some((_, '"')) => text.push('"'),
                    Some((_, '\\')) => text.push('\\'),
                    Some((_, 'n')) => text.push('\n'),
                    Some((_, 'r')) => text.push('\r'),
                    Some((_, 't')) => text.push('\t'),
                    // Regular expressions are full of backslashes, which should not all be doubled.
                    Some((_, other)) => text.extend(['\\', other]),
                    None => {}
                },
                other => text.push(other),
            }
        }
        Err(Fault::new(start..self.text.len(), "this double quote is not closed"))
    }

    fn end_of_quotes(&self) -> Result<(), Fault> {
        match self.peek() {
            Some(next) if !next.is_whitespace() && !matches!(next, ')' | ',') => {
                let span = self.at..self.at + next.len_utf8();
                Err(Fault::new(span, "a space is missing after the closing quote")
                    .hint("inside double quotes write \\\" for a quote"))
            }
            _ => Ok(()),
        }
    }
}

/// The byte of the expression that byte `offset` of the value was read from.
pub(super) fn position_in(expression: &str, raw: &Raw, offset: usize) -> usize {
    if !raw.quoted {
        return raw.span.start + offset;
    }
    let inside = expression.get(raw.span.start + 1..raw.span.end).unwrap_or_default();
    let mut decoded = 0;
    let mut characters = inside.char_indices();
    while let Some((at, character)) = characters.next() {
        if decoded >= offset {
            return raw.span.start + 1 + at;
        }
        decoded += match (character, inside[at + 1..].chars().next()) {
            ('\\', Some('"' | '\\' | 'n' | 'r' | 't')) => {
                characters.next();
                1
            }
            _ => character.len_utf8(),
        };
    }
    raw.span.end
}

fn sign(text: &str) -> Option<Operator> {
    Operator::SIGNS.into_iter().find(|operator| text.starts_with(operator.as_str()))
}

/// How far a value without quotes goes: parentheses that it opens, it also closes.
fn unquoted_length(text: &str, place: Place) -> usize {
    let mut depth = 0_usize;
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            _ if character.is_whitespace() => return at,
            '(' => depth += 1,
            ')' if depth == 0 => return at,
            ')' => depth -= 1,
            ',' if depth == 0 && place == Place::List => return at,
            '\\' if place == Place::Regex => {
                let next = text[at + 1..].chars().next();
                if next.is_some_and(|next| !next.is_whitespace()) {
                    characters.next();
                }
            }
            _ => {}
        }
    }
    text.len()
}
