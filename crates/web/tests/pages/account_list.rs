//! What the list of accounts tells of each, and what the question says that is asked before one is removed.

use model::{Channel, ForgeUser, MergeRequestState, SiteKind, Told};
use store::testing::Engine;
use store::{AccountState, HookOf, Lane, SiteState};

use crate::connect::{consent, post};
use crate::seed;
use crate::site::{DAY, NOW, Site};

fn bot() -> ForgeUser {
    ForgeUser { login: "dovetail-bot".to_owned(), name: "Dovetail <Bot>".to_owned(), ..ForgeUser::default() }
}

#[rstest::rstest]
#[tokio::test]
async fn an_account_tells_who_authorised_it_whom_it_serves_and_what_is_to_be_done(
    #[values("sqlite", "postgres")] engine: Engine,
) {
    let Some(site) = Site::open(engine).await else { return };
    // given
    let account = seed::account(&site.store, "platform").await;
    let repositories = seed::repositories(&site.store, account, &["platform/one", "platform/two"]).await;
    site.store.repository_failed(repositories[1], "network", "No answer.", None).await.unwrap();
    seed::hook(&site.store, HookOf::Repository(repositories[0]), false).await;
    seed::authorised_by(&site.store, account, bot()).await;
    let (ours, paused) = (
        seed::jira(&site.store, SiteKind::DataCenter, "Ours").await,
        seed::jira(&site.store, SiteKind::DataCenter, "Theirs").await,
    );
    site.store.site_set_state(paused, SiteState::Paused).await.unwrap();
    // when an administrator and a reader look
    let mut admin = site.administrator().await;
    let mut reader = site.reader("ada").await.1;
    site.clock.advance(2 * DAY);
    let pages = ["/accounts".to_owned(), format!("/accounts/{account}")];
    for path in &pages {
        let (admin, reader) = (admin.get(path).await.text, reader.get(path).await.text);
        // then
        assert!(admin.contains("authorised by <bdi>Dovetail &#60;Bot&#62; (dovetail-bot)</bdi>"), "{admin}");
        assert!(admin.contains(&format!("<a href=\"/sites/{ours}\"><bdi>Ours</bdi></a>")), "{admin}");
        assert!(admin.contains("<bdi>Theirs</bdi></a> (paused)"), "{admin}");
        assert!(!reader.contains("dovetail-bot") && !reader.contains("/sites/"), "{reader}");
        assert!(reader.contains("tells <bdi>Ours</bdi>, <bdi>Theirs</bdi> (paused)"), "{reader}");
        for page in [admin, reader] {
            assert!(page.contains("1 repository has no web hook: paste it yourself"), "{page}");
            assert!(page.contains(&format!("/accounts/{account}?show=failed")), "{page}");
            assert!(page.contains("<li>last activity <time") && page.contains(">2 days ago</time></li>"), "{page}");
        }
    }
    let form = admin.get(&format!("/accounts/{account}/authorise")).await;
    assert!(
        form.text.contains("Authorising account: <strong><bdi>Dovetail &#60;Bot&#62; (dovetail-bot)</bdi></strong>")
    );
}

#[tokio::test]
async fn an_authorising_account_that_is_not_known_is_said_to_be() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let account = seed::account(&site.store, "platform").await;
    seed::token(&site.store, account, None).await;
    let mut admin = site.administrator().await;

    let form = admin.get(&format!("/accounts/{account}/authorise")).await;

    assert!(form.text.contains("Authorising account: not known."), "{}", form.text);
    assert!(!admin.get("/accounts").await.text.contains("authorised by"));
}

#[tokio::test]
async fn accounts_are_listed_by_name_and_their_errors_unfold() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    for path in ["zebra", "Yak", "ant"] {
        seed::account(&site.store, path).await;
    }
    let error = "The server does not answer. It is switched off, or a firewall drops it. Try again later.";
    let accounts = site.store.accounts(store::Viewer::Everything).await.unwrap();
    for account in &accounts {
        site.store.account_set_error(account.id, Some(("network", error))).await.unwrap();
    }

    let page = site.administrator().await.get("/accounts").await;

    let at = |name: &str| page.text.find(&format!("<bdi>{name}</bdi>")).unwrap();
    assert!(at("ant") < at("Yak") && at("Yak") < at("zebra"));
    assert!(
        page.text.contains("The server does not answer. <details class=\"why\"><summary>show more"),
        "{}",
        page.text
    );
    assert!(page.text.contains("<p>It is switched off, or a firewall drops it. Try again later.</p>"));
}

#[rstest::rstest]
#[tokio::test(flavor = "multi_thread")]
async fn one_click_in_the_list_leads_to_the_forge_that_no_longer_lets_in(
    #[values("sqlite", "postgres")] engine: Engine,
) {
    let Some((scene, mut admin, account)) = crate::account_authorise::connected(engine).await else { return };

    let list = admin.get("/accounts").await;

    assert!(list.text.contains("Authorise again at GitLab →"), "{}", list.text);
    let policy = list.headers["content-security-policy"].to_str().unwrap();
    assert!(!policy.contains("form-action"), "the button leads to GitLab: {policy}");
    let mut reader = scene.site.reader("ada").await.1;
    assert!(!reader.get("/accounts").await.text.contains("Authorise again"));
    // and behind it the account goes on, so that nothing is to be clicked any more
    let sent = post(&mut admin, &format!("/accounts/{account}/authorise"), &[]).await;
    admin.get(&consent(&sent).await).await;
    let list = admin.get("/accounts").await;
    assert!(!list.text.contains("Authorise again"));
    assert!(list.headers["content-security-policy"].to_str().unwrap().contains("form-action"));
    assert!(list.text.contains("authorised by <bdi>"), "{}", list.text);
}

#[rstest::rstest]
#[tokio::test]
async fn the_question_says_what_goes_with_an_account_and_what_stays(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    // given an account with a repository of its own and one that another account has, too
    let store = &site.store;
    let (account, other) = (seed::account(store, "platform").await, seed::account(store, "other").await);
    let [own, _] = seed::repositories(store, account, &["platform/one", "shared/two"]).await[..] else { panic!("two") };
    seed::repositories(store, other, &["shared/two"]).await;
    let cloud = seed::jira(store, SiteKind::Cloud, "Cloud").await;
    seed::commits(store, own, &["ABC-1 ABC-2 a".to_owned(), "b".to_owned()]).await;
    seed::branches(store, own, &[("ABC-1-x", "b"), ("main", "b")]).await;
    seed::merge_request(store, own, "platform/one", "ABC-3 title", MergeRequestState::Open).await;
    let mut admin = site.administrator().await;
    let question = admin.get(&format!("/accounts/{account}/remove")).await.text;
    for line in ["1 repository", "2 commits", "2 branches", "1 merge request", "4 links to issues"] {
        assert!(question.contains(&format!("<li>{line}</li>")), "{line}: {question}");
    }
    assert!(question.contains("1 repository stays with all that is in it, as another account has it, too."));
    assert!(question.contains("<bdi>Cloud</bdi>: nothing, as it was told nothing of this account alone"), "{question}");
    // when the site was told of it
    let entries = store.outbox_due(cloud, Channel::DevInfo, None, i64::MAX, 100).await.unwrap();
    let branch = store.branches(own).await.unwrap().into_iter().find(|branch| branch.name == "ABC-1-x").unwrap();
    let mut tx = store.begin_write(Lane::Live).await.unwrap();
    tx.outbox_sent(cloud, Channel::DevInfo, &entries.iter().collect::<Vec<_>>(), NOW).await.unwrap();
    tx.remote_link_put(cloud, Told::Branch, branch.id, "ABC-1", "dovetail:1", "digest").await.unwrap();
    tx.commit().await.unwrap();
    // then that is told, too
    let question = admin.get(&format!("/accounts/{account}/remove")).await.text;
    assert!(
        question.contains("<bdi>Cloud</bdi>: 1 remote link on its issues, 3 items of its development information"),
        "{question}"
    );
    // and an account that shows nothing of its own takes nothing with it
    let question = admin.get(&format!("/accounts/{other}/remove")).await.text;
    assert!(question.contains("Nothing disappears from issues."), "{question}");
    assert!(store.account(other).await.unwrap().is_some_and(|account| account.state == AccountState::Active));
}
