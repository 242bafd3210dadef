//! People.

use serde_json::json;

use crate::host::{Answer, Host};

#[tokio::test]
async fn people_are_asked_for_once_and_may_be_unknown() {
    let host = Host::with_widget().await;
    host.json(
        "GET /api/v3/users/ada",
        &json!({ "login": "ada", "name": "Ada Example", "avatar_url": "https://host/ada.png" }),
    );
    let mut account = host.added().await;
    host.take();
    for _ in 0..2 {
        let ada = account.user("ada").await;
        assert_eq!((ada.name.as_str(), ada.avatar.as_str(), ada.known), ("Ada Example", "https://host/ada.png", true));
        let eve = account.user("eve").await;
        assert_eq!((eve.name.as_str(), eve.known), ("eve", false));
        assert_eq!(eve.avatar, "https://secure.gravatar.com/avatar/unknown?d=mm");
    }
    let lines: Vec<String> = host.take().into_iter().map(|asked| asked.line).collect();
    assert_eq!(lines, ["GET /api/v3/users/ada", "GET /api/v3/users/eve"]);
}

#[tokio::test]
async fn the_token_has_an_owner() {
    let host = Host::with_widget().await;
    let account = host.added().await;
    host.json("GET /api/v3/user", &json!({ "login": "ada", "name": null, "created_at": "2018-09-20T10:18:01.123Z" }));
    assert_eq!(account.token_owner().await.unwrap().name, "ada");
    for answer in [Answer::error(401), Answer::json(&json!({ "login": null })), Answer::json(&json!({ "id": "x" }))] {
        host.on("GET /api/v3/user", answer);
        assert_eq!(account.token_owner().await, None);
    }
}
