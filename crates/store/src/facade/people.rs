//! Users of a forge, as far as merge requests tell of them.

use model::{ForgeUser, Millis, Reviewer};

use super::grant_sees;
use super::served::served;
use crate::database::read;
use crate::rows::JsonText;
use crate::sql::is_storable;
use crate::{Result, Store};

/// A user, and when that user was first and last seen to act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacadePerson {
    /// Who.
    pub user: ForgeUser,
    /// When the earliest known merge request with that user was opened.
    pub since: Millis,
    /// When one last changed.
    pub until: Millis,
}

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(try_from = "JsonText<ForgeUser>")]
    author: ForgeUser,
    #[sqlx(try_from = "JsonText<Vec<Reviewer>>")]
    reviewers: Vec<Reviewer>,
    created_at: Millis,
    updated_at: Millis,
}

/// The latest merge requests `m` of repositories `r` with this condition whose author or reviewers match `$1`. At most 200 are
/// looked at: who a user is stands in each.
macro_rules! select {
    ($which:expr) => {
        concat!(
            "SELECT m.author, m.reviewers, m.created_at, m.updated_at FROM merge_request m \
             JOIN repository r ON r.id = m.repository_id WHERE m.gone_at IS NULL \
             AND (LOWER(m.author) LIKE $1 ESCAPE '!' OR LOWER(m.reviewers) LIKE $1 ESCAPE '!') AND ",
            $which,
            " ORDER BY m.updated_at DESC, m.id DESC LIMIT 200"
        )
    };
}

impl Store {
    /// The user of that log-in, in any case, who wrote or reviewed a merge request that the grant opens.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn facade_person(&self, grant_id: i64, login: &str) -> Result<Option<FacadePerson>> {
        const SQL: &str = select!(grant_sees!("$2"));
        let Some(pattern) = pattern(login) else { return Ok(None) };
        let rows: Vec<Row> = read!(self, |db| sqlx::query_as(SQL).bind(pattern.as_str()).bind(grant_id).fetch_all(db))?;
        Ok(person(login, &rows))
    }

    /// The same among everything that any grant opens.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn facade_served_person(&self, login: &str) -> Result<Option<ForgeUser>> {
        const SQL: &str = select!(served!());
        let Some(pattern) = pattern(login) else { return Ok(None) };
        let rows: Vec<Row> = read!(self, |db| sqlx::query_as(SQL).bind(pattern.as_str()).fetch_all(db))?;
        Ok(person(login, &rows).map(|person| person.user))
    }
}

/// The log-in as it stands in the JSON of a user; none for what no user can be called.
fn pattern(login: &str) -> Option<String> {
    let is_name = !login.is_empty() && login.len() <= 255 && !login.contains(['"', '\\', '!']) && is_storable(login);
    is_name.then(|| {
        let escaped = login.to_lowercase().replace('%', "!%").replace('_', "!_");
        format!("%\"login\":\"{escaped}\"%")
    })
}

fn person(login: &str, rows: &[Row]) -> Option<FacadePerson> {
    let mut found: Option<FacadePerson> = None;
    for row in rows {
        let mut people = std::iter::once(&row.author).chain(row.reviewers.iter().map(|reviewer| &reviewer.user));
        let Some(user) = people.find(|user| user.login.to_lowercase() == login.to_lowercase()) else { continue };
        let first = || FacadePerson { user: user.clone(), since: row.created_at, until: row.updated_at };
        let known = found.get_or_insert_with(first);
        known.since = known.since.min(row.created_at);
    }
    found
}
