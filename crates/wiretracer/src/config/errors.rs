//! What is wrong with a configuration, and where: all of it at once.
//!
//! ```text
//! config.yaml:7:5: listeners[0].policy.read_timout: unknown key; did you mean 'read_timeout'?
//! └── file ─┘ │ │  └──────── key path ───────────┘  └── what was found, what is allowed ───┘
//!          line column
//! ```
//!
//! A [`Mistake`] stops the start. A [`Warning`] does not: the configuration works, but part of it
//! will not do what it seems to say.

use std::fmt;
use std::sync::Arc;

use super::node::Place;

/// One thing that is wrong, as one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The configuration file as it was named, or `command line`.
    pub file: Arc<str>,
    /// Where in the file; absent for the command line and for a file that can't be read.
    pub place: Option<Place>,
    /// The key, such as `listeners[0].tls.cert`; empty when it is about the file as a whole.
    pub path: String,
    /// What was found and what is allowed.
    pub message: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(place) = self.place {
            write!(f, ":{place}")?;
        }
        if !self.path.is_empty() {
            write!(f, ": {}", self.path)?;
        }
        write!(f, ": {}", self.message)
    }
}

/// Every mistake of one configuration, in the order of the file. There is at least one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", lines(.mistakes))]
pub struct ConfigErrors {
    /// The mistakes.
    pub mistakes: Vec<Mistake>,
}

fn lines(mistakes: &[Mistake]) -> String {
    mistakes.iter().map(Mistake::to_string).collect::<Vec<_>>().join("\n")
}

/// Something in a configuration that works, but not as it reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// What sort of thing.
    pub kind: WarningKind,
    /// Where, and in which words.
    pub about: Mistake,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.about)
    }
}

/// The sorts of warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WarningKind {
    /// An option that has no effect beside the others, or less than it asks for.
    NoEffect,
    /// A file that today's date makes invalid. A proxy may be started with one on purpose, to
    /// reproduce a failure; [`super::check`] counts it as a mistake.
    NotValidNow,
}
