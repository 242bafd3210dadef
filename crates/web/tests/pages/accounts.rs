//! The list of accounts, and an account's page.

use axum::http::StatusCode;
use store::testing::Engine;
use store::{AccountState, Lane};

use crate::seed;
use crate::site::{DAY, MINUTE, NOW, Site, options};

#[tokio::test]
async fn no_accounts_yet_says_how_to_begin() {
    let site = Site::open(Engine::Sqlite).await.unwrap();

    let admin = site.administrator().await.get("/accounts").await;
    let reader = site.reader("ada").await.1.get("/accounts").await;

    assert!(admin.text.contains("Connect your first GitLab group: three steps, two minutes."));
    assert!(reader.text.contains("Ask an administrator") && !reader.text.contains("/accounts/new"));
}

#[tokio::test]
async fn a_missing_public_address_is_warned_of() {
    let unset = Site::open(Engine::Sqlite).await.unwrap();
    let mut options = options();
    options.public_url = Some("https://tools.example.com".parse().unwrap());
    let set = Site::with(Engine::Sqlite, options).await.unwrap();

    let warning = "public_url is not set.";
    assert!(unset.administrator().await.get("/accounts").await.text.contains(warning));
    assert!(!unset.reader("ada").await.1.get("/accounts").await.text.contains(warning));
    assert!(!set.administrator().await.get("/accounts").await.text.contains(warning));
}

#[rstest::rstest]
#[tokio::test]
async fn an_account_tells_how_it_is(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    let account = seed::account(&site.store, "platform").await;
    seed::repositories(&site.store, account, &["platform/one", "platform/two"]).await;
    seed::refresh_due(&site.store, account, NOW + 23 * MINUTE).await;
    let mut browser = site.administrator().await;

    let page = browser.get("/accounts").await;
    assert!(page.text.contains("GitLab Self-Managed · gitlab.example.com"));
    assert!(page.text.contains("2 repositories, 2 linked"));
    assert!(page.text.contains("up to date · refreshed just now · next refresh in 23 min"), "{}", page.text);
    assert!(!page.text.contains("http-equiv"), "nothing moves, so nothing reloads");

    site.store.account_set_state(account, AccountState::NeedsAuthorisation).await.unwrap();
    site.store.account_set_error(account, Some(("authentication", "The log-in was revoked."))).await.unwrap();
    let page = browser.get("/accounts").await;
    assert!(page.text.contains("lozenge bad\">needs authorisation") && page.text.contains("The log-in was revoked."));
}

#[rstest::rstest]
#[tokio::test]
async fn an_import_under_way_moves_without_scripts(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    let account = seed::account(&site.store, "platform").await;
    let ids = seed::repositories(&site.store, account, &["platform/one", "platform/two"]).await;
    let mut tx = site.store.begin_write(Lane::Live).await.unwrap();
    tx.repository_syncing(ids[0], 5_102).await.unwrap();
    tx.repository_progress(ids[0], 1_204).await.unwrap();
    tx.commit().await.unwrap();

    let mut browser = site.administrator().await;
    let list = browser.get("/accounts").await;
    let page = browser.get(&format!("/accounts/{account}?show=syncing")).await;

    assert!(list.text.contains("importing 1 of 2 repositories") && list.text.contains("1,204 of 5,102 commits"));
    assert!(list.text.contains("<noscript><meta http-equiv=\"refresh\" content=\"5\"></noscript>"));
    assert!(page.text.contains("syncing</span> <span class=\"beside\">1,204 of 5,102"));
    assert!(page.text.contains("platform/one</bdi>") && !page.text.contains("platform/two</bdi>"));
}

#[rstest::rstest]
#[tokio::test]
async fn repositories_are_listed_searched_and_filtered(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    let account = seed::account(&site.store, "platform").await;
    let ids = seed::repositories(&site.store, account, &["platform/zookeeper", "platform/kafka", "platform/old"]).await;
    seed::commits(&site.store, ids[0], &["ABC-1 a".to_owned(), "ABC-2 b".to_owned(), "none".to_owned()]).await;
    let failure = "The server's certificate is not trusted. Upload the authority.";
    site.store.repository_failed(ids[1], "network", failure, None).await.unwrap();
    site.store.repository_set_linked(account, ids[2], false).await.unwrap();
    let mut browser = site.administrator().await;
    let shown = async |browser: &mut crate::site::Browser, query: &str| {
        let page = browser.get(&format!("/accounts/{account}{query}")).await;
        let paths = ["platform/zookeeper", "platform/kafka", "platform/old"];
        paths.map(|path| page.text.contains(&format!("<bdi>{path}</bdi>")))
    };

    let page = browser.get(&format!("/accounts/{account}")).await;
    assert!(page.text.contains("data-label=\"commits with keys\">2</td>"), "two of three commits name an issue");
    assert!(
        page.text.contains("failed</span> <span class=\"beside\">no connection")
            && page.text.contains(&failure.replace('\'', "&#39;"))
    );
    assert!(page.text.contains("not linked"));
    assert_eq!(shown(&mut browser, "?show=linked").await, [true, true, false]);
    assert_eq!(shown(&mut browser, "?show=failed").await, [false, true, false]);
    assert_eq!(shown(&mut browser, "?q=ZOO").await, [true, false, false]);
    assert!(browser.get(&format!("/accounts/{account}?q=nothing")).await.text.contains("No repository matches"));
}

#[rstest::rstest]
#[tokio::test]
async fn thousands_of_repositories_come_in_pages_that_sort(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    let account = seed::account(&site.store, "platform").await;
    let paths: Vec<String> = (0..250).map(|number| format!("platform/{number:04}")).collect();
    seed::repositories(&site.store, account, &paths.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let mut browser = site.administrator().await;
    let path = format!("/accounts/{account}");

    let first = browser.get(&format!("{path}?sort=path")).await;
    assert!(first.text.contains("platform/0099</bdi>") && !first.text.contains("platform/0100</bdi>"));
    assert!(first.text.contains("1–100 of 250") && first.text.contains("aria-sort=\"ascending\""));
    assert!(first.text.contains(&format!("rel=\"next\" href=\"{path}?sort=path&#38;page=2\"")), "{}", first.text);

    let last = browser.get(&format!("{path}?sort=-path&page=3")).await;
    assert!(last.text.contains("platform/0000</bdi>") && last.text.contains("201–250 of 250"));
    assert!(!last.text.contains("rel=\"next\""));
    let found = browser.get(&format!("{path}?q=024&sort=path")).await;
    assert!(found.text.contains("11 of 250") && found.text.contains("platform/0249</bdi>"));
}

#[rstest::rstest]
#[tokio::test]
async fn repositories_are_sorted_by_links_where_their_table_has_no_headings(
    #[values("sqlite", "postgres")] engine: Engine,
) {
    let Some(site) = Site::open(engine).await else { return };
    let account = seed::account(&site.store, "platform").await;
    let mut browser = site.administrator().await;
    let path = format!("/accounts/{account}");
    let empty = browser.get(&path).await;
    assert!(!empty.text.contains("class=\"sorting"), "there is nothing to sort");
    seed::repositories(&site.store, account, &["platform/b", "platform/a"]).await;

    // when
    let usual = browser.get(&format!("{path}?show=linked&q=platform")).await;

    // then: the one that sorts is marked and leads to the other direction
    let kept = format!("{path}?show=linked&#38;q=platform");
    let link = |word: &str, query: &str| format!("<a class=\"chip\" href=\"{kept}{query}\">{word}</a>");
    let sorts = |word: &str, query: &str, how: &str| {
        let marks = format!("aria-current=\"true\" aria-label=\"{word}, {how}\" data-sorted=\"{how}\"");
        format!("<a class=\"chip\" href=\"{kept}{query}\" {marks}>{word}</a>")
    };
    assert!(usual.text.contains(&sorts("last activity", "&#38;sort=activity", "descending")), "{}", usual.text);
    assert!(usual.text.contains(&link("repository", "&#38;sort=path")), "{}", usual.text);
    assert!(usual.text.contains(&link("commits with keys", "&#38;sort=-commits")), "{}", usual.text);
    assert!(usual.text.contains(&link("state", "&#38;sort=state")), "{}", usual.text);

    // when
    let by_path = browser.get(&format!("{path}?show=linked&q=platform&sort=path")).await;

    // then
    assert!(by_path.text.contains(&sorts("repository", "&#38;sort=-path", "ascending")), "{}", by_path.text);
    assert!(by_path.text.contains(&link("last activity", "")), "{}", by_path.text);
    let at = |path: &str| by_path.text.find(&format!("<bdi>{path}</bdi>")).unwrap();
    assert!(at("platform/a") < at("platform/b"));
}

#[rstest::rstest]
#[tokio::test]
async fn smart_commits_of_one_repository_are_switched(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    let account = seed::account(&site.store, "platform").await;
    let ids = seed::repositories(&site.store, account, &["platform/web", "platform/db"]).await;
    let mut browser = site.administrator().await;
    let form = format!("/accounts/{account}/repositories/{}/smart-commits", ids[0]);

    let page = browser.post(&form, &[("smart_commits", "false"), ("back", "/accounts/1?sort=path")]).await;

    assert_eq!(page.location(), "/accounts/1?sort=path");
    let rows = site.store.account_repositories_among(store::Viewer::Everything, account, &ids).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.smart_commits).collect::<Vec<_>>(), [false, true]);
}

#[tokio::test]
async fn switches_are_set_one_at_a_time() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let account = seed::account(&site.store, "platform").await;
    let mut browser = site.administrator().await;

    let page = browser.post(&format!("/accounts/{account}/switches"), &[("auto_link", "false")]).await;

    assert_eq!(page.location(), format!("/accounts/{account}"));
    let account = site.store.account(account).await.unwrap().unwrap();
    assert!(!account.auto_link && account.smart_commits);
}

#[rstest::rstest]
#[tokio::test]
async fn linking_goes_by_account(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    let mine = seed::account(&site.store, "mine").await;
    let other = seed::account(&site.store, "other").await;
    let repository = seed::repositories(&site.store, mine, &["mine/web"]).await[0];
    let mut browser = site.administrator().await;
    let form = [("linked", "false"), ("back", "/accounts/1?show=linked")];

    let refused = browser.post(&format!("/accounts/{other}/repositories/{repository}/link"), &form).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    assert!(site.store.repository_is_linked(repository).await.unwrap());

    let page = browser.post(&format!("/accounts/{mine}/repositories/{repository}/link"), &form).await;
    assert_eq!(page.location(), "/accounts/1?show=linked");
    assert!(!site.store.repository_is_linked(repository).await.unwrap());
}

#[rstest::rstest]
#[tokio::test]
async fn removing_asks_first(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    let account = seed::account(&site.store, "platform").await;
    let mut browser = site.administrator().await;
    let path = format!("/accounts/{account}/remove");

    let question = browser.get(&path).await;
    assert!(question.text.contains("Remove <bdi>platform</bdi>?"));
    assert!(browser.get("/accounts").await.text.contains("platform"));

    assert_eq!(browser.post(&path, &[]).await.location(), "/accounts");
    let row = site.store.account(account).await.unwrap();
    assert!(row.is_none_or(|account| account.state == AccountState::Removing));
}

#[rstest::rstest]
#[case("refresh", &[("mode", "")])]
#[case("refresh", &[("mode", "full")])]
#[case("pause", &[("paused", "true")])]
#[tokio::test]
async fn clicks_on_an_account_are_taken(#[case] what: &str, #[case] fields: &[(&str, &str)]) {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let account = seed::account(&site.store, "platform").await;
    let mut browser = site.administrator().await;

    assert_eq!(
        browser.post(&format!("/accounts/{account}/{what}"), fields).await.location(),
        format!("/accounts/{account}")
    );

    if what == "refresh" {
        assert_eq!(site.store.jobs_waiting(NOW).await.unwrap(), 1);
    } else {
        assert!(browser.get(&format!("/accounts/{account}")).await.text.contains("paused</span>"));
    }
    let gone = browser.post(&format!("/accounts/{}/{what}", account + 1_000), fields).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
}

#[rstest::rstest]
#[tokio::test]
async fn an_account_shows_what_was_written_day_by_day(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    // given
    let account = seed::account(&site.store, "platform").await;
    let repository = seed::repositories(&site.store, account, &["platform/one"]).await[0];
    let mut browser = site.administrator().await;
    let path = format!("/accounts/{account}");
    let quiet = browser.get(&path).await;
    assert!(quiet.text.contains("Nothing was written in the last 90 days."), "{}", quiet.text);
    // when
    seed::commits(&site.store, repository, &["ABC-1 ABC-2 a".to_owned(), "b".to_owned()]).await;
    // then the chart, its words and its numbers are there, without a script
    let page = browser.get(&path).await;
    assert!(
        page.text.contains("In the last 90 days 2 commits were written, on 22 Nov 2026. They have 2 links to issues.")
    );
    assert!(page.text.contains("<title>22 Nov 2026: 2 commits, 2 links to issues</title>"));
    assert!(
        page.text.contains(
            "<time datetime=\"2026-11-22\">22 Nov 2026</time></th><td class=\"n\">2</td><td class=\"n\">2</td>"
        )
    );
    // and a day later they are of yesterday
    site.clock.advance(DAY);
    let page = browser.get(&path).await;
    assert!(page.text.contains("on 22 Nov 2026.") && page.text.contains("<span>23 Nov 2026</span>"), "{}", page.text);
}
