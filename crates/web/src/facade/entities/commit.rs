//! Branches and commits.

use std::collections::HashMap;

use model::{FileChange, Millis, ObjectId, Statistics};
use serde_json::{Value, json};
use store::Repository;
use store::facade::FacadeCommit;

use super::super::caller::Caller;
use super::super::scope::Named;
use super::{node_id, segment, time};
use crate::view::forge_links;

/// The JSON of a branch.
pub fn branch(caller: &Caller, base: &str, name: &str, head: &ObjectId) -> Value {
    json!({
        "name": name,
        "commit": { "sha": head, "url": caller.api(&format!("{base}/commits/{head}")), "type": "commit" },
        "protected": false,
    })
}

/// The JSON of a commit. `author` and `committer` are users of the forge at GitHub; whose e-mail is whose is not known
/// here, so they are null as for anybody who has no account there. The e-mails stand in `commit`.
pub fn commit(caller: &Caller, base: &str, repository: &Repository, commit: &FacadeCommit) -> Value {
    let statistics = commit.statistics.as_ref();
    let known = &commit.commit;
    let url = caller.api(&format!("{base}/commits/{}", known.id));
    let git = |id: &ObjectId| caller.api(&format!("{base}/git/commits/{id}"));
    let parents: Vec<Value> = known
        .parents
        .iter()
        .map(|id| {
            let url = caller.api(&format!("{base}/commits/{id}"));
            json!({ "sha": id, "url": url, "html_url": page(repository, id) })
        })
        .collect();
    let mut object = json!({
        "sha": known.id,
        "node_id": node_id("Commit", &known.id),
        "url": url,
        "html_url": page(repository, &known.id),
        "comments_url": format!("{url}/comments"),
        "commit": {
            "url": git(&known.id),
            "author": person(&known.author, known.authored_at),
            "committer": person(&known.committer, known.committed_at),
            "message": known.message,
            "comment_count": 0,
            // Trees are not kept; a commit's id stands for its tree wherever GitHub takes a tree.
            "tree": { "sha": known.id, "url": caller.api(&format!("{base}/git/trees/{}", known.id)) },
        },
        "author": null,
        "committer": null,
        "parents": parents,
        "files": files(caller, base, commit),
    });
    if let Some(Statistics { additions, deletions, .. }) = statistics {
        object["stats"] = json!({ "additions": additions, "deletions": deletions, "total": additions + deletions });
    }
    object
}

fn person(person: &model::Person, at: Millis) -> Value {
    json!({ "name": person.name, "email": person.email, "date": time(at), "type": "User" })
}

/// A commit's page at the forge; where there are no pages, the repository's.
fn page(repository: &Repository, id: &ObjectId) -> String {
    let links = sync::capabilities(repository.host_kind, &repository.host_url).links;
    let web_url = repository.web_url.as_deref().and_then(forge_links::safe);
    match (links, web_url) {
        (Some(links), Some(web_url)) => links.commit_url(web_url, id),
        (_, web_url) => web_url.map_or_else(|| format!("{}/{}", repository.host_url, repository.path), str::to_owned),
    }
}

/// The files, as git tells them where that is known, else as the forge told them, else none. Lines are left out where they
/// are not known (GitLab contract §3.7).
fn files(caller: &Caller, base: &str, commit: &FacadeCommit) -> Vec<Value> {
    let told: &[FileChange] = commit.statistics.as_ref().map_or(&[], |statistics| &statistics.files);
    let lines: HashMap<&str, &FileChange> = told.iter().map(|file| (file.path.as_str(), file)).collect();
    let sha = &commit.commit.id;
    let entry = |path: &str, status: &str| {
        let mut file = json!({
            "sha": null,
            "filename": path,
            "status": status,
            "blob_url": caller.api(&format!("{base}/git/blobs/{sha}")),
            "raw_url": caller.api(&format!("{base}/contents/{}?ref={sha}", in_path(path))),
            "contents_url": caller.api(&format!("{base}/contents/{}?ref={sha}", in_path(path))),
        });
        let change = lines.get(path);
        if let Some((additions, deletions)) = change.and_then(|file| lines_of(file)) {
            file["additions"] = json!(additions);
            file["deletions"] = json!(deletions);
            file["changes"] = json!(additions + deletions);
        }
        file
    };
    match &commit.files {
        Some(files) => files.iter().map(|file| entry(&file.path, status(file.change.as_str()))).collect(),
        None => told.iter().map(|file| entry(&file.path, status(&file.change))).collect(),
    }
}

/// Lines added and removed; none where the forge told of neither.
fn lines_of(file: &FileChange) -> Option<(u64, u64)> {
    let (additions, deletions) = (file.additions, file.deletions);
    additions.or(deletions).map(|_| (additions.unwrap_or_default(), deletions.unwrap_or_default()))
}

/// GitHub's word for what became of a file.
fn status(change: &str) -> &'static str {
    match change.to_ascii_lowercase().as_str() {
        "added" => "added",
        "removed" => "removed",
        _ => "modified",
    }
}

fn in_path(path: &str) -> String {
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}

impl Named {
    /// The repository's path below REST v3, as it was asked by.
    pub fn base(&self) -> String {
        let path = &self.repository.path;
        let (owner, name) = (super::super::names::owner_of(path, &self.owner), super::super::names::name_of(path));
        format!("/repos/{owner}/{name}")
    }
}
