//! Facts in the store, as a sync would have written them.

use grammar::{Noise, mentions, rule_version};
use model::secret::token_hash;
use model::{
    AccountKind, Branch, Commit, ForgeRepository, ForgeUser, HostKind, MergeRequest, MergeRequestState, ObjectId,
    Person, Reviewer,
};
use store::{Lane, MergeRequestsState, NewAccount, NewBranch, NewCommit, NewMergeRequest, Source, Store};

use crate::site::NOW;

/// An account on a GitLab of one's own.
pub async fn account(store: &Store, path: &str) -> i64 {
    let mut tx = store.begin_write(Lane::Live).await.unwrap();
    let host_id = tx.host_ensure(HostKind::Gitlab, "https://gitlab.example.com", NOW).await.unwrap();
    let account = NewAccount {
        host_id,
        application_id: None,
        path: path.to_owned(),
        name: path.to_owned(),
        kind: AccountKind::Group,
        forge_id: format!("group-{path}"),
        web_url: Some(format!("https://gitlab.example.com/groups/{path}")),
        auto_link: true,
        smart_commits: true,
    };
    let id = tx.account_insert(&account, NOW).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// The account's whole list of repositories: these paths, all linked and synced.
pub async fn repositories(store: &Store, account_id: i64, paths: &[&str]) -> Vec<i64> {
    let listed: Vec<ForgeRepository> = paths.iter().map(|path| forge_repository(path)).collect();
    let mut tx = store.begin_write(Lane::Bulk).await.unwrap();
    let made = tx.repositories_listed(account_id, &listed, true, true, NOW).await.unwrap();
    tx.account_listed(account_id, NOW).await.unwrap();
    for (id, _) in &made {
        tx.repository_synced(*id, NOW, false).await.unwrap();
        tx.merge_requests_watermark(*id, Some(NOW), MergeRequestsState::Available).await.unwrap();
    }
    tx.commit().await.unwrap();
    made.into_iter().map(|(id, _)| id).collect()
}

fn forge_repository(path: &str) -> ForgeRepository {
    ForgeRepository {
        forge_id: format!("project-{path}"),
        name: path.rsplit('/').next().unwrap_or(path).to_owned(),
        path: path.to_owned(),
        web_url: Some(format!("https://gitlab.example.com/{path}")),
        git_url: format!("https://gitlab.example.com/{path}.git"),
        default_branch: Some("master".to_owned()),
        fork_of: None,
        archived: false,
        empty: false,
        last_activity_at: Some(NOW),
    }
}

/// The id of the commit that [`commits`] makes of a message.
pub fn object_id(message: &str) -> ObjectId {
    token_hash(message)[..40].parse().unwrap()
}

/// Commits with these messages, the first the newest, a minute apart.
pub async fn commits(store: &Store, repository_id: i64, messages: &[String]) {
    let made: Vec<NewCommit> = messages.iter().enumerate().map(|(at, message)| new_commit(at, message)).collect();
    for some in made.chunks(500) {
        let mut tx = store.begin_write(Lane::Bulk).await.unwrap();
        tx.commits_insert(repository_id, some, Source::Git, version(), NOW).await.unwrap();
        tx.commit().await.unwrap();
    }
}

fn new_commit(at: usize, message: &str) -> NewCommit {
    let authored_at = NOW - 60_000 * (1 + i64::try_from(at).unwrap());
    let author = Person { name: "Ada Lovelace".to_owned(), email: "ada@example.com".to_owned() };
    let commit = Commit {
        id: object_id(message),
        parents: Vec::new(),
        author: author.clone(),
        authored_at,
        committer: author,
        committed_at: authored_at,
        message: message.to_owned(),
        lossy: false,
    };
    NewCommit { commit, mentions: mentions(message, &Noise::default()) }
}

/// All branches of a repository, each at the commit with this message.
pub async fn branches(store: &Store, repository_id: i64, branches: &[(&str, &str)]) {
    let branches: Vec<NewBranch> = branches
        .iter()
        .map(|(name, message)| NewBranch {
            branch: Branch { name: (*name).to_owned(), head: object_id(message) },
            mentions: mentions(name, &Noise::default()),
        })
        .collect();
    let mut tx = store.begin_write(Lane::Bulk).await.unwrap();
    tx.branches_replace(repository_id, &branches, version(), NOW).await.unwrap();
    tx.commit().await.unwrap();
}

/// A merge request with three reviewers of whom two approved.
pub async fn merge_request(store: &Store, repository_id: i64, path: &str, title: &str, state: MergeRequestState) {
    let web_url = format!("https://gitlab.example.com/{path}/-/merge_requests/482");
    merge_request_at(store, repository_id, title, state, &web_url).await;
}

/// A merge request whose page the forge says is at `web_url`.
pub async fn merge_request_at(store: &Store, repository_id: i64, title: &str, state: MergeRequestState, web_url: &str) {
    let reviewer = |name: &str, approved| Reviewer { user: forge_user(name), approved };
    let merge_request = MergeRequest {
        forge_id: "900".to_owned(),
        number: 482,
        repository_forge_id: "the repository".to_owned(),
        title: title.to_owned(),
        description: String::new(),
        state,
        draft: false,
        author: forge_user("grace"),
        source_branch: "feature/retry".to_owned(),
        target_branch: "master".to_owned(),
        source_repository_forge_id: None,
        head: None,
        merge_commit: None,
        squash_commit: None,
        web_url: web_url.to_owned(),
        comment_count: 3,
        reviewers: vec![reviewer("linus", true), reviewer("barbara", false), reviewer("edsger", true)],
        created_at: NOW - 60_000,
        updated_at: NOW - 30_000,
        merged_at: None,
        closed_at: None,
    };
    let mentions = mentions(title, &Noise::default());
    let new = NewMergeRequest { merge_request, base: None, frozen: false, commits: None, mentions };
    let mut tx = store.begin_write(Lane::Bulk).await.unwrap();
    tx.merge_requests_put(repository_id, &[new], version(), NOW).await.unwrap();
    tx.commit().await.unwrap();
}

fn forge_user(name: &str) -> ForgeUser {
    ForgeUser { forge_id: name.to_owned(), login: name.to_owned(), name: name.to_owned(), ..ForgeUser::default() }
}

fn version() -> i64 {
    rule_version(&Noise::default())
}
