//! How everything gets to the machines.

use crate::gitlab::model::Visibility;
use crate::gitlab::repositories::MergeMethod::MergeCommit;
use crate::sample::people::{ADA, BEN, CHEN, DALIA};
use crate::sample::script::Happening::{Approve, Merge};
use crate::sample::script::{Commit, Proposal, Script, ago, on, propose};

pub(in crate::sample) const SCRIPT: Script = Script {
    group: "platform/ops",
    path: "deploy",
    name: "Deploy",
    description: "Playbooks, dashboards and alerts.",
    visibility: Visibility::Private,
    commits: COMMITS,
    proposals: PROPOSALS,
};

const COMMITS: &[Commit] = &[
    on("main", ADA, ago(41, 1), "Playbooks for the shop", &["shop.yml", "README.md"]),
    on("main", ADA, ago(34, 5), "Playbooks for the payments", &["payments.yml"]),
    on("OPS-4-rolling", ADA, ago(16, 6), "OPS-4 Replace one machine after the other", &["rolling.yml"]).from("main"),
    on("OPS-4-rolling", CHEN, ago(15, 7), "OPS-4 Wait until the new one answers", &["rolling.yml", "probe.sh"]),
    on("OPS-12-queue-alert", BEN, ago(7, 8), "OPS-12 Alert when more than 500 payments wait", &["alerts.yml"])
        .from("main"),
    on(
        "ops-15-verify-backups",
        DALIA,
        ago(1, 2),
        "OPS-15 Restore last night's backup and count the orders",
        &["backup.sh"],
    )
    .from("main"),
    on("main", ADA, ago(0, 6), "OPS-4 Announce each deployment in the chat", &["chat.yml"]),
];

const PROPOSALS: &[Proposal] = &[
    propose(ADA, ago(15, 2), "OPS-4-rolling", "OPS-4: Deploy without downtime")
        .asking(&[BEN])
        .then(&[(ago(14, 6), BEN, Approve), (ago(14, 5), ADA, Merge(MergeCommit))]),
    propose(BEN, ago(7, 5), "OPS-12-queue-alert", "OPS-12: Alert on a growing payment queue")
        .saying("The threshold comes from last year's busiest day; see also PAY-31.")
        .asking(&[ADA, DALIA]),
];
