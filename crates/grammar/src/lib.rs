#![doc = include_str!("../README.md")]

mod candidate;
pub mod explanation;
pub mod keys;
mod letter;
pub mod noise;
pub mod refusal;
pub mod smart_commits;
mod written_key;

pub use explanation::{Explanation, explain};
pub use keys::{Found, find, mentions};
pub use noise::{Noise, rule_version};
pub use refusal::{Reason, Refused, refused};
