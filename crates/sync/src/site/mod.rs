//! Sites: the Jiras that are told what the forges have.

pub mod clients;
