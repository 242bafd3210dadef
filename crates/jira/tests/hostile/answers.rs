//! REST answers that no Jira should give.

use jira::{JiraError, NewWorklog, Problem};

use crate::server::{NOW, SECRET, Server, answer, json};

/// What `myself` says to this answer.
async fn myself(status: u16, headers: &'static [(&'static str, &'static str)], body: &'static str) -> JiraError {
    let server = Server::start(move |_| answer(status, headers, body)).await;
    server.rest(false).myself().await.unwrap_err()
}

#[tokio::test]
async fn pages_and_foreign_json_are_no_jira() {
    let error = myself(200, &[], "<!doctype html><title>Welcome <b>all</title><body>").await;
    assert_eq!((error.problem, error.words.as_deref()), (Problem::NotJira, Some("Welcome all")));
    let page = "<html><form id=\"login-form\"><input name=os_username><input type=\"password\"></form>";
    assert_eq!(myself(200, &[], page).await.problem, Problem::LogInPage);
    for body in ["{}", "[]", "null", "7", "\"x\"", "{\"name\":7e400}", "{\"name\":null}", "", "{\"name\":\"a\""] {
        assert_eq!(myself(200, &[], body).await.problem, Problem::Unreadable, "{body}");
    }
    for body in ["{}", "[]", "{\"version\":\"1.0\"}", "{\"app\":\"other\",\"versionNumbers\":[1]}"] {
        let server = Server::start(move |_| json(body)).await;
        assert_eq!(server.rest(false).server_info().await.unwrap_err().problem, Problem::NotJira, "{body}");
    }
}

#[tokio::test]
async fn redirects_are_told_apart_and_never_followed() {
    let other = Server::start(|_| json("{\"name\":\"thief\"}")).await;
    for (location, problem) in [
        ("/login.jsp?os_destination=x", Problem::LogInPage),
        ("/secure/../login?x", Problem::LogInPage),
        ("https://id.atlassian.com/step", Problem::LogInPage),
        ("https://adfs.example.com/saml2/sso", Problem::LogInPage),
        ("https://new.example.com/rest/api/2/myself", Problem::Redirected),
        ("https://user:word@new.example.com/a?token=x", Problem::Redirected),
        ("https://new.example.com/lesson", Problem::Redirected),
        ("http://[", Problem::Redirected),
    ] {
        let server = Server::start(move |_| answer(302, &[("location", location)], "")).await;
        let error = server.rest(false).myself().await.unwrap_err();
        assert_eq!(error.problem, problem, "{location}");
        let words = error.words.unwrap_or_default();
        assert!(!words.contains("word") && !words.contains("token"), "{words}");
    }
    let to = other.url.clone();
    let server = Server::start(move |_| answer(307, &[("location", &to)], "")).await;
    assert_eq!(server.rest(false).comment_add("A-1", "x").await.unwrap_err().problem, Problem::Redirected);
    assert!(other.asked().is_empty());
}

#[tokio::test]
async fn refusals_are_named_by_status_and_headers() {
    assert_eq!(myself(401, &[], "").await.problem, Problem::Unauthorised);
    let denied = &[("x-authentication-denied-reason", "CAPTCHA_CHALLENGE; login-url=/login.jsp")];
    assert_eq!(myself(403, denied, "").await.problem, Problem::Captcha);
    assert_eq!(myself(401, &[("x-seraph-loginreason", "AUTHENTICATION_DENIED")], "").await.problem, Problem::Captcha);
    assert_eq!(
        myself(403, &[("x-seraph-loginreason", "AUTHENTICATED_FAILED")], "").await.problem,
        Problem::Unauthorised
    );
    assert_eq!(myself(403, &[("x-seraph-loginreason", "OK")], "").await.problem, Problem::Forbidden);
    // an old Jira takes a token it does not know for nobody's
    assert_eq!(myself(404, &[("x-ausername", "anonymous")], "{}").await.problem, Problem::Unauthorised);
    assert_eq!(myself(422, &[], "").await.problem, Problem::Refused);
    assert_eq!(myself(304, &[], "").await.problem, Problem::Unreadable);
    assert_eq!(myself(599, &[], "").await.problem, Problem::Unavailable);
}

#[tokio::test]
async fn a_pause_is_bounded_and_read_in_every_form() {
    for (headers, retry_at) in [
        (&[("retry-after", "30")] as &'static [_], Some(NOW + 30_000)),
        (&[("retry-after", "Thu, 20 Sep 2018 10:19:01 GMT")], Some(NOW + 60_000)),
        (&[("retry-after", "99999999999999")], Some(NOW + 61 * 60_000)),
        (&[("retry-after", "-5")], Some(NOW)),
        (&[("retry-after", "soon")], None),
        (&[("x-ratelimit-reset", "2018-09-20T10:19Z")], Some(NOW + 59_000)),
        (&[("retry-after", "5"), ("x-ratelimit-reset", "2018-09-20T10:19:01Z")], Some(NOW + 60_000)),
        (&[("x-ratelimit-reset", "never")], None),
    ] {
        let error = myself(429, headers, "").await;
        assert_eq!((error.problem, error.retry_at), (Problem::RateLimited, retry_at), "{headers:?}");
    }
    let error = myself(503, &[("retry-after", "120")], "").await;
    assert_eq!((error.problem, error.retry_at), (Problem::Unavailable, Some(NOW + 120_000)));
}

#[tokio::test]
async fn words_are_bounded_plain_and_never_the_secret() {
    let long = Server::start(|_| {
        answer(400, &[], format!("{{\"errorMessages\":[\"<script>x</script>{}\"]}}", "é\\n".repeat(90_000)))
    })
    .await;
    let words = long.rest(false).myself().await.unwrap_err().words.unwrap();
    assert!(words.chars().count() == 500 && !words.contains('<') && !words.contains('\n'), "{words}");

    let echo = Server::start(|asked| {
        let told = asked.headers["authorization"].to_str().unwrap().to_owned();
        answer(400, &[], format!("{{\"errorMessages\":[\"who is {told}?\"]}}"))
    })
    .await;
    let error = echo.rest(false).myself().await.unwrap_err();
    assert_eq!((error.problem, error.words.as_deref()), (Problem::Refused, None));
    assert!(!format!("{error:?} {}", error.sentence()).contains(SECRET));
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    let body = format!("{{\"name\":\"{}\"}}", "a".repeat(17 << 20));
    let server = Server::start(move |_| json(&body)).await;
    let error = server.rest(false).myself().await.unwrap_err();
    assert_eq!(error.problem, Problem::Unreadable);
    let made = server.rest(false).comment_add("A-1", "x").await.unwrap_err();
    assert!(made.may_have_acted);
}

#[tokio::test]
async fn a_list_without_end_is_an_error_and_not_an_end() {
    let page = r#"{"total":9999999,"comments":[{"id":"1","body":"x","created":"2018-09-20T10:18:01.000+0000"}]}"#;
    let server = Server::start(move |_| json(page)).await;
    let error = server.rest(false).comment_find("A-1", "mark", NOW).await.unwrap_err();
    assert_eq!(error.problem, Problem::Unreadable);
}

#[tokio::test]
async fn an_old_jira_that_lists_oldest_first_is_read_to_its_end() {
    let server = Server::start(|asked| {
        let start: u32 = asked.query.split('&').find_map(|it| it.strip_prefix("startAt=")?.parse().ok()).unwrap();
        let row = |id: u32| {
            let text = if id == 150 { "the mark" } else { "x" };
            format!(
                r#"{{"id":"{id}","body":"{text}","created":"2018-09-20T{:02}:{:02}:00.000+0000"}}"#,
                id / 60,
                id % 60
            )
        };
        let rows: Vec<_> = (start..200.min(start + 50)).map(row).collect();
        json(&format!(r#"{{"startAt":{start},"total":200,"comments":[{}]}}"#, rows.join(",")))
    })
    .await;
    let since = NOW - 8 * 3_600_000;
    assert_eq!(server.rest(false).comment_find("A-1", "mark", since).await.unwrap().as_deref(), Some("150"));
    assert_eq!(server.asked().len(), 4);
}

#[tokio::test]
async fn what_is_sent_is_exactly_what_jira_reads() {
    let server = Server::start(|asked| match asked.method.as_str() {
        "POST" if asked.path.ends_with("/transitions") => answer(204, &[], ""),
        "POST" => answer(201, &[], "{\"id\":10001}"),
        _ => json("[]"),
    })
    .await;
    let rest = server.rest(false);
    let worklog = NewWorklog { started: NOW, seconds: 90, comment: "c".to_owned() };
    assert_eq!(rest.worklog_add("A/B-1", worklog).await.unwrap(), "10001");
    rest.transition("A-1", "5").await.unwrap();
    rest.people_by_email("a+b&c@example.com").await.unwrap();
    let asked = server.asked();
    assert_eq!(asked[0].path, "/rest/api/2/issue/A%2FB-1/worklog");
    assert_eq!(asked[0].query, "adjustEstimate=auto");
    let sent: serde_json::Value = serde_json::from_str(&asked[0].body).unwrap();
    assert_eq!(
        sent,
        serde_json::json!({ "started": "2018-09-20T10:18:01.000+0000", "timeSpentSeconds": 90, "comment": "c" })
    );
    assert_eq!(asked[1].body, r#"{"transition":{"id":"5"}}"#);
    assert!(asked[2].query.starts_with("username=a%2Bb%26c%40example.com&"), "{}", asked[2].query);
    assert!(asked.iter().all(|it| it.headers["authorization"] == format!("Bearer {SECRET}")));
}

#[tokio::test]
async fn a_time_that_no_calendar_has_is_not_sent() {
    let server = Server::start(|_| json("{}")).await;
    let worklog = NewWorklog { started: i64::MAX, seconds: 90, comment: String::new() };
    assert_eq!(server.rest(false).worklog_add("A-1", worklog).await.unwrap_err().problem, Problem::Refused);
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn rows_that_make_no_sense_are_left_out() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/rest/api/2/project" => json(r#"[{"id":1,"key":"A"},{"id":"2"},7,null,{"key":"B","id":"3","name":"Bee"}]"#),
        "/rest/api/2/issue/A-1/transitions" => {
            json(r#"{"transitions":[{"id":5,"name":"Go"},{"name":"x"},{"id":"6","name":"Stop","to":7}]}"#)
        }
        _ => json(r#"[{"name":"a","emailAddress":"a@example.com","active":"yes"},{"displayName":"b"},[]]"#),
    })
    .await;
    let rest = server.rest(false);
    let keys: Vec<_> = rest.projects().await.unwrap().into_iter().map(|it| (it.id, it.key, it.name)).collect();
    let row = |id: &str, key: &str, name: &str| (id.to_owned(), key.to_owned(), name.to_owned());
    assert_eq!(keys, [row("1", "A", "A"), row("3", "B", "Bee")]);
    assert_eq!(rest.transitions("A-1").await.unwrap().len(), 2);
    let people = rest.people_by_email("a@example.com").await.unwrap();
    assert_eq!((people.len(), people[0].active), (1, false));
}
