//! Where a host asks its users and hands out tokens, and what it means by its answers.
//!
//! GitHub says in 200 what OAuth 2 says in 400, in words of its own, and as a form unless it is asked for JSON; GitLab's
//! copy answers as a form whatever it is asked for, and at times with empty values or a bare word (GitLab contract §4.3).
//! All of it becomes what RFC 6749 promises before anybody reads it.

use http::StatusCode;
use serde_json::{Map, Value, json};
use url::{Url, form_urlencoded};

use crate::address::below;
use crate::github::client::USER_AGENT;
use crate::oauth::{Dialect, Endpoints};

/// The parts of an answer that are read.
const READ: [&str; 7] =
    ["access_token", "token_type", "scope", "expires_in", "refresh_token", "error", "error_description"];

/// The two addresses of the dance: of an old GitLab below `/-/jira`, which is part of its root.
#[must_use]
pub fn endpoints(root: &Url) -> Endpoints {
    let at = |last| below(root, ["login", "oauth", last].iter());
    Endpoints {
        strangers: None,
        authorize: at("authorize"),
        token: at("access_token"),
        dialect: Dialect { understood: Some(understood), user_agent: Some(USER_AGENT), state_in_redirect: true },
    }
}

/// An answer of the token endpoint in OAuth 2's own words.
fn understood(status: StatusCode, body: &[u8]) -> (StatusCode, Vec<u8>) {
    let mut told = read(body);
    if let Some(error) = error_of(status, &told) {
        let status = if error == "invalid_client" { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
        return (status, json!({ "error": error }).to_string().into());
    }
    if !status.is_success() || !told.contains_key("access_token") {
        return (status, body.to_vec());
    }
    told.entry("token_type").or_insert_with(|| json!("bearer"));
    let scope = told.get("scope").and_then(Value::as_str).map(scopes);
    if let Some(scope) = scope {
        told.insert("scope".to_owned(), json!(scope));
    }
    (StatusCode::OK, Value::Object(told).to_string().into())
}

/// The fields of a JSON object or a form.
fn read(body: &[u8]) -> Map<String, Value> {
    if let Ok(Value::Object(fields)) = serde_json::from_slice(body) {
        return fields.into_iter().filter(|(name, _)| READ.contains(&name.as_str())).collect();
    }
    let text = String::from_utf8_lossy(body);
    let text = text.trim();
    if !text.contains('=') {
        // A bare word is an error of GitLab's copy.
        let is_word =
            !text.is_empty() && text.len() <= 40 && text.bytes().all(|one| one == b'_' || one.is_ascii_lowercase());
        return is_word.then(|| ("error".to_owned(), json!(text))).into_iter().collect();
    }
    let pairs = form_urlencoded::parse(text.as_bytes()).filter(|(name, _)| READ.contains(&name.as_ref()));
    let value = |name: &str, value: &str| match (name, value.parse::<u64>()) {
        ("expires_in", Ok(seconds)) => json!(seconds),
        _ => json!(value),
    };
    pairs.map(|(name, told)| (name.clone().into_owned(), value(&name, &told))).collect()
}

/// OAuth 2's word for what went wrong; none where nothing did.
fn error_of(status: StatusCode, told: &Map<String, Value>) -> Option<&'static str> {
    let text = |name: &str| told.get(name).and_then(Value::as_str);
    match text("error") {
        Some("incorrect_client_credentials" | "invalid_client" | "unauthorized_client" | "Not Found") => {
            Some("invalid_client")
        }
        Some("bad_verification_code" | "bad_refresh_token" | "invalid_grant") => Some("invalid_grant"),
        Some("redirect_uri_mismatch" | "invalid_redirect_uri") => Some("invalid_redirect_uri"),
        Some("invalid_scope") => Some("invalid_scope"),
        Some("application_suspended") => Some("application_suspended"),
        Some("unverified_user_email") => Some("unverified_user_email"),
        Some(_) => Some("invalid_request"),
        // Old versions of GitLab's copy hand out nothing where they refuse.
        None if status.is_success() && text("access_token") == Some("") => Some("invalid_grant"),
        None => None,
    }
}

/// GitHub separates scopes with commas; GitLab's copy says `api` where `repo` was asked for.
fn scopes(told: &str) -> String {
    let words = told.split([',', ' ']).map(str::trim).filter(|word| !word.is_empty());
    let words: Vec<&str> = words.map(|word| if word == "api" { super::SCOPE } else { word }).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(status: u16, body: &str) -> (u16, Value) {
        let (status, body) = understood(StatusCode::from_u16(status).unwrap(), body.as_bytes());
        (status.as_u16(), serde_json::from_slice(&body).unwrap_or(Value::Null))
    }

    #[test]
    fn a_form_and_an_object_say_the_same() {
        let expected = json!({ "access_token": "t", "scope": "repo gist", "token_type": "bearer" });
        assert_eq!(told(200, "access_token=t&scope=repo%2Cgist&token_type=bearer"), (200, expected.clone()));
        assert_eq!(
            told(200, r#"{"access_token":"t","scope":"repo,gist","token_type":"bearer","x":1}"#),
            (200, expected)
        );
        let copy = json!({ "access_token": "t", "scope": "repo", "token_type": "Bearer" });
        assert_eq!(told(200, "access_token=t&scope=api&token_type=Bearer"), (200, copy));
        assert_eq!(told(200, "access_token=t&expires_in=28800").1["expires_in"], 28_800);
    }

    #[test]
    fn refusals_in_any_form_become_oauth_2s() {
        let cases = [
            (200, "error=bad_verification_code&error_description=x", 400, "invalid_grant"),
            (200, r#"{"error":"incorrect_client_credentials"}"#, 401, "invalid_client"),
            (200, "error=redirect_uri_mismatch", 400, "invalid_redirect_uri"),
            (200, "access_token=&scope=&token_type=", 400, "invalid_grant"),
            (404, r#"{"error":"Not Found"}"#, 401, "invalid_client"),
            (401, "invalid_grant", 400, "invalid_grant"),
            (400, r#"{"error":"invalid_grant","error_description":"x"}"#, 400, "invalid_grant"),
            (200, "error=something_new", 400, "invalid_request"),
        ];
        for (status, body, expected, word) in cases {
            assert_eq!(told(status, body), (expected, json!({ "error": word })), "{body}");
        }
    }

    #[test]
    fn what_is_neither_stays_as_it_is() {
        assert_eq!(told(200, "<html>hello=1</html>"), (200, Value::Null));
        assert_eq!(told(502, "Bad Gateway"), (502, Value::Null));
        assert_eq!(told(200, "{}"), (200, json!({})));
    }
}
