//! Who calls: HTTP Basic with a token or a password.

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::gitlab::model::{Model, TokenProblem, UserId};

/// Who calls, and what their credentials may be used for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Caller {
    /// Who.
    pub(super) user: UserId,
    /// Whether the credentials may fetch.
    pub(super) reads: bool,
    /// Whether the credentials may push.
    pub(super) writes: bool,
}

/// Why credentials are not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CallerProblem {
    /// They are not right.
    Denied,
    /// The user may not come in.
    Blocked,
}

/// The caller; none when the request carries no credentials.
///
/// A token goes as the password of any user name (`oauth2` by custom), or as the user name with an empty password or
/// `x-oauth-basic`.
pub(super) fn caller(model: &Model, headers: &HeaderMap) -> Result<Option<Caller>, CallerProblem> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let (user, password) = value.to_str().ok().and_then(basic).ok_or(CallerProblem::Denied)?;
    let token = if password.is_empty() || password == "x-oauth-basic" { &user } else { &password };
    match model.authenticate(token) {
        Ok(identity) => {
            let (reads, writes) = (identity.scopes.reads_repository(), identity.scopes.writes_repository());
            Ok(Some(Caller { user: identity.user, reads, writes }))
        }
        Err(TokenProblem::Blocked) => Err(CallerProblem::Blocked),
        Err(TokenProblem::Unknown | TokenProblem::Expired | TokenProblem::Revoked) => {
            let user = model.authenticate_password(&user, &password).ok_or(CallerProblem::Denied)?;
            Ok(Some(Caller { user, reads: true, writes: true }))
        }
    }
}

/// Takes `Basic <base64 of user:password>` apart.
fn basic(value: &str) -> Option<(String, String)> {
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    text.split_once(':').map(|(user, password)| (user.to_owned(), password.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::basic;

    #[test]
    fn basic_is_taken_apart() {
        let both = |user: &str, password: &str| Some((user.to_owned(), password.to_owned()));
        assert_eq!(basic("Basic b2F1dGgyOmE6Yg=="), both("oauth2", "a:b"));
        assert_eq!(basic("basic b2F1dGgyOg=="), both("oauth2", ""));
        assert_eq!(basic("Bearer b2F1dGgyOg=="), None);
        assert_eq!(basic("Basic ???"), None);
        assert_eq!(basic("Basic"), None);
    }
}
