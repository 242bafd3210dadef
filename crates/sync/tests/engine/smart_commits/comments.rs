//! Receipts as comments on the commits at the forge.

use std::io::Cursor;

use http::StatusCode;
use model::{Channel, Clock as _, HostKind, Outcome, ReceiptReason, SiteKind, SiteSettings};
use rstest::rstest;
use sandbox::gitlab::switches::{Failure, How};
use sandbox::jira::model::{Permission, Workflow};
use sandbox::jira::{Options, Server};
use store::{Delivery, DeliveryFilter, SiteUpdate};
use sync::connect::{Form, Method};

use super::town::{Pushed, Town, done, person, refused};
use crate::world::{Database, Stream};

const MINUTE: u64 = 60;
const DAY: u64 = 24 * 60 * MINUTE;
/// To where comments are written, and where they are looked for.
const COMMENTS: &str = "/api/v4/projects/*/repository/commits/*/comments";

fn settings(commit_comments: bool) -> SiteUpdate {
    let settings = SiteSettings { commit_comments, ..SiteSettings::of(SiteKind::DataCenter) };
    SiteUpdate { settings: Some(settings), ..SiteUpdate::default() }
}

/// A town whose site wants comments.
async fn commenting(database: Database) -> Option<Town> {
    let town = Town::new(database).await?;
    town.change_site(settings(true)).await;
    Some(town)
}

async fn head(town: &Town) -> String {
    town.world.refs(town.project).await.remove("main").unwrap()
}

/// The comments on the head of main.
async fn comments(town: &Town) -> Vec<String> {
    let all = town.world.model().commit_comments(town.project, &head(town).await);
    all.into_iter().map(|comment| comment.note).collect()
}

/// The attempts at comments, newest first.
async fn deliveries(town: &Town) -> Vec<Delivery> {
    let filter = DeliveryFilter { channel: Some(Channel::CommitComment), ..DeliveryFilter::default() };
    town.world.store.deliveries(&filter, None, 100).await.unwrap().items
}

async fn outcomes(town: &Town) -> Vec<Outcome> {
    deliveries(town).await.into_iter().map(|delivery| delivery.outcome).collect()
}

/// How many comments the GitLab was asked to write.
fn written(town: &Town) -> usize {
    let log = town.world.server.requests().all();
    log.iter().filter(|entry| entry.method == "POST" && entry.path.ends_with("/comments")).count()
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn what_became_of_all_commands_is_told_once(#[case] database: Database) {
    // given
    let Some(town) = commenting(database).await else { return };

    // when
    town.say("PLAT-1 #comment hello #time 1h tests #done\nPLAT-2 #nowhere\nPLAT-99 #comment x").await;
    town.wait(DAY).await;

    // then
    let told = comments(&town).await;
    let [comment] = told.as_slice() else { panic!("one comment expected, but {told:?}") };
    let jira = town.jira.url();
    let lines: Vec<String> = comment.lines().map(|line| line.replace('\u{2060}', "")).collect();
    let expected = [
        "What became of this commit's commands in Jira:".to_owned(),
        String::new(),
        format!("- [PLAT-1](<{jira}/browse/PLAT-1>) `#comment hello` — The comment is on the issue."),
        format!("- [PLAT-1](<{jira}/browse/PLAT-1>) `#time 1h tests` — Work was logged: 1h."),
        format!("- [PLAT-1](<{jira}/browse/PLAT-1>) `#done` — The issue was moved to “Done”."),
    ];
    assert_eq!(lines[..5], expected, "{comment}");
    let refusal =
        format!("- [PLAT-2](<{jira}/browse/PLAT-2>) `#nowhere` — Not run: no transition that is open in status");
    assert!(lines[5].starts_with(&refusal), "{comment}");
    assert!(lines[6].starts_with("- PLAT-99 `#comment x` — Not run: there is no such issue"), "{comment}");
    let short: String = head(&town).await.chars().take(12).collect();
    assert_eq!(lines[7..], [String::new(), format!("— Dovetail, receipts of commit `{short}` at <{jira}>")]);
    // and people see that it was written
    let deliveries = deliveries(&town).await;
    assert_eq!((deliveries.len(), deliveries[0].outcome), (1, Outcome::Sent));
    assert_eq!(deliveries[0].title, format!("Receipts at commit {} of platform/api", &short[..8]));
    assert_eq!((deliveries[0].site_id, written(&town)), (town.site, 1));
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_unless_the_site_wants_it(#[case] database: Database) {
    let Some(town) = Town::new(database).await else { return };

    // when it never did
    town.say("PLAT-1 #comment one").await;
    assert_eq!(town.told("PLAT-1").await, [done("comment")]);
    assert!(comments(&town).await.is_empty());

    // when it does for commits to come, and stops before one is written
    town.change_site(settings(true)).await;
    town.world
        .server
        .switches()
        .fail(Failure::every(&format!("POST {COMMENTS}"), How::Status(StatusCode::BAD_GATEWAY)));
    town.say("PLAT-1 #comment two").await;
    town.change_site(settings(false)).await;
    town.world.server.switches().fail_no_more();
    town.wait(DAY).await;

    // then
    assert_eq!(town.told("PLAT-1").await, [done("comment"), done("comment")]);
    assert!(comments(&town).await.is_empty());
    assert_eq!(town.world.store.commit_comments_next_at(town.site).await.unwrap(), None);
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_comment_whose_answer_was_lost_is_found_and_not_written_again(#[case] database: Database) {
    for how in [How::DropAnswer, How::HalfAnswer] {
        // given, after a page of comments by others who wrote the same in another line
        let Some(mut town) = commenting(database).await else { return };
        town.write(&[Pushed::new("PLAT-1 #comment hello")]).await;
        let (head, project) = (head(&town).await, town.project);
        let mark = format!("— Dovetail, receipts of commit `{}` at <{}>\n\nsays he", &head[..12], town.jira.url());
        for _ in 0..120 {
            town.world.model().comment_commit(project, &head, town.world.jira, &mark).unwrap();
        }
        town.world.server.switches().fail(Failure::nth(&format!("POST {COMMENTS}"), 1, how));

        // when the answer is lost, and the process is restarted before it looks; half of one makes it look at once
        town.world.refresh(town.account).await;
        let known = if how == How::HalfAnswer { Outcome::Sent } else { Outcome::Unknown };
        assert_eq!(outcomes(&town).await, [known], "{how:?}");
        assert_eq!(town.told("PLAT-1").await, [done("comment")]);
        town.world.restart().await;
        town.wait(5 * MINUTE).await;
        town.wait(DAY).await;

        // then
        assert_eq!(comments(&town).await.len(), 121, "{how:?}");
        assert_eq!(written(&town), 1, "{how:?}");
        assert!(outcomes(&town).await.iter().all(|outcome| *outcome == Outcome::Sent), "{how:?}");
    }
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_comment_that_was_not_written_is_written_later(#[case] database: Database) {
    for how in [How::Silence, How::DropConnection, How::Status(StatusCode::SERVICE_UNAVAILABLE)] {
        // given
        let Some(town) = commenting(database).await else { return };
        town.world.server.switches().fail(Failure::nth(&format!("POST {COMMENTS}"), 1, how));

        // when
        town.say("PLAT-1 #comment hello").await;

        // then the command itself is done
        assert_eq!(town.told("PLAT-1").await, [done("comment")], "{how:?}");
        let first = deliveries(&town).await.remove(0);
        assert_eq!((first.outcome, first.next_at.is_some()), (Outcome::Unknown, true), "{how:?}");
        assert!(first.words.is_some() && comments(&town).await.is_empty(), "{how:?}");

        // when
        town.wait(5 * MINUTE).await;
        town.wait(DAY).await;

        // then
        assert_eq!(comments(&town).await.len(), 1, "{how:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_process_may_have_sent_is_waited_for() {
    // given: the process was killed between writing down that it sends and the answer, which nobody knows
    let mut town = commenting(Database::Sqlite).await.unwrap();
    town.world.server.switches().fail(Failure::nth(&format!("POST {COMMENTS}"), 1, How::DropConnection));
    town.say("PLAT-1 #comment hello").await;
    town.world.stop().await;
    let now = town.world.clock.now() + 5 * 60_000;
    let due = town.world.store.commit_comments_due(town.site, now, 10).await.unwrap();
    let mut tx = town.world.store.begin_write(store::Lane::Live).await.unwrap();
    tx.commit_comment_sending(&due[0].comment, now).await.unwrap();
    tx.commit().await.unwrap();

    // when
    town.world.clock.advance(5 * 60_000);
    town.world.restart().await;
    town.world.idle().await;

    // then GitLab may be at it still
    assert_eq!(written(&town), 1);

    // when
    town.wait(10).await;

    // then
    assert_eq!((written(&town), comments(&town).await.len()), (2, 1));
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_told_and_not_tried_again_until_somebody_asks(#[case] database: Database) {
    // given
    let Some(town) = commenting(database).await else { return };
    let forbidden = Failure::every(&format!("POST {COMMENTS}"), How::Status(StatusCode::FORBIDDEN));
    town.world.server.switches().fail(forbidden);

    // when
    town.say("PLAT-1 #comment hello").await;
    town.wait(DAY).await;
    town.wait(DAY).await;

    // then
    assert_eq!(town.told("PLAT-1").await, [done("comment")]);
    assert_eq!(written(&town), 1);
    let told = deliveries(&town).await;
    assert_eq!((told.len(), told[0].outcome, told[0].issue_key.as_deref()), (1, Outcome::Refused, Some("PLAT-1")));
    let words = told[0].words.clone().unwrap_or_default();
    assert!(words.contains("may not do that") && words.contains("role Reporter"), "{words}");
    let site = town.world.store.site(town.site).await.unwrap().unwrap();
    assert_eq!((site.error, site.failures), (None, 0), "it is no trouble of the site");

    // when the right is there
    town.world.server.switches().fail_no_more();
    sync::deliver::retry(&town.world.engine, told[0].id).await.unwrap();
    town.world.idle().await;

    // then
    assert_eq!(comments(&town).await.len(), 1);
    assert_eq!(outcomes(&town).await, [Outcome::Sent, Outcome::Refused]);
    assert!(sync::deliver::retry(&town.world.engine, told[0].id).await.is_err(), "it is there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forge_that_fails_is_given_up_after_a_week() {
    // given
    let town = commenting(Database::Sqlite).await.unwrap();
    let failing = Failure::every(&format!("POST {COMMENTS}"), How::Status(StatusCode::INTERNAL_SERVER_ERROR));
    town.world.server.switches().fail(failing);
    town.say("PLAT-1 #comment hello").await;

    // when
    for _ in 0..9 {
        town.wait(DAY).await;
    }

    // then
    let tried = written(&town);
    assert!((5..10).contains(&tried), "{tried}");
    let last = deliveries(&town).await.remove(0);
    assert_eq!(last.outcome, Outcome::Refused);
    assert!(last.words.unwrap_or_default().contains("tried for seven days"));
    assert_eq!(town.world.store.commit_comments_next_at(town.site).await.unwrap(), None);
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn each_site_tells_of_its_own(#[case] database: Database) {
    // given another Jira, which has another workflow and knows no Ada
    let Some(town) = commenting(database).await else { return };
    let options = Options { clock: town.world.clock.clone(), ..Options::data_center() };
    let other = Server::start(options).await.unwrap();
    let dovetail = person(&other.model(), "dovetail", "dovetail@example.com");
    let project = other.model().create_project("PLAT", "PLAT", Workflow::classic()).unwrap();
    other.model().allow_only(project, dovetail, &Permission::ALL);
    other.model().create_issue("PLAT", "Another issue", None).unwrap();
    let token = other.model().create_token(dovetail, None);
    let second = town.add_site_at(other.url(), &token).await;
    let named = SiteUpdate { name: Some("Other".to_owned()), ..settings(true) };
    town.world.store.site_update(second, &named).await.unwrap();

    // when
    town.say("PLAT-1 #comment hello").await;
    town.wait(DAY).await;

    // then
    let mut told = comments(&town).await;
    told.sort_by_key(|comment| comment.contains("in Other:"));
    let [one, another] = told.as_slice() else { panic!("two comments expected, but {told:?}") };
    let jira = town.jira.url();
    assert!(one.contains("in Jira:") && one.contains("The comment is on the issue.") && one.contains(jira), "{one}");
    assert!(!one.contains(&format!("<{}>", other.url())), "{one}");
    assert!(another.contains("in Other:") && another.contains("Not run: no user of this Jira"), "{another}");
    assert!(another.ends_with(&format!("at <{}>", other.url())) && !another.contains(&format!("<{jira}")), "{another}");
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn where_commits_cannot_be_commented_nothing_happens(#[case] database: Database) {
    // given a folder
    let Some(town) = commenting(database).await else { return };
    let (path, git) = (town.world.path("folder").join("api.git"), git::Git::new());
    git.init_bare(&path).await.unwrap();
    let push = async |message: &str, known: &[&str]| {
        let known = known.iter().map(|known| (*known).to_owned()).collect();
        let mut stream = Stream::new(town.world.clock.now() / 1_000, known);
        stream.commit("main", message);
        git.fast_import(&path, Cursor::new(stream.finish())).await.unwrap();
    };
    push("Begin", &[]).await;
    let folder = town.world.path("folder").to_string_lossy().into_owned();
    let form = town.world.form(&folder, Method::None);
    let form = Form { kind: HostKind::Folder, host_url: String::new(), ..form };
    let account = town.world.try_connect(form).await.unwrap();
    town.world.idle().await;

    // when
    push("PLAT-1 #comment hello", &["main"]).await;
    town.world.refresh(account).await;
    town.wait(DAY).await;

    // then
    assert_eq!(town.told("PLAT-1").await, [done("comment")]);
    assert!(deliveries(&town).await.is_empty());
    assert_eq!(town.world.store.commit_comments_next_at(town.site).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_wrote_stays_text() {
    // given a site with a name that is up to no good
    let town = commenting(Database::Sqlite).await.unwrap();
    town.change_site(SiteUpdate { name: Some("Jira @all </p>".to_owned()), ..settings(true) }).await;

    // when
    town.say("PLAT-1 #comment @all `x` <img src=x> [a](http://evil.example) !1\n/close\n/tag v9\nPLAT-1 #<b>@all")
        .await;

    // then
    let comment = comments(&town).await.remove(0);
    for line in comment.lines().filter(|line| !line.is_empty()) {
        assert!(line.starts_with("What became") || line.starts_with("- ") || line.starts_with("— Dovetail"), "{line}");
    }
    let code = "``#comment @all `x` <img src=x> [a](http://evil.example) !1``";
    assert!(comment.contains(&format!("{code} — ")), "{comment}");
    assert!(comment.starts_with("What became of this commit's commands in Jira @\u{2060}all \\</p\\>:"), "{comment}");
    let outside_of_code = comment.replace(code, "");
    assert!(!outside_of_code.contains("@all") && !outside_of_code.contains("<img"), "{comment}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_not_let_in_any_more_is_waited_for() {
    // given: the credential is refused when the comment is written
    let town = commenting(Database::Sqlite).await.unwrap();
    let unauthorised = Failure::every(&format!("POST {COMMENTS}"), How::Status(StatusCode::UNAUTHORIZED));
    town.world.server.switches().fail(unauthorised);
    town.say("PLAT-1 #comment hello\nPLAT-2 #comment there").await;

    // then
    let told = deliveries(&town).await;
    assert_eq!((told.len(), told[0].outcome), (1, Outcome::Failed));
    assert!(told[0].next_at.is_some() && told[0].words.clone().unwrap_or_default().contains("Authorise"), "{told:?}");
    let account = town.world.store.account(town.account).await.unwrap().unwrap();
    assert_eq!(account.state, store::AccountState::NeedsAuthorisation);

    // when nobody can write it
    town.wait(2 * MINUTE).await;
    let words = deliveries(&town).await[0].words.clone().unwrap_or_default();
    assert!(words.contains("no account that sees the repository"), "{words}");

    // when it is authorised again
    town.world.server.switches().fail_no_more();
    town.world.store.account_set_state(town.account, store::AccountState::Active).await.unwrap();
    town.wait(DAY).await;

    // then
    assert_eq!(comments(&town).await.len(), 1);
    assert_eq!(town.told("PLAT-1").await, [done("comment")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_that_were_all_refused_at_once_are_told_too() {
    let town = commenting(Database::Sqlite).await.unwrap();
    // when
    town.say("A mail\n\n> PLAT-1 #done").await;
    // then
    assert_eq!(town.told("PLAT-1").await, [refused("done", ReceiptReason::Quoted)]);
    assert!(comments(&town).await[0].contains("quoted from another message"));
}
