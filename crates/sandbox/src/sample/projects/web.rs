//! The storefront's pages.

use crate::gitlab::model::Visibility;
use crate::gitlab::repositories::MergeMethod::{MergeCommit, Squash};
use crate::sample::people::{ADA, BEN, DALIA, EMILE, MIKA};
use crate::sample::script::Happening::{Approve, Comment, Merge, MergeAndDelete};
use crate::sample::script::{Commit, Proposal, Script, ago, on, propose};

pub(in crate::sample) const SCRIPT: Script = Script {
    group: "platform/shop/storefront",
    path: "web",
    name: "Web · 網店",
    description: "What customers see.",
    visibility: Visibility::Internal,
    commits: COMMITS,
    proposals: PROPOSALS,
};

const COMMITS: &[Commit] = &[
    on("main", EMILE, ago(38, 6), "First pages of the storefront", &["index.html", "src/app.ts", "src/style.css"]),
    on("main", EMILE, ago(36, 2), "Show products with pictures", &["src/product.ts", "src/style.css"]),
    on("main", DALIA, ago(31, 4), "Mirror the layout for right-to-left languages", &["src/rtl.css"]),
    on(
        "feature/SHOP-160-keyboard",
        DALIA,
        ago(21, 6),
        "SHOP-160 Make the product list reachable with Tab",
        &["src/focus.ts"],
    )
    .from("main"),
    on("feature/SHOP-160-keyboard", DALIA, ago(20, 7), "SHOP-160 Show where the focus is", &["src/focus.css"]),
    on(
        "feature/SHOP-101-guest-checkout",
        EMILE,
        ago(27, 6),
        "SHOP-101 Offer “Continue as guest” in the cart",
        &["src/guest.ts"],
    )
    .from("main"),
    on(
        "feature/SHOP-142-gift-cards",
        MIKA,
        ago(7, 3),
        "SHOP-142 Field for the gift card's number",
        &["src/gift_card.ts"],
    )
    .from("main"),
    on(
        "feature/SHOP-142-gift-cards",
        MIKA,
        ago(5, 5),
        "SHOP-142 Show the remaining balance 🎁",
        &["src/gift_card.ts", "src/gift_card.css"],
    ),
    on(
        "SHOP-142-gift-card-emails",
        EMILE,
        ago(2, 7),
        "SHOP-142 E-mail with the gift card's code",
        &["src/mail/gift_card.ts"],
    )
    .from("main"),
    on("main", BEN, ago(1, 9), "Load the pictures when they come into view", &["src/product.ts"]),
];

const PROPOSALS: &[Proposal] = &[
    propose(EMILE, ago(27, 1), "feature/SHOP-101-guest-checkout", "SHOP-101: Continue as guest")
        .asking(&[DALIA])
        .then(&[(ago(26, 8), DALIA, Approve), (ago(26, 7), BEN, MergeAndDelete(Squash))]),
    propose(DALIA, ago(20, 3), "feature/SHOP-160-keyboard", "SHOP-160: Use the storefront with a keyboard")
        .asking(&[EMILE, ADA])
        .then(&[
            (ago(19, 5), EMILE, Comment("Tested with Orca and NVDA, works well.")),
            (ago(19, 4), EMILE, Approve),
            (ago(18, 2), ADA, Merge(MergeCommit)),
        ]),
    propose(MIKA, ago(5, 2), "feature/SHOP-142-gift-cards", "SHOP-142: Gift cards in the cart")
        .saying("Belongs to the merge request of the checkout service.")
        .asking(&[DALIA])
        .then(&[(ago(1, 4), DALIA, Approve)]),
];
