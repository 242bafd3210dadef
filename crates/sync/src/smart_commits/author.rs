//! Which user of a Jira the author of a commit is.

use std::collections::HashMap;

use jira::{JiraError, Person, Problem, Rest};
use model::ReceiptReason;
use store::{ReceiptToRun, Store};

use super::fate::Stop;
use crate::sentences::smart_commits as sentences;

/// What the domains of the addresses begin with that forges give to people who hide theirs.
const HIDDEN_BY_FORGE: &str = "users.noreply.";

/// Finds authors at one site, each once as long as it lives: for a batch of commands, so that one who is put right is seen
/// soon.
#[derive(Debug, Default)]
pub(crate) struct Authors {
    known: HashMap<String, Result<String, (ReceiptReason, String)>>,
}

impl Authors {
    /// The name in Jira of the user who wrote a commit: by the table of aliases, else by e-mail.
    pub(crate) async fn find(&mut self, store: &Store, rest: &Rest, due: &ReceiptToRun) -> Result<String, Stop> {
        let email = due.author_email.trim();
        if let Some(known) = self.known.get(email) {
            return known.clone().map_err(Stop::from);
        }
        let found = match store.person_alias_find(due.receipt.site_id, email, forge_user(email)).await? {
            Some(user) => Ok(user),
            None if email.is_empty() => Err(refused(ReceiptReason::NoEmail)),
            None => by_email(rest, email).await?,
        };
        self.known.insert(email.to_owned(), found.clone());
        found.map_err(Stop::from)
    }
}

/// The one active user with an e-mail.
async fn by_email(rest: &Rest, email: &str) -> Result<Result<String, (ReceiptReason, String)>, JiraError> {
    let found = match rest.people_by_email(email).await {
        Err(error) if error.problem == Problem::Forbidden => {
            return Ok(Err((ReceiptReason::CannotAsk, sentences::cannot_browse_users(&error))));
        }
        found => found?,
    };
    let chosen = one_of(&found);
    // Where Jira hides e-mails from us, ours is hidden, too, and nobody is found by theirs.
    if chosen == Err(ReceiptReason::NoUser) && rest.myself().await?.email.is_none() {
        return Ok(Err(refused(ReceiptReason::EmailsHidden)));
    }
    Ok(chosen.map_err(refused))
}

/// The one active user among those whom a Jira found by an e-mail, where it is known to be theirs.
fn one_of(found: &[Person]) -> Result<String, ReceiptReason> {
    let known: Vec<&Person> = found.iter().filter(|person| person.email.is_some()).collect();
    let active: Vec<&&Person> = known.iter().filter(|person| person.active).collect();
    match active.as_slice() {
        [one] => Ok(one.id.clone()),
        [] if !known.is_empty() => Err(ReceiptReason::UserInactive),
        [] if !found.is_empty() => Err(ReceiptReason::EmailsHidden),
        [] => Err(ReceiptReason::NoUser),
        _ => Err(ReceiptReason::SeveralUsers),
    }
}

fn refused(reason: ReceiptReason) -> (ReceiptReason, String) {
    (reason, sentences::of_reason(reason).to_owned())
}

/// The user of a forge to whom an address belongs that the forge gave: `7+ada@users.noreply.github.com`,
/// `7-ada@users.noreply.gitlab.example.com`, or without the number.
fn forge_user(email: &str) -> Option<&str> {
    let (local, domain) = email.rsplit_once('@')?;
    if !domain.get(..HIDDEN_BY_FORGE.len())?.eq_ignore_ascii_case(HIDDEN_BY_FORGE) {
        return None;
    }
    let name = local.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = name.len() < local.len();
    let name = name.strip_prefix(['+', '-']).filter(|_| numbered).unwrap_or(local);
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_a_forge_gave_name_its_user() {
        for (email, user) in [
            ("1234+ada@users.noreply.github.com", Some("ada")),
            ("ada@users.noreply.github.com", Some("ada")),
            ("7-ada-k@users.noreply.gitlab.example.com", Some("ada-k")),
            ("007@Users.NoReply.GitHub.com", Some("007")),
            ("7-@users.noreply.gitlab.com", None),
            ("ada@example.com", None),
            ("ada@noreply.example.com", None),
            ("@users.noreply.github.com", None),
            ("ada", None),
            ("ada@é", None),
        ] {
            assert_eq!(forge_user(email), user, "{email}");
        }
    }

    #[test]
    fn exactly_one_active_user_with_the_address_is_the_author() {
        let person = |id: &str, shown: bool, active| Person {
            id: id.to_owned(),
            name: id.to_owned(),
            email: shown.then(|| "ada@example.com".to_owned()),
            active,
        };
        let (ada, gone, other, hidden) = (
            person("ada", true, true),
            person("gone", true, false),
            person("other", true, true),
            person("h", false, true),
        );
        assert_eq!(one_of(std::slice::from_ref(&ada)), Ok("ada".to_owned()));
        assert_eq!(one_of(&[gone.clone(), ada.clone(), hidden.clone()]), Ok("ada".to_owned()));
        assert_eq!(one_of(&[ada, other]), Err(ReceiptReason::SeveralUsers));
        assert_eq!(one_of(&[gone, hidden.clone()]), Err(ReceiptReason::UserInactive));
        assert_eq!(one_of(&[hidden]), Err(ReceiptReason::EmailsHidden));
        assert_eq!(one_of(&[]), Err(ReceiptReason::NoUser));
    }
}
