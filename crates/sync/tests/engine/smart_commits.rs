//! Smart commits, from a push to the stand-in Jira.

mod comments;
mod history;
mod jira820;
mod once;
mod people;
mod refusals;
mod running;
mod town;
mod trouble;
