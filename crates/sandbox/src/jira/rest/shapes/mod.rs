//! The JSON of Jira's things.

use serde_json::{Value, json};

use super::adf;
use super::ask::Version;
use crate::jira::Deployment;
use crate::jira::model::State;

mod change;
mod comment;
mod issue;
mod project;
mod remote_link;
mod transition;
mod user;
mod worklog;

/// What every shape needs to know beside the thing itself.
#[derive(Clone, Copy)]
pub(crate) struct Lens<'a> {
    /// The model.
    pub(crate) state: &'a State,
    /// The server's address.
    pub(crate) url: &'a str,
    /// Which Jira it is.
    pub(crate) deployment: Deployment,
    /// The version of REST.
    pub(crate) version: Version,
}

impl Lens<'_> {
    /// The address of something below this version of REST.
    pub(crate) fn address(self, path: &str) -> String {
        let version = match self.version {
            Version::V2 => "2",
            Version::V3 => "3",
        };
        format!("{}/rest/api/{version}{path}", self.url)
    }

    /// A text as this version tells it: plain, or as a document.
    fn text(self, text: &str, document: Option<&Value>) -> Value {
        match self.version {
            Version::V2 => json!(text),
            Version::V3 => document.cloned().unwrap_or_else(|| adf::document(text)),
        }
    }
}
