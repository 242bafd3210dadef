//! What is said of settings of single servers that cannot be kept.

use jiff::Timestamp;
use model::Millis;
use sync::servers::{AuthorityError, ServerError};

use crate::sentences::{self, Sentence};

/// What names no server.
#[must_use]
pub fn address_refused() -> Sentence {
    Sentence::new(
        "Nothing was kept.",
        "The server is neither a URL nor host:port.",
        "Copy the Host URL, such as https://gitlab.example.com, from the account or the check.",
    )
}

/// What a server was to be given, and why it was not.
#[must_use]
pub fn refused(error: &ServerError) -> Sentence {
    match error {
        ServerError::Address => address_refused(),
        ServerError::Authority(error) => authority_refused(error),
        ServerError::Proxy => Sentence::new(
            "The proxy was not kept.",
            "This is no address of a proxy: it needs a scheme (http, https, socks4, socks4a, socks5, socks5h) and a host.",
            "Write it as http://proxy.example.com:3128, with user:password@ before the host where the proxy wants one.",
        ),
        ServerError::Unusable(error) => {
            Sentence::new("Nothing was kept.", format!("The settings cannot be used: {error}."), "Correct them.")
        }
        ServerError::Sync(_) => sentences::engine_failed(),
    }
}

fn authority_refused(error: &AuthorityError) -> Sentence {
    let (cause, remedy) = match error {
        AuthorityError::TooLarge => (
            "The text is longer than 64 KiB, or holds more than 20 certificates.".to_owned(),
            "Take only the authority that signed the certificate of this server; a whole trust store belongs in [network] ca_bundle.",
        ),
        AuthorityError::NotPem => (
            "The text holds no certificate in PEM form.".to_owned(),
            "Paste everything from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----. A trust store of Java gives it by \
             keytool -exportcert -rfc -alias NAME -keystore FILE.",
        ),
        AuthorityError::OfServer { subject, issuer } => (
            format!("This is the certificate of a server, {subject}. It vouches for nobody; {issuer} signed it."),
            "Ask whoever runs that authority for its own certificate, and paste that.",
        ),
        AuthorityError::OutOfTime { subject, not_before, not_after } => (
            format!("The certificate of {subject} is valid from {} to {} only.", day(*not_before), day(*not_after)),
            "Ask whoever runs the authority for the certificate that is valid now.",
        ),
    };
    Sentence::new("Nothing is trusted that was not before.", cause, remedy)
}

/// The day of a moment, in UTC.
#[must_use]
pub fn day(millis: Millis) -> String {
    Timestamp::from_millisecond(millis)
        .map_or_else(|_| "an impossible date".to_owned(), |moment| moment.strftime("%Y-%m-%d").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_says_what_happened_why_and_what_to_do() {
        let of = |error: AuthorityError| ServerError::Authority(error);
        let told: Vec<String> = [
            of(AuthorityError::TooLarge),
            of(AuthorityError::NotPem),
            of(AuthorityError::OfServer { subject: "CN=git.corp".to_owned(), issuer: "CN=Corp CA".to_owned() }),
            of(AuthorityError::OutOfTime { subject: "CN=Corp CA".to_owned(), not_before: 0, not_after: 86_400_000 }),
            ServerError::Proxy,
        ]
        .iter()
        .map(|error| {
            let Sentence { happened, cause, remedy } = refused(error);
            format!("{happened}\n  {cause}\n  {remedy}")
        })
        .collect();
        insta::assert_snapshot!(told.join("\n"));
    }
}
