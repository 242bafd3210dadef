//! The way to banks and card schemes; the project was called `payment-gw` before.

use crate::gitlab::model::Visibility;
use crate::gitlab::repositories::MergeMethod::{FastForward, MergeCommit};
use crate::sample::people::{ADA, BEN, CHEN, MIKA};
use crate::sample::script::Happening::{Approve, Comment, Merge, MergeAndDelete};
use crate::sample::script::{Commit, Proposal, Script, ago, on, propose};

pub(in crate::sample) const SCRIPT: Script = Script {
    group: "platform/payments",
    path: "gateway",
    name: "Payment Gateway",
    description: "Talks to banks and card schemes.",
    visibility: Visibility::Private,
    commits: COMMITS,
    proposals: PROPOSALS,
};

const COMMITS: &[Commit] = &[
    on("main", MIKA, ago(44, 5), "Start the gateway", &["README.md", "go.mod", "main.go"]),
    on("main", MIKA, ago(42, 4), "Card payments with 3-D Secure", &["card.go", "card_test.go"]),
    on("PAY-7-sepa", MIKA, ago(30, 2), "PAY-7 Read and write pain.008 files", &["sepa.go"]).from("main"),
    on("PAY-7-sepa", BEN, ago(29, 7), "PAY-7 Check mandates before a debit", &["sepa.go", "mandate.go"]),
    on(
        "fix/PAY-19-double-refund",
        CHEN,
        ago(9, 6),
        "PAY-19 Give every refund a key of its own\n\n\
        The bank repeats a request when it does not hear from us within ten seconds. A refund\n\
        with a known key is answered from the log instead of being booked again.\n\n\
        Reviewed-by: Mika Ōta <mika.ota@example.com>\n",
        &["refund.go"],
    )
    .from("main"),
    on(
        "fix/PAY-19-double-refund",
        CHEN,
        ago(8, 2),
        "PAY-19 Test with a bank that is slow to answer",
        &["refund_test.go"],
    ),
    on("PAY-31-rotate-keys", MIKA, ago(5, 8), "PAY-31 Accept two signing keys at a time", &["keys.go"]).from("main"),
    on("PAY-31-rotate-keys", MIKA, ago(3, 6), "PAY-31 OPS-12 Count signatures by key", &["keys.go", "metrics.go"]),
    on("gift-cards/SHOP-142", BEN, ago(4, 3), "SHOP-142 Pass gift cards through to the ledger", &["gift_card.go"])
        .from("main"),
];

const PROPOSALS: &[Proposal] = &[
    propose(MIKA, ago(29, 3), "PAY-7-sepa", "PAY-7: SEPA direct debit")
        .saying("Closes the oldest wish of the German shop.")
        .asking(&[ADA, BEN])
        .then(&[
            (ago(28, 4), ADA, Comment("Please keep the mandate's date as well.")),
            (ago(27, 5), ADA, Approve),
            (ago(27, 4), MIKA, Merge(FastForward)),
        ]),
    propose(CHEN, ago(8, 1), "fix/PAY-19-double-refund", "PAY-19: Do not book refunds twice")
        .asking(&[MIKA])
        .then(&[(ago(7, 3), MIKA, Approve), (ago(7, 2), MIKA, MergeAndDelete(MergeCommit))]),
    propose(MIKA, ago(3, 4), "PAY-31-rotate-keys", "Rotate signing keys without a pause")
        .saying("For PAY-31. The old key stays valid for a day.")
        .asking(&[BEN]),
];
