//! What every section needs while it resolves itself: where files are, and where mistakes go.
//!
//! A section never stops at its first mistake. It reports and goes on with some value, which nobody
//! will see, because [`Context::finish`] gives out mistakes or a configuration, never both.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::errors::{ConfigErrors, Mistake, Warning, WarningKind};
use super::field::Field;
use super::model::Config;
use super::node::Place;

/// The file being read and what was found wrong with it so far.
pub(super) struct Context {
    file: Arc<str>,
    folder: PathBuf,
    mistakes: Vec<Mistake>,
    warnings: Vec<Warning>,
}

impl Context {
    /// For the configuration file at `path`; paths inside it are relative to its folder.
    pub(super) fn new(path: &Path) -> Self {
        Self {
            file: path.display().to_string().into(),
            folder: path.parent().map(Path::to_path_buf).unwrap_or_default(),
            mistakes: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// The path that the configuration means by `text`.
    pub(super) fn path(&self, text: &str) -> PathBuf {
        self.folder.join(text)
    }

    /// Reports a mistake in a field's value.
    pub(super) fn mistake(&mut self, field: &Field<'_>, message: impl Into<String>) {
        self.mistake_at(Some(field.node.place), &field.path, message);
    }

    /// Reports a mistake that is not in a value: a key, or something missing.
    pub(super) fn mistake_at(
        &mut self,
        place: Option<Place>,
        path: &str,
        message: impl Into<String>,
    ) {
        let mistake = self.line(place, path, message.into());
        self.mistakes.push(mistake);
    }

    /// Reports that a field is obeyed less than it seems.
    pub(super) fn warn(
        &mut self,
        kind: WarningKind,
        field: &Field<'_>,
        message: impl Into<String>,
    ) {
        let about = self.line(Some(field.node.place), &field.path, message.into());
        self.warnings.push(Warning { kind, about });
    }

    fn line(&self, place: Option<Place>, path: &str, message: String) -> Mistake {
        // A value or a file's name may hold anything; a mistake is one line on a terminal.
        let message = if message.contains(char::is_control) {
            message.chars().flat_map(escape_control).collect()
        } else {
            message
        };
        Mistake { file: Arc::clone(&self.file), place, path: path.to_owned(), message }
    }

    /// Gives out the configuration with its warnings, or everything that was wrong. `strict`: what
    /// today's date makes invalid is wrong too.
    pub(super) fn finish(
        mut self,
        config: Option<Config>,
        strict: bool,
    ) -> Result<Config, ConfigErrors> {
        let counts = |warning: &Warning| strict && warning.kind == WarningKind::NotValidNow;
        let (stale, mut warnings): (Vec<_>, Vec<_>) = self.warnings.into_iter().partition(counts);
        self.mistakes.extend(stale.into_iter().map(|warning| warning.about));
        match config {
            Some(config) if self.mistakes.is_empty() => {
                warnings.sort_by_key(|warning| warning.about.place);
                Ok(Config { warnings, ..config })
            }
            _ => {
                self.mistakes.sort_by_key(|mistake| mistake.place);
                Err(ConfigErrors { mistakes: self.mistakes })
            }
        }
    }
}

fn escape_control(c: char) -> impl Iterator<Item = char> {
    let escaped = c.is_control().then(|| c.escape_default());
    let plain = escaped.is_none().then_some(c);
    escaped.into_iter().flatten().chain(plain)
}
