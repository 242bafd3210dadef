//! When an access token ends.

use std::fmt;

use model::Millis;

use super::when::When;

/// The end of an access token, told from the present: "token ends in 12 days". As text it is a part of a sentence.
#[derive(Debug, Clone, Copy)]
pub struct TokenEnd {
    at: Millis,
    warn: bool,
    now: Millis,
}

impl TokenEnd {
    /// A token that ends at `at`, seen from `now`; `warn` tells whether that is near, or over.
    pub const fn new(at: Millis, warn: bool, now: Millis) -> Self {
        Self { at, warn, now }
    }

    /// Whether somebody should see to it.
    pub const fn is_near(&self) -> bool {
        self.warn
    }

    /// Whether it has ended.
    pub const fn is_over(&self) -> bool {
        self.at <= self.now
    }

    /// The time itself, for a page.
    pub const fn when(&self) -> When {
        When::new(self.at, self.now)
    }
}

impl fmt::Display for TokenEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = if self.is_over() { "ended" } else { "ends" };
        write!(f, "token {verb} {}", self.when().relative())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Millis = 24 * 60 * 60 * 1000;

    #[rstest::rstest]
    #[case(15 * DAY, "token ends in 15 days")]
    #[case(2 * 60 * 60 * 1000, "token ends in 2 h")]
    #[case(-2 * DAY, "token ended 2 days ago")]
    fn the_end_is_told_from_the_present(#[case] left: Millis, #[case] words: &str) {
        assert_eq!(TokenEnd::new(1_000 + left, true, 1_000).to_string(), words);
    }
}
