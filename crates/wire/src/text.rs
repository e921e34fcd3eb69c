//! Bytes of unknown origin as text for people: nothing that a terminal would act upon comes through.

/// What is appended where text was cut.
const ELLIPSIS: char = '…';

/// The text in `bytes`, without control or invisible characters, at most `max` characters of it.
///
/// Bytes that are not UTF-8 become `\xNN`, unprintable characters `\n`, `\u{1b}` and the like, a
/// backslash is doubled. What is longer ends with "…".
pub(crate) fn printable(bytes: &[u8], max: usize) -> String {
    let mut text = String::new();
    // A character is at most four bytes, so what lies behind these can't be shown in any case.
    let shown = &bytes[..bytes.len().min(max.saturating_mul(4))];
    let mut count = 0;
    for chunk in shown.utf8_chunks() {
        for character in chunk.valid().chars() {
            if count == max {
                text.push(ELLIPSIS);
                return text;
            }
            push_character(&mut text, character);
            count += 1;
        }
        for &byte in chunk.invalid() {
            if count == max {
                text.push(ELLIPSIS);
                return text;
            }
            push_byte(&mut text, byte);
            count += 1;
        }
    }
    if shown.len() < bytes.len() {
        text.push(ELLIPSIS);
    }
    text
}

/// The text in `bytes` as it is, with only the bytes that are not UTF-8 written `\xNN`.
pub(crate) fn lossless(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for &byte in chunk.invalid() {
            push_byte(&mut text, byte);
        }
    }
    text
}

/// Up to `max` bytes in hexadecimal: `00 1f …`.
pub(crate) fn hex(bytes: &[u8], max: usize) -> String {
    let mut text = String::with_capacity(bytes.len().min(max) * 3 + ELLIPSIS.len_utf8());
    for (index, &byte) in bytes.iter().take(max).enumerate() {
        if index > 0 {
            text.push(' ');
        }
        push_hex(&mut text, byte);
    }
    if bytes.len() > max {
        text.push(' ');
        text.push(ELLIPSIS);
    }
    text
}

fn push_character(text: &mut String, character: char) {
    match character {
        // Quotes are harmless, and escaped ones hard to read.
        '\'' | '"' => text.push(character),
        _ => text.extend(character.escape_debug()),
    }
}

fn push_byte(text: &mut String, byte: u8) {
    text.push_str("\\x");
    push_hex(text, byte);
}

fn push_hex(text: &mut String, byte: u8) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    text.push(char::from(DIGITS[usize::from(byte >> 4)]));
    text.push(char::from(DIGITS[usize::from(byte & 0x0f)]));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_a_terminal_acts_upon_is_left() {
        for (bytes, expected) in [
            (&b"GET / HTTP/1.1"[..], "GET / HTTP/1.1"),
            (b"\x1b[2J\r\n\0", "\\u{1b}[2J\\r\\n\\0"),
            ("\u{202e}abc\u{9b}".as_bytes(), "\\u{202e}abc\\u{9b}"),
            ("привет 'x' \\".as_bytes(), "привет 'x' \\\\"),
            (b"\xff\xc3(", "\\xff\\xc3("),
        ] {
            assert_eq!(printable(bytes, 80), expected);
        }
    }

    #[test]
    fn long_text_is_cut_and_says_so() {
        assert_eq!(printable(b"abcdef", 6), "abcdef");
        assert_eq!(printable(b"abcdefg", 6), "abcdef…");
        assert_eq!(printable("ёёёё".as_bytes(), 3), "ёёё…");
        assert_eq!(printable(b"\xff\xff\xff", 2), "\\xff\\xff…");
        assert_eq!(hex(&[0, 1, 0xfe], 3), "00 01 fe");
        assert_eq!(hex(&[0, 1, 0xfe], 2), "00 01 …");
    }

    #[test]
    fn lossless_keeps_everything_but_broken_utf8() {
        assert_eq!(lossless(b"a\n\xffb"), "a\n\\xffb");
    }
}
