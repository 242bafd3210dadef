//! A second judge of the stand-in Jira: jira820, a stand-in for a Jira Data Center 8.20 that others wrote, is asked the same.
//!
//! Its virtual environment is made once below `target/`. Without `python3` there is nothing to compare with, and the test says
//! so; with it, both must agree.

use std::path::Path;

use sandbox::jira::model::{Category, Field, NewUser, Status, Transition, Workflow};
use sandbox::jira::{Options, Server};
use sandbox::python::Script;

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
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python");
        let script = Script {
            path: &folder.join("compare_jira820.py"),
            requirements: &folder.join("jira820.txt"),
            environments: Path::new(env!("CARGO_TARGET_TMPDIR")),
            strict: false,
        };
        script.run(&[("JIRA_ISSUE", "SAME-1"), ("JIRA_URL", &url), ("JIRA_TOKEN", &token)])
    });

    // then they agree
    match compared.await.unwrap() {
        Ok(Some(_)) => {}
        Ok(None) => println!("skipped: python3 is not installed, so jira820 cannot be run"),
        Err(said) => panic!("{said}"),
    }
    server.shutdown().await;
}
