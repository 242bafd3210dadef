//! What GitHub confirms to be as it was is not sent again.

use std::sync::Arc;

use forge::{Auth, ClientOptions, Forge};
use model::HostKind;
use model::clock::ManualClock;

use crate::server::{Asked, GITHUB, NOW, Server, answer, http};

const HEAD: &str = "1111111111111111111111111111111111111111";
const ETAG: &str = "W/\"a18c3bded88eb5dbb5c849a489412bf3\"";

/// Two pages of branches, each with an `ETag` of its own.
async fn server() -> Server {
    Server::start(|asked: &Asked| {
        let second = asked.parameter("page") == Some("2");
        let etag = if second { "\"second\"" } else { ETAG };
        if asked.headers.get("if-none-match").is_some_and(|told| told == etag) {
            return answer(304, &[GITHUB, ("etag", etag)], "");
        }
        let name = if second { "b" } else { "a" };
        let body = format!(r#"[{{"name":"{name}","commit":{{"sha":"{HEAD}"}}}}]"#);
        let link = ("link", "<http://h/x?page=2&per_page=100>; rel=\"next\"");
        if second {
            answer(200, &[GITHUB, ("etag", etag)], body)
        } else {
            answer(200, &[GITHUB, ("etag", etag), link], body)
        }
    })
    .await
}

fn client(server: &Server, http: &net::Client, token: &str) -> Box<dyn Forge> {
    let (clock, auth) = (Arc::new(ManualClock::new(NOW)), Auth::Token(token.to_owned().into()));
    let options = ClientOptions { kind: HostKind::Github, url: server.url.clone(), auth, http: http.clone(), clock };
    forge::client(options).unwrap()
}

async fn names(forge: &dyn Forge) -> Vec<String> {
    forge.branches("7").await.unwrap().into_iter().map(|branch| branch.name).collect()
}

#[tokio::test]
async fn a_confirmed_answer_counts_with_the_page_that_follows_it() {
    // given
    let (server, http) = (server().await, http());

    // when asked twice, by clients that share only the way out
    let first = names(&*client(&server, &http, "one")).await;
    let again = names(&*client(&server, &http, "one")).await;

    // then
    assert_eq!((first, again), (vec!["a".to_owned(), "b".to_owned()], vec!["a".to_owned(), "b".to_owned()]));
    let asked = server.asked();
    assert_eq!(asked.len(), 4);
    assert!(asked[..2].iter().all(|asked| !asked.headers.contains_key("if-none-match")));
    assert_eq!(
        (&asked[2].headers["if-none-match"], &asked[3].headers["if-none-match"]),
        (&ETAG.parse().unwrap(), &"\"second\"".parse().unwrap())
    );
}

#[tokio::test]
async fn nobody_is_given_what_another_token_was_told() {
    // given
    let (server, http) = (server().await, http());
    names(&*client(&server, &http, "one")).await;

    // when
    names(&*client(&server, &http, "two")).await;

    // then
    assert!(server.asked().iter().all(|asked| !asked.headers.contains_key("if-none-match")));
}

#[tokio::test]
async fn a_confirmation_of_nothing_is_no_answer() {
    // given
    let server = Server::start(|_| answer(304, &[GITHUB], "")).await;

    // then
    assert!(client(&server, &http(), "one").branches("7").await.is_err());
}
