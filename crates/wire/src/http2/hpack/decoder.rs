//! Field blocks to fields (RFC 7541 §3, §6).
//!
//! ```text
//! block:  [size update [size update]]  (indexed | literal)*
//! ```
//!
//! Not here: the two tables and the primitive types; see the map in [`super`].

use crate::http::{Field, Fields};

use super::dynamic_table::{DynamicTable, ENTRY_OVERHEAD, Name};
use super::error::Error;
use super::reader::Reader;

/// The most bytes that one field block may expand to, counted like SETTINGS_MAX_HEADER_LIST_SIZE:
/// names, values and 32 for each line. One byte can stand for a field of the table's full size, so
/// that a block alone doesn't bound it.
pub const MAX_LIST_SIZE: usize = 1 << 20;

/// The most field lines in one block.
pub const MAX_LINES: usize = 4096;

/// SETTINGS_HEADER_TABLE_SIZE before any SETTINGS (RFC 9113 §6.5.2).
const INITIAL_TABLE_SIZE: u32 = 4096;

/// The capacity of the scratch buffer that is kept from block to block.
const SCRATCH_KEPT: usize = 16 * 1024;

/// Dynamic table size updates at the start of one block: the lowest size, and the last (§4.2).
const MAX_SIZE_UPDATES: u32 = 2;

/// Decodes the field blocks of one direction of a connection, all of them and in order, for each
/// may change the dynamic table.
#[derive(Debug)]
pub struct Decoder {
    table: DynamicTable,
    /// The receiver's SETTINGS_HEADER_TABLE_SIZE.
    limit: u32,
    /// The lowest limit since the last block, if it fell below the table's size: the next block has
    /// to begin with an update to no more than this.
    owed: Option<u32>,
    /// Huffman-coded strings of the field at hand.
    scratch: Vec<u8>,
}

/// How a literal is represented, which is what becomes of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Literal {
    IncrementalIndexing,
    WithoutIndexing,
    NeverIndexed,
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder {
    /// A decoder for the start of a connection: an empty dynamic table of 4096 bytes.
    pub const fn new() -> Self {
        Self {
            table: DynamicTable::new(INITIAL_TABLE_SIZE),
            limit: INITIAL_TABLE_SIZE,
            owed: None,
            scratch: Vec::new(),
        }
    }

    /// The receiver's SETTINGS_HEADER_TABLE_SIZE took effect, in bytes. It is a limit: the sender
    /// chooses the size, and has to tell it at the start of its next block when the limit fell
    /// below the one in use (RFC 7541 §4.2, RFC 9113 §4.3.1).
    ///
    /// Any size is accepted; no more than [`MAX_TABLE_SIZE`](super::MAX_TABLE_SIZE) bytes of the
    /// newest entries are kept.
    pub fn set_max_table_size(&mut self, size: u32) {
        self.limit = size;
        if size < self.table.capacity() {
            self.owed = Some(self.owed.map_or(size, |lowest| lowest.min(size)));
        }
    }

    /// Decodes one field block and appends its lines to `fields`.
    ///
    /// # Errors
    ///
    /// What the block breaks, or the limit of ours that it crosses. The lines before that place
    /// are in `fields`. From here on the dynamic table may be out of step with the sender's.
    pub fn decode(&mut self, block: &[u8], fields: &mut Fields) -> Result<(), Error> {
        let mut reader = Reader::new(block);
        let mut list = List { fields, size: 0, lines: 0 };
        self.size_updates(&mut reader)?;
        while let Some(first) = reader.octet() {
            match first {
                0x80.. => {
                    let (name, value) = self.table.get(reader.integer(first, 7)?)?;
                    list.push(Field { name, value, never_indexed: false })?;
                }
                0x40.. => {
                    let index = reader.integer(first, 6)?;
                    self.literal(&mut reader, index, Literal::IncrementalIndexing, &mut list)?;
                }
                0x20.. => return Err(Error::SizeUpdateMisplaced),
                0x10.. => {
                    let index = reader.integer(first, 4)?;
                    self.literal(&mut reader, index, Literal::NeverIndexed, &mut list)?;
                }
                0x00.. => {
                    let index = reader.integer(first, 4)?;
                    self.literal(&mut reader, index, Literal::WithoutIndexing, &mut list)?;
                }
            }
        }
        if self.scratch.capacity() > SCRATCH_KEPT {
            self.scratch = Vec::new();
        }
        Ok(())
    }

    fn size_updates(&mut self, reader: &mut Reader<'_>) -> Result<(), Error> {
        let mut owed = self.owed.take();
        let mut updates = 0;
        while let Some(first @ 0x20..0x40) = reader.peek() {
            reader.octet();
            updates += 1;
            if updates > MAX_SIZE_UPDATES {
                return Err(Error::SizeUpdateRepeated);
            }
            let size = reader.integer(first, 5)?;
            if size > self.limit {
                return Err(Error::SizeUpdateTooLarge { size, limit: self.limit });
            }
            if let Some(limit) = owed.take_if(|lowest| size > *lowest) {
                return Err(Error::SizeUpdateMissing { limit });
            }
            owed = None;
            self.table.set_capacity(size);
        }
        owed.map_or(Ok(()), |limit| Err(Error::SizeUpdateMissing { limit }))
    }

    fn literal(
        &mut self,
        reader: &mut Reader<'_>,
        index: u32,
        literal: Literal,
        list: &mut List<'_>,
    ) -> Result<(), Error> {
        self.scratch.clear();
        let name = match index {
            0 => Some(reader.string(&mut self.scratch)?),
            _ => None,
        };
        let value = reader.string(&mut self.scratch)?.octets(&self.scratch);
        let name = name.map(|name| name.octets(&self.scratch));
        let never_indexed = literal == Literal::NeverIndexed;
        let octets = match name {
            Some(octets) => octets,
            None => self.table.get(index)?.0,
        };
        list.push(Field { name: octets, value, never_indexed })?;
        if literal == Literal::IncrementalIndexing {
            self.table.insert(name.map_or(Name::Indexed(index), Name::Octets), value)?;
        }
        Ok(())
    }

    /// The dynamic table's size and the octets stored for it; for invariants.
    pub(super) fn footprint(&self) -> (usize, usize) {
        (self.table.size(), self.table.stored() + self.scratch.capacity())
    }
}

/// The lines of one block, counted against the limits.
struct List<'a> {
    fields: &'a mut Fields,
    size: usize,
    lines: usize,
}

impl List<'_> {
    fn push(&mut self, field: Field<'_>) -> Result<(), Error> {
        self.size += field.name.len() + field.value.len() + ENTRY_OVERHEAD;
        self.lines += 1;
        if self.size > MAX_LIST_SIZE || self.lines > MAX_LINES {
            return Err(Error::ListTooLarge);
        }
        self.fields.push_field(field);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
