//! What a Close frame says (RFC 6455 §5.5.1).

use std::borrow::Cow;

use super::event::CloseCode;
use crate::text;

/// The most payload that a control frame may have (§5.5).
pub(super) const MAX_CONTROL: usize = 125;

/// A Close frame's payload, read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Close {
    pub(super) code: Option<CloseCode>,
    pub(super) reason: String,
    /// What is wrong with it, and where the rule stands.
    pub(super) breach: Option<(Cow<'static, str>, &'static str)>,
}

impl Close {
    pub(super) fn read(payload: &[u8]) -> Self {
        let Some((code, reason)) = payload.split_first_chunk::<2>() else {
            let what = "a CLOSE frame with 1 byte of payload, expected none or at least 2";
            let breach = (!payload.is_empty()).then_some((what.into(), "RFC 6455 §5.5.1"));
            return Self { code: None, reason: String::new(), breach };
        };
        let code = CloseCode(u16::from_be_bytes(*code));
        let breach = if !code.may_be_sent() {
            Some((bad_code(code).into(), "RFC 6455 §7.4"))
        } else if str::from_utf8(reason).is_err() {
            Some(("the reason in a CLOSE frame is not UTF-8".into(), "RFC 6455 §8.1"))
        } else {
            None
        };
        Self { code: Some(code), reason: text::lossless(reason), breach }
    }
}

fn bad_code(code: CloseCode) -> String {
    let number = code.0;
    match code.name() {
        Some(name) => format!("close code {number} ({name}) must not appear in a CLOSE frame"),
        None => {
            format!("close code {number} is not assigned, expected 1000 to 1014 or 3000 to 4999")
        }
    }
}
