//! What goes out and what comes back.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::Request;
use axum::response::Redirect;
use axum::routing::{any, get};
use http::{HeaderMap, Method, StatusCode};
use model::secret::SecretString;
use net::NetError;

use crate::server::{client, serve};

/// A server that keeps the last request's line and headers.
async fn listener() -> (url::Url, Arc<Mutex<(String, HeaderMap)>>) {
    let seen = Arc::new(Mutex::new((String::new(), HeaderMap::new())));
    let kept = Arc::clone(&seen);
    let keep = move |request: Request| {
        *kept.lock().unwrap() = (format!("{} {}", request.method(), request.uri()), request.headers().clone());
        async { "fine" }
    };
    (serve(Router::new().fallback(any(keep))).await, seen)
}

#[tokio::test]
async fn a_request_says_what_it_was_told_and_who_it_is() {
    let (url, seen) = listener().await;
    let token = SecretString::from("s3cret");
    let request = client().request(Method::PATCH, &url.join("a/b").unwrap()).query(&[("q", "x y")]);

    let response = request.bearer(&token).header("X-One", "1").send().await.unwrap();

    assert_eq!((response.status(), response.text(10).await.unwrap().as_str()), (StatusCode::OK, "fine"));
    let (line, headers) = seen.lock().unwrap().clone();
    assert_eq!(line, "PATCH /a/b?q=x+y");
    assert_eq!(headers["user-agent"], concat!("Dovetail/", env!("CARGO_PKG_VERSION")));
    assert_eq!(
        (&headers["authorization"], &headers["x-one"]),
        (&"Bearer s3cret".parse().unwrap(), &"1".parse().unwrap())
    );
}

#[tokio::test]
async fn nothing_shown_holds_a_secret() {
    let (url, _) = listener().await;
    let token = SecretString::from("s3cret");
    let request = client().post(&url).query(&[("token", "s3cret")]).form(&[("token", "s3cret")]).bearer(&token);
    assert!(!format!("{request:?}").contains("s3cret"), "{request:?}");

    let broken = client()
        .get(&url)
        .query(&[("token", "s3cret")])
        .secret_header("PRIVATE-TOKEN", &SecretString::from("s3cret\n"));
    let error = broken.send().await.unwrap_err();
    assert!(!format!("{error:?} {error}").contains("s3cret"), "{error:?}");
    assert!(error.to_string().contains("PRIVATE-TOKEN"));
}

#[tokio::test]
async fn redirects_are_told_and_never_followed() {
    let (elsewhere, seen) = listener().await;
    let target = elsewhere.join("new?code=s3cret").unwrap();
    let url =
        serve(Router::new().route("/old", get(move || async move { Redirect::temporary(target.as_str()) }))).await;
    let old = url.join("old").unwrap();

    let error = client().get(&old).send().await.unwrap_err();
    let kept = client().get(&old).keep_redirect().send().await.unwrap();

    let expected = elsewhere.join("new").unwrap().to_string();
    assert!(matches!(&error, NetError::Redirected { to, .. } if *to == expected), "{error:?}");
    assert_eq!(kept.status(), StatusCode::TEMPORARY_REDIRECT);
    assert!(kept.header("location").unwrap().ends_with("/new?code=s3cret"), "who asks for it gets it whole");
    assert_eq!(seen.lock().unwrap().0, "", "the other server heard nothing");
}

#[tokio::test]
async fn json_is_read_and_what_is_no_json_is_located_but_not_repeated() {
    let router = Router::new()
        .route("/good", get(async || "{\"a\": 1}"))
        .route("/cut", get(async || "{\"a\": "))
        .route("/other", get(async || "{\"a\": \"s3cret\"}"));
    let url = serve(router).await;
    #[derive(serde::Deserialize)]
    struct Answer {
        a: u32,
    }
    let read =
        async |path: &str| client().get(&url.join(path).unwrap()).send().await.unwrap().json::<Answer>(100).await;

    assert_eq!(read("good").await.unwrap().a, 1);
    for path in ["cut", "other"] {
        let error = read(path).await.map(|answer| answer.a).unwrap_err();
        assert!(matches!(&error, NetError::BadBody { .. }), "{error:?}");
        assert!(error.to_string().contains("line 1") && !error.to_string().contains("s3cret"), "{error}");
    }
}
