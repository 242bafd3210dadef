//! What a log-in name may be.

/// The longest log-in name, in characters.
const LONGEST: usize = 64;

/// The log-in name that somebody typed: without blanks around it, in lower case. None where it has another length than
/// 1 to 64 or other signs than letters and digits of ASCII, `.`, `-`, `_` and `@`.
#[must_use]
pub fn log_in_name(typed: &str) -> Option<String> {
    let name = typed.trim();
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_@".contains(&byte));
    (plain && (1..=LONGEST).contains(&name.len())).then(|| name.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case(" Ada ", Some("ada"))]
    #[case("ada.lovelace@example.com", Some("ada.lovelace@example.com"))]
    #[case("", None)]
    #[case(" ", None)]
    #[case("ada lovelace", None)]
    #[case("<script>", None)]
    #[case("ada\u{0}", None)]
    #[case("é", None)]
    fn log_in_names_are_plain(#[case] typed: &str, #[case] name: Option<&str>) {
        assert_eq!(log_in_name(typed).as_deref(), name);
    }

    #[test]
    fn log_in_names_are_bounded() {
        assert!(log_in_name(&"a".repeat(64)).is_some());
        assert_eq!(log_in_name(&"a".repeat(65)), None);
    }
}
