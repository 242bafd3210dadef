//! Every method of the store, on SQLite and on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod account_changes;
mod accounts;
mod answers;
mod branches;
mod commit_files;
mod commits;
mod commits_again;
mod credentials;
mod database;
mod explain;
mod facade;
mod hooks;
mod host_outages;
mod inbox;
mod issues;
mod jobs;
mod mentions_again;
mod merge_request_notes;
mod merge_requests;
mod migrations;
mod open_syncs;
mod outbox;
mod people;
mod purge;
mod receipts;
mod repositories;
mod scale;
mod schedule;
mod site_projects;
mod sites;
mod visibility;
mod world;
