//! Where git reads a project.

use forge::{Auth, Problem};
use model::ForgeRepository;
use model::secret::ExposeSecret as _;

use crate::server::{Server, TOKEN, not_found};

fn repository(path: &str, git_url: &str) -> ForgeRepository {
    ForgeRepository {
        forge_id: "7".into(),
        name: path.into(),
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
async fn the_address_is_made_of_the_hosts_own_and_the_path() {
    // given
    let server = Server::start(|_| not_found()).await;
    let told = format!("{}/whatever/it/says.git", server.url);
    let oauth = server.client_with(Auth::Oauth("oauth-token".to_owned().into()));

    // when
    let with_token = http(server.client().git_remote(&repository("platform/a b/api", &told)).unwrap());
    let with_grant = http(oauth.git_remote(&repository("platform/api", "")).unwrap());

    // then
    assert_eq!(with_token.url.as_str(), format!("{}/platform/a%20b/api.git", server.url));
    assert_eq!(with_token.password.unwrap().expose_secret(), TOKEN);
    assert_eq!((with_token.username.as_str(), with_grant.username.as_str()), ("oauth2", "oauth2"));
    assert_eq!(with_grant.password.unwrap().expose_secret(), "oauth-token");
}

#[tokio::test]
async fn a_token_goes_to_no_other_server() {
    // given
    let server = Server::start(|_| not_found()).await;
    let port = server.url.rsplit(':').next().unwrap();

    for told in [
        "http://other.example/platform/api.git".to_owned(),
        format!("https://127.0.0.1:{port}/platform/api.git"),
        format!("http://127.0.0.1:1{port}/platform/api.git"),
        "git@127.0.0.1:platform/api.git".to_owned(),
        "file:///etc".to_owned(),
    ] {
        // when
        let error = server.client().git_remote(&repository("platform/api", &told)).unwrap_err();

        // then
        assert!(matches!(error.problem, Problem::ForeignGitUrl { .. }), "{told}: {error:?}");
    }
}
