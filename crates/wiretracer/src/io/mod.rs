//! Streams as the relay needs them: what was read ahead is replayed, and every way of ending is told
//! apart and can be passed on.

mod prefixed;
mod stream;

pub use prefixed::Prefixed;
pub use stream::{Read, Stream};
