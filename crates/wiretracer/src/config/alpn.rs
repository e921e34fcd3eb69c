//! Lists of protocol names (ALPN, RFC 7301).

use super::context::Context;
use super::field::Field;

const ALLOWED: &str = "a list of protocol names, such as [\"h2\", \"http/1.1\"]";

/// What is spoken where nothing is configured.
pub(super) fn default() -> Vec<Vec<u8>> {
    vec![b"h2".to_vec(), b"http/1.1".to_vec()]
}

/// Reads a list, which may be empty.
pub(super) fn alpn(field: &Field<'_>, ctx: &mut Context) -> Vec<Vec<u8>> {
    let mut protocols: Vec<Vec<u8>> = Vec::new();
    for item in field.items(ALLOWED, ctx) {
        let Some(name) = item.text("a protocol name, such as h2 or http/1.1", ctx) else {
            continue;
        };
        // RFC 7301, section 3.1: a name is 1 to 255 bytes.
        if name.is_empty() || name.len() > 255 {
            item.refuse("a protocol name of 1 to 255 bytes", ctx);
        } else if protocols.iter().any(|known| known == name.as_bytes()) {
            ctx.mistake(&item, format!("found {} twice, allowed: once", item.node));
        } else {
            protocols.push(name.as_bytes().to_vec());
        }
    }
    protocols
}
