//! The stream of progress events.

use std::sync::Arc;
use std::time::Duration;

use axum::body::BodyDataStream;
use futures::StreamExt;
use model::{AccountKind, ForgeUser, HostKind};
use serde_json::{Value, json};
use store::testing::Engine;
use store::{Credential, CredentialKind, Lane, NewAccount};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::caller::Caller;
use crate::site::{NOW, Site};

/// Far longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// A site whose engine reads the lists of two accounts from a GitLab that takes connections and never answers.
struct Scene {
    site: Site,
    open: i64,
    restricted: i64,
    _silent: TcpListener,
    _engine: DropGuard,
}

impl Scene {
    async fn new(engine: Engine) -> Option<Self> {
        let site = Site::open(engine).await?;
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = format!("http://{}", silent.local_addr().unwrap());
        let (open, restricted) = (account(&site, &host, "open").await, account(&site, &host, "hush").await);
        site.store.account_restrict(restricted, true, &[]).await.unwrap();
        let stop = CancellationToken::new();
        site.state.engine().start(&stop, &TaskTracker::new());
        let scene = Self { site, open, restricted, _silent: silent, _engine: stop.drop_guard() };
        for id in [open, restricted] {
            sync::request::refresh_account(scene.site.state.engine(), id).await.unwrap();
        }
        scene.running(&[open, restricted]).await;
        Some(scene)
    }

    /// Waits until runs of these accounts are under way.
    async fn running(&self, ids: &[i64]) {
        let mut progress = self.site.state.engine().progress();
        let all = |progress: &Arc<sync::progress::Progress>| {
            ids.iter().all(|id| progress.accounts.get(id).is_some_and(|account| account.running))
        };
        tokio::time::timeout(PATIENCE, progress.wait_for(all)).await.expect("they begin").unwrap();
    }
}

async fn account(site: &Site, host: &str, path: &str) -> i64 {
    let mut tx = site.store.begin_write(Lane::Live).await.unwrap();
    let host_id = tx.host_ensure(HostKind::Gitlab, host, NOW).await.unwrap();
    let account = NewAccount {
        host_id,
        application_id: None,
        path: path.to_owned(),
        name: path.to_owned(),
        kind: AccountKind::Group,
        forge_id: path.to_owned(),
        web_url: None,
        auto_link: true,
        smart_commits: true,
    };
    let account_id = tx.account_insert(&account, NOW).await.unwrap();
    let credential = Credential {
        owner_id: account_id,
        kind: CredentialKind::Token,
        access: "a token".to_owned().into(),
        refresh: None,
        expires_at: None,
        issued_at: None,
        refresh_attempted_at: None,
        user: ForgeUser::default(),
    };
    tx.credential_put(&credential).await.unwrap();
    tx.commit().await.unwrap();
    account_id
}

/// The lines of the next event; none when the stream has ended.
async fn next(stream: &mut BodyDataStream) -> Option<Vec<Value>> {
    let chunk = tokio::time::timeout(PATIENCE, stream.next()).await.expect("an event or the end")?;
    let event = String::from_utf8(chunk.unwrap().to_vec()).unwrap();
    let data = event.strip_prefix("event: progress\ndata: ").unwrap_or_else(|| panic!("{event}"));
    Some(serde_json::from_str(data.trim_end()).unwrap())
}

fn ids(lines: &[Value]) -> Vec<i64> {
    lines.iter().map(|line| line["account"].as_i64().unwrap()).collect()
}

#[rstest::rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_first_event_tells_what_is_under_way(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(scene) = Scene::new(engine).await else { return };

    let mut stream = Caller::admin(&scene.site).await.stream("/api/v1/events").await;
    let lines = next(&mut stream).await.unwrap();

    assert_eq!(ids(&lines), [scene.open, scene.restricted]);
    let expected = json!({
        "account": scene.open, "running": true, "repositories_done": 0, "repositories_total": 0, "commits": 0,
        "commits_total": 0, "merge_requests": 0, "links": 0, "rate_per_second": 0.0, "last_repository": null, "eta_seconds": null,
        "sentence": "reading the list of repositories", "numbers": "", "bar": 0, "bar_total": 1
    });
    assert_eq!(lines[0], expected);
}

#[tokio::test]
async fn the_first_event_comes_when_nothing_is_under_way() {
    let site = Site::open(Engine::Sqlite).await.unwrap();

    let mut stream = Caller::admin(&site).await.stream("/api/v1/events").await;

    assert_eq!(next(&mut stream).await.unwrap(), Vec::<Value>::new());
}

#[rstest::rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_stream_ends_with_the_server(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    let mut stream = Caller::admin(&site).await.stream("/api/v1/events").await;
    next(&mut stream).await.unwrap();

    site.state.shutdown().cancel();

    assert_eq!(next(&mut stream).await, None);
}

#[rstest::rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_restricted_account_is_told_to_those_it_names(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(scene) = Scene::new(engine).await else { return };
    let (named_id, named) = scene.site.reader("named").await;
    let (_, stranger) = scene.site.reader("stranger").await;
    scene.site.store.account_restrict(scene.restricted, true, &[named_id]).await.unwrap();

    let mut named = Caller::session(&scene.site, &named).stream("/api/v1/events").await;
    let mut stranger = Caller::session(&scene.site, &stranger).stream("/api/v1/events").await;

    assert_eq!(ids(&next(&mut named).await.unwrap()), [scene.open, scene.restricted]);
    assert_eq!(ids(&next(&mut stranger).await.unwrap()), [scene.open]);
}

#[rstest::rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_right_ends_within_seconds(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(scene) = Scene::new(engine).await else { return };
    let (named_id, named) = scene.site.reader("named").await;
    scene.site.store.account_restrict(scene.restricted, true, &[named_id]).await.unwrap();
    let mut stream = Caller::session(&scene.site, &named).stream("/api/v1/events").await;
    assert_eq!(ids(&next(&mut stream).await.unwrap()), [scene.open, scene.restricted]);

    scene.site.store.account_restrict(scene.restricted, true, &[]).await.unwrap();
    scene.site.clock.advance(10_001);
    let another = account(&scene.site, "http://127.0.0.1:1", "another").await;
    sync::request::refresh_account(scene.site.state.engine(), another).await.unwrap();

    let lines = next(&mut stream).await.unwrap();
    assert!(!ids(&lines).contains(&scene.restricted), "{lines:?}");
    assert!(ids(&lines).contains(&scene.open), "{lines:?}");
}
