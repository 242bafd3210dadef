//! The queue on SQLite and on PostgreSQL: who runs what, when, and what becomes of it.

mod crash;
mod endings;
mod lanes;
mod nodes;
mod shop;
mod stop;
