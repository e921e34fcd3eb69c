//! The dynamic table (RFC 7541 §2.3.2, §4): what the sender has asked to remember, newest first.
//!
//! All text stands in one buffer. New entries are appended, evicted ones leave a gap at the front,
//! and the gap is closed when it has become as large as what is alive: an insertion costs its own
//! length, amortised, and allocates nothing once the buffer has grown.
//!
//! ```text
//! text     ░░░░░░░░░░ name value name value name value
//!          └─ gap ──┘ └ oldest ┘            └ newest ┘   new entries ─►
//! ```
//!
//! Not here: the static table, and who is allowed to change the size (`decoder`).

use std::collections::VecDeque;

use super::error::Error;
use super::static_table;

/// The most bytes of a dynamic table that are kept, by the RFC's count. A sender may be allowed
/// more; then its oldest entries are forgotten here before they are there. Indices count from the
/// newest, so that those which remain keep their meaning.
pub const MAX_TABLE_SIZE: u32 = 1 << 20;

/// What an entry costs beyond its name and value (§4.1).
pub(super) const ENTRY_OVERHEAD: usize = 32;

/// A gap smaller than this is not worth moving bytes for.
const MIN_GAP: usize = 1024;

#[derive(Debug)]
pub(super) struct DynamicTable {
    /// The size that the sender chose.
    capacity: u32,
    /// The sum of the entries' sizes.
    size: usize,
    /// Oldest first.
    entries: VecDeque<Entry>,
    text: Vec<u8>,
    /// Bytes that were taken off the front of `text` since the beginning.
    closed: u64,
}

/// Name and value stand side by side.
#[derive(Clone, Copy, Debug)]
struct Entry {
    /// Bytes ever appended before this entry's name.
    start: u64,
    name: u32,
    value: u32,
}

impl Entry {
    const fn text_length(self) -> usize {
        self.name as usize + self.value as usize
    }

    const fn size(self) -> usize {
        self.text_length() + ENTRY_OVERHEAD
    }
}

/// The name of a new entry.
#[derive(Clone, Copy)]
pub(super) enum Name<'a> {
    /// These octets.
    Octets(&'a [u8]),
    /// That of an entry of this table, by its index in the address space of both tables.
    Indexed(u32),
}

impl DynamicTable {
    pub(super) const fn new(capacity: u32) -> Self {
        Self { capacity, size: 0, entries: VecDeque::new(), text: Vec::new(), closed: 0 }
    }

    /// The size that the sender chose, in bytes.
    pub(super) const fn capacity(&self) -> u32 {
        self.capacity
    }

    /// A dynamic table size update (§4.3).
    pub(super) fn set_capacity(&mut self, capacity: u32) {
        self.capacity = capacity;
        self.evict();
    }

    /// The field of an index in the address space of both tables (§2.3.3).
    pub(super) fn get(&self, index: u32) -> Result<(&[u8], &[u8]), Error> {
        match static_table::get(index) {
            Some(field) => Ok(field),
            None => self.entry(index).map(|entry| self.field(entry)),
        }
    }

    /// Enters a field, and evicts what no longer fits (§4.4).
    pub(super) fn insert(&mut self, name: Name<'_>, value: &[u8]) -> Result<(), Error> {
        let start = self.closed + self.text.len() as u64;
        let source = match name {
            Name::Octets(octets) => Source::Octets(octets),
            Name::Indexed(index) => match static_table::get(index) {
                Some((name, _)) => Source::Octets(name),
                None => Source::Entry(self.entry(index)?),
            },
        };
        let entry = Entry { start, name: source.length() as u32, value: value.len() as u32 };
        if entry.size() > self.kept() {
            // §4.4: this is no error, it empties the table.
            self.evict_down_to(0);
            return Ok(());
        }
        match source {
            Source::Octets(octets) => self.text.extend_from_slice(octets),
            Source::Entry(from) => {
                let from_start = self.position(from);
                self.text.extend_from_within(from_start..from_start + from.name as usize);
            }
        }
        self.text.extend_from_slice(value);
        self.size += entry.size();
        self.entries.push_back(entry);
        // Only now, for the name may be that of an entry which has to go (§4.4).
        self.evict();
        Ok(())
    }

    fn entry(&self, index: u32) -> Result<Entry, Error> {
        let age = index.wrapping_sub(static_table::LENGTH + 1) as usize;
        let position = self.entries.len().wrapping_sub(1).wrapping_sub(age);
        if index == 0 {
            Err(Error::IndexZero)
        } else if let Some(entry) = self.entries.get(position) {
            Ok(*entry)
        } else if self.capacity > MAX_TABLE_SIZE {
            Err(Error::EntryNotKept { index, size: self.capacity })
        } else {
            let last = static_table::LENGTH + self.entries.len() as u32;
            Err(Error::IndexOutOfRange { index, last })
        }
    }

    fn field(&self, entry: Entry) -> (&[u8], &[u8]) {
        let start = self.position(entry);
        self.text[start..start + entry.text_length()].split_at(entry.name as usize)
    }

    /// Where the entry stands in `text`.
    const fn position(&self, entry: Entry) -> usize {
        (entry.start - self.closed) as usize
    }

    fn kept(&self) -> usize {
        self.capacity.min(MAX_TABLE_SIZE) as usize
    }

    fn evict(&mut self) {
        self.evict_down_to(self.kept());
    }

    fn evict_down_to(&mut self, limit: usize) {
        while self.size > limit {
            let Some(oldest) = self.entries.pop_front() else { break };
            self.size -= oldest.size();
        }
        let gap = match self.entries.front() {
            Some(&oldest) => self.position(oldest),
            None => self.text.len(),
        };
        let alive = self.text.len() - gap;
        if gap >= MIN_GAP.max(alive) {
            self.text.drain(..gap);
            self.closed += gap as u64;
        }
    }

    /// The sum of the entries' sizes, which never exceeds [`Self::capacity`] (§4.1).
    pub(super) const fn size(&self) -> usize {
        self.size
    }

    /// Bytes of text that are stored, the gap included: below twice [`MAX_TABLE_SIZE`].
    pub(super) fn stored(&self) -> usize {
        self.text.len()
    }
}

/// Where a new entry's name comes from.
enum Source<'a> {
    Octets(&'a [u8]),
    Entry(Entry),
}

impl Source<'_> {
    const fn length(&self) -> usize {
        match self {
            Self::Octets(octets) => octets.len(),
            Self::Entry(entry) => entry.name as usize,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug)]
    enum Step {
        Insert(Vec<u8>, Vec<u8>),
        InsertNamedBy(u32, Vec<u8>),
        Resize(u32),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let octets = || proptest::collection::vec(any::<u8>(), 0..120);
        let step = prop_oneof![
            4 => (octets(), octets()).prop_map(|(name, value)| Step::Insert(name, value)),
            3 => (60..90_u32, octets()).prop_map(|(i, value)| Step::InsertNamedBy(i, value)),
            1 => prop_oneof![Just(0), 0..3000_u32].prop_map(Step::Resize),
        ];
        proptest::collection::vec(step, 0..200)
    }

    /// The table as the RFC words it: a list of pairs, newest first.
    #[derive(Default)]
    struct Model {
        capacity: usize,
        fields: VecDeque<(Vec<u8>, Vec<u8>)>,
    }

    impl Model {
        fn size(&self) -> usize {
            self.fields.iter().map(|(name, value)| name.len() + value.len() + 32).sum()
        }

        fn insert(&mut self, name: Vec<u8>, value: Vec<u8>) {
            self.fields.push_front((name, value));
            self.evict();
        }

        fn evict(&mut self) {
            while self.size() > self.capacity {
                self.fields.pop_back();
            }
        }
    }

    proptest! {
        #[test]
        fn behaves_like_a_list_of_pairs(steps in steps()) {
            let mut table = DynamicTable::new(1000);
            let mut model = Model { capacity: 1000, ..Model::default() };
            for step in steps {
                match step {
                    Step::Insert(name, value) => {
                        prop_assert_eq!(table.insert(Name::Octets(&name), &value), Ok(()));
                        model.insert(name, value);
                    }
                    Step::InsertNamedBy(index, value) => {
                        let name = table.get(index).map(|(name, _)| name.to_vec());
                        let inserted = table.insert(Name::Indexed(index), &value);
                        prop_assert_eq!(inserted.is_ok(), name.is_ok());
                        if let Ok(name) = name {
                            model.insert(name, value);
                        }
                    }
                    Step::Resize(capacity) => {
                        table.set_capacity(capacity);
                        model.capacity = capacity as usize;
                        model.evict();
                    }
                }
                prop_assert_eq!(table.size(), model.size());
                prop_assert!(table.stored() <= 2 * model.size() + MIN_GAP);
                for (index, (name, value)) in (62..).zip(&model.fields) {
                    prop_assert_eq!(table.get(index), Ok((&name[..], &value[..])));
                }
                let last = 61 + model.fields.len() as u32;
                let beyond = last + 1;
                prop_assert_eq!(
                    table.get(beyond),
                    Err(Error::IndexOutOfRange { index: beyond, last })
                );
            }
        }
    }

    #[test]
    fn a_name_outlives_the_eviction_of_its_entry() {
        let mut table = DynamicTable::new(32 + 8);
        table.insert(Name::Octets(b"name"), b"old").unwrap();
        table.insert(Name::Indexed(62), b"new").unwrap();
        assert_eq!(table.get(62), Ok((&b"name"[..], &b"new"[..])));
        assert_eq!(table.get(63), Err(Error::IndexOutOfRange { index: 63, last: 62 }));
    }

    #[test]
    fn an_entry_larger_than_the_table_empties_it() {
        let mut table = DynamicTable::new(64);
        table.insert(Name::Octets(b"a"), b"b").unwrap();
        table.insert(Name::Octets(b"a"), &[b'b'; 32]).unwrap();
        assert_eq!(table.size(), 0);
        assert_eq!(table.get(62), Err(Error::IndexOutOfRange { index: 62, last: 61 }));
    }

    #[test]
    fn a_table_beyond_our_limit_keeps_its_newest_entries() {
        let mut table = DynamicTable::new(4 * MAX_TABLE_SIZE);
        let value = vec![b'v'; 100_000];
        for octet in 0..30 {
            table.insert(Name::Octets(&[octet]), &value).unwrap();
        }
        assert!(table.size() <= MAX_TABLE_SIZE as usize);
        assert_eq!(table.get(62).map(|(name, _)| name), Ok(&[29][..]));
        assert_eq!(table.get(71).map(|(name, _)| name), Ok(&[20][..]));
        assert_eq!(table.get(72), Err(Error::EntryNotKept { index: 72, size: 4 * MAX_TABLE_SIZE }));
    }
}
