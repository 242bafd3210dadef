//! Issue keys as callers write them.

/// A key, or the beginning of one, as the store has it: in capitals, without blanks around it.
pub fn as_stored(text: &str) -> String {
    // PostgreSQL takes no NUL in a query; no key has the character that stands for it here.
    text.trim().to_uppercase().replace('\0', "\u{fffd}")
}

#[cfg(test)]
mod tests {
    #[rstest::rstest]
    #[case(" abc-1 ", "ABC-1")]
    #[case("ABC-\0", "ABC-\u{fffd}")]
    #[case("", "")]
    fn keys_are_in_capitals_and_fit_every_database(#[case] text: &str, #[case] stored: &str) {
        assert_eq!(super::as_stored(text), stored);
    }
}
