//! Who asks: the rule of user agents, then the token (GitLab contract §2.1, §2.2).

use axum::extract::FromRequestParts;
use axum::http::header::{ACCEPT, AUTHORIZATION};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use model::secret::SecretString;
use store::facade::{Grant, GrantState};
use sync::facade::Visitor;

use super::agent;
use super::query::Query;
use super::refusal::Refusal;
use crate::address::PublicAddress;
use crate::state::AppState;
use crate::visit::Visited;

/// The longest token that is looked up, in bytes.
const LONGEST_TOKEN: usize = 500;

/// A program with a token of the facade. As an extractor it refuses everybody else, other programs than Jira first.
#[derive(Debug, Clone)]
pub struct Caller {
    visitor: Visitor,
    asked: Asked,
}

/// What a request says besides who asks.
#[derive(Debug, Clone)]
struct Asked {
    address: PublicAddress,
    path: String,
    query: Query,
    is_jira: bool,
}

/// A caller whatever it calls itself: the hooks' client of Jira names no connector, and `/user` is for everybody.
#[derive(Debug, Clone)]
pub struct AnyAgent(pub Caller);

/// A caller of the web hooks: with another user agent only if the token is known (else there is nothing here).
#[derive(Debug, Clone)]
pub struct HookCaller(pub Caller);

/// A caller who may show no token at all.
#[derive(Debug, Clone)]
pub struct Stranger(pub Option<Caller>);

impl Caller {
    /// What the token opens, and for whom.
    pub const fn visitor(&self) -> &Visitor {
        &self.visitor
    }

    /// The grant behind the token.
    pub const fn grant(&self) -> &Grant {
        &self.visitor.grant
    }

    /// The parameters.
    pub const fn query(&self) -> &Query {
        &self.asked.query
    }

    /// Where this program is.
    pub const fn address(&self) -> &PublicAddress {
        &self.asked.address
    }

    /// An address below REST v3.
    pub fn api(&self, path: &str) -> String {
        self.asked.address.absolute(&format!("/api/v3{path}"))
    }

    /// The address that was asked, without parameters. Jira asks below the root of the host whatever our path is, and
    /// takes of a link only path and query, which must begin with `/api/v3`; before it stands what Jira kept of its Host URL.
    pub fn here(&self) -> String {
        let Asked { address, path, is_jira, .. } = &self.asked;
        match is_jira {
            true => format!("{}{}", address.origin(), path.strip_prefix(super::LEGACY).unwrap_or(path)),
            false => address.absolute(path),
        }
    }
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        require_agent(parts, state)?;
        identified(parts, state).await?.ok_or(Refusal::NoToken)
    }
}

impl FromRequestParts<AppState> for AnyAgent {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        identified(parts, state).await?.map(Self).ok_or(Refusal::NoToken)
    }
}

impl FromRequestParts<AppState> for HookCaller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let agent = require_agent(parts, state);
        match (identified(parts, state).await, agent) {
            (Ok(Some(caller)), _) => Ok(Self(caller)),
            (_, Err(refusal)) => Err(refusal),
            (Ok(None), Ok(())) => Err(Refusal::NoToken),
            (Err(refusal), Ok(())) => Err(refusal),
        }
    }
}

impl FromRequestParts<AppState> for Stranger {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        require_agent(parts, state)?;
        Ok(Self(identified(parts, state).await?))
    }
}

/// There is nothing here for other programs, as long as that is the rule.
fn require_agent(parts: &Parts, state: &AppState) -> Result<(), Refusal> {
    let open = !state.options().facade.require_user_agent || agent::is_jira(&parts.headers);
    if open { Ok(()) } else { Err(Refusal::NotFound(None)) }
}

/// Whose token was shown; none where none was.
async fn identified(parts: &mut Parts, state: &AppState) -> Result<Option<Caller>, Refusal> {
    if !takes_json(&parts.headers) {
        return Err(Refusal::NotAcceptable);
    }
    let query = Query::of(&parts.uri);
    let token = match header_token(&parts.headers)? {
        Some(token) => token,
        None => match query.credential() {
            Some(token) => SecretString::from(token.to_owned()),
            None => return Ok(None),
        },
    };
    let Ok(Visited(visit)) = Visited::from_request_parts(parts, state).await else {
        return Err(Refusal::Status(StatusCode::INTERNAL_SERVER_ERROR));
    };
    let asked = Asked {
        address: visit.address.clone(),
        path: parts.uri.path().to_owned(),
        query,
        is_jira: agent::is_jira(&parts.headers),
    };
    let visitor = opened(&token, state).await?;
    Ok(Some(Caller { visitor, asked }))
}

async fn opened(token: &SecretString, state: &AppState) -> Result<Visitor, Refusal> {
    use model::secret::ExposeSecret;

    let token = token.expose_secret();
    if token.len() > LONGEST_TOKEN || token.contains('\0') {
        return Err(Refusal::BadToken);
    }
    let visitor = sync::facade::visitor(state.engine(), token).await?.ok_or(Refusal::BadToken)?;
    match visitor.grant.state {
        GrantState::Active => Ok(visitor),
        // Whether its user may still see anything cannot be asked any more.
        GrantState::NeedsAuthorisation => Err(Refusal::Revoked),
    }
}

/// The token of `Authorization: token …` (GitHub), `Authorization: Bearer …` or `PRIVATE-TOKEN: …` (GitLab).
fn header_token(headers: &HeaderMap) -> Result<Option<SecretString>, Refusal> {
    let token = match (headers.get(AUTHORIZATION), headers.get("private-token")) {
        (Some(value), _) => {
            let text = value.to_str().map_err(|_| Refusal::BadToken)?;
            let (scheme, token) = text.trim().split_once(' ').ok_or(Refusal::BadToken)?;
            let known = ["token", "bearer"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
            known.then_some(token).ok_or(Refusal::BadToken)?
        }
        (None, Some(value)) => value.to_str().map_err(|_| Refusal::BadToken)?,
        (None, None) => return Ok(None),
    };
    Ok(Some(SecretString::from(token.trim().to_owned())))
}

/// Whether the caller takes JSON; whoever does not say takes everything.
fn takes_json(headers: &HeaderMap) -> bool {
    let mut accepted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).peekable();
    accepted.peek().is_none()
        || accepted.flat_map(|value| value.split(',')).any(|one| {
            let kind = one.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            // `*` alone is what Java sends besides.
            kind.is_empty()
                || kind.starts_with('*')
                || kind == "application/*"
                || kind.contains("json")
                || kind.starts_with("application/vnd.github")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("application/vnd.github.beta+json", true)]
    #[case("application/json", true)]
    #[case("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", true)]
    #[case("application/vnd.github.v3", true)]
    #[case("text/csv", false)]
    #[case("text/html, image/png", false)]
    #[case("nonsense", false)]
    #[case("", true)]
    fn json_is_taken_by_those_who_say_so(#[case] accept: &str, #[case] takes: bool) {
        let headers: HeaderMap = [(ACCEPT, accept.parse().unwrap())].into_iter().collect();

        assert_eq!(takes_json(&headers), takes);
    }
}
