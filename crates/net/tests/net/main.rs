//! Crate `net` against real servers on this machine.

#![expect(clippy::unwrap_used, reason = "what goes wrong in a test ends it")]

mod answers;
mod bounds;
mod check;
mod connections;
mod rates;
mod server;
mod servers;
mod tls;
#[expect(dead_code, reason = "other crates ask for more of it")]
#[path = "../../../../tests/troubleshooting.rs"]
mod troubleshooting;
