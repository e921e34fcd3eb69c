//! HTTP/1: the `Host` line, and the authority in a target of the absolute form.
//!
//! ```text
//! POST http://proxy:8443/a HTTP/1.1␍␊        POST http://example.org/a HTTP/1.1␍␊
//! hOST:␉proxy:8443 ␍␊                 ──►    hOST:␉example.org ␍␊
//! Accept: */*␍␊                              Accept: */*␍␊
//! ```
//!
//! Lines keep their order, spelling, white space and ends. A request without `Host` gets one right
//! after its request line. Where a head ends and the next begins is [`wire::http1::Heads`]' business.

use wire::http1::{HeadText, Heads, Piece, absolute_form_authority};

use super::Next;

/// The requests of a connection.
#[derive(Debug, Default)]
pub(super) struct Requests {
    heads: Heads,
    upgrade: Option<Upgrade>,
}

/// The protocol that the request in progress asks for.
#[derive(Debug)]
enum Upgrade {
    /// One in which a client never begins with what could be an HTTP/1 request: if that comes, the
    /// upgrade was declined.
    Recognisable,
    /// One of which nothing is known. Its bytes must not be taken for a request.
    Unknown(Vec<u8>),
}

impl Upgrade {
    fn to(protocol: Vec<u8>) -> Self {
        match protocol.as_slice() {
            // Frames of a client are masked: the second byte is no ASCII (RFC 6455 §5.1).
            b"websocket" | b"h2c" => Self::Recognisable,
            _ => Self::Unknown(protocol),
        }
    }
}

impl Requests {
    /// Takes some bytes: how many, and what comes after them.
    pub(super) fn advance(
        &mut self,
        input: &[u8],
        authority: &[u8],
        out: &mut Vec<u8>,
    ) -> (usize, Next) {
        let (used, piece) = self.heads.next(input);
        let next = match piece {
            None => Next::Same,
            Some(Piece::Other(bytes)) => {
                out.extend_from_slice(bytes);
                self.after_content()
            }
            Some(Piece::Head(head)) => self.head(head, authority, out),
            Some(Piece::Lost { held, why }) => {
                out.extend_from_slice(&held);
                tracing::warn!(
                    "upstream.authority: Host is not replaced on this connection any more: {why}"
                );
                Next::PassThrough
            }
        };
        (used, next)
    }

    /// The head that is not complete.
    pub(super) fn held(&self) -> &[u8] {
        self.heads.held()
    }

    fn head(&mut self, head: HeadText<'_>, authority: &[u8], out: &mut Vec<u8>) -> Next {
        if head.is_connect {
            out.extend_from_slice(&head.text);
            tracing::warn!(
                "upstream.authority: Host is not replaced on this connection any more: a CONNECT \
                 makes it a tunnel"
            );
            return Next::PassThrough;
        }
        replace(&head.text, authority, out);
        self.upgrade = head.upgrade.map(Upgrade::to);
        self.after_content()
    }

    /// What comes next, when the request's content is complete.
    fn after_content(&mut self) -> Next {
        if !self.heads.is_between() {
            return Next::Same;
        }
        match self.upgrade.take() {
            None => Next::Same,
            Some(Upgrade::Recognisable) => Next::Sniff,
            Some(Upgrade::Unknown(protocol)) => {
                tracing::warn!(
                    "upstream.authority: Host is not replaced on this connection any more: a \
                     request asked for an upgrade to {}",
                    protocol.escape_ascii()
                );
                Next::PassThrough
            }
        }
    }
}

/// Appends a head with another authority.
fn replace(head: &[u8], authority: &[u8], out: &mut Vec<u8>) {
    let mut lines = head.split_inclusive(|&byte| byte == b'\n');
    let request_line = lines.next().unwrap_or_default();
    replace_in_target(request_line, authority, out);
    let after_request_line = out.len();
    let mut has_host = false;
    let mut in_host = false;
    for line in lines {
        let is_folded = matches!(line, [b' ' | b'\t', ..]);
        if is_folded && in_host {
            // More of the value that was replaced (obs-fold, RFC 9112 §5.2).
            continue;
        }
        let value = if is_folded { None } else { host_value(line) };
        in_host = value.is_some();
        has_host |= in_host;
        match value {
            Some((before, after)) => out.extend([before, authority, after].into_iter().flatten()),
            None => out.extend_from_slice(line),
        }
    }
    if !has_host {
        let end = if request_line.ends_with(b"\r\n") { &b"\r\n"[..] } else { b"\n" };
        let line = [b"Host: ", authority, end].into_iter().flatten().copied();
        out.splice(after_request_line..after_request_line, line);
    }
}

fn replace_in_target(line: &[u8], authority: &[u8], out: &mut Vec<u8>) {
    let space = |byte: &u8| *byte == b' ';
    if let (Some(first), Some(last)) = (line.iter().position(space), line.iter().rposition(space))
        && first < last
        && let Some(inside) = absolute_form_authority(&line[first + 1..last])
    {
        let (start, end) = (first + 1 + inside.start, first + 1 + inside.end);
        // Who asks (userinfo) isn't part of whom is asked.
        let user = line[start..end].iter().rposition(|&byte| byte == b'@').map_or(0, |at| at + 1);
        out.extend_from_slice(&line[..start + user]);
        out.extend_from_slice(authority);
        out.extend_from_slice(&line[end..]);
    } else {
        out.extend_from_slice(line);
    }
}

/// What stands before and after the value, when this is a `Host` line.
fn host_value(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = line.iter().position(|&byte| byte == b':')?;
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t');
    // White space before the colon is an error that receivers overlook (RFC 9112 §5.1).
    let name_end = line[..colon].iter().rposition(|byte| !is_space(byte))? + 1;
    if !line[..name_end].eq_ignore_ascii_case(b"host") {
        return None;
    }
    let text = line.strip_suffix(b"\n").unwrap_or(line);
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    let value = &text[colon + 1..];
    let leading = value.iter().take_while(|byte| is_space(byte)).count();
    let trailing = value[leading..].iter().rev().take_while(|byte| is_space(byte)).count();
    let end = text.len() - trailing;
    Some((&line[..colon + 1 + leading], &line[end..]))
}
