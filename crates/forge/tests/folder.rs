//! A folder of real repositories, made by the installed git.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::path::Path;
use std::sync::Arc;

use forge::{Auth, ClientOptions, Forge, ForgeError, HookAddress, HookTarget, Problem, probe};
use git::Git;
use model::clock::ManualClock;
use model::{AccountKind, ForgeRepository, HostKind, ObjectId};

/// Two commits on `main`: the first adds two files, the second changes one, moves the other and adds a binary one.
const HISTORY: &str = "\
commit refs/heads/main
mark :1
committer Anna <anna@example.com> 1600000000 +0200
data 13
PLAT-1 first

M 100644 inline a.txt
data 6
1
2
3

M 100644 inline old.txt
data 12
the same old

commit refs/heads/main
mark :2
committer Anna <anna@example.com> 1600000600 +0200
data 14
PLAT-2 second

from :1
M 100644 inline a.txt
data 8
1
2
4
5

R old.txt new.txt
M 100644 inline logo.png
data 4
\0\u{1}\0\u{2}
";

struct Place {
    folder: tempfile::TempDir,
    git: Git,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), git: Git::new() }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn url(&self) -> String {
        self.path().canonicalize().unwrap().to_str().unwrap().to_owned()
    }

    async fn bare(&self, name: &str, history: &str) {
        let path = self.path().join(name);
        self.git.init_bare(&path).await.unwrap();
        self.git.fast_import(&path, history.as_bytes()).await.unwrap();
    }

    async fn working(&self, name: &str, history: &str) {
        std::fs::create_dir_all(self.path().join(name)).unwrap();
        self.bare(&format!("{name}/.git"), history).await;
    }

    fn client(&self) -> Box<dyn Forge> {
        client(&self.url()).unwrap()
    }

    async fn repositories(&self, account: &str) -> Vec<ForgeRepository> {
        let account = self.client().account(account).await.unwrap();
        self.client().repositories(&account).await.unwrap()
    }

    async fn head(&self, name: &str) -> ObjectId {
        self.git.rev_parse(&self.path().join(name), "refs/heads/main").await.unwrap().unwrap()
    }
}

fn client(url: &str) -> Result<Box<dyn Forge>, ForgeError> {
    let http = net::HttpFactory::new(net::Network::default()).unwrap().client();
    let clock = Arc::new(ManualClock::new(0));
    forge::client(ClientOptions { kind: HostKind::Folder, url: url.to_owned(), auth: Auth::None, http, clock })
}

fn ids(repositories: &[ForgeRepository]) -> Vec<&str> {
    repositories.iter().map(|repository| repository.forge_id.as_str()).collect()
}

#[tokio::test]
async fn bare_and_working_repositories_are_found_newest_activity_first() {
    // given
    let place = Place::new();
    place.bare("team/api.git", HISTORY).await;
    place.working("team/deep/er/web", &HISTORY.replace("1600000600", "1700000000")).await;
    place.bare("empty.git", "").await;
    std::fs::create_dir_all(place.path().join("team/no-repository/at/all")).unwrap();

    // when
    let found = place.repositories("").await;

    // then
    assert_eq!(ids(&found), ["team/deep/er/web", "team/api.git", "empty.git"]);
    let api = &found[1];
    assert_eq!((api.name.as_str(), api.path.as_str()), ("api", "team/api.git"));
    assert_eq!((api.default_branch.as_deref(), api.last_activity_at), (Some("main"), Some(1_600_000_600_000)));
    assert_eq!((found[2].empty, found[2].last_activity_at), (true, None));
    assert_eq!((api.web_url.as_ref(), api.archived, api.empty), (None, false, false));
}

#[tokio::test]
async fn an_account_is_the_folder_or_a_folder_in_it() {
    // given
    let place = Place::new();
    place.bare("team/api.git", HISTORY).await;
    place.bare("other.git", HISTORY).await;
    let inside = format!("{}/team/", place.url());

    // then
    let whole = place.client().account("").await.unwrap();
    assert_eq!((whole.kind, whole.path.as_str()), (AccountKind::Folder, "."));
    assert_eq!(place.client().account(&whole.path).await.unwrap(), whole, "the path stored leads back to it");
    for asked in ["team", "/team/", &inside] {
        let team = place.client().account(asked).await.unwrap();
        assert_eq!((team.forge_id.as_str(), team.name.as_str()), ("team", "team"), "{asked}");
    }
    assert_eq!(ids(&place.repositories("team").await), ["team/api.git"], "ids do not depend on the account");
    let repository = place.client().account("team/api.git").await.unwrap_err();
    assert!(matches!(repository.problem, Problem::IsProject { ref path } if path == "team/api.git"));
    assert!(matches!(place.client().account("nowhere").await.unwrap_err().problem, Problem::NotFound));
}

#[tokio::test]
async fn a_folder_that_is_a_repository_holds_itself() {
    // given
    let place = Place::new();
    place.working(".", HISTORY).await;

    // then
    let found = place.repositories(".").await;
    assert_eq!(ids(&found), ["."]);
    assert!(matches!(place.client().git_remote(&found[0]).unwrap(), git::Remote::Local(_)));
}

#[cfg(unix)]
#[tokio::test]
async fn nothing_outside_the_folder_is_reached() {
    // given
    let outside = Place::new();
    outside.bare("secret.git", HISTORY).await;
    let place = Place::new();
    place.bare("api.git", HISTORY).await;
    std::os::unix::fs::symlink(outside.path(), place.path().join("link")).unwrap();
    std::os::unix::fs::symlink(outside.path().join("secret.git"), place.path().join("secret.git")).unwrap();
    std::os::unix::fs::symlink(place.path(), place.path().join("circle")).unwrap();
    let up = format!("../{}/secret.git", outside.path().file_name().unwrap().to_str().unwrap());

    // then
    let found = place.repositories("").await;
    assert_eq!(ids(&found), ["api.git"]);
    for escape in ["link", "link/secret.git", "secret.git", "..", &up, &outside.url()] {
        assert!(matches!(place.client().account(escape).await.unwrap_err().problem, Problem::NotFound), "{escape}");
        let stored = ForgeRepository { forge_id: escape.to_owned(), ..found[0].clone() };
        assert!(matches!(place.client().git_remote(&stored).unwrap_err().problem, Problem::NotFound), "{escape}");
    }
}

#[tokio::test]
async fn worktrees_and_submodules_belong_to_their_repository() {
    // given
    let place = Place::new();
    place.working("web", HISTORY).await;
    place.bare("web/vendor/nested.git", HISTORY).await;
    std::fs::create_dir_all(place.path().join("worktree/inside")).unwrap();
    std::fs::write(place.path().join("worktree/.git"), "gitdir: ../web/.git/worktrees/worktree\n").unwrap();
    place.bare("worktree/inside/hidden.git", HISTORY).await;

    // then
    assert_eq!(ids(&place.repositories("").await), ["web"]);
}

#[tokio::test]
async fn a_repository_that_cannot_be_read_does_not_hide_the_others() {
    // given
    let place = Place::new();
    place.bare("api.git", HISTORY).await;
    place.bare("broken.git", HISTORY).await;
    std::fs::write(place.path().join("broken.git/config"), "[core\nnonsense").unwrap();

    // then
    assert_eq!(ids(&place.repositories("").await), ["api.git"]);
}

#[tokio::test]
async fn statistics_are_those_against_the_first_parent() {
    // given
    let place = Place::new();
    place.bare("api.git", HISTORY).await;
    let second = place.head("api.git").await;
    let first = place.git.rev_parse(&place.path().join("api.git"), "main^1").await.unwrap().unwrap();

    // when
    let changed = place.client().statistics("api.git", &second).await.unwrap();
    let added = place.client().statistics("api.git", &first).await.unwrap();
    let unknown = place.client().statistics("api.git", &"1".repeat(40).parse().unwrap()).await.unwrap_err();

    // then
    let files: Vec<_> = changed
        .files
        .iter()
        .map(|file| (file.path.as_str(), file.change.as_str(), file.additions, file.deletions))
        .collect();
    assert_eq!(
        files,
        [
            ("a.txt", "MODIFIED", Some(2), Some(1)),
            ("logo.png", "ADDED", None, None),
            ("new.txt", "MOVED", Some(0), Some(0)),
        ]
    );
    assert_eq!((changed.additions, changed.deletions, changed.file_count), (2, 1, 3));
    assert_eq!((added.additions, added.deletions, added.file_count), (4, 0, 2), "the first commit has no parent");
    assert!(matches!(unknown.problem, Problem::NotFound), "{unknown:?}");
}

#[tokio::test]
async fn what_a_folder_does_not_have_is_not_available() {
    // given
    let place = Place::new();
    place.bare("api.git", HISTORY).await;
    let client = place.client();

    // then
    assert!(matches!(client.merge_requests("api.git", None, None).await.unwrap_err().problem, Problem::NotAvailable));
    assert!(matches!(client.reviewers("api.git", 1).await.unwrap_err().problem, Problem::NotAvailable));
    assert_eq!(client.branches("api.git").await.unwrap()[0].name, "main");
    assert!(!client.current_user().await.unwrap().administrator);
}

#[tokio::test]
async fn a_folder_calls_nobody_and_has_no_token() {
    // given
    let place = Place::new();
    let client = place.client();
    let url = "https://dovetail.example.com/hooks/folder/1".parse().unwrap();
    let (address, target) = (HookAddress { url, secret: "s".to_owned().into() }, HookTarget::Repository("api.git"));
    let account = client.account("").await.unwrap();

    // when
    let problems = [
        client.hook_register(target, &address, None).await.unwrap_err().problem,
        client.hook_remove(target, "1").await.unwrap_err().problem,
        client.hook_test(target, "1").await.unwrap_err().problem,
        client.account_merge_requests(&account, None, None).await.unwrap_err().problem,
        client.token().await.unwrap_err().problem,
    ];

    // then
    assert!(problems.iter().all(|problem| matches!(problem, Problem::NotAvailable)), "{problems:?}");
    assert!(!client.capabilities().hooks && !client.capabilities().group_merge_requests);
}

#[tokio::test]
async fn a_folder_is_probed_by_reading_it() {
    // given
    let place = Place::new();
    let file = place.path().join("file");
    std::fs::write(&file, "").unwrap();
    let http = net::HttpFactory::new(net::Network::default()).unwrap().client();

    // then
    assert_eq!(probe(HostKind::Folder, &[place.url()], &http).await.unwrap(), place.url());
    for missing in ["relative", "/nowhere/at/all", file.to_str().unwrap(), ""] {
        let error = probe(HostKind::Folder, &[missing], &http).await.unwrap_err();
        assert!(matches!(error.problem, Problem::FolderMissing), "{missing}");
    }
    assert!(client("relative").is_err());
}
