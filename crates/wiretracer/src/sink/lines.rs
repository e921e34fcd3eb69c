//! Lines that are written together, and which of them a broken write has saved.

/// Lines in one buffer, so that one write takes them all.
#[derive(Debug, Default)]
pub(super) struct Lines {
    text: Vec<u8>,
    /// Where each line ends, its newline included.
    ends: Vec<usize>,
}

impl Lines {
    /// How many lines there are.
    pub(super) fn count(&self) -> usize {
        self.ends.len()
    }

    /// The text of all lines.
    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    /// Adds the line that `write` writes, and its end. After an error nothing is added.
    ///
    /// # Errors
    ///
    /// What `write` returned.
    pub(super) fn push<E>(
        &mut self,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<(), E> {
        let start = self.text.len();
        if let Err(error) = write(&mut self.text) {
            self.text.truncate(start);
            return Err(error);
        }
        self.text.push(b'\n');
        self.ends.push(self.text.len());
        Ok(())
    }

    /// Forgets the lines and keeps the memory.
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    /// How many lines are whole in the first `written` bytes, and where the last of them ends.
    pub(super) fn whole(&self, written: usize) -> (usize, usize) {
        let count = self.ends.partition_point(|end| *end <= written);
        let end = count.checked_sub(1).and_then(|last| self.ends.get(last));
        (count, end.copied().unwrap_or(0))
    }
}
