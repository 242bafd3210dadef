//! git over HTTP, by the real git.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;

use axum::http::StatusCode;
use base64::Engine;
use flate2::write::GzEncoder;
use git::{Git, GitError};
use sandbox::gitlab::model::{AccessLevel, HookEvent, NewMergeRequest, Scopes, UserState, Visibility};

use crate::listener::Listener;
use crate::stage::{PASSWORD, Stage, commit, git, stage, user};

async fn with_main() -> Stage {
    let stage = stage().await;
    let mut stream = commit("main", 0, "First\n", &[], &[("a.txt", "a\n"), ("dir/b.txt", "b\n")]);
    stream += &commit("main", 10, "Second\n", &[], &[("a.txt", "aa\n")]);
    stage.push(stream).await;
    stage
}

async fn ls_remote(stage: &Stage, address: &str) -> Result<String, GitError> {
    git(stage.dir.path(), &["ls-remote", address]).await
}

/// A plain HTTP client that follows nothing.
fn client() -> reqwest::Client {
    #[expect(clippy::disallowed_methods, reason = "a test looks at raw answers")]
    let builder = reqwest::Client::builder();
    builder.no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

#[expect(clippy::disallowed_methods, reason = "a test looks at raw answers")]
async fn send(request: reqwest::RequestBuilder) -> reqwest::Response {
    request.send().await.unwrap()
}

async fn info_refs(stage: &Stage, path: &str, service: &str, token: Option<&str>) -> reqwest::Response {
    let mut request = client().get(format!("{}/{path}.git/info/refs?service={service}", stage.server.url()));
    if let Some(token) = token {
        request = request.basic_auth("oauth2", Some(token));
    }
    send(request).await
}

#[tokio::test]
async fn a_clone_without_files_fetches_any_object_later() {
    // given a clone without trees, at a server with a merge request whose branch is gone
    let stage = with_main().await;
    stage.push(commit("gone", 20, "Third\n", &["refs/heads/main^0"], &[("c.txt", "c\n")])).await;
    let new = NewMergeRequest::within(stage.project, "gone", "main", "Gone soon", stage.owner);
    stage.model.open_merge_request(new).await.unwrap();
    let third = stage.id("gone").await;
    stage.push("reset refs/heads/gone\nfrom 0000000000000000000000000000000000000000\n\n").await;
    let address = stage.own_address();
    git(stage.dir.path(), &["clone", "-q", "--bare", "--filter=tree:0", &address, "clone"]).await.unwrap();
    let clone = stage.dir.path().join("clone");
    assert_eq!(git(&clone, &["rev-list", "--count", "main"]).await.unwrap(), "2");
    let trees = git(&clone, &["rev-list", "--objects", "--missing=print", "main"]).await.unwrap();
    assert_eq!(trees.lines().filter(|line| line.starts_with('?')).count(), 2, "the trees are not there");

    // when a commit is fetched by its id alone
    git(&clone, &["fetch", "-q", "--filter=tree:0", "origin", &third]).await.unwrap();

    // then it is there
    assert_eq!(git(&clone, &["log", "-1", "--format=%s", &third]).await.unwrap(), "Third");
}

#[tokio::test]
async fn without_the_switch_for_filters_everything_comes() {
    let stage = with_main().await;
    stage.server.switches().no_filters();
    let address = stage.own_address();

    git(stage.dir.path(), &["clone", "-q", "--bare", "--filter=tree:0", &address, "clone"]).await.unwrap();

    let objects = git(&stage.dir.path().join("clone"), &["count-objects", "-v"]).await.unwrap();
    assert!(objects.contains("in-pack: 8"), "2 commits, 3 trees, 3 files: {objects}");
    let answer = send(
        client()
            .get(format!("{}/team/tool.git/info/refs?service=git-upload-pack", stage.server.url()))
            .basic_auth("oauth2", Some(&stage.token))
            .header("Git-Protocol", "version=2"),
    )
    .await;
    let capabilities = answer.text().await.unwrap();
    assert!(capabilities.contains("version 2") && !capabilities.contains("filter"), "{capabilities}");
}

#[tokio::test]
async fn every_way_of_signing_in_works() {
    let stage = with_main().await;
    let token = stage.token.as_str();
    for (user, password) in [
        ("oauth2", token),
        ("anybody", token),
        ("olga", PASSWORD),
        ("olga%40example.com", PASSWORD),
        (token, "x-oauth-basic"),
    ] {
        let listed = ls_remote(&stage, &stage.address("team/tool", user, password)).await;
        assert!(listed.unwrap().contains("refs/heads/main"), "{user}");
    }
    let wrong = ls_remote(&stage, &stage.address("team/tool", "olga", "wrong")).await;
    assert!(matches!(wrong, Err(GitError::Unauthorised)), "{wrong:?}");
}

#[tokio::test]
async fn nobody_learns_of_a_private_project() {
    let stage = with_main().await;
    user(&stage.model, "eve");
    let eve = stage.model.user_by_login("eve").unwrap().id;
    let eves = stage.model.create_personal_token(eve, "t", Scopes::api(), None);

    for path in ["team/tool", "no/such"] {
        let anonymous = info_refs(&stage, path, "git-upload-pack", None).await;
        assert_eq!(anonymous.status(), StatusCode::UNAUTHORIZED, "{path}");
        assert!(anonymous.headers()["www-authenticate"].to_str().unwrap().starts_with("Basic realm="));
        let stranger = info_refs(&stage, path, "git-upload-pack", Some(&eves)).await;
        assert_eq!(stranger.status(), StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn a_public_project_is_read_by_all_and_written_by_members() {
    let stage = with_main().await;
    stage.model.set_visibility(stage.project, Visibility::Public);

    let listed = ls_remote(&stage, &format!("{}/team/tool.git", stage.server.url())).await.unwrap();
    assert!(listed.contains("refs/heads/main"));
    let push = info_refs(&stage, "team/tool", "git-receive-pack", None).await;
    assert_eq!(push.status(), StatusCode::UNAUTHORIZED);
    let wrong = info_refs(&stage, "team/tool", "git-upload-pack", Some("wrong")).await;
    assert_eq!(wrong.status(), StatusCode::UNAUTHORIZED, "wrong credentials are worse than none");
}

#[tokio::test]
async fn roles_and_scopes_decide() {
    let stage = with_main().await;
    let guest = stage.member("gus", AccessLevel::Guest);
    let reporter = stage.member("rex", AccessLevel::Reporter);
    let developer = stage.member("dev", AccessLevel::Developer);
    let token = |user, scopes: &str| stage.model.create_personal_token(user, "t", Scopes::parse(scopes).unwrap(), None);
    let (fetch, push) = ("git-upload-pack", "git-receive-pack");
    for (token, service, expected) in [
        (token(guest, "api"), fetch, StatusCode::FORBIDDEN),
        (token(reporter, "api"), fetch, StatusCode::OK),
        (token(reporter, "api"), push, StatusCode::FORBIDDEN),
        (token(developer, "api"), push, StatusCode::OK),
        (token(developer, "read_repository"), fetch, StatusCode::OK),
        (token(developer, "read_repository"), push, StatusCode::FORBIDDEN),
        (token(developer, "write_repository"), push, StatusCode::OK),
        (token(developer, "read_api"), fetch, StatusCode::FORBIDDEN),
    ] {
        assert_eq!(info_refs(&stage, "team/tool", service, Some(&token)).await.status(), expected, "{service}");
    }
    let blocked = token(developer, "api");
    stage.model.set_user_state(developer, UserState::Blocked);
    assert_eq!(info_refs(&stage, "team/tool", fetch, Some(&blocked)).await.status(), StatusCode::FORBIDDEN);
    stage.model.archive(stage.project, true);
    let owner = Some(stage.token.as_str());
    assert_eq!(info_refs(&stage, "team/tool", push, owner).await.status(), StatusCode::FORBIDDEN, "archived");
    assert_eq!(info_refs(&stage, "team/tool", fetch, owner).await.status(), StatusCode::OK, "archived");
}

#[tokio::test]
async fn an_old_path_leads_to_the_new_one() {
    let stage = with_main().await;
    stage.model.rename_project(stage.project, "hammer", "The Hammer").unwrap();

    let moved = info_refs(&stage, "team/tool", "git-upload-pack", Some(&stage.token)).await;
    assert_eq!(moved.status(), StatusCode::MOVED_PERMANENTLY);
    let expected = format!("{}/team/hammer.git/info/refs?service=git-upload-pack", stage.server.url());
    assert_eq!(moved.headers()["location"].to_str().unwrap(), expected);
    let anonymous = info_refs(&stage, "team/tool", "git-upload-pack", None).await;
    assert_eq!(anonymous.status(), StatusCode::UNAUTHORIZED, "nobody learns the new path");
}

#[tokio::test]
async fn switches_take_things_away() {
    let stage = with_main().await;
    let switches = stage.server.switches();
    let owner = Some(stage.token.as_str());

    switches.redirect(stage.project, "http://127.0.0.1:9/elsewhere.git");
    let sent = info_refs(&stage, "team/tool", "git-upload-pack", owner).await;
    let location = sent.headers()["location"].to_str().unwrap();
    assert_eq!(location, "http://127.0.0.1:9/elsewhere.git/info/refs?service=git-upload-pack");

    let other = stage.model.create_project("team", "other", "Other", Visibility::Private, stage.owner).await.unwrap();
    assert_eq!(info_refs(&stage, "team/other", "git-upload-pack", owner).await.status(), StatusCode::OK);
    switches.no_repository(other);
    assert_eq!(info_refs(&stage, "team/other", "git-upload-pack", owner).await.status(), StatusCode::NOT_FOUND);
    switches.no_git_http();
    assert_eq!(info_refs(&stage, "team/other", "git-upload-pack", owner).await.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn gzipped_bodies_are_understood() {
    let stage = with_main().await;
    let mut packed = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(b"0014command=ls-refs\n00010009peel\n001bref-prefix refs/heads/\n0000").unwrap();
    let credentials = base64::engine::general_purpose::STANDARD.encode(format!("oauth2:{}", stage.token));

    let answer = send(
        client()
            .post(format!("{}/team/tool.git/git-upload-pack", stage.server.url()))
            .header("Authorization", format!("Basic {credentials}"))
            .header("Content-Type", "application/x-git-upload-pack-request")
            .header("Content-Encoding", "gzip")
            .header("Git-Protocol", "version=2")
            .body(packed.finish().unwrap()),
    )
    .await;

    assert_eq!(answer.headers()["content-type"], "application/x-git-upload-pack-result");
    let listed = answer.text().await.unwrap();
    assert!(listed.contains(&format!("{} refs/heads/main", stage.id("main").await)), "{listed}");
}

#[tokio::test]
async fn large_pushes_arrive_in_pieces() {
    // given a commit whose pack is larger than git's post buffer, so that git sends it chunked
    let stage = with_main().await;
    git(stage.dir.path(), &["clone", "-q", &stage.own_address(), "clone"]).await.unwrap();
    let clone = stage.dir.path().join("clone");
    let mut noise = 7_u64;
    let bytes: Vec<u8> = std::iter::repeat_with(|| {
        noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        noise.to_be_bytes()[0]
    })
    .take(3 * 1024 * 1024)
    .collect();
    std::fs::write(clone.join("noise.bin"), &bytes).unwrap();
    git(&clone, &["add", "."]).await.unwrap();
    git(&clone, &["commit", "-q", "-m", "Noise"]).await.unwrap();

    git(&clone, &["push", "-q", "origin", "HEAD:refs/heads/noise"]).await.unwrap();

    let files = stage.model.repositories().tree(stage.project, "noise", "").await.unwrap();
    assert!(files.iter().any(|file| file.size == Some(bytes.len() as u64)));
}

#[tokio::test]
async fn pushes_at_the_same_time_are_each_told_once() {
    // given a listener, and two clones with a branch each
    let stage = with_main().await;
    let listener = Listener::start(StatusCode::OK).await;
    listener.register(&stage.server, stage.project, &[HookEvent::Push]);
    let address = stage.own_address();
    let mut clones = Vec::new();
    for name in ["one", "two"] {
        git(stage.dir.path(), &["clone", "-q", &address, name]).await.unwrap();
        let clone = stage.dir.path().join(name);
        git(&clone, &["commit", "-q", "--allow-empty", "-m", name]).await.unwrap();
        clones.push((clone, format!("main:{name}")));
    }

    // when both push
    let push = async |(clone, refspec): &(PathBuf, String)| git(clone, &["push", "-q", "origin", refspec]).await;
    let (one, two) = tokio::join!(push(&clones[0]), push(&clones[1]));
    one.and(two).unwrap();

    // then each is told by one call
    let calls = listener.calls(&stage.server).await;
    let names: BTreeSet<_> = calls.iter().map(|call| call.body["ref"].as_str().unwrap().to_owned()).collect();
    assert_eq!(
        (calls.len(), Vec::from_iter(names)),
        (2, vec!["refs/heads/one".to_owned(), "refs/heads/two".to_owned()])
    );
}

#[tokio::test]
async fn a_first_push_decides_the_default_branch_and_gitlabs_own_refs_are_refused() {
    let stage = stage().await;
    Git::new().init_bare(&stage.dir.path().join("own")).await.unwrap();
    let own = stage.dir.path().join("own");
    let stream = commit("trunk", 0, "First\n", &[], &[("a", "a")]);
    Git::new().fast_import(&own, stream.as_bytes()).await.unwrap();
    let address = stage.own_address();

    git(&own, &["push", "-q", &address, "trunk"]).await.unwrap();
    let default = stage.model.repositories().default_branch(stage.project).await.unwrap();
    assert_eq!(default.as_deref(), Some("trunk"));

    let hidden = git(&own, &["push", "-q", &address, "trunk:refs/merge-requests/1/head"]).await;
    assert!(hidden.is_err(), "those refs are the server's");
}
