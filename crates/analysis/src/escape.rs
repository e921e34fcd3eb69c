//! What came from the network, made safe for a terminal.
//!
//! ```
//! use analysis::escape::Escaped;
//!
//! assert_eq!(Escaped("\x1b[2Jevil\u{202e}txt").to_string(), r"\x1b[2Jevil\u{202e}txt");
//! ```
//!
//! A backslash stays as it is: the escaped text is for reading, it is not turned back.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

/// A text whose `Display` writes control, bidirectional and invisible characters as `\xNN` or
/// `\u{…}`, and all others as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Escaped<'a>(pub &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some((at, unsafe_char)) = first_unsafe(rest) {
            f.write_str(&rest[..at])?;
            match u32::from(unsafe_char) {
                code @ 0..=0xff => write!(f, "\\x{code:02x}")?,
                code => write!(f, "\\u{{{code:x}}}")?,
            }
            rest = &rest[at + unsafe_char.len_utf8()..];
        }
        f.write_str(rest)
    }
}

/// The text made safe; borrowed when it is safe already.
pub fn escape(text: &str) -> Cow<'_, str> {
    match first_unsafe(text) {
        None => Cow::Borrowed(text),
        Some(_) => {
            let mut safe = String::with_capacity(text.len() + 16);
            // Writing to a String can't fail.
            let _ = write!(safe, "{}", Escaped(text));
            Cow::Owned(safe)
        }
    }
}

fn first_unsafe(text: &str) -> Option<(usize, char)> {
    let plain = text.bytes().take_while(|byte| matches!(byte, b' '..=b'~')).count();
    text[plain..]
        .char_indices()
        .find(|&(_, character)| is_unsafe(character))
        .map(|(at, character)| (plain + at, character))
}

/// Whether a character moves the cursor, reorders its neighbours, or can't be seen.
fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{34f}'
                | '\u{600}'..='\u{605}'
                | '\u{61c}'
                | '\u{6dd}'
                | '\u{70f}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_what_could_harm_is_escaped() {
        for (raw, safe) in [
            ("", ""),
            ("GET /a?b=c", "GET /a?b=c"),
            ("привет — 你好 é 🦀", "привет — 你好 é 🦀"),
            ("a\x1b]0;title\x07b", r"a\x1b]0;title\x07b"),
            ("a\r\nb\tc\x7f", r"a\x0d\x0ab\x09c\x7f"),
            ("\u{9b}31m", r"\x9b31m"),
            ("\u{202e}gpj.exe\u{2069}", r"\u{202e}gpj.exe\u{2069}"),
            ("pay\u{200b}pal\u{feff}\u{2028}", r"pay\u{200b}pal\u{feff}\u{2028}"),
            (r"C:\x", r"C:\x"),
        ] {
            assert_eq!(escape(raw), safe);
            assert_eq!(Escaped(raw).to_string(), safe);
        }
        assert!(matches!(escape("déjà"), Cow::Borrowed(_)));
    }

    proptest! {
        #[test]
        fn nothing_unsafe_is_left(text in any::<String>()) {
            prop_assert_eq!(first_unsafe(&escape(&text)), None);
        }
    }
}
