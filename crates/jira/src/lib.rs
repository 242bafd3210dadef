#![doc = include_str!("../README.md")]

mod address;
mod answer;
mod devinfo;
mod error;
mod exchange;
mod refusal;
mod rest;
mod sentences;
mod timestamp;
mod words;

pub use devinfo::*;
pub use error::{JiraError, Problem};
pub use rest::*;
