//! Answers against GitLab's own JSON schemas and documented examples, read from `../shared/reference` beside the workspace.

use std::path::{Path, PathBuf};

use jsonschema::{Retrieve, Uri};
use sandbox::gitlab::model::{MergeRequestChange, NewMergeRequest};
use serde_json::{Value, json};

use crate::world::World;

/// The folder with GitLab's schemas and examples; none, said aloud, where the workspace stands alone.
#[expect(clippy::print_stderr, reason = "that nothing was compared must be seen")]
fn reference() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference");
    if !folder.join("gitlab-schemas").is_dir() {
        eprintln!("SKIPPED: {} is missing, so no answer was compared with GitLab's schemas", folder.display());
        return None;
    }
    Some(folder)
}

/// Reads schemas from the folder, wherever a `$ref` leads.
struct Folder(PathBuf);

impl Retrieve for Folder {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        Ok(serde_json::from_slice(&std::fs::read(self.0.join(uri.path().as_str().trim_start_matches('/')))?)?)
    }
}

/// Fails with every deviation from a schema below `public_api/v4`.
fn assert_valid(folder: &Path, schema: &str, answer: &Value) {
    let schemas = folder.join("gitlab-schemas");
    let uri = format!("gitlab:///public_api/v4/{schema}.json");
    let validator = jsonschema::options()
        .with_retriever(Folder(schemas))
        .should_validate_formats(true)
        .build(&json!({ "$ref": uri }))
        .unwrap();
    let problems: Vec<String> =
        validator.iter_errors(answer).map(|error| format!("{}: {error}", error.instance_path)).collect();
    assert!(problems.is_empty(), "{schema}: {}\n{answer:#}", problems.join("\n"));
}

/// A world in which there is one of everything.
async fn full() -> (World, Vec<(&'static str, String)>) {
    let world = World::new().await;
    let model = world.model();
    let id = world.project_with_code("acme", "own").await;
    let new = NewMergeRequest {
        description: Some("text".to_owned()),
        reviewers: vec![world.ada],
        assignees: vec![world.ada],
        ..NewMergeRequest::within(id, "ABC-1-topic", "main", "ABC-1", world.ben)
    };
    let merge_request = model.open_merge_request(new).await.unwrap();
    model.comment(merge_request, world.ada, "Nice.").unwrap();
    model.approve(merge_request, world.ada).unwrap();
    let change = MergeRequestChange { labels: Some(vec!["a".to_owned()]), ..MergeRequestChange::default() };
    model.update_merge_request(merge_request, world.ben, change).await.unwrap();
    let change =
        sandbox::gitlab::model::HookChange { url: Some("http://example.com/".to_owned()), ..Default::default() };
    model.create_hook(id, change).unwrap();
    let head = world.get(world.ada, &format!("/projects/{id}/repository/commits/main")).await.json();
    model.comment_commit(id, head["id"].as_str().unwrap(), world.ada, "Nice.").unwrap();
    model.import(id, world.ada, b"reset refs/tags/v1\nfrom refs/heads/main\n\n".to_vec()).await.unwrap();
    let project = format!("/projects/{id}");
    let one = format!("{project}/merge_requests/1");
    let asked = vec![
        ("projects", "/projects?simple=true".to_owned()),
        ("projects", "/groups/acme/projects?simple=true".to_owned()),
        ("branches", format!("{project}/repository/branches")),
        ("branch", format!("{project}/repository/branches/main")),
        ("commits", format!("{project}/repository/commits")),
        ("commits_with_stats", format!("{project}/repository/commits?with_stats=true")),
        ("commit/detail", format!("{project}/repository/commits/main")),
        ("commit_notes", format!("{project}/repository/commits/main/comments")),
        ("tags", format!("{project}/repository/tags")),
        ("merge_requests", format!("{project}/merge_requests")),
        ("merge_requests", "/merge_requests?scope=all".to_owned()),
        ("merge_request", one.clone()),
        ("merge_request_simple", one.clone()),
        ("commits", format!("{one}/commits")),
        ("notes", format!("{one}/notes")),
        ("project_hooks", format!("{project}/hooks")),
        ("project_hook", format!("{project}/hooks/1")),
        ("user/public", "/user".to_owned()),
        ("user/basics", "/users?username=ada".to_owned()),
        ("members", "/groups/acme/members".to_owned()),
        ("metadata", "/metadata".to_owned()),
    ];
    (world, asked)
}

#[tokio::test]
async fn answers_fit_gitlabs_schemas() {
    let Some(folder) = reference() else { return };
    let (world, asked) = full().await;
    for (schema, path) in asked {
        let reply = world.get(world.ada, &path).await;
        assert!(reply.status.is_success(), "{path}: {}", reply.text);
        let answer = reply.json();
        assert!(answer.as_array().is_none_or(|rows| !rows.is_empty()), "{path} lists nothing");
        assert_valid(&folder, schema, &answer);
    }
    assert_valid(&folder, "user/admin", &world.get(world.root, "/user").await.json());
    assert_valid(&folder, "user/admins", &world.get(world.root, "/users").await.json());
    let merged = world.put(world.ben, "/projects/1/merge_requests/1/merge", json!({ "squash": true })).await;
    assert_valid(&folder, "merge_request", &merged.json());
}

#[tokio::test]
async fn the_schemas_would_notice_a_deviation() {
    let Some(folder) = reference() else { return };
    let outcome = std::panic::catch_unwind(|| assert_valid(&folder, "branch", &json!({ "name": 1 })));
    assert!(outcome.is_err());
}

/// Names of fields in a documented example that the sandbox does not have, because nothing reads them.
const NOT_TOLD: [&str; 18] = [
    "approvals_before_merge",
    "default_branch",
    "default_branch_protection",
    "default_branch_protection_defaults",
    "discord",
    "file_template_project_id",
    "followers",
    "following",
    "github",
    "last_activity_on",
    "local_time",
    "preferred_language",
    "public_jobs",
    "repository_storage",
    "request_access_enabled",
    "shared_runners_enabled",
    "theme_id",
    "work_information",
];

#[tokio::test]
async fn answers_have_the_fields_of_gitlabs_documented_examples() {
    let Some(folder) = reference() else { return };
    let (world, _) = full().await;
    let examples = [
        ("api_branches_retrieve_a_repository_branch_1", "/projects/1/repository/branches/main"),
        ("api_commits_list_repository_commits_0", "/projects/1/repository/commits"),
        ("api_commits_retrieve_a_commit_2", "/projects/1/repository/commits/main"),
        ("api_commits_retrieve_commit_diff_11", "/projects/1/repository/commits/main/diff"),
        ("api_groups_list_group_details_list_projects_6", "/groups/acme/projects"),
        ("api_groups_list_group_details_list_subgroups_10", "/groups/acme/subgroups"),
        ("api_merge_requests_list_project_merge_requests_1", "/projects/1/merge_requests"),
        ("api_merge_requests_retrieve_a_merge_request_response_3", "/projects/1/merge_requests/1"),
        ("api_merge_requests_retrieve_merge_request_commits_6", "/projects/1/merge_requests/1/commits"),
        ("api_merge_requests_retrieve_merge_request_reviewers_5", "/projects/1/merge_requests/1/reviewers"),
        ("api_notes_merge_requests_retrieve_a_merge_request_note_2", "/projects/1/merge_requests/1/notes"),
        ("api_project_webhooks_get_a_project_webhook_0", "/projects/1/hooks/1"),
        ("api_users_retrieve_the_current_user_as_a_regular_user_9", "/user"),
    ];
    let mut missing = Vec::new();
    for (example, path) in examples {
        let file = folder.join("gitlab-examples").join(format!("{example}.json"));
        let documented: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        let answer = world.get(world.ada, path).await.json();
        let told = |field: &str| first(&answer).get(field).is_some();
        let fields = first(&documented).as_object().unwrap().keys().map(String::as_str);
        let untold = fields.filter(|field| !told(field) && !NOT_TOLD.contains(field));
        missing.extend(untold.map(|field| format!("{example}: {field}")));
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

fn first(answer: &Value) -> &Value {
    answer.get(0).unwrap_or(answer)
}
