//! Projects and their keys.

use serde_json::Value;

use super::pages::List;
use super::{Rest, value};
use crate::JiraError;

/// A project of a Jira.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// Its id, which stays when the project is renamed.
    pub id: String,
    /// Its present key.
    pub key: String,
    /// Its name.
    pub name: String,
}

impl Rest {
    /// All projects that this user sees.
    ///
    /// # Errors
    /// What keeps Jira from telling.
    pub async fn projects(&self) -> Result<Vec<Project>, JiraError> {
        if !self.0.cloud {
            let answer = self.get(&["project"], &[]).await?;
            let told = answer.json()?;
            let rows = told.as_array().ok_or_else(|| answer.lacks("a list of projects"))?;
            return Ok(rows.iter().filter_map(project).collect());
        }
        let mut found = Vec::new();
        let list = List { segments: &["project", "search"], query: &[("orderBy", "key")], rows: "values" };
        self.each_page(list, |rows| {
            found.extend(rows.into_iter().filter_map(project));
            false
        })
        .await?;
        Ok(found)
    }

    /// The keys of a project, given one of them or its id: the present one first, then former ones where this Jira tells them.
    ///
    /// # Errors
    /// [`Problem::NotFound`](crate::Problem::NotFound) where there is no such project; what else keeps Jira from telling.
    pub async fn project_keys(&self, id_or_key: &str) -> Result<Vec<String>, JiraError> {
        let answer = self.get(&["project", id_or_key], &[("expand", "projectKeys")]).await?;
        let told = answer.json()?;
        let present = value::short(&told["key"]).ok_or_else(|| answer.lacks("the project's key"))?;
        let mut keys = vec![present];
        for key in value::rows(&told["projectKeys"]).filter_map(value::short) {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        Ok(keys)
    }
}

fn project(told: &Value) -> Option<Project> {
    let (id, key) = (value::short(&told["id"])?, value::short(&told["key"])?);
    Some(Project { name: value::short(&told["name"]).unwrap_or_else(|| key.clone()), id, key })
}
