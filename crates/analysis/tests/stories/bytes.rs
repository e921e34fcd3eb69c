//! The bytes that a story's words stand for: HTTP/2 and WebSocket frames, gRPC messages.

use wire::Direction;
use wire::http::Fields;
use wire::http2::hpack::Encoder;

/// A word of a story, or a quoted text with its escapes resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    Word(String),
    Quoted(Vec<u8>),
}

impl Token {
    pub(crate) fn word(&self) -> Option<&str> {
        match self {
            Self::Word(word) => Some(word),
            Self::Quoted(_) => None,
        }
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Self::Word(word) => word.as_bytes(),
            Self::Quoted(bytes) => bytes,
        }
    }

    fn number(&self) -> u32 {
        let word = self.word().expect("a number");
        word.parse().unwrap_or_else(|_| panic!("'{word}' is not a number"))
    }
}

/// Cuts a line into words and quoted texts (`\r`, `\n`, `\0`, `\xNN`, `\"`, `\\`).
pub(crate) fn tokens(line: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = line.trim();
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix('"') {
            let (text, after) = quoted_text(quoted.as_bytes());
            tokens.push(Token::Quoted(text));
            rest = quoted[after..].trim_start();
        } else {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            tokens.push(Token::Word(rest[..end].to_owned()));
            rest = rest[end..].trim_start();
        }
    }
    tokens
}

fn quoted_text(line: &[u8]) -> (Vec<u8>, usize) {
    let (mut text, mut at) = (Vec::new(), 0);
    loop {
        match line[at] {
            b'"' => return (text, at + 1),
            b'\\' => {
                at += 1;
                text.push(match line[at] {
                    b'r' => b'\r',
                    b'n' => b'\n',
                    b'0' => 0,
                    b'x' => {
                        at += 2;
                        let hex = std::str::from_utf8(&line[at - 1..=at]).unwrap();
                        u8::from_str_radix(hex, 16).unwrap()
                    }
                    other => other,
                });
            }
            byte => text.push(byte),
        }
        at += 1;
    }
}

/// The bytes of one side's line.
pub(crate) fn bytes(direction: Direction, line: &[Token]) -> Vec<u8> {
    match line {
        [Token::Word(word), rest @ ..] => match word.as_str() {
            "h2" => http2(direction, rest),
            "zeros" => vec![0; rest[0].number() as usize],
            "grpc" => {
                let message = rest[0].bytes();
                [&[0][..], &(message.len() as u32).to_be_bytes(), message].concat()
            }
            "ws" => websocket(direction, rest),
            other => panic!("'{other}' says nothing"),
        },
        quoted => quoted.iter().flat_map(Token::bytes).copied().collect(),
    }
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u32).to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

fn http2(direction: Direction, line: &[Token]) -> Vec<u8> {
    let (name, rest) = line.split_first().expect("a frame");
    let rest_after = |count: usize| &rest[count..];
    match name.word().expect("a frame's name") {
        "PREFACE" => [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), frame(4, 0, 0, &[])].concat(),
        "SETTINGS" => {
            let payload: Vec<u8> = rest
                .iter()
                .flat_map(|token| {
                    let (id, value) = token.word().unwrap().split_once('=').unwrap();
                    let (id, value): (u16, u32) = (id.parse().unwrap(), value.parse().unwrap());
                    [&id.to_be_bytes()[..], &value.to_be_bytes()].concat()
                })
                .collect();
            frame(4, 0, 0, &payload)
        }
        "ACK" => frame(4, 1, 0, &[]),
        "HEADERS" => {
            let (end, fields) = end_stream(rest_after(1));
            frame(1, 4 | end, rest[0].number(), &block(fields))
        }
        "PUSH" => {
            let promised = rest[1].number().to_be_bytes();
            let payload = [&promised[..], &block(rest_after(2))].concat();
            frame(5, 4, rest[0].number(), &payload)
        }
        "DATA" => {
            let (end, payload) = end_stream(rest_after(1));
            frame(0, end, rest[0].number(), &bytes(direction, payload))
        }
        "RST" => frame(3, 0, rest[0].number(), &rest[1].number().to_be_bytes()),
        "GOAWAY" => {
            let debug = rest.get(2).map_or(&[][..], Token::bytes);
            let numbers = [rest[0].number().to_be_bytes(), rest[1].number().to_be_bytes()];
            frame(7, 0, 0, &[&numbers.concat(), debug].concat())
        }
        "WINDOW" => frame(8, 0, rest[0].number(), &rest[1].number().to_be_bytes()),
        "PING" => frame(6, 0, 0, b"12345678"),
        "FRAME" => {
            let (kind, stream) = (rest[0].number() as u8, rest[1].number());
            frame(kind, 0, stream, &bytes(direction, rest_after(2)))
        }
        other => panic!("'{other}' is no frame"),
    }
}

fn end_stream(line: &[Token]) -> (u8, &[Token]) {
    match line {
        [Token::Word(word), rest @ ..] if word == "END" => (1, rest),
        line => (0, line),
    }
}

/// A header block of literals: `name=value`, in quotes where there is a space.
fn block(line: &[Token]) -> Vec<u8> {
    let fields: Fields = line
        .iter()
        .map(|token| {
            let text = token.bytes();
            let equals = text.iter().position(|byte| *byte == b'=').expect("name=value");
            (&text[..equals], &text[equals + 1..])
        })
        .collect();
    let mut out = Vec::new();
    Encoder::encode_literals(&fields, &mut out);
    out
}

fn websocket(direction: Direction, line: &[Token]) -> Vec<u8> {
    let (opcode, payload) = match line[0].word().expect("an opcode") {
        "TEXT" => (0x81, line[1].bytes().to_vec()),
        "BINARY" => (0x82, line[1].bytes().to_vec()),
        "CLOSE" if line.len() == 1 => (0x88, Vec::new()),
        "CLOSE" => {
            let reason = line.get(2).map_or(&[][..], Token::bytes);
            (0x88, [&(line[1].number() as u16).to_be_bytes()[..], reason].concat())
        }
        "PING" => (0x89, Vec::new()),
        "PONG" => (0x8a, Vec::new()),
        other => panic!("'{other}' is no opcode"),
    };
    assert!(payload.len() < 126, "a short frame");
    let mut out = vec![opcode, payload.len() as u8];
    if direction == Direction::FromClient {
        const KEY: [u8; 4] = *b"mask";
        out[1] |= 0x80;
        out.extend_from_slice(&KEY);
        out.extend(payload.iter().zip(KEY.iter().cycle()).map(|(byte, key)| byte ^ key));
    } else {
        out.extend_from_slice(&payload);
    }
    out
}
