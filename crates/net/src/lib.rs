#![doc = include_str!("../README.md")]

mod address;
pub mod check;
mod classify;
mod client;
mod error;
mod factory;
mod git_settings;
mod identity;
mod kept;
mod network;
mod pem;
mod proxy;
mod rate;
mod redirect;
mod request;
mod resolver;
mod response;
mod trust;
mod trust_store;

pub use client::Client;
pub use error::{NetError, TlsReason};
pub use factory::HttpFactory;
pub use kept::{KeptAnswer, KeptAnswers, KeptKey};
pub use network::Network;
pub use rate::{RateGate, Retry, rate_limit};
pub use request::Request;
pub use response::Response;
