//! The books.

use crate::gitlab::model::Visibility;
use crate::gitlab::repositories::MergeMethod::Squash;
use crate::sample::people::{ADA, BEN, CHEN, DALIA, MIKA};
use crate::sample::script::Happening::{Approve, Comment, Delete, MergeAndDelete};
use crate::sample::script::{Commit, Proposal, Script, ago, on, propose};

pub(in crate::sample) const SCRIPT: Script = Script {
    group: "platform/payments",
    path: "ledger",
    name: "Ledger",
    description: "Double-entry bookkeeping for everything that is paid.",
    visibility: Visibility::Private,
    commits: COMMITS,
    proposals: PROPOSALS,
};

const COMMITS: &[Commit] = &[
    on("main", BEN, ago(43, 2), "Accounts and entries", &["README.md", "src/account.rs", "src/entry.rs"]),
    on("main", CHEN, ago(35, 6), "Refuse entries that do not balance", &["src/entry.rs"]),
    on("PAY-23-gift-card-balances", BEN, ago(10, 4), "PAY-23 An account for every gift card", &["src/gift_card.rs"])
        .from("main"),
    on(
        "PAY-23-gift-card-balances",
        BEN,
        ago(9, 2),
        "PAY-23 SHOP-142 Reserve and release amounts",
        &["src/gift_card.rs", "src/reservation.rs"],
    ),
    on("try/faster-balances", DALIA, ago(15, 3), "Keep balances in a table of their own", &["src/balance.rs"])
        .from("main"),
    on("PAY-19-report", MIKA, ago(6, 7), "PAY-19 List refunds that were booked twice", &["src/report.rs"]).from("main"),
    on("main", CHEN, ago(8, 9), "Say which entry is out of balance", &["src/error.rs"]),
];

const PROPOSALS: &[Proposal] = &[
    propose(DALIA, ago(15, 1), "try/faster-balances", "Faster balances").then(&[(ago(14, 2), ADA, Delete)]),
    propose(BEN, ago(9, 1), "PAY-23-gift-card-balances", "PAY-23: Gift card balances")
        .saying("Needed by SHOP-142.")
        .asking(&[CHEN])
        .then(&[
            (ago(8, 5), CHEN, Comment("Shall an expired card keep its entries? I think so.")),
            (ago(8, 3), CHEN, Approve),
            (ago(8, 2), CHEN, MergeAndDelete(Squash)),
        ]),
    propose(MIKA, ago(6, 5), "PAY-19-report", "PAY-19: Report of refunds that were booked twice").asking(&[BEN]),
];
