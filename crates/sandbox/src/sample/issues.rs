//! The issues that the sample talks about.

/// An issue of the tracker that the sample's texts name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Issue {
    /// The key.
    pub key: &'static str,
    /// What it is about.
    pub summary: &'static str,
}

const fn issue(key: &'static str, summary: &'static str) -> Issue {
    Issue { key, summary }
}

/// All of them; the first one has the most to show.
pub const ALL: &[Issue] = &[
    issue("SHOP-142", "Customers can pay with gift cards"),
    issue("SHOP-101", "Guests can check out without an account"),
    issue("SHOP-118", "The cart survives a lost session"),
    issue("SHOP-127", "Prices are shown in the customer's currency"),
    issue("SHOP-133", "Checkout in a single page"),
    issue("SHOP-150", "Delivery slots can be chosen"),
    issue("SHOP-155", "Totals are rounded differently from the invoice"),
    issue("SHOP-160", "The storefront can be used with a keyboard"),
    issue("PAY-7", "Accept SEPA direct debit"),
    issue("PAY-19", "Refunds are booked twice when the bank retries"),
    issue("PAY-23", "Gift card balances are kept in the ledger"),
    issue("PAY-31", "Rotate the signing keys of the gateway"),
    issue("OPS-4", "Deploy without downtime"),
    issue("OPS-12", "Alert when the payment queue grows"),
    issue("OPS-15", "Nightly backups are verified"),
    issue("OPS-90", "Names and messages that tools stumble over"),
    issue("ABC-1", "Try out the connector"),
];
