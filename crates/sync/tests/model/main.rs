//! A random walk over everything that happens to a forge, to Dovetail and between the two. Whenever it is quiet, the store must show what an
//! import from scratch shows, and remember what was taken away.
//!
//! The walk is the same every time, so that a change that breaks it shows at once. `DOVETAIL_WALK_SEED=random` walks another one, and
//! a number repeats one; `DOVETAIL_WALK_STEPS` makes it longer or shorter. A walk that fails is made as short as [`shrink`] gets it
//! before it is told.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod door;
mod dovetail;
mod forge;
mod picture;
mod quiet;
mod shrink;
mod step;
mod stream;
mod walk;

use rstest::rstest;
use store::testing::Engine as Database;

use crate::step::Step;

/// How many steps a walk has where nothing else is asked for.
const STEPS: usize = 500;
/// The walk that is walked where no other is asked for.
const SEED: u64 = 12;

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn slow_whatever_happens_the_store_ends_as_an_import_from_scratch(#[case] database: Database) {
    let seed = match std::env::var("DOVETAIL_WALK_SEED").as_deref() {
        Ok("random") => rand::random(),
        _ => variable("DOVETAIL_WALK_SEED").unwrap_or(SEED),
    };
    let count = variable("DOVETAIL_WALK_STEPS").map_or(STEPS, |count| usize::try_from(count).unwrap());
    eprintln!("to walk here again: DOVETAIL_WALK_SEED={seed} DOVETAIL_WALK_STEPS={count}");
    let steps = Step::draw(seed, count);

    let Err(fault) = walk::walk(database, &steps).await else { return };

    eprintln!("after step {} of {count}: {}\nlooking for a shorter walk", fault.after, fault.what);
    let (steps, fault) = shrink::shorter(database, steps, fault).await;
    panic!("seed {seed}: after these {} steps: {steps:#?}\n{}\n{}", steps.len(), fault.told.join("\n"), fault.what);
}

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is no number")))
}
