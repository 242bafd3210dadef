//! The pages as a browser sees them: the real router over a real store, on both databases.
#![expect(clippy::unwrap_used, reason = "what a test builds on must be there, and the panic says where it was not")]

mod account_authorise;
mod account_bulk;
mod account_hooks;
mod account_list;
mod accounts;
mod add_account;
mod check;
mod connect;
mod connect_jira;
mod deliveries;
mod errors;
mod explain;
mod gate;
mod issue;
mod protection;
mod repositories;
mod rights;
mod search;
mod seed;
mod servers;
mod site;
mod sites;
mod stopping;
mod users;
