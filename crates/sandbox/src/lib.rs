#![doc = include_str!("../README.md")]

pub mod borrow;
pub mod generated;
pub mod gitlab;
pub mod history;
pub mod jira_replay;
pub mod sample;
