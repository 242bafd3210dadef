//! What an account is reached with.

use model::secret::SecretString;
use model::{ForgeUser, Millis};

use crate::rows::words;
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

/// The tokens of an account.
#[derive(Debug, Clone)]
pub struct Credential {
    /// Whose they are.
    pub account_id: i64,
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

impl WriteTx {
    /// Keeps the credential of its account, in place of the one before.
    pub async fn credential_put(&mut self, credential: &Credential) -> Result<()> { todo!() }
}

impl Store {
    /// The credential of an account, opened.
    pub async fn credential(&self, account_id: i64) -> Result<Option<Credential>> { todo!() }

    /// Notes that a refresh is about to be sent (engine §3: the old pair dies at a refresh).
    pub async fn credential_refresh_attempt(&self, account_id: i64, now: Millis) -> Result<()> { todo!() }
}
