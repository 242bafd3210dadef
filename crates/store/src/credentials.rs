//! What an account, or a grant of the facade, is reached with.

use model::secret::SecretString;
use model::{ForgeUser, Millis};

use crate::database::{execute, execute_live, read};
use crate::rows::{Word, words};
use crate::seal::Place;
use crate::{Result, Store, WriteTx};

words! {
    /// What kind of credential it is.
    CredentialKind {
        /// A pair of an OAuth grant.
        Oauth = "oauth",
        /// A token that a person made.
        Token = "token",
    }
}

/// The tokens of an owner: an account, or a grant of the facade. The ids of both come from one sequence.
#[derive(Debug, Clone)]
pub struct Credential {
    /// Whose they are.
    pub owner_id: i64,
    /// OAuth or token.
    pub kind: CredentialKind,
    /// The access token.
    pub access: SecretString,
    /// The refresh token.
    pub refresh: Option<SecretString>,
    /// When the access token dies.
    pub expires_at: Option<Millis>,
    /// When the pair was issued.
    pub issued_at: Option<Millis>,
    /// Set before a refresh is sent, cleared with its answer.
    pub refresh_attempted_at: Option<Millis>,
    /// Who authorised it; the picture and page are not kept.
    pub user: ForgeUser,
}

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(try_from = "Word<CredentialKind>")]
    kind: CredentialKind,
    access_sealed: String,
    refresh_sealed: Option<String>,
    expires_at: Option<Millis>,
    issued_at: Option<Millis>,
    refresh_attempted_at: Option<Millis>,
    user_forge_id: String,
    user_login: String,
    user_name: String,
    user_administrator: bool,
}

const fn access_place(row: &str) -> Place<'_> {
    Place { table: "credential", column: "access", row }
}

const fn refresh_place(row: &str) -> Place<'_> {
    Place { table: "credential", column: "refresh", row }
}

impl WriteTx {
    /// Keeps the credential of its owner, in place of the one before.
    pub async fn credential_put(&mut self, credential: &Credential) -> Result<()> {
        const DELETE: &str = "DELETE FROM credential WHERE owner_id = $1";
        const INSERT: &str = "INSERT INTO credential (owner_id, kind, access_sealed, refresh_sealed, expires_at, issued_at, \
                              refresh_attempted_at, user_forge_id, user_login, user_name, user_administrator) \
                              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
        let row = credential.owner_id.to_string();
        let access = self.store().sealer().seal(access_place(&row), &credential.access);
        let refresh = credential.refresh.as_ref();
        let refresh = refresh.map(|refresh| self.store().sealer().seal(refresh_place(&row), refresh));
        execute!(self.aside(), sqlx::query(DELETE).bind(credential.owner_id))?;
        execute!(
            self.aside(),
            sqlx::query(INSERT)
                .bind(credential.owner_id)
                .bind(credential.kind.as_str())
                .bind(access.as_str())
                .bind(refresh.as_deref())
                .bind(credential.expires_at)
                .bind(credential.issued_at)
                .bind(credential.refresh_attempted_at)
                .bind(credential.user.forge_id.as_str())
                .bind(credential.user.login.as_str())
                .bind(credential.user.name.as_str())
                .bind(credential.user.administrator)
        )?;
        Ok(())
    }

    /// Forgets the credential of an owner.
    pub async fn credential_remove(&mut self, owner_id: i64) -> Result<()> {
        const SQL: &str = "DELETE FROM credential WHERE owner_id = $1";
        execute!(self.aside(), sqlx::query(SQL).bind(owner_id))?;
        Ok(())
    }
}

impl Store {
    /// The credential of an owner, opened.
    pub async fn credential(&self, owner_id: i64) -> Result<Option<Credential>> {
        const SQL: &str = "SELECT kind, access_sealed, refresh_sealed, expires_at, issued_at, refresh_attempted_at, \
                           user_forge_id, user_login, user_name, user_administrator FROM credential WHERE owner_id = $1";
        let row: Option<Row> = read!(self, |db| sqlx::query_as(SQL).bind(owner_id).fetch_optional(db))?;
        row.map(|row| self.open_credential(owner_id, row)).transpose()
    }

    fn open_credential(&self, owner_id: i64, row: Row) -> Result<Credential> {
        let key = owner_id.to_string();
        let refresh = row.refresh_sealed.as_deref();
        Ok(Credential {
            owner_id,
            kind: row.kind,
            access: self.sealer().open(access_place(&key), &row.access_sealed)?,
            refresh: refresh.map(|sealed| self.sealer().open(refresh_place(&key), sealed)).transpose()?,
            expires_at: row.expires_at,
            issued_at: row.issued_at,
            refresh_attempted_at: row.refresh_attempted_at,
            user: ForgeUser {
                forge_id: row.user_forge_id,
                login: row.user_login,
                name: row.user_name,
                administrator: row.user_administrator,
                ..ForgeUser::default()
            },
        })
    }

    /// Notes that a refresh is about to be sent (engine §3: the old pair dies at a refresh).
    pub async fn credential_refresh_attempt(&self, owner_id: i64, now: Millis) -> Result<()> {
        const SQL: &str = "UPDATE credential SET refresh_attempted_at = $2 WHERE owner_id = $1";
        execute_live!(aside self, sqlx::query(SQL).bind(owner_id).bind(now))?;
        Ok(())
    }
}
