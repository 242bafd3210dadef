//! The account that a person means: by id, or by path.

use super::sentences;
use super::wire::Account;
use crate::Failure;
use crate::server::Server;

/// The account with this id or, ignoring case, this path.
///
/// # Errors
/// When there is none, or the path is on several hosts.
pub async fn account(server: &Server, word: &str) -> Result<Account, Failure> {
    chosen(server.accounts().await?, word)
}

fn chosen(accounts: Vec<Account>, word: &str) -> Result<Account, Failure> {
    if let Some(found) = word.parse().ok().and_then(|id: i64| accounts.iter().find(|account| account.id == id)) {
        return Ok(found.clone());
    }
    let folded = word.trim_matches('/').to_lowercase();
    let mut named = accounts.into_iter().filter(|account| account.path.to_lowercase() == folded);
    match (named.next(), named.next()) {
        (Some(account), None) => Ok(account),
        (Some(first), Some(second)) => Err(sentences::ambiguous(word, &first, &second).into()),
        (None, _) => Err(sentences::no_account(word).into()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn account(id: i64, host: &str, path: &str) -> Account {
        serde_json::from_value(json!({
            "id": id, "host_url": host, "path": path, "name": path, "state": "active", "repositories": 0, "linked": 0,
            "failed": 0, "error": null, "listed_at": null,
        }))
        .unwrap()
    }

    #[test]
    fn an_account_is_meant_by_id_or_by_path() {
        let all =
            || vec![account(1, "https://a", "Platform"), account(2, "https://a", "7"), account(7, "https://a", "x")];
        let id = |word: &str| chosen(all(), word).map(|account| account.id).ok();

        assert_eq!(id("1"), Some(1));
        assert_eq!(id("platform"), Some(1));
        assert_eq!(id("/platform/"), Some(1));
        assert_eq!(id("7"), Some(7), "an id goes before a path");
        assert_eq!(id("3"), None);
    }

    #[test]
    fn a_path_on_two_hosts_means_neither() {
        let all = vec![account(1, "https://a", "platform"), account(2, "https://b", "platform")];

        assert!(matches!(chosen(all, "platform"), Err(Failure::Failed(_))));
    }
}
