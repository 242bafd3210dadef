//! The real program against a stand-in GitLab: killed again and again, asked from the command line, put
//! behind one another, and listened to.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on panics, and one that is skipped says so"
)]

mod account;
mod browser;
mod check;
mod crash;
mod explain;
mod killing;
mod ring;
mod secrets;
mod site;
mod told_once;
mod traffic;
mod world;
