//! `/issue/summary`: how much there is (data model §4.1).

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Query, State};
use model::Millis;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::issues::HostCounts;

use super::application_type;
use super::jira_time;
use crate::bearer::ApiToken;
use crate::problem::Problem;
use crate::state::AppState;

/// Which issue.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Parameters {
    issue_key: Option<String>,
    application_type: Option<String>,
}

/// How much of one kind there is at one type of application.
#[derive(Debug, Default, Serialize)]
struct Instances {
    count: i64,
    name: &'static str,
}

/// Answers `/issue/summary`.
pub async fn summary(
    State(state): State<AppState>,
    caller: ApiToken,
    Query(parameters): Query<Parameters>,
) -> Result<Json<Value>, Problem> {
    let key = application_type::issue_key(&state, parameters.issue_key.as_deref()).await?;
    let hosts = application_type::hosts(&state, parameters.application_type.as_deref()).await?;
    let query = application_type::query(caller.viewer, key, hosts.as_deref());
    let counts = state.store().issue_counts(&query).await?;
    Ok(Json(json!({
        "errors": [],
        "configErrors": [],
        "summary": {
            "pullrequest": merge_requests(&counts),
            "repository": plain("repository", &counts, |host| (host.commits, host.last_commit_at)),
            "branch": plain("branch", &counts, |host| (host.branches, host.last_branch_at)),
            "build": nothing(&json!({
                "count": 0, "lastUpdated": null, "failedBuildCount": 0, "successfulBuildCount": 0,
                "unknownBuildCount": 0, "dataType": "build"
            })),
            "review": nothing(&json!({
                "count": 0, "lastUpdated": null, "stateCount": 0, "state": null, "dueDate": null, "overDue": false,
                "completed": false, "dataType": "review"
            })),
            "deployment-environment": nothing(&json!({
                "count": 0, "lastUpdated": null, "topEnvironments": [], "showProjects": false, "successfulCount": 0,
                "dataType": "deployment-environment"
            })),
        }
    })))
}

fn nothing(overall: &Value) -> Value {
    json!({ "overall": overall, "byInstanceType": {} })
}

fn plain(data_type: &str, counts: &[HostCounts], of: impl Fn(&HostCounts) -> (i64, Option<Millis>)) -> Value {
    let count: i64 = counts.iter().map(|host| of(host).0).sum();
    let newest = counts.iter().filter_map(|host| of(host).1).max();
    json!({
        "overall": { "count": count, "lastUpdated": newest.and_then(jira_time), "dataType": data_type },
        "byInstanceType": by_instance_type(counts, |host| of(host).0),
    })
}

fn merge_requests(counts: &[HostCounts]) -> Value {
    let sum = |of: fn(&HostCounts) -> i64| counts.iter().map(of).sum::<i64>();
    let (open, merged, declined) = (sum(|host| host.open), sum(|host| host.merged), sum(|host| host.declined));
    let (state, state_count) = match (open, merged) {
        (1.., _) => ("OPEN", open),
        (_, 1..) => ("MERGED", merged),
        _ => ("DECLINED", declined),
    };
    let total = open + merged + declined;
    let newest = counts.iter().filter_map(|host| host.last_merge_request_at).max();
    json!({
        "overall": {
            "count": total,
            "lastUpdated": newest.and_then(jira_time),
            "lastUpdatedTimestamp": newest,
            "stateCount": state_count,
            "state": if total > 0 { Some(state) } else { None },
            "dataType": "pullrequest",
            "open": open > 0,
            "details": { "openCount": open, "mergedCount": merged, "declinedCount": declined, "total": total },
        },
        "byInstanceType": by_instance_type(counts, |host| host.open + host.merged + host.declined),
    })
}

fn by_instance_type(counts: &[HostCounts], of: impl Fn(&HostCounts) -> i64) -> BTreeMap<&'static str, Instances> {
    let mut types: BTreeMap<&'static str, Instances> = BTreeMap::new();
    for host in counts.iter().filter(|host| of(host) > 0) {
        let capabilities = sync::capabilities(host.host_kind, &host.host_url);
        let instances = types.entry(capabilities.application_type).or_default();
        instances.count += of(host);
        instances.name = capabilities.title;
    }
    types
}
