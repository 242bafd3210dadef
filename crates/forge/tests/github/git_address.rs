//! Where git reads, and with what.

use forge::{Auth, Problem};
use model::ForgeRepository;
use model::secret::ExposeSecret as _;

use crate::server::{Server, TOKEN, not_found};

fn repository(forge_id: &str, path: &str, git_url: &str) -> ForgeRepository {
    ForgeRepository {
        forge_id: forge_id.into(),
        name: "api".into(),
        path: path.into(),
        web_url: None,
        git_url: git_url.into(),
        default_branch: None,
        fork_of: None,
        archived: false,
        empty: false,
        last_activity_at: None,
    }
}

fn http(remote: git::Remote) -> git::HttpRemote {
    match remote {
        git::Remote::Http(remote) => remote,
        git::Remote::Local(path) => panic!("{}", path.display()),
    }
}

#[tokio::test]
async fn git_reads_at_the_hosts_own_address_by_the_path_that_github_names() {
    // given
    let server = Server::start(|_| not_found()).await;
    let told = format!("{}/acme/api.git", server.url);

    // when
    let remote = http(server.client().git_remote(&repository("7", "acme/api", &told)).unwrap());
    let untold = http(server.client().git_remote(&repository("7", "acme/api", "")).unwrap());
    let anonymous = http(server.client_with(Auth::None).git_remote(&repository("7", "acme/api", &told)).unwrap());

    // then
    assert_eq!((remote.url.as_str(), untold.url.as_str()), (told.as_str(), told.as_str()));
    assert_eq!(remote.username, "x-access-token");
    assert_eq!(remote.password.unwrap().expose_secret(), TOKEN);
    assert!(anonymous.password.is_none() && anonymous.username.is_empty());
}

#[tokio::test]
async fn a_project_in_a_subgroup_of_an_old_gitlab_is_read_by_its_full_path() {
    // given
    let server = Server::start(|_| not_found()).await;
    let told = repository("platform/platform@backend@api", "platform/backend/api", "https://other.example/x.git");

    // when
    let remote = http(server.client().git_remote(&told).unwrap());

    // then
    assert_eq!(remote.url.as_str(), format!("{}/platform/backend/api.git", server.url));
    assert_eq!(remote.username, "oauth2");
}

#[tokio::test]
async fn a_token_goes_to_no_other_server() {
    // given
    let server = Server::start(|_| not_found()).await;
    let trap = Server::start(|_| not_found()).await;
    let port = server.url.rsplit(':').next().unwrap();

    for told in [
        format!("{}/acme/api.git", trap.url),
        "http://other.example/acme/api.git".to_owned(),
        format!("https://127.0.0.1:{port}/acme/api.git"),
        "git@127.0.0.1:acme/api.git".to_owned(),
        "file:///etc".to_owned(),
    ] {
        // when
        let error = server.client().git_remote(&repository("7", "acme/api", &told)).unwrap_err();

        // then
        assert!(matches!(error.problem, Problem::ForeignGitUrl { .. }), "{told}: {error:?}");
    }
    assert!(trap.asked().is_empty());
}

#[tokio::test]
async fn gits_own_requests_are_not_led_to_another_server_either() {
    // given
    let trap = Server::start(|_| not_found()).await;
    let to = format!("{}/acme/api.git/git-upload-pack", trap.url);
    let server = Server::start(move |_| crate::server::answer(301, &[("location", &to)], "")).await;
    let remote = server.client().git_remote(&repository("7", "acme/api", "")).unwrap();

    // when
    let refused = git::Git::new().ls_refs(&remote).await.unwrap_err();

    // then
    assert!(matches!(refused, git::GitError::Redirected { .. }), "{refused:?}");
    assert!(trap.asked().is_empty(), "the token went to another server");
    assert!(server.asked().iter().all(|asked| asked.headers.contains_key("authorization")));
}
