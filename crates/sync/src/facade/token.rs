//! The facade's own tokens: handed out for a code, and looked at with each request.

use model::secret::{ExposeSecret, SecretString, random_token, token_hash};
use store::facade::CodeExchange;

use super::{FacadeError, Visitor};
use crate::{Engine, SyncError};

/// What a token begins with.
const TOKEN: &str = "dvf_";
/// What a code begins with.
const CODE: &str = "dvc_";
/// Longer than anything that we hand out.
const LONGEST: usize = 200;

pub(super) fn new_code() -> SecretString {
    random_token(CODE)
}

/// Hands out a token for a code. A code is good once, for ten minutes, for the application that it was given to; where it is
/// used a second time, the token of the first use is revoked, as one of both users has stolen it.
///
/// # Errors
/// [`FacadeError::UnknownApplication`], [`FacadeError::WrongSecret`], [`FacadeError::BadCode`].
pub async fn exchange(
    engine: &Engine,
    client_id: &str,
    client_secret: &SecretString,
    code: &SecretString,
) -> Result<SecretString, FacadeError> {
    let application = engine.store().application_by_client_id(client_id).await?;
    let application = application.ok_or(FacadeError::UnknownApplication)?;
    // Hashes are compared, so that the time it takes tells nothing about the secret.
    if token_hash(client_secret.expose_secret()) != token_hash(application.secret.expose_secret()) {
        return Err(FacadeError::WrongSecret);
    }
    let token = random_token(TOKEN);
    let (code_hash, hash) = (token_hash(code.expose_secret()), token_hash(token.expose_secret()));
    let now = engine.clock().now();
    match engine.store().facade_code_exchange(&code_hash, application.id, &hash, now).await? {
        CodeExchange::Exchanged { .. } => Ok(token),
        CodeExchange::Reused => {
            tracing::warn!(
                application_id = application.id,
                "a code was used twice: the token of its first use was revoked"
            );
            Err(FacadeError::BadCode)
        }
        CodeExchange::Unknown => Err(FacadeError::BadCode),
    }
}

/// Who has this token; none where it is unknown or revoked. The grant may need to be authorised again: then it opens
/// nothing.
///
/// # Errors
/// When the store does not answer.
pub async fn visitor(engine: &Engine, token: &str) -> Result<Option<Visitor>, SyncError> {
    if token.len() > LONGEST || !token.starts_with(TOKEN) {
        return Ok(None);
    }
    let found = engine.store().facade_token(&token_hash(token), engine.clock().now()).await?;
    Ok(found.map(|(token, grant)| Visitor { token_id: token.id, grant }))
}
