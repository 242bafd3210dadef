//! A project directly in the top-level group.

use crate::gitlab::model::Visibility;
use crate::sample::people::{ADA, BEN, CHEN};
use crate::sample::script::{Commit, Script, ago, on};

pub(in crate::sample) const SCRIPT: Script = Script {
    group: "platform",
    path: "handbook",
    name: "Handbook",
    description: "How we work.",
    visibility: Visibility::Public,
    commits: COMMITS,
    proposals: &[],
};

const COMMITS: &[Commit] = &[
    on("main", ADA, ago(45, 1), "How we review", &["review.md"]),
    on("main", BEN, ago(32, 3), "How we deploy (see OPS-4)", &["deploy.md"]),
    on("main", ADA, ago(13, 2), "Name the issue in branches and commits", &["review.md"]),
    on("feature/ABC-1/α", CHEN, ago(11, 7), "ABC-1 Try the connector with Greek branch names", &["connector.md"])
        .from("main"),
];
