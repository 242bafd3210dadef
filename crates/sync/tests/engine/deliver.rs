//! Telling Jiras what the store knows.

mod dev_info;
mod dev_info_trouble;
mod jirajs;
mod links;
mod links_trouble;
mod many;
pub mod town;
