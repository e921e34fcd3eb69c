//! Values and words as they have to be written so that they are read back as the same.

use std::fmt::{self, Write as _};

/// Words that mean something else when they stand without quotes.
pub(super) const KEYWORDS: [&str; 4] = ["or", "and", "not", "in"];

pub(super) fn write_operand(text: &str, star: bool, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    // A `*` means something only without quotes, and then the rest is free of what needs them.
    if star {
        return write!(f, "{text}*");
    }
    let special = |character: char| {
        character.is_whitespace() || matches!(character, '"' | '(' | ')' | ',' | '*')
    };
    let looks_like_an_operator = text.starts_with(['=', '~', '<', '>']);
    write_text(text, text.is_empty() || looks_like_an_operator || text.contains(special), f)
}

pub(super) fn write_word(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let special = |character: char| {
        character.is_whitespace()
            || matches!(character, '"' | '(' | ')' | '=' | '~' | '<' | '>' | '!' | '^')
    };
    let keyword = KEYWORDS.iter().any(|keyword| text.eq_ignore_ascii_case(keyword));
    let quoted = text.is_empty() || keyword || text.starts_with('-') || text.contains(special);
    write_text(text, quoted, f)
}

fn write_text(text: &str, quoted: bool, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if !quoted {
        return f.write_str(text);
    }
    f.write_char('"')?;
    for character in text.chars() {
        match character {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            other => f.write_char(other)?,
        }
    }
    f.write_char('"')
}
