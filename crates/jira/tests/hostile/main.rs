//! The clients against small servers that answer what no Jira should.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod answers;
mod devinfo;
mod server;
