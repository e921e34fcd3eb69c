//! Events to records.
