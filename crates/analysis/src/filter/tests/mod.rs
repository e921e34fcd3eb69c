//! The language by examples: what matches what, what is a mistake and where, and what must hold for
//! any text.

mod matching;
mod mistakes;
mod properties;
mod subjects;
