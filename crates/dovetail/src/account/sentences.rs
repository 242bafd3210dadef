//! All sentences of `dovetail account` for people: what happened, the likely cause, what to do.

use url::Url;

use super::wire::Account;
use crate::server::sentences::Sentence;

/// No such account.
pub fn no_account(word: &str) -> Sentence {
    Sentence::new(
        format!("There is no account {word:?}."),
        "The id or path is mistyped, the account was removed, or the token may not see it.",
        "`dovetail account list` shows ids and paths.",
    )
}

/// A path on two hosts.
pub fn ambiguous(word: &str, first: &Account, second: &Account) -> Sentence {
    Sentence::new(
        format!("Several accounts have the path {word:?}."),
        format!("{} has id {}, {} has id {}.", first.host_url, first.id, second.host_url, second.id),
        "Name the account by its id.",
    )
}

/// Where to go for OAuth, and what to do there.
pub fn open_for_oauth(page: &Url) -> String {
    format!(
        "Open {page} in a browser, as an administrator of Dovetail, to connect with OAuth.\n\
         To connect without a browser, give a file with an access token: --token-file FILE"
    )
}

/// An account that is not synced.
pub fn not_synced(account: &Account) -> Option<Sentence> {
    let path = &account.path;
    match account.state.as_str() {
        "paused" => Some(Sentence::new(
            format!("The account {path} is paused."),
            "An administrator stopped it for now.",
            "Resume it on its page, then sync again.",
        )),
        "needs_authorisation" => Some(Sentence::new(
            format!("The account {path} needs to be authorised again."),
            account.error.as_deref().unwrap_or("The forge no longer accepts its token."),
            "Authorise it again on its page, or give it another access token there. Nothing that was imported is lost.",
        )),
        "removing" => Some(Sentence::new(
            format!("The account {path} is being removed."),
            "Somebody removed it a moment ago.",
            "Nothing is to be done; add it again if it was a mistake.",
        )),
        _ => None,
    }
}

/// The repository list could not be read.
pub fn not_listed(account: &Account) -> Sentence {
    Sentence::new(
        format!("The repository list of {} could not be read.", account.path),
        account.error.as_deref().unwrap_or("The server did not say why."),
        "Dovetail tries again by itself; the account's page shows the state.",
    )
}

/// Some repositories failed.
pub fn repositories_failed(account: &Account, failed: usize) -> Sentence {
    Sentence::new(
        format!(
            "{failed} {} of {} could not be synced.",
            if failed == 1 { "repository" } else { "repositories" },
            account.path
        ),
        "Each has its own cause, listed above.",
        "Dovetail tries again by itself, less and less often; the others are up to date.",
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn account(state: &str) -> Account {
        serde_json::from_value(json!({
            "id": 7, "host_url": "https://gitlab.example.com", "path": "platform", "name": "Platform", "state": state,
            "repositories": 3, "linked": 2, "failed": 1, "error": null, "listed_at": null,
        }))
        .unwrap()
    }

    #[test]
    fn every_failure_tells_what_happened_why_and_what_to_do() {
        let other = Account { id: 9, host_url: "https://git.example.com".to_owned(), ..account("active") };
        let mut all = vec![
            no_account("platfrom"),
            ambiguous("platform", &account("active"), &other),
            not_listed(&account("active")),
            repositories_failed(&account("active"), 1),
            repositories_failed(&account("active"), 2),
        ];
        all.extend(
            ["active", "paused", "needs_authorisation", "removing"]
                .iter()
                .filter_map(|state| not_synced(&account(state))),
        );
        let text: Vec<String> = all.iter().map(ToString::to_string).collect();
        let page = "https://dovetail.example.com/accounts/new".parse().unwrap();

        insta::assert_snapshot!(format!("{}\n\n{}", text.join("\n\n"), open_for_oauth(&page)));
    }
}
