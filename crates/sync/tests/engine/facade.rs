//! What the facade for Jira's own connector asks of the engine.

mod accounts;
mod doors;
mod fetching;
mod hooks;
mod jira;
mod sight;
