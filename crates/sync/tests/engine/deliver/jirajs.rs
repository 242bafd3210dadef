//! A second judge: what is sent as development information, against the types of jira.js, which others made from Atlassian's
//! description of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use model::{CommitFile, CommitFiles, FileStatus};
use sandbox::gitlab::model::{MergeMethod, MergeRequestId, NewMergeRequest};
use sandbox::npm::Packages;
use serde_json::{Value, json};

use super::town::Town;
use crate::world::{Database, GROUP};

/// Keys without end.
fn keys(count: usize) -> String {
    (1..=count).map(|number| format!("PLAT-{number}")).collect::<Vec<_>>().join(" ")
}

/// As long as GitLab lets a title be, and full of what tools stumble over.
fn title() -> String {
    let title = format!("PLAT-6 🎉 „Größe\u{2028}“ <b>&amp; \\u0041 \"'`${{x}} \u{202e}{}", "ä".repeat(300));
    title.chars().take(255).collect()
}

/// Everything that makes a body unlike the others.
async fn much_happens(town: &Town) {
    let world = &town.world;
    let (long, far) = (format!("PLAT-4-{}", "x".repeat(230)), format!("feature/PLAT-5-🎉/{}", "ö".repeat(60)));
    let (many, large) = (format!("{} Many", keys(600)), format!("PLAT-2 {}", "Läng 🎉\n".repeat(2_000)));
    let commits = [
        ("main", "PLAT-1 Begin"),
        ("main", "PLAT-2 \u{1}\"quoted\" \\ `${x}` */ 🎉 \u{2028}\u{fffe}"),
        ("main", many.as_str()),
        ("main", large.as_str()),
        (long.as_str(), "No key of its own"),
        (far.as_str(), "PLAT-5 Far"),
        ("PLAT-7-merged", "PLAT-7 Merged"),
        ("PLAT-8-declined", "PLAT-8 Declined"),
        ("OPS-1-gone", "OPS-1 Gone"),
    ];
    world.push(town.project, &commits).await;
    let fork = world.model().fork_project_as(town.project, GROUP, ("api-fork", "🎉 Fork"), world.jira).await.unwrap();
    world.push(fork, &[("OPS-2-fork", "OPS-2 In the fork")]).await;

    let reviewed = open(town, &far, &title(), Some(keys(40))).await;
    world.model().comment(reviewed, world.jira, "Well done").unwrap();
    world.model().approve(reviewed, world.jira).unwrap();
    let from_fork = NewMergeRequest {
        source_project: fork,
        ..NewMergeRequest::within(town.project, "OPS-2-fork", "main", "Draft: OPS-2 Of the fork", world.jira)
    };
    world.model().open_merge_request(from_fork).await.unwrap();
    let declined = open(town, "PLAT-8-declined", "PLAT-8 No", None).await;
    let merged = open(town, "PLAT-7-merged", "PLAT-7 Yes", None).await;
    open(town, "OPS-1-gone", "OPS-1 Without its branch", None).await;
    let account = town.import().await;

    world.model().merge(merged, world.jira, MergeMethod::MergeCommit).await.unwrap();
    world.model().close_merge_request(declined, world.jira).unwrap();
    world.delete_branch(town.project, "OPS-1-gone").await;
    world.push(town.project, &[("main", "PLAT-9 Live #comment hello"), ("PLAT-10-new", "PLAT-10 New")]).await;
    town.news(account).await;
    with_files(town, account).await;
    world.model().rename_project(town.project, "gateway", "Gateway 🎉").unwrap();
    town.news(account).await;
}

/// Lets everything be told again, now that the files of a commit are known.
async fn with_files(town: &Town, account: i64) {
    let repository = town.world.repository(account, "api").await.id;
    let commit = town.world.store.facade_commit(repository, "main").await.unwrap().unwrap().id;
    let file = |path: &str, change| CommitFile { path: path.to_owned(), change };
    let few = [file("🎉/a b.txt", FileStatus::Added), file("", FileStatus::Modified), file("x", FileStatus::Removed)];
    let many = (0..30).map(|number| file(&format!("{number}{}", "ä".repeat(1_500)), FileStatus::Modified));
    let files = CommitFiles { files: few.into_iter().chain(many).collect(), cut: true };
    let mut tx = town.world.store.begin_write(store::Lane::Live).await.unwrap();
    tx.commit_files_put(&[(commit, Some(files))]).await.unwrap();
    tx.commit().await.unwrap();
    for linked in [false, true] {
        sync::request::set_linked(&town.world.engine, account, repository, linked).await.unwrap();
        town.world.clock.advance(60_000);
        town.told().await;
    }
}

async fn open(town: &Town, source: &str, title: &str, description: Option<String>) -> MergeRequestId {
    let reviewers = vec![town.world.jira];
    let within = NewMergeRequest::within(town.project, source, "main", title, town.world.jira);
    town.world.model().open_merge_request(NewMergeRequest { description, reviewers, ..within }).await.unwrap()
}

/// The names of all fields of a value, each with those that it is in.
fn fields(value: &Value, within: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(pairs) => {
            for (name, value) in pairs {
                let name = if within.is_empty() { name.clone() } else { format!("{within}.{name}") };
                fields(value, &name, found);
                found.insert(name);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| fields(value, within, found)),
        _ => {}
    }
}

/// A body that is wrong in one field, which is set or taken away, and what the compiler is to call that.
struct Wrong {
    name: &'static str,
    within: &'static str,
    field: &'static str,
    value: Option<Value>,
    code: &'static str,
}

const fn wrong(
    name: &'static str,
    within: &'static str,
    field: &'static str,
    value: Option<Value>,
    code: &'static str,
) -> Wrong {
    Wrong { name, within, field, value, code }
}

fn wrongs() -> [Wrong; 9] {
    let (commit, branch) = ("/repositories/0/commits/0", "/repositories/0/branches/0");
    let (last_commit, pull_request) = ("/repositories/0/branches/0/lastCommit", "/repositories/0/pullRequests/0");
    [
        wrong("unknown-at-all", "", "lane", Some(json!("live")), "TS2353"),
        wrong("unknown-deep-within", "/repositories/0/commits/0/author", "mail", Some(json!("a@b.c")), "TS2353"),
        wrong("nothing", "/repositories/0", "description", Some(Value::Null), "TS2322"),
        wrong("text-for-a-number", commit, "updateSequenceId", Some(json!("1")), "TS2322"),
        wrong("one-for-many", branch, "issueKeys", Some(json!("PLAT-1")), "TS2322"),
        wrong("missing", pull_request, "displayId", None, "TS2741"),
        wrong("missing-in-the-last-commit", last_commit, "issueKeys", None, "TS2741"),
        wrong("missing-commit", branch, "lastCommit", None, "TS2741"),
        wrong("another-word", pull_request, "status", Some(json!("CLOSED")), "TS2322"),
    ]
}

impl Wrong {
    /// One of the bodies, made wrong.
    fn made_of(&self, sent: &[Value]) -> Value {
        let mut body = sent.iter().find(|body| body.pointer(self.within).is_some()).unwrap().clone();
        let object = body.pointer_mut(self.within).unwrap().as_object_mut().unwrap();
        match &self.value {
            Some(value) => _ = object.insert(self.field.to_owned(), value.clone()),
            None => _ = object.remove(self.field).unwrap(),
        }
        body
    }
}

/// What the compiler says of each body, by name; none where there is no npm.
fn judged(bodies: &BTreeMap<String, Value>) -> Option<BTreeMap<String, String>> {
    let types = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/jirajs");
    let packages = Packages { folder: &types, environments: Path::new(env!("CARGO_TARGET_TMPDIR")) };
    let installed: PathBuf = packages.install().unwrap()?;
    let folder = tempfile::tempdir_in(&installed).unwrap();
    for file in ["body.ts", "tsconfig.json"] {
        std::fs::copy(types.join(file), folder.path().join(file)).unwrap();
    }
    for (name, body) in bodies {
        let text = format!("import type {{ Body }} from \"./body.js\";\nexport const body: Body = {body};\n");
        std::fs::write(folder.path().join(format!("{name}.ts")), text).unwrap();
    }
    let ended = Packages::run(&installed, "tsc", &["--pretty", "false", "--project", "."], folder.path()).unwrap();
    let mut told = BTreeMap::<String, String>::new();
    for line in ended.said.lines().filter(|line| line.contains(": error ")) {
        let file = line.split_once(".ts(").map_or("", |(file, _)| file);
        *told.entry(file.to_owned()).or_default() += line;
    }
    assert_eq!(ended.well, told.is_empty(), "{}", ended.said);
    Some(told)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_is_what_jira_js_knows() {
    // given
    let town = Town::cloud(Database::Sqlite).await.unwrap();
    town.jira.requests().keep_bodies("/bulk");

    // when
    much_happens(&town).await;

    // then: it was sent, with everything that bodies can have
    let bodies = town.jira.requests().all().into_iter().filter_map(|request| request.body);
    let sent: Vec<Value> = bodies.map(|body| serde_json::from_slice(&body).unwrap()).collect();
    let mut found = BTreeSet::new();
    sent.iter().for_each(|body| fields(body, "", &mut found));
    insta::assert_snapshot!(found.into_iter().collect::<Vec<_>>().join("\n"));
    let all = Value::from(sent.clone()).to_string();
    for word in
        ["OPEN", "MERGED", "DECLINED", "APPROVED", "UNAPPROVED", "MERGE_COMMIT", "NORMAL", "BACKFILL", "DELETED"]
    {
        assert!(all.contains(&format!("\"{word}\"")), "nothing was {word}");
    }

    // then: the compiler has nothing against it, and sees what is wrong
    let name = |(number, body): (usize, &Value)| (format!("sent-{number:03}"), body.clone());
    let wrongs = wrongs();
    let mut bodies: BTreeMap<String, Value> = sent.iter().enumerate().map(name).collect();
    bodies.extend(wrongs.iter().map(|wrong| (wrong.name.to_owned(), wrong.made_of(&sent))));
    let Some(mut told) = tokio::task::spawn_blocking(move || judged(&bodies)).await.unwrap() else {
        println!("skipped: npm is not installed, so the types of jira.js cannot be fetched");
        return;
    };
    for wrong in wrongs {
        let said = told.remove(wrong.name).unwrap_or_default();
        assert!(said.contains(wrong.code), "{}: {said:?}", wrong.name);
    }
    assert_eq!(told, BTreeMap::new());
}
