//! Development status as Jira answers it: `/rest/dev-status/1.0/issue/summary` and `/detail`.
//!
//! The shapes are those that public clients of Jira read (data model §4). `issueKey` stands where Jira takes `issueId`, lists have no cap,
//! and `applicationType` is matched ignoring case.

mod application_type;
mod detail;
mod gzip;
mod summary;

use axum::Router;
use axum::routing::get;
use model::Millis;

use crate::state::AppState;

/// Its routes, under the version and under `latest` as in Jira.
pub fn router() -> Router<AppState> {
    let versions = ["1.0", "latest"];
    versions.into_iter().fold(Router::new(), |router, version| {
        router
            .route(&format!("/rest/dev-status/{version}/issue/summary"), get(summary::summary))
            .route(&format!("/rest/dev-status/{version}/issue/detail"), get(detail::detail))
    })
}

/// A time as Jira writes it: `2024-01-02T03:04:05.000+0000`.
fn jira_time(at: Millis) -> Option<String> {
    let at = jiff::Timestamp::from_millisecond(at).ok()?;
    Some(at.strftime("%Y-%m-%dT%H:%M:%S.%3f+0000").to_string())
}

#[cfg(test)]
mod tests {
    #[test]
    fn times_are_as_jira_writes_them() {
        assert_eq!(super::jira_time(1_704_164_645_007).as_deref(), Some("2024-01-02T03:04:05.007+0000"));
    }
}
