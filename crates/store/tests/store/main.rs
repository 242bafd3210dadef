//! Every method of the store, on SQLite and on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod account_changes;
mod accounts;
mod answers;
mod branches;
mod commits;
mod commits_again;
mod commits_lost;
mod credentials;
mod database;
mod issues;
mod jobs;
mod merge_requests;
mod migrations;
mod open_syncs;
mod people;
mod purge;
mod repositories;
mod scale;
mod visibility;
mod world;
