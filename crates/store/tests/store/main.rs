//! Every method of the store, on SQLite and on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod account_activity;
mod account_changes;
mod account_removal;
mod account_standing;
mod accounts;
mod answers;
mod branches;
mod commit_comments;
mod commit_files;
mod commits;
mod commits_again;
mod credentials;
mod database;
mod deliveries;
mod explain;
mod facade;
mod gauges;
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
mod outbox_facts;
mod people;
mod purge;
mod receipts;
mod receipts_shown;
mod remote_links;
mod repositories;
mod scale;
mod schedule;
mod servers;
mod site_projects;
mod sites;
mod told;
mod visibility;
mod world;
