//! Who reviews, and who approved.

use serde_json::json as value;

use crate::server::{Server, json, not_found};

#[tokio::test]
async fn of_each_person_the_last_verdict_counts() {
    // given
    let server = Server::start(|asked| match asked.path.as_str() {
        "/api/v3/repositories/7/pulls/5" => json(
            200,
            value!({ "id": 1, "number": 5, "state": "open", "updated_at": "2018-09-20T10:18:01Z",
                "user": { "login": "anna" }, "head": { "ref": "x" }, "base": { "ref": "main" },
                "requested_reviewers": [{ "id": 2, "login": "bert" }, { "id": 3, "login": "carl" }] })
            .to_string(),
        ),
        "/api/v3/repositories/7/pulls/5/reviews" => {
            let review = |login: &str, state: &str| value!({ "user": { "login": login }, "state": state });
            json(
                200,
                value!([
                    review("carl", "CHANGES_REQUESTED"),
                    review("carl", "APPROVED"),
                    review("carl", "COMMENTED"),
                    review("dora", "APPROVED"),
                    review("dora", "DISMISSED"),
                    review("emma", "COMMENTED"),
                    review("anna", "COMMENTED"),
                    { "user": null, "state": "APPROVED" },
                ])
                .to_string(),
            )
        }
        _ => not_found(),
    })
    .await;

    // when
    let reviewers = server.client().reviewers("7", 5).await.unwrap();

    // then
    let told: Vec<_> = reviewers.iter().map(|one| (one.user.login.as_str(), one.approved)).collect();
    assert_eq!(told, [("carl", true), ("dora", false), ("emma", false), ("bert", false)]);
}
