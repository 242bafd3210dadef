//! Crate `net` against real servers on this machine.

mod answers;
mod bounds;
mod connections;
mod rates;
mod server;
mod tls;
