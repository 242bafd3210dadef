//! The first judge of the facade: a replay of Jira's own connector goes the whole way with Dovetail, and ends up with what
//! Dovetail has.

use std::collections::BTreeMap;

use sandbox::gitlab::model::{MergeMethod, NewMergeRequest, QuickCommit};
use sandbox::jira_replay::{Account, Content, Inbox, Jira, Report, Words};
use store::testing::Engine;

use crate::caller::Caller;
use crate::facade_door::Door;
use crate::facade_kept::{Kept, OfIssue, Pulls, of_jira, slug};

const GROUP: &str = "platform";
const CHECKOUT: &str = "platform/shop/checkout";

/// The account of a Jira that has just added it, after everything that this set off.
async fn added(door: &Door, jira: &Jira, name: &str) -> Account {
    jira.identify(name).await.unwrap();
    let token = door.connect(jira, name).await;
    let mut account = jira.add_account(name, token).await.unwrap();
    catch_up(door, &mut account).await;
    account
}

/// Lets Dovetail work off what happened, and Jira what it was called for.
async fn catch_up(door: &Door, account: &mut Account) {
    door.settle().await;
    while door.inbox.work_off(account).await > 0 {
        door.settle().await;
    }
}

async fn full_sync(account: &mut Account) {
    for slug in account.repositories() {
        account.full_sync(&slug).await.unwrap();
    }
}

/// Fails where Jira's pages or its log say that anything is wrong, or a hook is missing.
#[track_caller]
fn assert_content(report: &Report) {
    assert_eq!((&report.problems, &report.log), (&Vec::new(), &Vec::new()), "{report}");
    let failed: Vec<_> = report.runs.iter().filter(|run| run.outcome != "SUCCESS" || run.incomplete > 0).collect();
    assert!(failed.is_empty(), "{failed:?}");
    for (slug, repository) in &report.repositories {
        assert!(repository.linked && repository.hooks && repository.waiting == 0, "{slug}");
    }
}

/// Fails with the first repository, and in it the first thing, that is not the same.
#[track_caller]
fn assert_same(jira: &BTreeMap<String, Kept>, dovetail: &BTreeMap<String, Kept>) {
    assert_eq!(jira.keys().collect::<Vec<_>>(), dovetail.keys().collect::<Vec<_>>());
    for (slug, kept) in dovetail {
        let has = &jira[slug];
        assert_eq!(has.branches, kept.branches, "branches of {slug}");
        assert_each(&has.commits, &kept.commits, &format!("commit of {slug}"));
        assert_each(&has.pulls, &kept.pulls, &format!("merge request of {slug}"));
    }
}

#[track_caller]
fn assert_each<K: Ord + std::fmt::Debug, V: PartialEq + std::fmt::Debug>(
    jira: &BTreeMap<K, V>,
    dovetail: &BTreeMap<K, V>,
    what: &str,
) {
    assert_eq!(jira.keys().collect::<Vec<_>>(), dovetail.keys().collect::<Vec<_>>(), "every {what}");
    for (key, kept) in dovetail {
        assert_eq!(&jira[key], kept, "{what}: {key:?}");
    }
}

/// Jira has what Dovetail has, and complains about nothing.
async fn assert_agreement(door: &Door, account: &Account, name: &str, pulls: Pulls) {
    let report = account.report();
    assert_content(&report);
    assert_same(&of_jira(&report), &door.kept(&name.replace('@', "/"), pulls).await);
}

/// The same after Jira has followed what happened: it reads the commits of a merge request again only when that is merged,
/// closed or goes elsewhere, not when somebody pushes.
async fn assert_followed(door: &Door, account: &Account) {
    let report = account.report();
    assert_content(&report);
    let (mut jira, dovetail) = (of_jira(&report), door.kept(GROUP, Pulls::Own).await);
    for (slug, has) in &mut jira {
        for (number, pull) in &mut has.pulls {
            let kept = dovetail[slug].pulls.get(number);
            if let Some(kept) = kept.filter(|kept| kept.commits.starts_with(&pull.commits)) {
                pull.commits.clone_from(&kept.commits);
            }
        }
    }
    assert_same(&jira, &dovetail);
}

/// Every issue of the sample has the same branches, commits and merge requests in Jira and in Dovetail's own panel; which also
/// has the merge requests whose description names it: those Jira does not read.
async fn assert_issues(door: &Door, report: &Report) {
    let caller = Caller::admin(&door.site).await;
    for key in &door.sample.issues {
        let answer = caller.json(&format!("/rest/dev-status/latest/issue/detail?issueKey={key}")).await;
        let described = door.described(key).await;
        assert_eq!(OfIssue::in_jira(report, key, &described), OfIssue::in_dev_status(&answer), "{key}");
    }
}

#[rstest::rstest]
#[tokio::test(flavor = "multi_thread")]
async fn jira_ends_up_with_what_dovetail_has(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(door) = Door::open(engine, true).await else { return };
    door.make_long_lists().await;

    // when somebody adds the group, which is no account yet
    let jira = door.jira("", |_| {});
    let mut account = added(&door, &jira, GROUP).await;

    // then whatever Jira asked for too early it was called for later
    assert_content(&account.report());

    // when it reads everything once more
    account.clear();
    full_sync(&mut account).await;

    // then it has everything
    assert_agreement(&door, &account, GROUP, Pulls::Own).await;
    let report = account.report();
    door.assert_lines(&report, GROUP).await;
    assert_issues(&door, &report).await;
    assert_eq!(account.token_owner().await.map(|user| user.login), Some("integration".to_owned()));
    let dalia = account.user("dalia").await;
    assert_eq!((dalia.name.as_str(), dalia.known), ("Dalia Haddad", true));

    // when nothing happens, then a soft sync finds nothing
    account.clear();
    account.refresh_list().await.unwrap();
    assert_agreement(&door, &account, GROUP, Pulls::Own).await;
    let runs = account.report().runs;
    assert_eq!(runs.len(), report.repositories.len());
    assert!(runs.iter().all(|run| run.kind == "SOFT CHANGESETS PULLREQUESTS" && run.changesets == 0), "{runs:?}");
    assert!(runs.iter().all(|run| run.pull_requests == 0), "{runs:?}");
}

#[rstest::rstest]
#[tokio::test(flavor = "multi_thread")]
async fn jira_is_called_and_follows(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(door) = Door::open(engine, true).await else { return };
    let jira = door.jira("", |_| {});
    let mut account = added(&door, &jira, GROUP).await;
    full_sync(&mut account).await;
    let repository = account.report().repositories[&slug(CHECKOUT)].id;
    let calls = |content| {
        door.inbox.received().iter().filter(|call| call.repository == repository && call.content == content).count()
    };
    let (model, checkout, dalia) = (door.model(), door.project(CHECKOUT), door.user("dalia"));
    account.clear();

    // when somebody pushes
    let (pushes, changes) = (calls(Content::Form), calls(Content::Json));
    door.later();
    let commit = QuickCommit::on("feature/SHOP-142-gift-cards", "SHOP-142 Round down").with("src/rounding.rs", "1\n");
    let id = model.push_commit(checkout, dalia, commit).await.unwrap();
    door.settle().await;

    // then both hooks of that repository are called, and Jira has the commit
    assert!(calls(Content::Form) > pushes && calls(Content::Json) > changes);
    catch_up(&door, &mut account).await;
    let changesets = &account.report().repositories[&slug(CHECKOUT)].changesets;
    assert!(changesets[&id].issue_keys.contains("SHOP-142") && changesets[&id].smart_commits == Some(true));
    assert_followed(&door, &account).await;

    // when merge requests are opened, discussed, merged and closed
    let slots = door.merge_request(CHECKOUT, 6);
    let cards = door.merge_request(CHECKOUT, 5);
    door.later();
    model.comment(cards, door.user("chen"), "And now?").unwrap();
    catch_up(&door, &mut account).await;
    assert_followed(&door, &account).await;
    door.later();
    model.merge(cards, dalia, MergeMethod::MergeCommit).await.unwrap();
    model.close_merge_request(slots, dalia).unwrap();
    let commit =
        QuickCommit { parent: Some("refs/heads/main".to_owned()), ..QuickCommit::on("try/PAY-7", "PAY-7 Try") };
    model.push_commit(checkout, dalia, commit.with("try.txt", "x\n")).await.unwrap();
    let new = NewMergeRequest {
        reviewers: vec![door.user("ada"), door.user("ben")],
        ..NewMergeRequest::within(checkout, "try/PAY-7", "main", "PAY-7 Try", dalia)
    };
    model.open_merge_request(new).await.unwrap();
    catch_up(&door, &mut account).await;

    // then Jira has followed
    assert_followed(&door, &account).await;
    assert_issues(&door, &account.report()).await;
    let kinds: Vec<String> = account.report().runs.into_iter().map(|run| run.kind).collect();
    assert!(kinds.iter().all(|kind| kind.starts_with("SOFT") && kind.ends_with("WEBHOOKS")), "{kinds:?}");
}

#[rstest::rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_account_comes_and_goes(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(door) = Door::open(engine, true).await else { return };
    let jira = door.jira("", |_| {});
    let mut account = added(&door, &jira, GROUP).await;

    // when its token is made anew
    let browser = sandbox::jira_replay::Browser::new(door.inbox.url()).unwrap();
    let (id, secret) = (&door.sample.application_id, &door.sample.application_secret);
    jira.regenerate(&mut account, id, secret, async |url| browser.open(url).await).await.unwrap();

    // then everything goes on as before
    account.refresh_list().await.unwrap();
    assert_content(&account.report());
    let repositories = door.repositories(GROUP).await;
    for repository in &repositories {
        assert_eq!(door.hooks(repository).await, 2, "{}", repository.path);
    }

    // when a repository is no longer enabled, and is again
    account.disable("handbook").await.unwrap();
    let handbook = repositories.iter().find(|repository| repository.path == "platform/handbook").unwrap();
    assert_eq!(door.hooks(handbook).await, 0);
    account.enable("handbook").await.unwrap();
    assert_eq!(door.hooks(handbook).await, 2);
    assert_content(&account.report());

    // when the account is deleted, then no hook stays
    let report = account.delete().await;
    assert_eq!((&report.problems, &report.log), (&Vec::new(), &Vec::new()));
    for repository in &repositories {
        assert_eq!(door.hooks(repository).await, 0, "{}", repository.path);
    }
}

#[rstest::rstest]
#[case::a_subgroup(Engine::Sqlite, "platform@shop", CHECKOUT)]
#[case::a_person(Engine::Sqlite, "ada", "ada/dotfiles")]
#[case::a_person_with_a_fork(Engine::Postgres, "ben", "ben/checkout")]
#[tokio::test(flavor = "multi_thread")]
async fn accounts_may_be_subgroups_and_people(#[case] engine: Engine, #[case] name: &str, #[case] project: &str) {
    let Some(door) = Door::open(engine, true).await else { return };
    door.invite(project);
    let jira = door.jira("", |_| {});

    let mut account = added(&door, &jira, name).await;
    full_sync(&mut account).await;

    assert!(account.repositories().contains(&slug(project)));
    assert_agreement(&door, &account, name, Pulls::Own).await;
}

/// A Host URL as GitLab 11.2 wanted it. Jira drops its path where it reads, and takes `-/jira` for the repository where it
/// reads merge requests; some versions keep it.
#[rstest::rstest]
#[case::that_jira_drops(Engine::Sqlite, false, Pulls::Everywhere)]
#[case::that_jira_drops_on_postgres(Engine::Postgres, false, Pulls::Everywhere)]
#[case::that_jira_keeps(Engine::Sqlite, true, Pulls::Own)]
#[tokio::test(flavor = "multi_thread")]
async fn a_host_url_may_have_gitlabs_old_path(#[case] engine: Engine, #[case] keep_path: bool, #[case] pulls: Pulls) {
    let Some(door) = Door::open(engine, true).await else { return };
    if keep_path {
        door.make_long_lists().await;
    }
    let jira = door.jira("/-/jira", |options| options.keep_path = keep_path);

    let mut account = added(&door, &jira, GROUP).await;
    full_sync(&mut account).await;

    assert_agreement(&door, &account, GROUP, pulls).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn jira_says_in_its_own_words_what_is_wrong() {
    let door = Door::open(Engine::Sqlite, true).await.unwrap();
    let jira = door.jira("", |_| {});
    let browser = sandbox::jira_replay::Browser::new(door.inbox.url()).unwrap();
    let id = &door.sample.application_id;

    let wrong = jira.connect(GROUP, id, "wrong", async |url| browser.open(url).await).await;
    assert_eq!(wrong.unwrap_err().to_string(), "Error obtaining access token: Incorrect client credentials");

    let token = door.connect(&jira, "nothing").await;
    let missing = jira.add_account("nothing", token).await;
    assert_eq!(missing.unwrap_err(), Words::FailedAdding(Box::new(Words::NoList)));

    let elsewhere = Inbox::start().await.unwrap();
    let other = door.jira("", |options| options.url = elsewhere.url().to_owned());
    let browser = sandbox::jira_replay::Browser::new(elsewhere.url()).unwrap();
    let secret = &door.sample.application_secret;
    let stranger = other.connect(GROUP, id, secret, async |url| browser.open(url).await).await;
    assert!(matches!(stranger, Err(Words::Lost(said)) if said.contains("403")));
}
