//! What a forge tells about the credential that it is asked with.

use model::Millis;

/// What kind of credential lets us in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// Of a person; it ends with the person's account.
    Personal,
    /// Of one project, with a bot user of its own.
    Project,
    /// Of a group, with a bot user of its own.
    Group,
    /// Handed out by OAuth; it is refreshed.
    Oauth,
    /// The forge does not tell.
    Unknown,
}

/// What a forge tells about a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenDetail {
    /// What it may be used for, in the forge's words (`api`, `read_api`); empty where the forge does not tell.
    pub scopes: Vec<String>,
    /// From when on it is refused; none where it has no end, or the forge does not tell.
    pub expires_at: Option<Millis>,
    /// What kind it is.
    pub kind: TokenKind,
}
