//! `/sites/{id}/people`: who an author is in Jira, where the e-mail does not tell. Only administrators read it: it has e-mails.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use store::{NewPersonAlias, PersonAlias, PersonAliasKind};
use utoipa::ToSchema;

use super::body::Body;
use super::sites::{present, unprocessable};
use crate::bearer::ApiToken;
use crate::problem::Problem;
use crate::sentences::site_calls;
use crate::state::AppState;

/// How many people one call may bring.
const MOST: usize = 2_000;
/// The longest text, in characters.
const LONGEST: usize = 255;

/// What an author is known by.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KnownBy {
    /// The e-mail of the commits.
    Email,
    /// The log-in at the forge.
    ForgeUser,
}

impl From<KnownBy> for PersonAliasKind {
    fn from(known_by: KnownBy) -> Self {
        match known_by {
            KnownBy::Email => Self::Email,
            KnownBy::ForgeUser => Self::ForgeUser,
        }
    }
}

/// An author, and who that is in Jira.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPerson {
    /// What the author is known by.
    kind: KnownBy,
    /// The e-mail or log-in; case does not matter.
    written: String,
    /// The user of Jira: a name, of Cloud an account id.
    jira_user: String,
}

impl NewPerson {
    /// Nothing where a text cannot be kept.
    fn fit(self) -> Option<NewPersonAlias> {
        let text = |text: &str| {
            let text = text.trim();
            let fits = !text.is_empty() && text.chars().count() <= LONGEST && !text.chars().any(char::is_control);
            fits.then(|| text.to_owned())
        };
        let (written, jira_user) = (text(&self.written)?, text(&self.jira_user)?);
        Some(NewPersonAlias { kind: self.kind.into(), written, jira_user })
    }
}

/// An author, and who that is in Jira.
#[derive(Debug, Serialize, ToSchema)]
pub struct Person {
    /// Its id, for removing it.
    id: i64,
    /// What the author is known by: `email` or `forge_user`.
    kind: &'static str,
    /// The e-mail or log-in.
    written: String,
    /// The user of Jira.
    jira_user: String,
}

impl From<PersonAlias> for Person {
    fn from(alias: PersonAlias) -> Self {
        Self { id: alias.id, kind: alias.kind.as_str(), written: alias.written, jira_user: alias.jira_user }
    }
}

/// The authors of whom a site knows by hand who they are in Jira.
#[utoipa::path(
    get, path = "/sites/{id}/people", tag = "sites", params(("id" = i64, Path, description = "The site's id")),
    responses((status = 200, body = [Person]), (status = 403, body = Problem), (status = 404, body = Problem))
)]
pub async fn list_people(
    State(state): State<AppState>,
    caller: ApiToken,
    Path(id): Path<i64>,
) -> Result<Json<Vec<Person>>, Problem> {
    caller.require_admin()?;
    present(&state, id).await?;
    Ok(Json(people(&state, id).await?))
}

/// Say of authors who they are in Jira: each is added, or takes the place of what was said before. Others stay. All are kept, or
/// none.
#[utoipa::path(
    put, path = "/sites/{id}/people", tag = "sites", params(("id" = i64, Path, description = "The site's id")),
    request_body = [NewPerson],
    responses(
        (status = 200, body = [Person]), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 422, description = "A text is empty or too long, or the list is", body = Problem)
    )
)]
pub async fn put_people(
    State(state): State<AppState>,
    caller: ApiToken,
    Path(id): Path<i64>,
    Body(new): Body<Vec<NewPerson>>,
) -> Result<Json<Vec<Person>>, Problem> {
    caller.require_admin()?;
    present(&state, id).await?;
    if new.len() > MOST {
        return Err(unprocessable(site_calls::too_many_people(MOST), None));
    }
    let mut aliases = Vec::with_capacity(new.len());
    for (before, person) in new.into_iter().enumerate() {
        aliases.push(person.fit().ok_or_else(|| unprocessable(site_calls::unfit_person(before + 1), None))?);
    }
    state.store().person_alias_put(id, &aliases, state.now()).await?;
    Ok(Json(people(&state, id).await?))
}

/// Forget who an author is in Jira.
#[utoipa::path(
    delete, path = "/sites/{id}/people/{person_id}", tag = "sites",
    params(
        ("id" = i64, Path, description = "The site's id"),
        ("person_id" = i64, Path, description = "The person's id")
    ),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem))
)]
pub async fn remove_person(
    State(state): State<AppState>,
    caller: ApiToken,
    Path((id, person_id)): Path<(i64, i64)>,
) -> Result<StatusCode, Problem> {
    caller.require_admin()?;
    present(&state, id).await?;
    let gone = state.store().person_alias_delete(id, person_id).await?;
    if gone { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found()) }
}

async fn people(state: &AppState, id: i64) -> Result<Vec<Person>, Problem> {
    let aliases = state.store().person_aliases(id).await?;
    Ok(aliases.into_iter().map(Into::into).collect())
}
