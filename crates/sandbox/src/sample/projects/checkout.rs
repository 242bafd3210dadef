//! The checkout service: the liveliest project.

use crate::gitlab::model::Visibility;
use crate::gitlab::repositories::MergeMethod::{MergeCommit, Squash};
use crate::sample::people::{ADA, BEN, CHEN, DALIA, EMILE};
use crate::sample::script::Happening::{Approve, Close, Comment, Merge, MergeAndDelete, Reopen, Unapprove};
use crate::sample::script::{Commit, Proposal, Script, ago, on, propose};

pub(in crate::sample) const SCRIPT: Script = Script {
    group: "platform/shop",
    path: "checkout",
    name: "Checkout",
    description: "From the cart to the confirmed order.",
    visibility: Visibility::Private,
    commits: COMMITS,
    proposals: PROPOSALS,
};

const COMMITS: &[Commit] = &[
    on("main", ADA, ago(40, 3), "Start the checkout service", &["README.md", "Cargo.toml", "src/main.rs"]),
    on("main", ADA, ago(39, 5), "Add the cart and its totals", &["src/cart.rs", "src/totals.rs"]),
    on("main", CHEN, ago(37, 2), "Keep orders in the database", &["src/orders.rs", "migrations/0001_orders.sql"]),
    on("main", BEN, ago(33, 7), "Describe how to run it locally", &["README.md"]),
    on(
        "feature/SHOP-101-guest-checkout",
        EMILE,
        ago(29, 4),
        "SHOP-101 Allow orders without an account",
        &["src/guest.rs", "src/session.rs"],
    )
    .from("main"),
    on(
        "feature/SHOP-101-guest-checkout",
        EMILE,
        ago(28, 6),
        "SHOP-101 Ask guests for an e-mail address",
        &["src/guest.rs"],
    ),
    on(
        "feature/SHOP-118-keep-cart",
        CHEN,
        ago(24, 5),
        "SHOP-118 Store the cart with the session",
        &["src/cart_store.rs"],
    )
    .from("main"),
    on(
        "feature/SHOP-118-keep-cart",
        CHEN,
        ago(24, 1),
        "SHOP-118 Drop carts after thirty days",
        &["src/cart_store.rs", "migrations/0002_carts.sql"],
    ),
    on(
        "spike/SHOP-133-single-page",
        DALIA,
        ago(19, 8),
        "SHOP-133 Try the whole checkout in one page",
        &["src/single_page.rs"],
    )
    .from("main"),
    on(
        "feature/SHOP-142-gift-cards",
        DALIA,
        ago(8, 6),
        "SHOP-142 Add gift cards as a means of payment\n\n\
        A gift card pays for the whole order or for a part of it; the rest goes to the second means of payment.\n",
        &["src/gift_card.rs", "src/payment.rs"],
    )
    .from("main"),
    on(
        "feature/SHOP-142-gift-cards",
        DALIA,
        ago(6, 3),
        "SHOP-142 PAY-23 Reserve the amount before the order is placed",
        &["src/gift_card.rs", "src/orders.rs"],
    ),
    on(
        "feature/SHOP-142-gift-cards",
        BEN,
        ago(3, 2),
        "SHOP-142 #comment Partial payments work now #time 3h",
        &["src/gift_card.rs", "tests/gift_card.rs"],
    ),
    on(
        "feature/SHOP-150-delivery-slots",
        EMILE,
        ago(4, 9),
        "SHOP-150 Offer delivery slots of two hours",
        &["src/delivery.rs", "migrations/0003_delivery_slots.sql"],
    )
    .from("main"),
    on(
        "fix/SHOP-127-currency",
        CHEN,
        ago(12, 4),
        "SHOP-127 Convert totals with the rate of the order's day",
        &["src/currency.rs"],
    )
    .from("main"),
    on("main", BEN, ago(2, 5), "Update the dependencies", &["Cargo.toml"]),
];

const PROPOSALS: &[Proposal] = &[
    propose(EMILE, ago(28, 5), "feature/SHOP-101-guest-checkout", "SHOP-101: Check out as a guest")
        .saying("Guests give an e-mail address and may make an account afterwards.")
        .asking(&[BEN])
        .then(&[
            (ago(28, 1), BEN, Comment("What happens when the address belongs to an account?")),
            (ago(27, 8), EMILE, Comment("The order is kept apart, and a link is sent by e-mail.")),
            (ago(27, 3), BEN, Approve),
            (ago(27, 2), BEN, MergeAndDelete(MergeCommit)),
        ]),
    propose(CHEN, ago(23, 6), "feature/SHOP-118-keep-cart", "SHOP-118: Keep the cart when the session is lost")
        .asking(&[ADA, DALIA])
        .then(&[(ago(22, 7), DALIA, Approve), (ago(22, 5), ADA, Approve), (ago(22, 4), ADA, Merge(Squash))]),
    propose(DALIA, ago(19, 2), "spike/SHOP-133-single-page", "SHOP-133: Single-page checkout (spike)").then(&[
        (ago(17, 3), ADA, Comment("Too much at once; let us do the address page first.")),
        (ago(17, 2), DALIA, Close),
    ]),
    propose(CHEN, ago(12, 2), "fix/SHOP-127-currency", "SHOP-127: Show prices in the customer's currency")
        .saying("Uses the European Central Bank's rate of the day.")
        .asking(&[EMILE])
        .then(&[
            (ago(11, 5), CHEN, Close),
            (ago(10, 3), CHEN, Reopen),
            (ago(9, 4), EMILE, Approve),
            (ago(9, 1), EMILE, Unapprove),
        ]),
    propose(DALIA, ago(6, 1), "feature/SHOP-142-gift-cards", "SHOP-142: Pay with gift cards")
        .saying("The balance lives in the ledger (PAY-23); the storefront has a merge request of its own.")
        .asking(&[BEN, CHEN])
        .then(&[
            (ago(4, 6), CHEN, Comment("Very readable. One question about rounding below.")),
            (ago(2, 3), CHEN, Approve),
        ]),
    propose(EMILE, ago(4, 1), "feature/SHOP-150-delivery-slots", "Draft: SHOP-150 Delivery slots").asking(&[DALIA]),
];
