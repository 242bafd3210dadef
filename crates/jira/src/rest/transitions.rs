//! Transitions of issues.

use serde_json::{Value, json};

use super::{Rest, value};
use crate::JiraError;

/// A transition that is open to an issue now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The name of the status that it leads to.
    pub to: String,
    /// The id of that status.
    pub to_id: String,
}

impl Rest {
    /// The transitions that the user of these credentials can execute on an issue now.
    ///
    /// # Errors
    /// [`Problem::NotFound`](crate::Problem::NotFound) where there is no such issue; what else keeps Jira from telling.
    pub async fn transitions(&self, issue_key: &str) -> Result<Vec<Transition>, JiraError> {
        let answer = self.get(&["issue", issue_key, "transitions"], &[]).await?;
        let told = answer.json()?;
        let rows = told["transitions"].as_array().ok_or_else(|| answer.lacks("transitions"))?;
        Ok(rows.iter().filter_map(transition).collect())
    }

    /// Executes a transition, without fields and without a comment: a comment sent along is lost without a word where the
    /// transition has no screen.
    ///
    /// # Errors
    /// [`Problem::Refused`](crate::Problem::Refused) where it is not open to the issue, or its screen asks for a field; what else
    /// keeps Jira from doing it.
    pub async fn transition(&self, issue_key: &str, transition_id: &str) -> Result<(), JiraError> {
        let body = json!({ "transition": { "id": transition_id } });
        self.post(&["issue", issue_key, "transitions"], &[], &body).await?.done()
    }
}

fn transition(told: &Value) -> Option<Transition> {
    Some(Transition {
        id: value::short(&told["id"])?,
        name: value::short(&told["name"])?,
        to: value::short(&told["to"]["name"]).unwrap_or_default(),
        to_id: value::short(&told["to"]["id"]).unwrap_or_default(),
    })
}
