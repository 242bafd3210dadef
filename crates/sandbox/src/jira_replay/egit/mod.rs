//! The client that reads: egit's `GitHubClient` 2.1, once as it is and once with what the connector adds for GitHub Enterprise.

mod client;
mod dates;
mod error;
mod gson;
mod paging;
mod shapes;

pub(super) use self::client::{Clients, GitHubClient, Reply};
pub(super) use self::error::ApiError;
pub(super) use self::gson::{Field, Json, Refused, Shape};
pub(super) use self::paging::{next_page, page_number};
pub(super) use self::shapes::{
    Branch, Comment, Event, Marker, Missing, Payload, PullRequest, Repository, RepositoryCommit, User,
};

/// Reads a list that another client got; an empty answer is an empty list.
pub(super) fn list_in<T: Shape>(body: &[u8]) -> Result<Vec<T>, Refused> {
    gson::parse(body)?.map_or_else(|| Ok(Vec::new()), |value| Json::list_of(&value, dates::Dates::Plain))
}
