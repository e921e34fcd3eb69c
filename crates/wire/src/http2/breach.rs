//! A breach of RFC 9113 as the rules state it, before it becomes an event.
//!
//! The rules ([`super::rules`], [`super::validate`]) know what is wrong and where that is written;
//! they know neither the connection nor the sink.

use std::borrow::Cow;

use crate::decoder::Severity;

/// What was found, where the rule stands, how far it reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Breach {
    pub(super) what: Cow<'static, str>,
    pub(super) section: &'static str,
    pub(super) severity: Severity,
}

impl Breach {
    /// A conforming receiver closes the connection (RFC 9113 §5.4.1).
    pub(super) fn connection(section: &'static str, what: impl Into<Cow<'static, str>>) -> Self {
        Self { what: what.into(), section, severity: Severity::Connection }
    }

    /// A conforming receiver resets the stream (RFC 9113 §5.4.2).
    pub(super) fn stream(section: &'static str, what: impl Into<Cow<'static, str>>) -> Self {
        Self { what: what.into(), section, severity: Severity::Stream }
    }

    /// Receivers may live with it.
    pub(super) fn warning(section: &'static str, what: impl Into<Cow<'static, str>>) -> Self {
        Self { what: what.into(), section, severity: Severity::Warning }
    }
}

/// How a direction is called in a sentence.
pub(super) const fn sender_name(direction: crate::Direction) -> &'static str {
    match direction {
        crate::Direction::FromClient => "the client",
        crate::Direction::FromUpstream => "the upstream",
    }
}
