//! People: oneself, and those with an e-mail.

use std::fmt;

use serde_json::Value;

use super::client::Query;
use super::{Rest, value};
use crate::JiraError;

/// The most people asked for at once; no Jira gives more.
const MOST: usize = 1_000;
/// The most pages of them.
const MOST_PAGES: usize = 20;

/// A user of a Jira.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    /// The user name on Data Center, the account id on Cloud.
    pub id: String,
    /// The name that people read.
    pub name: String,
    /// The e-mail; none where Jira hides or masks it.
    pub email: Option<String>,
    /// Whether they may log in.
    pub active: bool,
}

/// Without the e-mail, which is no business of logs.
impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, name, email, active } = self;
        let email = email.as_ref().map(|_| "…");
        f.debug_struct("Person")
            .field("id", id)
            .field("name", name)
            .field("email", &email)
            .field("active", active)
            .finish()
    }
}

impl Rest {
    /// Whose credentials these are.
    ///
    /// # Errors
    /// [`Problem::Unauthorised`](crate::Problem::Unauthorised) where they open nothing; what else keeps Jira from telling.
    pub async fn myself(&self) -> Result<Person, JiraError> {
        let answer = self.get(&["myself"], &[]).await?;
        self.person(&answer.json()?).ok_or_else(|| answer.lacks("the user's name"))
    }

    /// Everybody with exactly this e-mail, ignoring case, inactive ones included, and those whom Jira found by it without
    /// telling their e-mail (`email` is none): nothing shows that it is theirs.
    ///
    /// # Errors
    /// [`Problem::Forbidden`](crate::Problem::Forbidden) where the user may not browse users; what else keeps Jira from telling.
    pub async fn people_by_email(&self, email: &str) -> Result<Vec<Person>, JiraError> {
        let email = email.trim();
        if email.is_empty() {
            return Ok(Vec::new());
        }
        let by = if self.0.cloud { "query" } else { "username" };
        let query = [(by, email), ("includeActive", "true"), ("includeInactive", "true")];
        let folded = email.to_lowercase();
        let may_be =
            |person: &Person| person.email.as_ref().is_none_or(|theirs| theirs.trim().to_lowercase() == folded);
        let mut found = self.people(&["user", "search"], &query).await?;
        found.retain(may_be);
        Ok(found)
    }

    /// All users that a search finds.
    pub(super) async fn people(&self, segments: &[&str], query: Query<'_>) -> Result<Vec<Person>, JiraError> {
        let mut found = Vec::new();
        for page in 0..MOST_PAGES {
            let (from, most) = ((page * MOST).to_string(), MOST.to_string());
            let mut query = query.to_vec();
            query.extend([("startAt", from.as_str()), ("maxResults", most.as_str())]);
            let answer = self.get(segments, &query).await?;
            let told = answer.json()?;
            let rows = told.as_array().ok_or_else(|| answer.lacks("a list of users"))?;
            found.extend(rows.iter().filter_map(|row| self.person(row)));
            if rows.len() < MOST {
                break;
            }
        }
        Ok(found)
    }

    /// A user as Jira tells them.
    fn person(&self, told: &Value) -> Option<Person> {
        let id = person_id(told, self.0.cloud)?;
        let email = value::short(&told["emailAddress"]).filter(|email| email.contains('@'));
        let active = told["active"].as_bool().unwrap_or(false);
        Some(Person { name: value::short(&told["displayName"]).unwrap_or_else(|| id.clone()), id, email, active })
    }
}

/// How a Jira names one of its users.
pub fn person_id(told: &Value, cloud: bool) -> Option<String> {
    value::short(if cloud { &told["accountId"] } else { &told["name"] })
}
