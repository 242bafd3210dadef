//! Making a walk that failed shorter: parts are left out, the larger ones first, as long as it still fails.

use std::time::{Duration, Instant};

use store::testing::Engine as Database;

use crate::step::{By, Step};
use crate::walk::{Fault, walk};

/// How long it may take where `DOVETAIL_WALK_SHRINK` does not say otherwise, in seconds.
const PATIENCE: u64 = 120;

/// A walk with as few of these steps as were found in time, and how it fails.
pub async fn shorter(database: Database, mut steps: Vec<Step>, mut fault: Fault) -> (Vec<Step>, Fault) {
    let deadline = Instant::now() + Duration::from_secs(crate::variable("DOVETAIL_WALK_SHRINK").unwrap_or(PATIENCE));
    steps.truncate(fault.after + 1);
    let mut size = steps.len() / 2;
    while size > 0 {
        let mut at = 0;
        while at < steps.len() && Instant::now() < deadline {
            let left: Vec<Step> = steps[..at].iter().chain(steps.iter().skip(at + size)).copied().collect();
            match walk(database, &ending_quietly(left.clone())).await {
                Err(found) => {
                    steps = ending_quietly(left);
                    steps.truncate(found.after + 1);
                    fault = found;
                }
                Ok(()) => at += size,
            }
        }
        size /= 2;
    }
    (steps, fault)
}

/// Without its end a walk would not be looked at.
fn ending_quietly(mut steps: Vec<Step>) -> Vec<Step> {
    if !matches!(steps.last(), Some(Step::Quiet { .. })) {
        steps.push(Step::Quiet { by: By::Person });
    }
    steps
}
