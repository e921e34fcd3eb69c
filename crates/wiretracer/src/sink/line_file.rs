//! A file that lines are appended to, which survives what happens to files.
//!
//! ```text
//!            open fails, write fails
//!   Open ─────────────────────────────► Trouble: lines are lost and counted
//!    ▲ ▲                                   │
//!    │ └── deleted, rotated, reopen: anew  │ at most one attempt a second
//!    └─────────── a write goes well ◄──────┘
//! ```
//!
//! A line is in the file whole or not at all. What a failed write left of one is cut off; where
//! that cannot be done (or where a killed process left half a line) the next lines begin on a line
//! of their own. No clock is read here, and nothing is logged: the caller gets [`News`].

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::lines::Lines;

/// How long after a failure the file is tried again.
pub(super) const RETRY: Duration = Duration::from_secs(1);

/// How often the path is looked at, whether it still names the open file.
pub(super) const CHECK: Duration = Duration::from_secs(1);

/// What a person should be told, once.
#[derive(Debug)]
pub(super) enum News {
    /// Lines are being lost from now on.
    Failed(io::Error),
    /// Writing goes on; so many lines were lost meanwhile.
    Resumed {
        /// Lines lost since [`News::Failed`].
        dropped: u64,
    },
}

/// How an attempt to append ended.
#[derive(Debug, Default)]
pub(super) struct Appended {
    /// How many of the lines are in the file; the others are lost.
    pub written: usize,
    /// What to tell.
    pub news: Option<News>,
}

/// The file.
#[derive(Debug)]
pub(super) struct LineFile {
    path: PathBuf,
    open: Option<Open>,
    trouble: Option<Trouble>,
}

#[derive(Debug)]
struct Open {
    file: File,
    /// The next line would continue a half one.
    half_line: bool,
    checked: Instant,
}

#[derive(Debug)]
struct Trouble {
    dropped: u64,
    retry_at: Instant,
}

impl LineFile {
    /// A file that is not open yet.
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, open: None, trouble: None }
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Opens the file anew, also right after a failure. Done ahead of the first line too, so that
    /// mistakes show at start.
    pub(super) fn reopen(&mut self, now: Instant) -> Option<News> {
        self.open = None;
        if let Some(trouble) = &mut self.trouble {
            trouble.retry_at = now;
        }
        self.ready(now).err().and_then(|error| self.fail(error, 0, now))
    }

    /// Appends the lines. Those that cannot be written are lost.
    pub(super) fn append(&mut self, lines: &Lines, now: Instant) -> Appended {
        if let Some(trouble) = self.trouble.as_mut().filter(|trouble| now < trouble.retry_at) {
            trouble.dropped += lines.count() as u64;
            return Appended::default();
        }
        let result = self.ready(now).map_err(|error| (0, error)).and_then(|open| open.write(lines));
        match result {
            Ok(()) => {
                let news =
                    self.trouble.take().map(|Trouble { dropped, .. }| News::Resumed { dropped });
                Appended { written: lines.count(), news }
            }
            Err((written, error)) => {
                let news = self.fail(error, lines.count() - written, now);
                Appended { written, news }
            }
        }
    }

    /// The open file, after a look whether the path still names it.
    fn ready(&mut self, now: Instant) -> io::Result<&mut Open> {
        let open = match self.open.take() {
            Some(mut open) if now.saturating_duration_since(open.checked) >= CHECK => {
                open.checked = now;
                is_same(&open.file, &self.path).then_some(open)
            }
            open => open,
        };
        let open = match open {
            Some(open) => open,
            None => Open::new(&self.path, now)?,
        };
        Ok(self.open.insert(open))
    }

    fn fail(&mut self, error: io::Error, dropped: usize, now: Instant) -> Option<News> {
        self.open = None;
        let retry_at = now + RETRY;
        let dropped = dropped as u64;
        match &mut self.trouble {
            Some(trouble) => {
                trouble.dropped += dropped;
                trouble.retry_at = retry_at;
                None
            }
            None => {
                self.trouble = Some(Trouble { dropped, retry_at });
                Some(News::Failed(error))
            }
        }
    }
}

impl Open {
    fn new(path: &Path, now: Instant) -> io::Result<Self> {
        let file = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
        // The file may be writable and not readable; then there is nothing to know.
        let half_line = ends_in_half_line(&file, path).unwrap_or(false);
        Ok(Self { file, half_line, checked: now })
    }

    /// Writes the lines, or says how many of them are in the file and why not more.
    fn write(&mut self, lines: &Lines) -> Result<(), (usize, io::Error)> {
        if self.half_line {
            self.file.write_all(b"\n").map_err(|error| (0, error))?;
            self.half_line = false;
        }
        let mut written = 0;
        while let Some(rest) = lines.text().get(written..).filter(|rest| !rest.is_empty()) {
            let error = match self.file.write(rest) {
                Ok(0) => io::Error::from(ErrorKind::WriteZero),
                Ok(n) => {
                    written += n;
                    continue;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => error,
            };
            let (count, end) = lines.whole(written);
            self.cut_off((written - end) as u64);
            return Err((count, error));
        }
        Ok(())
    }

    /// Takes back the last `excess` bytes: ours, as long as nobody has written after them.
    ///
    /// Where it fails the half line stays, and whoever opens the file next sees it.
    fn cut_off(&mut self, excess: u64) {
        let ours = |file: &mut File| -> io::Result<Option<u64>> {
            let end = file.stream_position()?;
            let length = file.metadata()?.len();
            Ok((length == end).then(|| end.saturating_sub(excess)))
        };
        if excess > 0
            && let Ok(Some(length)) = ours(&mut self.file)
        {
            let _ = self.file.set_len(length);
        }
    }
}

/// Whether `path` names the open file.
fn is_same(file: &File, path: &Path) -> bool {
    let (Ok(open), Ok(named)) = (file.metadata(), std::fs::metadata(path)) else {
        return false;
    };
    (open.dev(), open.ino()) == (named.dev(), named.ino())
}

fn ends_in_half_line(file: &File, path: &Path) -> io::Result<bool> {
    let metadata = file.metadata()?;
    if !metadata.is_file() || metadata.len() == 0 {
        return Ok(false);
    }
    let mut reader = File::open(path)?;
    reader.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    reader.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

#[cfg(test)]
mod tests;
