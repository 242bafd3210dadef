//! The dance for a token, and the third client: a bare `HttpURLConnection`.

use http::Method;
use url::Url;
use url::form_urlencoded::{byte_serialize, parse};

use super::address::Host;
use super::calls::Kind;
use super::jira::{Inner, Token};
use super::sentences::Words;
use super::wire::{Java, Request};

/// Jira's mark against forged requests.
const XSRF: &str = "BP8Q-WXN6-SKX3-NB5M_replay_lin";
/// What the host type is called in addresses.
const TYPE: &str = "3";

/// One browser sent away for one purpose.
#[derive(Debug)]
pub(super) struct Dance {
    /// Where the browser comes back to.
    back: String,
}

impl Dance {
    /// For adding an account.
    pub(super) fn adding(jira: &Inner, account: &str) -> Self {
        let back = format!(
            "{}/secure/admin/AddOrganizationProgressAction!default.jspa?url={}&atl_token={XSRF}&organization={account}\
             &autoLinking={}&autoSmartCommits={}",
            jira.options.url, jira.host.url, jira.options.auto_link, jira.options.smart_commits
        );
        Self { back }
    }

    /// For another token of an account.
    pub(super) fn regenerating(jira: &Inner, account: i64) -> Self {
        let back = format!(
            "{}/secure/admin/RegenerateGithubEnterpriseOauthToken!finish.jspa?organization={account}&atl_token={XSRF}",
            jira.options.url
        );
        Self { back }
    }

    /// Where the browser is sent. The last parameter is glued to the encoded address.
    pub(super) fn authorize_url(&self, jira: &Inner, client_id: &str) -> String {
        let back: String = byte_serialize(self.back.as_bytes()).collect();
        let host = &jira.host.url;
        format!("{host}/login/oauth/authorize?scope=repo&client_id={client_id}&redirect_uri={back}%26t%3D{TYPE}")
    }

    /// The code with which the browser came back, if it came back to where it was told, with what it was given.
    pub(super) fn code(&self, arrived: &Url) -> Result<String, Words> {
        let (page, sent) = self.back.split_once('?').unwrap_or((&self.back, ""));
        let here = arrived.as_str().split(['?', '#']).next().unwrap_or_default();
        let same = Url::parse(page).is_ok_and(|page| page.as_str() == here);
        if !same {
            return Err(Words::Lost(format!("it ended at {here}")));
        }
        let query = arrived.query().unwrap_or_default();
        for (name, value) in parse(sent.as_bytes()) {
            if parameter(query, &name).as_deref() != Some(&*value) {
                return Err(if name == "atl_token" { Words::TokenMissing } else { Words::MissingParameters });
            }
        }
        if parameter(query, "t").as_deref() != Some(TYPE) {
            return Err(Words::MissingParameters);
        }
        parameter(query, "code").filter(|code| !code.is_empty()).ok_or(Words::NoCode)
    }
}

/// A parameter's first value.
fn parameter(query: &str, wanted: &str) -> Option<String> {
    parse(query.as_bytes()).find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
}

/// Trades a code for a token. Nothing is encoded on the way out.
pub(super) async fn exchange(
    java: &Java,
    host: &Host,
    (client_id, client_secret): (&str, &str),
    code: &str,
) -> Result<Token, Words> {
    let request = Request {
        kind: Kind::AccessToken,
        method: Method::POST,
        url: format!("{}/login/oauth/access_token", host.url),
        headers: Vec::new(),
        body: Some(format!("client_id={client_id}&client_secret={client_secret}&code={code}")),
    };
    let answer = java.send(request).await.map_err(|_| Words::CannotAccess(host.url.clone()))?;
    if answer.status != 200 {
        return Err(Words::CannotAccess(host.url.clone()));
    }
    // Line by line, glued together.
    let text: String = String::from_utf8_lossy(&answer.body).lines().collect();
    token(&text)
}

/// What the text of an answer says.
fn token(text: &str) -> Result<Token, Words> {
    if let Some(code) = text.strip_prefix("error=") {
        // The code stands alone, or Jira shows everything that came: what follows it is not cut off.
        return Err(Words::Refused(code.to_owned()));
    }
    let rest = text.strip_prefix("access_token=").ok_or(Words::InvalidResponse)?;
    Ok(Token::new(rest.split('&').next().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_ends_at_the_first_sign() {
        for text in ["access_token=abc&scope=repo&token_type=bearer", "access_token=abc"] {
            assert_eq!(token(text).unwrap().text(), "abc");
        }
        assert_eq!(token("access_token=&scope=&token_type=").unwrap().text(), "");
    }

    #[test]
    fn everything_else_is_an_error() {
        let words = |text: &str| token(text).unwrap_err().to_string();
        assert_eq!(words("error=bad_verification_code"), "Error obtaining access token: Bad verification code");
        assert_eq!(words("error=slow_down"), "Error obtaining access token: slow_down");
        for text in ["", "token_type=bearer&access_token=abc", r#"{"access_token":"abc"}"#, "<html>", " access_token=a"]
        {
            assert_eq!(token(text).unwrap_err(), Words::InvalidResponse, "{text}");
        }
    }
}
