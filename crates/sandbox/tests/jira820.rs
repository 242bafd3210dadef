//! A second judge of the stand-in Jira: jira820, a stand-in for a Jira Data Center 8.20 that others wrote, is asked the same.
//!
//! Its virtual environment is made once below `target/`. Without `python3` there is nothing to compare with, and the test says
//! so; with it, both must agree.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

#[path = "python/mod.rs"]
mod python;

use sandbox::jira::model::{Category, Field, NewUser, Status, Transition, Workflow};
use sandbox::jira::{Options, Server};

/// The statuses of jira820, with their numbers.
const STATUSES: [(u64, &str, Category); 5] = [
    (1, "Open", Category::New),
    (3, "In Progress", Category::InProgress),
    (10_001, "In Review", Category::InProgress),
    (10_002, "Done", Category::Done),
    (4, "Reopened", Category::New),
];

/// The workflow of jira820: from everywhere to everywhere else, with a screen on the way to done.
fn workflow() -> Workflow {
    let screen = [(Field::Worklog, true), (Field::Assignee, true), (Field::Resolution, true), (Field::Comment, false)];
    let transition = |(at, (_, name, category)): (usize, &(u64, &str, Category))| {
        let others: Vec<&str> = STATUSES.iter().map(|(_, other, _)| *other).filter(|other| other != name).collect();
        let transition = Transition::new(11 + 10 * at as u64, &format!("To {name}"), &others, name);
        if *category == Category::Done { transition.asking(&screen) } else { transition }
    };
    let status = |(id, name, category): &(u64, &str, Category)| Status {
        id: *id,
        name: (*name).to_owned(),
        category: *category,
    };
    Workflow {
        statuses: STATUSES.iter().map(status).collect(),
        transitions: STATUSES.iter().enumerate().map(transition).collect(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn jira820_agrees_about_comments_worklogs_and_transitions() {
    if !python::is_there("jira820") {
        return;
    }
    // given a project like jira820's, in a Jira of its version
    let options = Options { version: "8.20.8".to_owned(), ..Options::data_center() };
    let server = Server::start(options).await.unwrap();
    let model = server.model();
    let admin = model.create_user(NewUser {
        login: "admin".to_owned(),
        name: "Administrator".to_owned(),
        email: "admin@example.com".to_owned(),
        ..NewUser::default()
    });
    let admin = admin.unwrap();
    model.create_project("SAME", "The same", workflow()).unwrap();
    model.create_issue("SAME", "An issue", Some(admin)).unwrap();
    let (url, token) = (server.url().to_owned(), model.create_token(admin, None));

    // when both are asked the same
    let compared = tokio::task::spawn_blocking(move || {
        let mut compare = python::command(python::environment("jira820", "jira820.txt"));
        compare.arg(python::script("compare_jira820.py")).env("JIRA_ISSUE", "SAME-1");
        compare.env("JIRA_URL", url).env("JIRA_TOKEN", token).env("NO_PROXY", "*");
        compare.output().unwrap()
    });

    // then they agree
    let compared = compared.await.unwrap();
    assert!(compared.status.success(), "jira820 does not agree:\n{}", python::said(&compared));
    server.shutdown().await;
}
