//! The interfaces for programs: the real router over a real store, on both databases.
#![expect(clippy::unwrap_used, reason = "what a test builds on must be there, and the panic says where it was not")]

mod accounts;
mod caller;
mod dev_status;
mod events;
mod explain;
mod facade_bad_input;
mod facade_door;
mod facade_hooks;
mod facade_kept;
mod facade_links;
mod facade_oauth;
mod facade_pygithub;
mod facade_replay;
mod facade_rest;
mod facade_scene;
mod facade_schema;
mod facade_two_users;
mod gate;
mod github_description;
mod hook_calls;
mod hooks;
mod issues;
mod metrics;
mod repositories;
mod request_id;
mod rights;
#[path = "../pages/seed.rs"]
mod seed;
mod servers;
#[expect(dead_code, reason = "the pages need more of it")]
#[path = "../pages/site.rs"]
mod site;
mod sites;
#[path = "../../../../tests/troubleshooting.rs"]
mod troubleshooting;
mod troubleshot;
mod users;
