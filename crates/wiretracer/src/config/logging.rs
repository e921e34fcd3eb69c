//! `listeners[].logging`: what is recorded.

use super::context::Context;
use super::errors::WarningKind;
use super::field::{Field, Section};
use super::model::{Logging, OnFull};
use super::units::size;

/// What is kept of one body at most, whatever the configuration says: 10 MiB.
pub const BODY_HARD_CAP: usize = 10 << 20;

const REDACTED: [&str; 3] = ["authorization", "cookie", "x-api-key"];

/// Resolves a `logging` section.
pub(super) fn logging(section: &Section<'_>, ctx: &mut Context) -> Logging {
    let jsonl_path = section.set("jsonl_path").and_then(|field| jsonl_path(field, ctx));
    let words = [("drop", OnFull::Drop), ("block", OnFull::Block)];
    let on_full = section.get("jsonl_on_full");
    let jsonl_on_full = on_full.and_then(|field| field.word(&words, ctx)).unwrap_or_default();
    if let Some(field) = on_full
        && section.set("jsonl_path").is_none()
        && jsonl_on_full != OnFull::default()
    {
        ctx.warn(WarningKind::NoEffect, field, "has no effect without jsonl_path");
    }
    let sample_rate = section
        .get("sample_rate")
        .and_then(|field| field.number(0.0..=1.0, "a number from 0.0 to 1.0", ctx));
    Logging {
        log_headers: section.bool("log_headers", true, ctx),
        log_body: section.bool("log_body", false, ctx),
        body_max_bytes: body_max_bytes(section, ctx),
        redact_headers: redact_headers(section, ctx),
        sample_rate: sample_rate.unwrap_or(1.0),
        h2_control_events: section.bool("h2_control_events", false, ctx),
        jsonl_path,
        jsonl_on_full,
    }
}

/// 0 means no limit of one's own.
fn body_max_bytes(section: &Section<'_>, ctx: &mut Context) -> usize {
    let given = size(section, "body_max_bytes", 0, 0..=1 << 40, ctx);
    if given > BODY_HARD_CAP
        && let Some(field) = section.get("body_max_bytes")
    {
        let message = format!("is more than the hard cap, {BODY_HARD_CAP} (10 MiB), which applies");
        ctx.warn(WarningKind::NoEffect, field, message);
    }
    if given == 0 { BODY_HARD_CAP } else { given.min(BODY_HARD_CAP) }
}

fn redact_headers(section: &Section<'_>, ctx: &mut Context) -> Vec<String> {
    let Some(field) = section.get("redact_headers") else {
        return REDACTED.map(str::to_owned).to_vec();
    };
    let mut names = Vec::new();
    for item in field.items("a list of header names", ctx) {
        let Some(text) = item.text("a header name", ctx) else { continue };
        let name = text.to_ascii_lowercase();
        if !is_header_name(&name) {
            item.refuse("a header name, without a colon behind it", ctx);
        } else if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// RFC 9110, section 5.1: a token. HTTP/2's pseudo-header fields begin with a colon.
fn is_header_name(name: &str) -> bool {
    let token = name.strip_prefix(':').unwrap_or(name);
    let is_tchar = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    !token.is_empty() && token.bytes().all(is_tchar)
}

fn jsonl_path(field: &Field<'_>, ctx: &mut Context) -> Option<std::path::PathBuf> {
    let name = field.file_name("the path of a file to append to", ctx)?;
    let path = ctx.path(name);
    // Listeners that share a file are recognised by its path, however each of them writes it.
    let path = std::path::absolute(&path).unwrap_or(path);
    if path.is_dir() {
        ctx.mistake(field, format!("{} is a folder; allowed: a file", path.display()));
        return None;
    }
    Some(path)
}
