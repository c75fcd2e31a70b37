//! From a file to a connection: whether the file is ours, who else uses it, its schema and its copies.

pub(in crate::store) mod backup;
pub(in crate::store) mod connection;
pub(in crate::store) mod header;
pub(in crate::store) mod lock;
pub(in crate::store) mod meta;
pub(in crate::store) mod migrate;
pub(in crate::store) mod original;
pub(in crate::store) mod patience;
pub(in crate::store) mod reader;
pub(in crate::store) mod redact;
pub(in crate::store) mod status;
