//! Every key there is, section by section.
//!
//! [`super::field::Section`] refuses what is not listed; the suggestion for a misspelt key comes from
//! the same lists. What a key means and its default are with the code that resolves its section.

/// A section's place and its keys.
pub(super) struct Keys {
    /// The section as a person names it; empty for the file itself.
    pub(super) section: &'static str,
    pub(super) names: &'static [&'static str],
}

pub(super) const ROOT: Keys = Keys { section: "", names: &["listeners", "store", "metrics"] };

pub(super) const LISTENER: Keys = Keys {
    section: "listeners[]",
    names: &["name", "listen", "tls", "upstream", "policy", "logging"],
};

pub(super) const TLS: Keys = Keys {
    section: "listeners[].tls",
    names: &[
        "mode",
        "cert",
        "key",
        "require_client_cert",
        "client_ca",
        "client_crl",
        "alpn",
        "min_version",
    ],
};

pub(super) const UPSTREAM: Keys = Keys {
    section: "listeners[].upstream",
    names: &[
        "addr",
        "tls",
        "server_name",
        "verify",
        "ca",
        "crl",
        "alpn",
        "client_cert",
        "client_key",
        "client_key_password",
        "authority",
        "so_mark",
    ],
};

pub(super) const POLICY: Keys = Keys {
    section: "listeners[].policy",
    names: &[
        "allowlist",
        "max_connections",
        "upstream_connect_timeout",
        "upstream_handshake_timeout",
        "client_handshake_timeout",
        "read_timeout",
        "idle_timeout",
        "maxconn_wait_warn_ms",
    ],
};

pub(super) const LOGGING: Keys = Keys {
    section: "listeners[].logging",
    names: &[
        "log_headers",
        "log_body",
        "body_max_bytes",
        "redact_headers",
        "sample_rate",
        "h2_control_events",
        "jsonl_path",
        "jsonl_on_full",
    ],
};

pub(super) const STORE: Keys =
    Keys { section: "store", names: &["max_records", "max_bytes", "closed_connections"] };

pub(super) const METRICS: Keys = Keys { section: "metrics", names: &["listen"] };

const ALL: [&Keys; 8] = [&ROOT, &LISTENER, &TLS, &UPSTREAM, &POLICY, &LOGGING, &STORE, &METRICS];

/// What to say about a key that `keys` does not have.
pub(super) fn unknown(key: &str, keys: &Keys) -> String {
    if let Some(near) = nearest(key, keys.names) {
        return format!("unknown key; did you mean '{near}'?");
    }
    let home = ALL.iter().find(|other| other.names.contains(&key));
    match home {
        Some(home) if home.section.is_empty() => {
            "unknown key here; it belongs to the top of the file".to_owned()
        }
        Some(home) => format!("unknown key here; it belongs to {}", home.section),
        None => format!("unknown key; allowed: {}", keys.names.join(", ")),
    }
}

/// The word that was probably meant, if one is near enough to be worth saying.
pub(super) fn nearest<'a>(word: &str, words: &[&'a str]) -> Option<&'a str> {
    // No word here is this long, and the distance takes time in the product of the lengths.
    const LONGEST: usize = 64;
    if word.len() > LONGEST {
        return None;
    }
    let folded = word.to_ascii_lowercase().replace(['-', ' '], "_");
    words
        .iter()
        .map(|known| (strsim::damerau_levenshtein(&folded, &known.to_ascii_lowercase()), *known))
        .filter(|(distance, known)| *distance <= (known.len() / 3).clamp(1, 3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}
