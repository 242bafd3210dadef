//! The JSON of GitLab's things, as REST and the hooks tell them.

use jiff::Timestamp;
use model::Millis;

pub(crate) mod commit;
pub(crate) mod group;
pub(crate) mod hook;
pub(crate) mod merge_request;
pub(crate) mod project;
pub(crate) mod user;

/// What every shape needs to know beside the thing itself.
#[derive(Clone, Copy)]
pub(crate) struct Lens<'a> {
    /// The model.
    pub(crate) state: &'a crate::gitlab::model::State,
    /// The server's address.
    pub(crate) url: &'a str,
    /// Who looks.
    pub(crate) viewer: Option<crate::gitlab::model::UserId>,
}

/// A time of the database: UTC with milliseconds.
pub(crate) fn time(at: Millis) -> String {
    let at = Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}
