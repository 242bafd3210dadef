//! Why something is, or is not, on an issue: a test for each cause, over facts in a store as a sync would have written them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod addresses;
mod branches;
mod commits;
mod issues;
mod merge_requests;
mod sites;
mod unseen;
mod visibility;
mod world;
