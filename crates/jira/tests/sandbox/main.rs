//! The clients against the sandbox's Jira, Data Center and Cloud, on good days and on bad ones.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod bad_days;
mod devinfo;
mod exactly_once;
mod links;
mod people;
mod random;
mod reading;
mod world;
