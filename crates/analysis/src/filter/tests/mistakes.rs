//! Mistakes: the message, the place (marked with carets below the expression), the hint.

use crate::filter::{Filter, FilterError, MAX_DEPTH, MAX_LENGTH};

fn mistake(expression: &str) -> FilterError {
    match Filter::parse(expression) {
        Ok(filter) => panic!("'{expression}' was understood as '{filter}'"),
        Err(error) => error,
    }
}

#[test]
fn the_place_is_marked() {
    assert_eq!(
        mistake("proto=grpc stauts>=500").to_string(),
        "unknown field 'stauts', did you mean 'status'?\n\
         \x20 proto=grpc stauts>=500\n\
         \x20            ^^^^^^\n\
         to search for this text, put it in double quotes"
    );
    assert_eq!(
        mistake("closed_by=klient").to_string(),
        "closed_by is never 'klient', did you mean 'client'?\n\
         \x20 closed_by=klient\n\
         \x20           ^^^^^^\n\
         allowed: client, proxy, upstream"
    );
    assert_eq!(
        mistake("\"\x1b[2Jé\" (open").to_string(),
        "this parenthesis is not closed\n\
         \x20 \"\\x1b[2Jé\" (open\n\
         \x20            ^"
    );
}

/// The text under the carets, and the message.
fn assert_mistakes(table: &[(&str, &str, &str)]) {
    for (expression, marked, message) in table {
        let error = mistake(expression);
        let found = &expression[error.position..error.position + error.length];
        assert_eq!((found, error.message.as_str()), (*marked, *message), "{expression}");
    }
}

#[test]
fn fields_and_operators() {
    assert_mistakes(&[
        ("x banana=1", "banana", "unknown field 'banana'"),
        ("stream_id=1", "stream_id", "unknown field 'stream_id', did you mean 'stream'?"),
        ("tls in (a)", "tls", "unknown field 'tls', did you mean 'tlsver'?"),
        ("header.=1", "header.", "the header's name is missing"),
        ("a =x", "a", "unknown field 'a'"),
        ("-=x", "=", "an operator without a field before it"),
        ("path>5", ">", "'path' is not a number, '>' can't compare it"),
        ("duration~5", "~", "'duration' is not a text, '~' can't search it"),
        ("ech^=1", "^=", "'ech' is not a text, '^=' can't search it"),
        ("status==200", "==", "unknown operator '=='"),
        ("path=~x", "=~", "unknown operator '=~'"),
    ]);
    let error = mistake("banana=1");
    let hint = error.hint.unwrap();
    assert!(hint.starts_with("fields: kind, proto, ") && hint.contains("header.NAME"), "{hint}");
}

#[test]
fn values() {
    assert_mistakes(&[
        ("category=unknown", "unknown", "category is never 'unknown', did you mean 'unknown_ca'?"),
        ("h2=ping2", "ping2", "h2 is never 'ping2', did you mean 'PING'?"),
        ("proto in (grpc,http3)", "http3", "proto is never 'http3', did you mean 'http1'?"),
        ("status=abc", "abc", "'abc' is not a value of status"),
        ("status>5xx", "5xx", "'5xx' is not a value of status"),
        ("status=5..4", "5..4", "the range ends before it begins"),
        ("grpc_status=GONE", "GONE", "'GONE' is not a value of grpc_status"),
        ("duration>5kB", "5kB", "'5kB' is not a value of duration"),
        ("bytes_in>5s", "5s", "'5s' is not a value of bytes_in"),
        ("duration in (5*)", "5*", "'duration' is not a text that could begin with something"),
        ("error=timeout", "timeout", "error= takes 1, 0, true or false"),
        ("ech=maybe", "maybe", "ech is never 'maybe'"),
        ("client=10.0.0", "10.0.0", "'10.0.0' is not an address"),
        ("client_ip=10.0.0.5:1", "10.0.0.5:1", "client_ip has no port"),
        ("conn=xyz", "xyz", "not a connection id"),
        ("path in (a*b)", "a*b", "'*' means \"begins with\" and stands only at the end"),
        ("client= proto=grpc", "", "a value is missing here"),
        ("path=", "", "a value is missing here"),
    ]);
}

#[test]
fn regular_expressions() {
    assert_mistakes(&[
        ("path~a[b", "[", "in the regular expression: unclosed character class"),
        (r#"path~"\\\\[b""#, "[", "in the regular expression: unclosed character class"),
        (
            "(path~a{2,1})",
            "{2,1}",
            "in the regular expression: invalid repetition count range, the start must be <= the end",
        ),
        ("path~*", "", "in the regular expression: repetition operator missing expression"),
    ]);
    let error = mistake("path~(\\w{1000}){1000}");
    assert!(error.message.starts_with("the regular expression needs more than"), "{error}");
}

#[test]
fn structure() {
    assert_mistakes(&[
        ("a )", ")", "this parenthesis closes nothing"),
        ("x (a", "(", "this parenthesis is not closed"),
        ("()", "", "a term is missing here"),
        ("status in (1", "(", "this parenthesis is not closed"),
        ("status in ()", "", "a value is missing here"),
        ("status in (1 2)", "", "a comma is missing between the values"),
        ("status in (1,", "(", "this parenthesis is not closed"),
        ("or a", "or", "'or' needs a term on both sides"),
        ("a or", "", "a term is missing here"),
        ("a or OR b", "OR", "'or' needs a term on both sides"),
        ("a and", "", "a term is missing here"),
        ("a not", "", "a term is missing here"),
        ("a - b", "-", "'-' negates what follows it immediately"),
        ("path=\"a", "\"a", "this double quote is not closed"),
        ("\"a\"b", "b", "a space is missing after the closing quote"),
    ]);
}

#[test]
fn limits() {
    let nested = |depth| format!("{}x{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Filter::parse(&nested(MAX_DEPTH - 1)).is_ok());
    assert!(mistake(&nested(MAX_DEPTH)).message.contains("inside each other"));
    assert!(mistake(&"-".repeat(30_000)).message.contains("inside each other"));
    assert!(mistake(&"x".repeat(MAX_LENGTH + 1)).message.contains("longer than"));
}
