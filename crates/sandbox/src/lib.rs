#![doc = include_str!("../README.md")]

pub mod borrow;
pub mod generated;
pub mod gitlab;
pub mod history;
pub mod jira;
pub mod jira_replay;
pub mod npm;
pub mod python;
pub mod request_log;
pub mod sample;

mod doors;
mod path_pattern;
mod programs;
