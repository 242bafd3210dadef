//! What is told of accounts in their list beside their own rows: who authorised them, and whose web hooks a person has to paste.

use std::collections::HashMap;

use crate::credentials::CredentialKind;
use crate::database::read;
use crate::rows::Word;
use crate::{Result, Store};

/// The user of a forge as whom Dovetail reads: whose credential it has. Its secrets are not read.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Authoriser {
    /// Whose credential it is: an account's, or a grant's of the facade ([`crate::Account::credential_owner`]).
    pub owner_id: i64,
    /// Whether an application was authorised, or a token was made.
    #[sqlx(try_from = "Word<CredentialKind>")]
    pub kind: CredentialKind,
    /// The log-in at the forge.
    #[sqlx(rename = "user_login")]
    pub login: String,
    /// The name at the forge.
    #[sqlx(rename = "user_name")]
    pub name: String,
}

impl Store {
    /// Who authorised what, by the owners of the credentials.
    pub async fn authorisers(&self) -> Result<HashMap<i64, Authoriser>> {
        const SQL: &str = "SELECT owner_id, kind, user_login, user_name FROM credential";
        let rows: Vec<Authoriser> = read!(self, |db| sqlx::query_as(SQL).fetch_all(db))?;
        Ok(rows.into_iter().map(|row| (row.owner_id, row)).collect())
    }

    /// Of how many of its linked repositories an account has web hooks that a person has to paste; accounts without such are
    /// left out. The hook of a group counts for each of its repositories that has none of its own.
    pub async fn hooks_to_paste(&self) -> Result<HashMap<i64, i64>> {
        const SQL: &str = "SELECT ar.account_id, COUNT(*) FROM account_repository ar \
             LEFT JOIN hook own ON own.repository_id = ar.repository_id \
             LEFT JOIN hook wide ON wide.account_id = ar.account_id \
             WHERE ar.linked AND ar.visible AND COALESCE(wide.state, '') <> 'registered' \
             AND COALESCE(own.state, wide.state) = 'manual' GROUP BY ar.account_id";
        let rows: Vec<(i64, i64)> = read!(self, |db| sqlx::query_as(SQL).fetch_all(db))?;
        Ok(rows.into_iter().collect())
    }
}
