//! What is said of requests for OAuth tokens.

use super::time;
use crate::oauth::OAuthError;

/// What happened to a request for tokens.
pub fn oauth_happened(error: &OAuthError) -> String {
    match error {
        OAuthError::InvalidClient => "The host does not know this application, or its secret is another.".to_owned(),
        OAuthError::InvalidGrant => "The host does not accept the authorisation any more.".to_owned(),
        OAuthError::RedirectMismatch => "The host does not accept Dovetail's redirect address.".to_owned(),
        OAuthError::InvalidScope => "The application may not ask for the scope that is needed.".to_owned(),
        OAuthError::BadRedirect => "Dovetail's own address is no web address.".to_owned(),
        OAuthError::NoEndpoint => "The host has no address that hands out tokens.".to_owned(),
        OAuthError::RateLimited { until: None } => "The host asks for a pause.".to_owned(),
        OAuthError::RateLimited { until: Some(until) } => format!("The host asks for a pause until {}.", time(*until)),
        OAuthError::Server(status) => format!("The host failed with HTTP {status} when asked for a token."),
        OAuthError::Network(error) => error.to_string(),
        OAuthError::Data => "The host's answer is not what OAuth 2 promises.".to_owned(),
        OAuthError::Other(word) => format!("The host refused to hand out a token ({word})."),
    }
}

/// The likely cause of a refused request for tokens.
pub fn oauth_cause(error: &OAuthError) -> String {
    match error {
        OAuthError::InvalidClient => "The application ID or the secret was mistyped, or the application was deleted.",
        OAuthError::InvalidGrant => "It was used before, has expired or was revoked, or the redirect address changed.",
        OAuthError::RedirectMismatch => "The application registers other redirect addresses.",
        OAuthError::InvalidScope => "The application was registered without it.",
        OAuthError::BadRedirect => "`server.public_url` is misspelt.",
        OAuthError::NoEndpoint => "The address is that of another server, or the host lives below another path of it.",
        OAuthError::RateLimited { .. } => "More requests came from here than the host allows in its window.",
        OAuthError::Server(_) => "The host is overloaded, being upgraded, or broken.",
        OAuthError::Network(_) => {
            "The host is down, or this machine may not reach it: a firewall, a proxy, a certificate."
        }
        OAuthError::Data | OAuthError::Other(_) => "Something between here and the host changes its answers.",
    }
    .to_owned()
}

/// What to do about a refused request for tokens.
pub fn oauth_remedy(error: &OAuthError) -> String {
    match error {
        OAuthError::InvalidClient => {
            "Copy application ID and secret again; the host shows a secret only once, or renews it."
        }
        OAuthError::InvalidGrant => "Authorise the account again.",
        OAuthError::RedirectMismatch => "Add Dovetail's `/oauth/callback` address to the application on the host.",
        OAuthError::InvalidScope => "Tick the scope “api” in the application in GitLab.",
        OAuthError::BadRedirect => "Set `server.public_url` to the address under which people open Dovetail.",
        OAuthError::NoEndpoint => "Enter the address at which the host's own page appears.",
        OAuthError::RateLimited { .. } => "Try again after the pause.",
        OAuthError::Server(_) => "Try again in a while; if it stays, look into the host's logs.",
        OAuthError::Network(_) | OAuthError::Data | OAuthError::Other(_) => {
            "Run `dovetail check` to see where it ends."
        }
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use model::Millis;
    use net::NetError;

    use super::*;

    const MOMENT: Millis = 1_537_438_681_123;

    fn oauth_errors() -> Vec<OAuthError> {
        vec![
            OAuthError::InvalidClient,
            OAuthError::InvalidGrant,
            OAuthError::RedirectMismatch,
            OAuthError::InvalidScope,
            OAuthError::BadRedirect,
            OAuthError::NoEndpoint,
            OAuthError::RateLimited { until: None },
            OAuthError::RateLimited { until: Some(MOMENT) },
            OAuthError::Server(503),
            OAuthError::Network(NetError::Refused { host: "git.example.com:443".into() }),
            OAuthError::Data,
            OAuthError::Other("invalid_request".into()),
        ]
    }

    #[test]
    fn every_refused_token_names_cause_and_remedy() {
        // given
        let mut told = String::new();

        // when
        for error in oauth_errors() {
            writeln!(told, "{}\n  cause:  {}\n  remedy: {}", error.happened(), error.cause(), error.remedy()).unwrap();
        }

        // then
        insta::assert_snapshot!(told);
    }
}
