//! Facts in the store, as a sync would have written them.

use grammar::{Noise, mentions, rule_version};
use model::secret::token_hash;
use model::{
    AccountKind, Branch, Commit, ForgeRepository, ForgeUser, HostKind, MergeRequest, MergeRequestState, ObjectId,
    Person, Reviewer, SiteKind, SiteSettings,
};
use store::{
    Credential, CredentialKind, HookOf, InboxState, JobLane, Lane, MergeRequestsState, NewAccount, NewBranch,
    NewCommit, NewInboxEvent, NewJob, NewMergeRequest, NewSite, SiteInserted, Source, Store,
};

use crate::site::NOW;

/// An account on a GitLab of one's own.
pub async fn account(store: &Store, path: &str) -> i64 {
    account_at(store, "https://gitlab.example.com", path).await
}

/// An account on the GitLab at this address.
pub async fn account_at(store: &Store, host: &str, path: &str) -> i64 {
    let mut tx = store.begin_write(Lane::Live).await.unwrap();
    let host_id = tx.host_ensure(HostKind::Gitlab, host, NOW).await.unwrap();
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

/// A folder on this machine.
pub async fn folder(store: &Store, path: &str) -> i64 {
    let mut tx = store.begin_write(Lane::Live).await.unwrap();
    let host_id = tx.host_ensure(HostKind::Folder, path, NOW).await.unwrap();
    let account = NewAccount {
        host_id,
        application_id: None,
        path: "git".to_owned(),
        name: "git".to_owned(),
        kind: AccountKind::Folder,
        forge_id: path.to_owned(),
        web_url: None,
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

/// The account's list is read next at that time.
pub async fn refresh_due(store: &Store, account_id: i64, at: i64) {
    job_due(store, "refresh_account", &format!("account:{account_id}"), "branches", at).await;
}

/// The repository is synced next at that time.
pub async fn sync_due(store: &Store, repository_id: i64, at: i64) {
    job_due(store, "sync_repository", &format!("repository:{repository_id}"), "branches", at).await;
}

async fn job_due(store: &Store, kind: &str, resource: &str, mode: &str, run_at: i64) {
    let job = NewJob {
        kind: kind.to_owned(),
        dedup_key: format!("{resource}:{mode}"),
        resource_key: resource.to_owned(),
        lane: JobLane::Live,
        priority: 0,
        payload: serde_json::json!({}),
        run_at,
    };
    let mut tx = store.begin_write(Lane::Live).await.unwrap();
    tx.job_enqueue(&job, NOW).await.unwrap();
    tx.commit().await.unwrap();
}

/// The secret of every hook here.
pub const HOOK_SECRET: &str = "whsec-of-the-hook";
/// Why a hook could not be made.
pub const HOOK_ERROR: &str = "The token may not add web hooks. Add one at https://dovetail.example.com/hooks/gitlab.";

/// A hook, registered at the forge or to be pasted; answers the path of its address.
pub async fn hook(store: &Store, of: HookOf, registered: bool) -> String {
    let host_id = store.hosts().await.unwrap()[0].id;
    let id: String = token_hash(&format!("{of:?}")).chars().take(32).collect();
    let mut tx = store.begin_write(Lane::Live).await.unwrap();
    tx.hook_ensure(of, host_id, &id, &HOOK_SECRET.to_owned().into(), NOW).await.unwrap();
    if registered {
        tx.hook_registered(&id, "17", "https://dovetail.example.com/", NOW).await.unwrap();
    } else {
        tx.hook_manual(&id, "permission", HOOK_ERROR, NOW).await.unwrap();
    }
    tx.commit().await.unwrap();
    format!("/hooks/gitlab/{id}")
}

/// An event in the inbox, by the hook of that path; answers its id.
pub async fn event(store: &Store, hook: &str, event: &str, outcome: Option<(InboxState, &str)>) -> i64 {
    let new = NewInboxEvent {
        hook_id: hook.rsplit('/').next().unwrap().to_owned(),
        event: event.to_owned(),
        delivery_key: token_hash(&format!("{event} {outcome:?}")),
        headers: serde_json::json!({}),
        body: "{\"user_email\": \"ada@example.com\"}".to_owned(),
    };
    let mut tx = store.begin_write(Lane::Live).await.unwrap();
    let id = tx.inbox_put(&new, NOW).await.unwrap().unwrap();
    if let Some((state, outcome)) = outcome {
        tx.inbox_worked(id, state, outcome, NOW).await.unwrap();
    }
    tx.commit().await.unwrap();
    id
}

/// A pasted token, which ends at that time.
pub async fn token(store: &Store, account_id: i64, expires_at: Option<i64>) {
    let credential = Credential {
        owner_id: account_id,
        kind: CredentialKind::Token,
        access: "glpat-of-the-account".to_owned().into(),
        refresh: None,
        expires_at,
        issued_at: Some(NOW),
        refresh_attempted_at: None,
        user: ForgeUser::default(),
    };
    let mut tx = store.begin_write(Lane::Live).await.unwrap();
    tx.credential_put(&credential).await.unwrap();
    tx.commit().await.unwrap();
}

/// A Jira that every account serves.
pub async fn jira(store: &Store, kind: SiteKind, name: &str) -> i64 {
    let new = NewSite {
        kind,
        name: name.to_owned(),
        url: format!("https://{}.example.com", name.to_lowercase()),
        settings: SiteSettings::of(kind),
        rest_user: None,
        rest_secret: None,
        client_id: None,
        client_secret: None,
    };
    match store.site_insert(&new, NOW).await.unwrap() {
        SiteInserted::New(id) => id,
        SiteInserted::Exists(id) => panic!("site {id} has this address already"),
    }
}

/// The credential of an account is this user's.
pub async fn authorised_by(store: &Store, account: i64, user: ForgeUser) {
    let credential = Credential {
        owner_id: account,
        kind: CredentialKind::Token,
        access: "glpat-of-the-account".to_owned().into(),
        refresh: None,
        expires_at: None,
        issued_at: Some(NOW),
        refresh_attempted_at: None,
        user,
    };
    let mut tx = store.begin_write(Lane::Live).await.unwrap();
    tx.credential_put(&credential).await.unwrap();
    tx.commit().await.unwrap();
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
    NewCommit { commit, mentions: mentions(message, &Noise::default()), commands: Vec::new() }
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
