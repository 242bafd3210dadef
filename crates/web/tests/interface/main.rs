//! The interfaces for programs: the real router over a real store, on both databases.
#![expect(clippy::unwrap_used, reason = "what a test builds on must be there, and the panic says where it was not")]

mod accounts;
mod caller;
mod dev_status;
mod events;
mod facade_bad_input;
mod facade_hooks;
mod facade_links;
mod facade_oauth;
mod facade_rest;
mod facade_scene;
mod facade_two_users;
mod gate;
mod hook_calls;
mod hooks;
mod issues;
mod repositories;
mod rights;
#[expect(dead_code, reason = "the pages need more of it")]
#[path = "../pages/seed.rs"]
mod seed;
#[expect(dead_code, reason = "the pages need more of it")]
#[path = "../pages/site.rs"]
mod site;
mod users;
