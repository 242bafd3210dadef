//! Crate `git` against the installed git and real servers on this machine.

mod cache;
mod commits;
mod fetch;
mod http_backend;
mod listing;
mod local;
mod making;
mod secrets;
mod server;
mod world;
