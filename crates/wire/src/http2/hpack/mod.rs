//! HPACK header compression (RFC 7541).
//!
//! A field block is a list of instructions against two tables: the static one of appendix A, and a
//! dynamic one that both ends build from the same instructions.
//!
//! ```text
//! 1xxxxxxx  indexed field                      §6.1    both from a table
//! 01xxxxxx  literal, incremental indexing      §6.2.1  and it enters the dynamic table
//! 0000xxxx  literal without indexing           §6.2.2
//! 0001xxxx  literal never indexed              §6.2.3  a secret: the mark is kept
//! 001xxxxx  dynamic table size update          §6.3    only at the start of a block
//!
//! block ─► decoder ─┬─ reader         integers (§5.1) and strings (§5.2)
//!                   │    └─ huffman   the code of appendix B
//!                   ├─ static_table   indices 1 to 61
//!                   └─ dynamic_table  indices from 62, the newest first
//! ```
//!
//! ```
//! use wire::{http::Fields, http2::hpack};
//!
//! let mut fields = Fields::new();
//! hpack::Decoder::new().decode(&[0x82, 0x84], &mut fields)?;
//! assert_eq!(fields.get(":method"), Some(&b"GET"[..]));
//! assert_eq!(fields.get(":path"), Some(&b"/"[..]));
//! # Ok::<(), hpack::Error>(())
//! ```
//!
//! Not here: HEADERS and CONTINUATION frames, which carry the blocks, and any judgement of names
//! and values (RFC 9113 §8.2).

mod decoder;
mod dynamic_table;
mod encoder;
mod error;
mod fuzzing;
mod huffman;
mod reader;
mod static_table;

pub use decoder::{Decoder, MAX_LINES, MAX_LIST_SIZE};
pub use dynamic_table::MAX_TABLE_SIZE;
pub use encoder::Encoder;
pub use error::Error;
#[doc(hidden)]
pub use fuzzing::fuzz;
