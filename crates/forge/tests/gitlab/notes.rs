//! Comments of merge requests.

use axum::response::IntoResponse;
use forge::Problem;
use model::Note;

use crate::server::{NOW, Server, json, not_found};

fn note(id: usize, body: &str, more: &str) -> String {
    format!(
        r#"{{"id":{id},"body":{body:?},"author":{{"id":9,"username":"anna","name":"Anna"}},"system":false,
        "created_at":"2018-09-20T10:18:01.000Z"{more}}}"#
    )
}

#[tokio::test]
async fn what_people_wrote_is_told_and_nothing_else() {
    // given: an old GitLab, which does not know the filter
    let notes = [
        note(1, "Looks\ngood", r#","updated_at":"2018-09-20T10:18:02.000Z""#),
        note(2, "added 1 commit", "").replace("\"system\":false", "\"system\":true"),
        note(3, "among us", r#","internal":true"#),
        note(4, "among us", r#","confidential":true"#),
        note(5, "deleted user", "").replace(r#"{"id":9,"username":"anna","name":"Anna"}"#, "null"),
        note(1, "Looks\ngood", ""),
    ];
    let answer = format!("[{}]", notes.join(","));
    let server = Server::start(move |_| json(200, answer.clone())).await;

    // when
    let told = server.client().notes("7", 5).await.unwrap();

    // then
    let asked = &server.asked()[0];
    assert_eq!(asked.path, "/api/v4/projects/7/merge_requests/5/notes");
    let expected =
        [("activity_filter", "only_comments"), ("order_by", "created_at"), ("sort", "asc"), ("per_page", "100")];
    assert!(expected.iter().all(|(name, value)| asked.parameter(name) == Some(value)), "{}", asked.query);
    assert_eq!(told.iter().map(|note| note.forge_id.as_str()).collect::<Vec<_>>(), ["1", "5"]);
    assert_eq!((told[0].body.as_str(), told[0].author.login.as_str()), ("Looks\ngood", "anna"));
    assert_eq!((told[0].created_at, told[0].updated_at), (NOW, NOW + 1_000));
    assert_eq!((told[1].author.login.as_str(), told[1].updated_at), ("", NOW));
}

#[tokio::test]
async fn lists_without_an_end_and_long_comments_are_cut() {
    // given: page after page of a hundred
    let server = Server::start(|asked| {
        let page: usize = asked.parameter("page").map_or(1, |page| page.parse().unwrap());
        let notes: Vec<String> = (0..100).map(|number| note(page * 100 + number, &"ü".repeat(40), "")).collect();
        let next = [("x-next-page", (page + 1).to_string())];
        (next, format!("[{}]", notes.join(","))).into_response()
    })
    .await;

    // then
    assert_eq!(server.client().notes("7", 5).await.unwrap().len(), 1_000);
    assert_eq!(server.asked().len(), 10);

    // given
    let long = format!("[{}]", note(1, &"ü".repeat(Note::MAX_BODY + 7), ""));
    let server = Server::start(move |_| json(200, long.clone())).await;

    // then
    assert_eq!(server.client().notes("7", 5).await.unwrap()[0].body.chars().count(), Note::MAX_BODY);
}

#[tokio::test]
async fn one_that_is_gone_and_nonsense_are_errors() {
    let server = Server::start(|_| not_found()).await;
    assert!(matches!(server.client().notes("7", 5).await.unwrap_err().problem, Problem::NotFound));
    for nonsense in ["{}", r#"[{"id":1,"body":"no date"}]"#, r#"[{"body":"no id"}]"#] {
        let server = Server::start(move |_| json(200, nonsense)).await;
        assert!(matches!(server.client().notes("7", 5).await.unwrap_err().problem, Problem::Data(_)), "{nonsense}");
    }
}
