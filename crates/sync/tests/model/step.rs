//! The steps of a walk, and how they are drawn.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// Which of the things that are there at that moment: the number modulo how many there are. So every part of a walk is a
/// walk too.
pub type Pick = u16;

/// One step.
#[derive(Debug, Clone, Copy)]
pub enum Step {
    Push {
        project: Pick,
        branch: Pick,
        commits: u8,
        key: u8,
    },
    PushOverHttp {
        project: Pick,
        branch: Pick,
        key: u8,
    },
    /// A branch is forced to an older commit of its own.
    Rewind {
        project: Pick,
        branch: Pick,
        back: u8,
    },
    /// A branch is forced to new commits on an older one of its own.
    Rebase {
        project: Pick,
        branch: Pick,
        back: u8,
        key: u8,
    },
    NewBranch {
        project: Pick,
        from: Pick,
        name: u8,
    },
    DeleteBranch {
        project: Pick,
        branch: Pick,
    },
    DefaultBranch {
        project: Pick,
        branch: Pick,
    },
    Open {
        project: Pick,
        source: Pick,
        target: Pick,
        key: u8,
    },
    Retitle {
        merge_request: Pick,
        key: u8,
    },
    Retarget {
        merge_request: Pick,
        branch: Pick,
    },
    Merge {
        merge_request: Pick,
        how: u8,
        remove_branch: bool,
    },
    Close {
        merge_request: Pick,
    },
    Reopen {
        merge_request: Pick,
    },
    Comment {
        merge_request: Pick,
    },
    Approve {
        merge_request: Pick,
    },
    DeleteMergeRequest {
        merge_request: Pick,
    },
    NewProject,
    RenameProject {
        project: Pick,
    },
    /// A project leaves the group, or one that left comes back.
    Transfer {
        project: Pick,
    },
    /// A project is archived, or one that was is not any more.
    Archive {
        project: Pick,
    },
    DeleteProject {
        project: Pick,
    },
    Soft {
        project: Pick,
    },
    Full {
        project: Pick,
    },
    Refresh,
    RefreshFully,
    /// The clock goes on; what is due then runs.
    Pass {
        minutes: u16,
    },
    /// The n-th call of some kind from now on fails.
    Fail {
        call: u8,
        nth: u8,
        how: u8,
    },
    /// So many requests a minute.
    Limit {
        requests: u8,
    },
    ExpireTokens,
    /// The engine is stopped wherever it is, and another one goes on; without its cache, it is that of another node.
    Restart {
        keep_cache: bool,
    },
    /// Hook events that were held back arrive.
    Deliver {
        how: Delivery,
    },
    /// The oldest hook events that were held back get lost.
    Lose {
        count: u8,
    },
    /// Faults end, and Dovetail is given what it needs to see everything; then the store is compared.
    Quiet {
        by: By,
    },
}

/// What makes Dovetail look again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// A person asks for a refresh.
    Person,
    /// Nobody does; the interval passes.
    Schedule,
    /// A person asks for a full sync.
    Full,
    /// Nobody does and nothing passes: hook events say it all. Where some were lost, or something happened of which there are
    /// none, a person asks.
    Events,
}

/// How hook events arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    InOrder,
    Backwards,
    /// Each of them, then each of them again.
    Twice,
    /// Only the newest; the others come later or never.
    NewestOnly,
}

const DELIVERIES: [Delivery; 5] =
    [Delivery::InOrder, Delivery::InOrder, Delivery::Backwards, Delivery::Twice, Delivery::NewestOnly];
const WAYS: [By; 6] = [By::Person, By::Schedule, By::Full, By::Events, By::Events, By::Events];

/// Draws a step of one kind.
type Draw = fn(&mut StdRng) -> Step;

/// How likely each kind of step is, out of their sum.
const WEIGHTS: [(u32, Draw); 33] = [
    (90, |r| Step::Push { project: r.random(), branch: r.random(), commits: r.random_range(1..4), key: r.random() }),
    (28, |r| Step::PushOverHttp { project: r.random(), branch: r.random(), key: r.random() }),
    (20, |r| Step::Rewind { project: r.random(), branch: r.random(), back: r.random_range(1..4) }),
    (30, |r| Step::Rebase { project: r.random(), branch: r.random(), back: r.random_range(1..4), key: r.random() }),
    (60, |r| Step::NewBranch { project: r.random(), from: r.random(), name: r.random() }),
    (30, |r| Step::DeleteBranch { project: r.random(), branch: r.random() }),
    (4, |r| Step::DefaultBranch { project: r.random(), branch: r.random() }),
    (50, |r| Step::Open { project: r.random(), source: r.random(), target: r.random(), key: r.random() }),
    (25, |r| Step::Retitle { merge_request: r.random(), key: r.random() }),
    (8, |r| Step::Retarget { merge_request: r.random(), branch: r.random() }),
    (25, |r| Step::Merge { merge_request: r.random(), how: r.random(), remove_branch: r.random() }),
    (15, |r| Step::Close { merge_request: r.random() }),
    (10, |r| Step::Reopen { merge_request: r.random() }),
    (10, |r| Step::Comment { merge_request: r.random() }),
    (8, |r| Step::Approve { merge_request: r.random() }),
    (8, |r| Step::DeleteMergeRequest { merge_request: r.random() }),
    (6, |_| Step::NewProject),
    (10, |r| Step::RenameProject { project: r.random() }),
    (6, |r| Step::Transfer { project: r.random() }),
    (6, |r| Step::Archive { project: r.random() }),
    (3, |r| Step::DeleteProject { project: r.random() }),
    (30, |r| Step::Soft { project: r.random() }),
    (10, |r| Step::Full { project: r.random() }),
    (15, |_| Step::Refresh),
    (4, |_| Step::RefreshFully),
    (30, |r| Step::Pass { minutes: r.random_range(1..200) }),
    (30, |r| Step::Fail { call: r.random(), nth: r.random_range(1..5), how: r.random() }),
    (5, |r| Step::Limit { requests: r.random_range(3..20) }),
    (10, |_| Step::ExpireTokens),
    (15, |r| Step::Restart { keep_cache: r.random_bool(0.7) }),
    (60, |r| Step::Deliver { how: DELIVERIES[r.random_range(0..DELIVERIES.len())] }),
    (12, |r| Step::Lose { count: r.random_range(1..6) }),
    (50, |r| Step::Quiet { by: WAYS[r.random_range(0..WAYS.len())] }),
];

impl Step {
    /// Whether hook events cannot say all that it changes: there are none of it, or they or what they ask for may fail.
    pub const fn is_untold(self) -> bool {
        matches!(
            self,
            Self::DefaultBranch { .. }
                | Self::DeleteMergeRequest { .. }
                | Self::NewProject
                | Self::RenameProject { .. }
                | Self::Transfer { .. }
                | Self::Archive { .. }
                | Self::DeleteProject { .. }
                | Self::Fail { .. }
                | Self::Limit { .. }
                | Self::Lose { .. }
        )
    }

    /// The walk of a seed, which ends quietly.
    pub fn draw(seed: u64, count: usize) -> Vec<Self> {
        let mut random = StdRng::seed_from_u64(seed);
        let sum: u32 = WEIGHTS.iter().map(|(weight, _)| weight).sum();
        let mut steps: Vec<Self> = (0..count)
            .map(|_| {
                let mut at = random.random_range(0..sum);
                let chosen = WEIGHTS.iter().find(|(weight, _)| {
                    let is_here = at < *weight;
                    at = at.saturating_sub(*weight);
                    is_here
                });
                chosen.unwrap().1(&mut random)
            })
            .collect();
        steps.push(Self::Quiet { by: By::Person });
        steps
    }
}
