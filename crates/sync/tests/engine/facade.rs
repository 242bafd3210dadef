//! What the facade for Jira's own connector asks of the engine.

mod accounts;
mod detail;
mod doors;
mod fetching;
mod files;
mod hooks;
mod jira;
mod sight;
