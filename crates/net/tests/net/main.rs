//! Crate `net` against real servers on this machine.

#![expect(clippy::unwrap_used, reason = "what goes wrong in a test ends it")]

mod answers;
mod bounds;
mod check;
mod connections;
mod rates;
mod server;
mod tls;
