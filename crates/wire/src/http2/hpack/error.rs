//! What can be wrong with a field block.
//!
//! ```
//! use wire::{http::Fields, http2::hpack};
//!
//! let error = hpack::Decoder::new().decode(&[0x80], &mut Fields::new()).unwrap_err();
//! assert_eq!(error, hpack::Error::IndexZero);
//! assert_eq!(error.rfc_section(), "RFC 7541 §6.1");
//! ```
//!
//! Not here: what follows from it. For a receiver every one of these is a connection error
//! COMPRESSION_ERROR (RFC 9113 §4.3), except the two that tell of a limit of our own
//! ([`Error::is_own_limit`]).

use super::{MAX_LINES, MAX_LIST_SIZE, MAX_TABLE_SIZE};

/// Why a field block could not be decoded.
///
/// Whatever the variant, the dynamic table may be out of step with the sender's from here on: the
/// blocks that follow in this direction can't be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The block ends inside an integer.
    #[error("the field block ends inside an integer")]
    TruncatedInteger,
    /// The block ends inside a string.
    #[error(
        "a string of {length} bytes is announced, the field block has only {available} bytes left"
    )]
    TruncatedString {
        /// The length that the string literal announces, in bytes as encoded.
        length: u32,
        /// The bytes that are left of the block.
        available: usize,
    },
    /// An integer needs more than 32 bits, or is spelt with more octets than those need.
    #[error("an integer does not fit into 32 bits")]
    IntegerOverflow,
    /// A Huffman-coded string holds the symbol EOS.
    #[error("a Huffman-coded string contains the EOS symbol")]
    HuffmanEos,
    /// A Huffman-coded string ends in a whole byte or more of padding.
    #[error("a Huffman-coded string ends in {bits} bits of padding, 7 are allowed")]
    HuffmanPaddingTooLong {
        /// The length of the padding in bits.
        bits: u32,
    },
    /// A Huffman-coded string ends inside a code, or its padding is not the start of EOS.
    #[error("a Huffman-coded string ends in padding bits that are not all ones")]
    HuffmanPaddingNotOnes,
    /// An indexed field with the index 0.
    #[error("an indexed field has index 0, which is not used")]
    IndexZero,
    /// An index beyond the end of both tables.
    #[error("index {index} is beyond the end of the tables, the last entry is {last}")]
    IndexOutOfRange {
        /// The index in the block.
        index: u32,
        /// The last index there is an entry for; 61 when the dynamic table is empty.
        last: u32,
    },
    /// An index that may be valid, in a dynamic table larger than what we keep of it.
    #[error(
        "index {index} refers to an entry that was not kept: the sender's dynamic table has {size} \
         bytes, of which {MAX_TABLE_SIZE} are followed"
    )]
    EntryNotKept {
        /// The index in the block.
        index: u32,
        /// The table size that the sender chose, in bytes.
        size: u32,
    },
    /// A dynamic table size update beyond the receiver's SETTINGS_HEADER_TABLE_SIZE.
    #[error("the dynamic table size is set to {size}, the receiver allows {limit}")]
    SizeUpdateTooLarge {
        /// The size in the block, in bytes.
        size: u32,
        /// The receiver's limit in bytes.
        limit: u32,
    },
    /// The receiver lowered its limit, and the block does not begin with a table size update that
    /// obeys it.
    #[error(
        "the field block does not begin with a dynamic table size update to {limit} or less, \
         though the receiver lowered its limit to that"
    )]
    SizeUpdateMissing {
        /// The lowest limit since the block before, in bytes.
        limit: u32,
    },
    /// More than two dynamic table size updates at the start of a block.
    #[error("a field block begins with more than two dynamic table size updates")]
    SizeUpdateRepeated,
    /// A dynamic table size update after a field.
    #[error("a dynamic table size update stands after a field, not at the start of the block")]
    SizeUpdateMisplaced,
    /// The block expands to more than we are ready to hold.
    #[error(
        "the field block expands to more than {MAX_LINES} field lines or {MAX_LIST_SIZE} bytes"
    )]
    ListTooLarge,
}

impl Error {
    /// Where the rule stands.
    pub const fn rfc_section(&self) -> &'static str {
        match self {
            Self::TruncatedInteger | Self::IntegerOverflow => "RFC 7541 §5.1",
            Self::TruncatedString { .. }
            | Self::HuffmanEos
            | Self::HuffmanPaddingTooLong { .. }
            | Self::HuffmanPaddingNotOnes => "RFC 7541 §5.2",
            Self::IndexZero => "RFC 7541 §6.1",
            Self::IndexOutOfRange { .. } | Self::EntryNotKept { .. } => "RFC 7541 §2.3.3",
            Self::SizeUpdateTooLarge { .. } => "RFC 7541 §6.3",
            Self::SizeUpdateMissing { .. }
            | Self::SizeUpdateRepeated
            | Self::SizeUpdateMisplaced => "RFC 7541 §4.2",
            Self::ListTooLarge => "RFC 9113 §10.5.1",
        }
    }

    /// Whether a limit of ours was crossed, by a sender that may well keep to the protocol.
    pub const fn is_own_limit(&self) -> bool {
        matches!(self, Self::EntryNotKept { .. } | Self::ListTooLarge)
    }
}
