#![doc = include_str!("../README.md")]

mod address;
mod authority;
pub mod check;
mod classify;
mod client;
mod connector;
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
mod server;
mod trust;
mod trust_store;

pub use authority::{Authority, AuthorityError, read_authorities, read_authorities_of_any_time};
pub use client::{Client, GitAccess};
pub use error::{NetError, TlsReason};
pub use factory::HttpFactory;
pub use kept::{KeptAnswer, KeptAnswers, KeptKey};
pub use network::Network;
pub use rate::{RateGate, Retry, rate_limit};
pub use request::Request;
pub use response::Response;
pub use server::{NoServerAddress, ServerAddress, ServerProxy, ServerSettings, Unusable};
