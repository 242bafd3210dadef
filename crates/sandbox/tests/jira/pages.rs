//! The pages.

use reqwest::{Method, StatusCode};
use sandbox::jira::model::{Execution, NewComment, NewRemoteLink, NewWorklog};
use serde_json::json;

use crate::devinfo::{Gateway, commit, with};
use crate::world::{Reply, World};

async fn open(world: &World, path: &str) -> Reply {
    world.send(world.request(Method::GET, path)).await
}

#[tokio::test]
async fn the_index_lists_projects_with_their_issues() {
    let world = World::new().await;
    world.model().rename_project(world.pay, "CASH").unwrap();
    let page = open(&world, "/").await;
    for text in ["Alphabet", "ABC-2", "Second", "CASH-1", "formerly PAY", "To Do", "Open"] {
        assert!(page.text.contains(text), "{text}");
    }
    let one = open(&world, "/browse/ABC").await.text;
    assert!(one.contains("ABC-1") && !one.contains("CASH-1"));
    world.model().provide_issues("BIG", 60).unwrap();
    assert!(open(&world, "/").await.text.contains("and 10 more"));
}

#[tokio::test]
async fn an_issue_shows_what_arrived() {
    let gateway = Gateway::new().await;
    let world = &gateway.world;
    let model = world.model();
    let before = open(world, "/browse/ABC-1").await.text;
    for text in ["Nobody has commented yet.", "Nobody has logged work yet.", "There is no remote link yet."] {
        assert!(before.contains(text), "{text}");
    }
    model.comment("ABC-1", world.ada, NewComment { body: "<b>hello</b>".to_owned(), ..NewComment::default() }).unwrap();
    model.log_work("ABC-1", world.ada, NewWorklog { seconds: 5_400, ..NewWorklog::default() }).unwrap();
    model.transition("ABC-1", world.ada, Execution { transition: "31".to_owned(), ..Execution::default() }).unwrap();
    let object = json!({ "url": "https://gitlab.example.com/1", "title": "!1 Hello", "status": { "resolved": true } });
    model.put_remote_link("ABC-1", world.ada, NewRemoteLink { object, ..NewRemoteLink::default() }).unwrap();
    gateway.send(with("commits", vec![commit("c", 1, &["ABC-1"])])).await;
    let page = open(world, "/browse/ABC-1").await;
    assert_eq!(page.status, StatusCode::OK);
    for text in [
        "&#60;b&#62;hello&#60;/b&#62;",
        "1h 30m",
        "<span class=\"state\">Done</span>",
        "status To Do → Done",
        "<s>!1 Hello</s>",
        "abc1234",
        "ABC-1 Say hello",
        "acme/own",
    ] {
        assert!(page.text.contains(text), "{text}\n{}", page.text);
    }
}

#[tokio::test]
async fn a_page_can_be_followed() {
    let world = World::new().await;
    assert!(!open(&world, "/browse/ABC-1").await.text.contains("http-equiv=\"refresh\""));
    assert!(open(&world, "/browse/ABC-1?follow").await.text.contains("http-equiv=\"refresh\""));
}

#[tokio::test]
async fn a_former_key_leads_to_the_present_one_and_others_nowhere() {
    let world = World::new().await;
    world.model().move_issue("ABC-1", "PAY").unwrap();
    let moved = open(&world, "/browse/ABC-1").await;
    assert_eq!(moved.status, StatusCode::FOUND);
    assert_eq!(moved.header("location").unwrap(), format!("{}/browse/PAY-3", world.server.url()));
    for path in ["/browse/ABC-99", "/browse/NONE", "/nothing"] {
        let page = open(&world, path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert!(page.text.contains("The page could not be found."));
    }
    assert!(open(&world, "/style.css").await.header("content-type").unwrap().starts_with("text/css"));
}
