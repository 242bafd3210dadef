//! What a host tells a stranger about an application, before anybody logs in (GitLab contract §4.1, §5.1).
//!
//! Most hosts want a log-in before they look at anything: they tell nothing. A GitLab from 15.7.8 to 15.11 looks at Client ID
//! and redirect address first where it plays GitHub, and so do hosts behind a log-in that lets everybody in.

use http::StatusCode;
use model::secret::SecretString;
use url::Url;

use super::{MAX_ANSWER, OAuthClient, challenge};

/// An address that nobody can register: names below `invalid` never exist.
const NOBODYS: &str = "https://dovetail.invalid/oauth/callback";
/// What is asked for with a state that nobody waits for.
const STATE: &str = "dovetail-checks-the-application";

/// What a host told; none where it does not tell strangers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Consent {
    /// Whether it knows the Client ID.
    pub client_known: Option<bool>,
    /// Whether the application lists the redirect address.
    pub redirect_listed: Option<bool>,
    /// Whether the application has the scope.
    pub scope_granted: Option<bool>,
}

impl Consent {
    const UNKNOWN_CLIENT: Self = Self { client_known: Some(false), redirect_listed: None, scope_granted: None };
    const OTHER_REDIRECT: Self = Self { client_known: Some(true), redirect_listed: Some(false), scope_granted: None };
    const OTHER_SCOPE: Self =
        Self { client_known: Some(true), redirect_listed: Some(true), scope_granted: Some(false) };
    const ALL_GOOD: Self = Self { client_known: Some(true), redirect_listed: Some(true), scope_granted: Some(true) };

    const fn is_silent(self) -> bool {
        self.client_known.is_none()
    }
}

impl OAuthClient {
    /// What the host tells a stranger whose browser is sent to it with this redirect address and scope. Nobody logs in, so
    /// nothing is granted; a host that does not answer tells nothing.
    pub async fn consent(&self, redirect_uri: &str, scope: &str) -> Consent {
        let told = self.told_by_page(redirect_uri, scope).await.unwrap_or_default();
        if told.is_silent() { self.told_by_copy(redirect_uri).await.unwrap_or_default() } else { told }
    }

    /// By the page where the user is asked.
    async fn told_by_page(&self, redirect_uri: &str, scope: &str) -> Option<Consent> {
        let challenge = challenge(&SecretString::from("0".repeat(43)));
        let url = self.authorize_url(STATE, &challenge, redirect_uri, scope).ok()?;
        let (status, location, page) = self.visit(&url).await?;
        let Some(to) = location else { return by_words(status, &page) };
        let to = url.join(&to).ok()?;
        let ours = Url::parse(redirect_uri).ok()?;
        if (to.origin(), to.path()) != (ours.origin(), ours.path()) {
            return None;
        }
        let error = to.query_pairs().find(|(name, _)| name == "error").map(|(_, word)| word.into_owned());
        match error.as_deref() {
            Some("invalid_scope") => Some(Consent::OTHER_SCOPE),
            Some(_) => None,
            None => Some(Consent::ALL_GOOD),
        }
    }

    /// By the copy of GitHub's page, which looks at the redirect address before the log-in: an address that nobody can have
    /// shows whether it looks at all.
    async fn told_by_copy(&self, redirect_uri: &str) -> Option<Consent> {
        let url = self.strangers.as_ref()?;
        let ask = async |redirect: &str| {
            let mut url = url.clone();
            let pairs = [("client_id", self.client_id()), ("redirect_uri", redirect), ("scope", "repo")];
            url.query_pairs_mut().extend_pairs(pairs);
            self.visit(&url).await.map(|(status, ..)| status)
        };
        if ask(NOBODYS).await? != StatusCode::FORBIDDEN {
            return None;
        }
        match ask(redirect_uri).await? {
            StatusCode::FORBIDDEN => Some(Consent::OTHER_REDIRECT),
            status if status.is_redirection() => Some(Consent { scope_granted: None, ..Consent::ALL_GOOD }),
            _ => None,
        }
    }

    async fn visit(&self, url: &Url) -> Option<(StatusCode, Option<String>, String)> {
        let request = self.http.get(url).header("accept", "text/html").keep_redirect();
        let request = match self.dialect.user_agent {
            Some(program) => request.header("user-agent", program),
            None => request,
        };
        let response = request.send().await.ok()?;
        let status = response.status();
        let location = response.header("location").filter(|_| status.is_redirection()).map(str::to_owned);
        let page = response.bytes(MAX_ANSWER).await.unwrap_or_default();
        Some((status, location, String::from_utf8_lossy(&page).into_owned()))
    }
}

/// The sentences of GitLab's page, which it shows with 200, newer ones with 400 and 401.
fn by_words(status: StatusCode, page: &str) -> Option<Consent> {
    if status.is_server_error() {
        return None;
    }
    let says = |sentence: &str| page.contains(sentence);
    if says("due to unknown client") {
        Some(Consent::UNKNOWN_CLIENT)
    } else if says("redirect URI included is not valid") || says("redirect uri included is not valid") {
        Some(Consent::OTHER_REDIRECT)
    } else if says("requested scope is invalid") {
        Some(Consent::OTHER_SCOPE)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_a_refusal_is_understood_by_its_words() {
        let told = |page: &str| by_words(StatusCode::OK, page);
        let unknown = "<p>Client authentication failed due to unknown client, no client authentication included.</p>";
        assert_eq!(told(unknown), Some(Consent::UNKNOWN_CLIENT));
        assert_eq!(told("The redirect URI included is not valid."), Some(Consent::OTHER_REDIRECT));
        assert_eq!(told("The requested scope is invalid, unknown, or malformed."), Some(Consent::OTHER_SCOPE));
        assert_eq!(told("<form>Sign in</form>"), None);
        assert_eq!(by_words(StatusCode::BAD_GATEWAY, unknown), None);
    }
}
