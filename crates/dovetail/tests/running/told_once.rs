//! `serve` is killed at random moments while it tells Jiras what people push: nothing is lost, and nothing is done twice.

mod jiras;
mod work;

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::time::{Duration, Instant};

use model::{Channel, OutboxState, Outcome, ReceiptState};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use store::testing::Engine;
use store::{DeliveryFilter, Store, Viewer};

use self::jiras::Jiras;
use self::work::{COMMITS_WITH_COMMANDS, ENTITIES, GROUP, ISSUES, KEYS, Work};
use crate::killing::{add_account, hand_on};
use crate::world::{World, imported, synced};

/// How often it is killed where `DOVETAIL_TEST_KILLS` does not say. With 50 it is 1,000 commits with commands, and 10,000 things
/// that a Jira is told of.
const KILLS: u64 = 3;
/// What is random begins here where `DOVETAIL_TEST_KILL_SEED` says nothing else; `random` says anything.
const SEED: u64 = 5;
/// Every which time what the killed one was at is handed on at once, as it is otherwise when the leases have run out; but
/// for the last time.
const KEPT: u64 = 5;
/// Longest wait for a moment in which a Jira takes something.
const MOMENT: Duration = Duration::from_secs(8);
/// Far longer than the rest takes once it is not killed any more.
const PATIENCE: Duration = Duration::from_secs(300);
/// More than an issue has commands, and than attempts can be open.
const MANY: i64 = 2_000;

#[rstest::rstest]
#[tokio::test(flavor = "multi_thread")]
async fn slow_killed_again_and_again_it_tells_jiras_everything_once(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let kills = variable("DOVETAIL_TEST_KILLS").unwrap_or(KILLS);
    let seed = match std::env::var("DOVETAIL_TEST_KILL_SEED").as_deref() {
        Ok("random") => rand::random(),
        _ => variable("DOVETAIL_TEST_KILL_SEED").unwrap_or(SEED),
    };
    println!("to kill at the same moments again: DOVETAIL_TEST_KILL_SEED={seed} DOVETAIL_TEST_KILLS={kills}");

    // given: projects that were imported, a Data Center and a Cloud site
    let Some(mut world) = World::new(engine).await else { return };
    world.settle_down();
    let mut work = Work::new(&world.gitlab, seed).await;
    let jiras = Jiras::new(&work.email()).await;
    world.set("DOVETAIL_NETWORK_ATLASSIAN_API", jiras.cloud.url());
    let api_token = world.api_token().await;
    let mut serve = world.serve().await;
    add_account(&world, &serve, &api_token, GROUP).await;
    imported(&serve, &api_token).await;
    let sites = jiras.add_to(&serve, &api_token).await;

    // when: killed again and again while people push
    let (mut random, mut caught) = (StdRng::seed_from_u64(seed), BTreeSet::new());
    let began = Instant::now();
    for kill in 1..=kills {
        let end = async {
            moment(&mut random, &jiras).await;
            serve.child.kill().await
        };
        let (pushed, killed) = tokio::join!(work.turn(), end);
        pushed.unwrap();
        killed.unwrap();
        let store = world.database.open_again().await;
        caught.extend(open_attempts(&store).await);
        if kill < kills && !kill.is_multiple_of(KEPT) {
            hand_on(&store).await;
        }
        store.close().await;
        serve = world.serve().await;
    }
    let killed = began.elapsed();

    // when: left alone, and somebody asks for what no event told
    synced(&world, &serve, &api_token, GROUP).await;
    let store = world.database.open_again().await;
    let quiet = tokio::time::timeout(PATIENCE, async { while !is_quiet(&store, &sites).await {} }).await;
    let left = (counts(&store, &sites).await, receipts(&store).await);
    assert!(quiet.is_ok(), "not everything was told: {left:?}");
    serve.child.kill().await.unwrap();

    // then: the Jiras have everything once, as the forge has it
    let (expected, have) = (work.expected().await, jiras.have());
    let turns = usize::try_from(kills).unwrap();
    assert_eq!(expected.comments.len(), turns * COMMITS_WITH_COMMANDS);
    assert!(expected.entities.len() >= turns * ENTITIES);
    assert_same("comments", &expected.comments, &have.comments);
    assert_same("worklogs", &expected.worklogs, &have.worklogs);
    assert_same("remote links", &expected.links, &have.links);
    let list = |entities: &BTreeSet<work::Entity>| entities.iter().cloned().collect::<Vec<_>>();
    assert_same("entities", &list(&expected.entities), &list(&have.entities));
    let (here, there) = (jiras.data_center.model().totals(), jiras.cloud.model().totals());
    assert_eq!((here.comments, here.worklogs), (expected.comments.len(), expected.worklogs.len()));
    assert_eq!((here.remote_links, there.entities), (expected.links.len(), expected.entities.len()));

    // then: and Dovetail knows it
    assert_eq!(receipts(&store).await, (2 * expected.comments.len(), 0));
    assert_eq!(counts(&store, &sites).await, []);
    assert_eq!(open_attempts(&store).await, Vec::<i64>::new());

    println!(
        "{kills} kills in {:.0?} left {} commands of which it was not known whether they were done; {:.0?} later there were \
         {} comments (sent {} times), {} worklogs (sent {} times), {} remote links and {} entities (in {} requests)",
        killed,
        caught.len(),
        began.elapsed() - killed,
        here.comments,
        jiras.writes("/comment"),
        here.worklogs,
        jiras.writes("/worklog"),
        here.remote_links,
        there.entities,
        jiras.writes("/bulk"),
    );
}

/// Any moment; or one in which a Jira has just taken something, and Dovetail does not know it yet.
async fn moment(random: &mut StdRng, jiras: &Jiras) {
    if random.random() {
        tokio::time::sleep(Duration::from_millis(random.random_range(20..2_000))).await;
        return;
    }
    let (since, enough) = (Instant::now(), jiras.taken() + random.random_range(1..40));
    while jiras.taken() < enough && since.elapsed() < MOMENT {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Attempts at commands that nobody knows the end of.
async fn open_attempts(store: &Store) -> Vec<i64> {
    let filter = DeliveryFilter { outcome: Some(Outcome::Sending), ..DeliveryFilter::default() };
    store.deliveries(&filter, None, MANY).await.unwrap().items.into_iter().map(|delivery| delivery.id).collect()
}

/// Whether nothing waits to be told, nor has for a moment.
async fn is_quiet(store: &Store, sites: &[i64]) -> bool {
    tokio::time::sleep(Duration::from_millis(500)).await;
    for site in sites {
        if store.receipts_next_at(*site).await.unwrap().is_some() {
            return false;
        }
    }
    counts(store, sites).await.is_empty() && store.inbox_is_empty().await.unwrap()
}

/// How much was not told, by channel and state.
async fn counts(store: &Store, sites: &[i64]) -> Vec<(i64, Channel, OutboxState, i64)> {
    let mut untold = Vec::new();
    for site in sites {
        for (channel, state, _, count) in store.outbox_counts(*site).await.unwrap() {
            if state != OutboxState::Sent {
                untold.push((*site, channel, state, count));
            }
        }
    }
    untold
}

/// How many commands were done, and how many not.
async fn receipts(store: &Store) -> (usize, usize) {
    let (mut done, mut others) = (0, 0);
    for number in 1..=ISSUES {
        let shown = store.receipts_of_issue(Viewer::Everything, &format!("{KEYS}-{number}"), MANY).await.unwrap();
        let of_issue = shown.iter().filter(|shown| shown.receipt.state == ReceiptState::Done).count();
        (done, others) = (done + of_issue, others + shown.len() - of_issue);
    }
    (done, others)
}

/// Compares two sorted lists, and names what differs.
fn assert_same<T: PartialEq + Debug>(what: &str, expected: &[T], have: &[T]) {
    if expected == have {
        return;
    }
    let lost: Vec<&T> = expected.iter().filter(|it| !have.contains(it)).take(5).collect();
    let invented: Vec<&T> = have.iter().filter(|it| !expected.contains(it)).take(5).collect();
    let twice: Vec<&T> = have.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| &pair[0]).take(5).collect();
    let (wanted, found) = (expected.len(), have.len());
    panic!(
        "{what}: {wanted} were wanted, {found} are there; lost: {lost:#?}\ninvented: {invented:#?}\ntwice: {twice:#?}"
    );
}

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is no number")))
}
