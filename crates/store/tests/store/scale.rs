//! How fast it is, by hand: `cargo nextest run --release -p store --run-ignored only --no-capture scale`.

use std::time::{Duration, Instant};

use rstest::rstest;
use store::testing::Engine;
use store::{Lane, NewCommit, Source};

use crate::world::{NOW, RULES, World, commit, issue};

const COMMITS: u64 = 1_000_000;
const AT_ONCE: u64 = 500;

/// The next commits, with messages of the usual length; one in a thousand names `BIG-1`, the others an issue each ten.
fn next(from: u64) -> Vec<NewCommit> {
    (from..from + AT_ONCE)
        .map(|number| {
            let key = if number % 1_000 == 0 { "BIG-1".to_owned() } else { format!("KEY-{}", number / 10) };
            let mut new = commit(number, &[&key]);
            new.commit.id =
                format!("{:040x}", u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_0c5d)).parse().unwrap();
            new.commit.message = format!("{key}: {}", "words of a message that say what was done and why. ".repeat(4));
            new
        })
        .collect()
}

fn spread(mut times: Vec<Duration>) -> String {
    times.sort();
    format!("{:?} (best), {:?} (median)", times[0], times[times.len() / 2])
}

#[rstest]
#[ignore = "minutes; run by hand in release"]
#[tokio::test]
async fn a_million_commits(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one] = world.repositories(account, ["1"]).await;
    let mut writing = Duration::ZERO;
    for from in (1..=COMMITS).step_by(AT_ONCE as usize) {
        let commits = next(from);
        let began = Instant::now();
        let mut tx = world.begin_write(Lane::Bulk).await.unwrap();
        tx.commits_insert(one, &commits, Source::Git, RULES, NOW).await.unwrap();
        tx.commit().await.unwrap();
        writing += began.elapsed();
        let written = from + AT_ONCE - 1;
        if written.is_multiple_of(100_000) {
            println!("{engine:?}: {written} commits, {:.0} a second", written as f64 / writing.as_secs_f64());
        }
    }
    for (name, key) in [("a thousand commits", "BIG-1"), ("ten commits", "KEY-5000")] {
        let (mut listing, mut counting) = (Vec::new(), Vec::new());
        for _ in 0..30 {
            let began = Instant::now();
            assert!(world.issue_commits(&issue(key), None, None).await.unwrap().items.len() > 8);
            listing.push(began.elapsed());
            let began = Instant::now();
            assert!(world.issue_counts(&issue(key)).await.unwrap()[0].commits > 8);
            counting.push(began.elapsed());
        }
        println!("{engine:?}: {name}: listed in {}, counted in {}", spread(listing), spread(counting));
    }
    let began = Instant::now();
    let recent = world.issue_keys_recent(store::Viewer::Everything, 50).await.unwrap().len();
    println!("{engine:?}: {recent} recent issues in {:?}", began.elapsed());
    let began = Instant::now();
    let named = world.issue_keys_with_prefix(store::Viewer::Everything, "KEY-77", 50).await.unwrap().len();
    println!("{engine:?}: {named} issues by prefix in {:?}", began.elapsed());
    let began = Instant::now();
    world.account_repositories(store::Viewer::Everything, account).await.unwrap();
    println!("{engine:?}: the repositories of the account in {:?}", began.elapsed());
}
