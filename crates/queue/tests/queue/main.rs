//! The queue on SQLite and on PostgreSQL: who runs what, when, and what becomes of it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod crash;
mod endings;
mod lanes;
mod nodes;
mod shop;
mod stop;
