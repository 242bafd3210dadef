//! Crate `git` against the installed git and real servers on this machine.

#![expect(clippy::unwrap_used, reason = "what goes wrong in a test ends it")]
#![expect(clippy::cloned_ref_to_slice_refs, reason = "lists of ids read better than slices of one")]

mod cache;
mod commits;
mod fetch;
mod files;
mod http_backend;
mod listing;
mod local;
mod making;
mod secrets;
mod server;
mod tls;
mod world;
