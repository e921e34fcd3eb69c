//! Code without what is not code: a comment or a literal becomes a blank.
//!
//! `let a = "sink"; // sink` → `let a =  ;  `. Lifetimes stay, they hold nothing.
//! Not here: a parser; this only has to agree with Rust about where text begins and ends.

/// The code of a file.
pub(crate) fn only(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment(rest)
        } else if let Some(length) = raw_string(rest, code.chars().next_back()) {
            length
        } else if first == '"' {
            literal(rest, '"')
        } else if first == '\'' && is_character(rest) {
            literal(rest, '\'')
        } else {
            0
        };
        if skipped == 0 {
            code.push(first);
            rest = &rest[first.len_utf8()..];
        } else {
            code.push(' ');
            rest = &rest[skipped..];
        }
    }
    code
}

/// Length of a comment that may hold others.
fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest.starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                break;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    at
}

/// Length of `r"…"`, `r#"…"#`, …, unless the `r` ends a longer word than `br` or `cr`.
fn raw_string(text: &str, before: Option<char>) -> Option<usize> {
    let inside_word = before.is_some_and(|c| c.is_alphanumeric() && !matches!(c, 'b' | 'c'));
    let body = text.strip_prefix('r').filter(|_| !inside_word)?;
    let hashes = body.len() - body.trim_start_matches('#').len();
    let content = body[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = content.find(&end).map_or(content.len(), |at| at + end.len());
    Some(2 + hashes + length)
}

/// Length of a literal with escapes.
fn literal(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

/// Whether the quote begins a character, not a lifetime: an escape, or one character and a quote.
fn is_character(text: &str) -> bool {
    let mut chars = text.chars().skip(1);
    matches!((chars.next(), chars.next()), (Some('\\'), _) | (Some(_), Some('\'')))
}

#[test]
fn only_code_is_left() {
    for (text, code) in [
        ("a // \"b\nc", "a  \nc"),
        ("a /* b /* c */ d */ e", "a   e"),
        (r#"f("sink\"", 'x', '\'')"#, "f( ,  ,  )"),
        (r##"br#"a "sink" b"# + r"\" + c"##, "b  +   + c"),
        ("fn f<'a>(b: &'a str) {}", "fn f<'a>(b: &'a str) {}"),
        ("for x in \"é\".chars() {}", "for x in  .chars() {}"),
    ] {
        assert_eq!(only(text), code, "{text}");
    }
}
