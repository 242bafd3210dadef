//! What Jira says, in its own words.

/// Why something did not work, as Jira's pages say it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Words {
    /// A field of the dialog, or of the address that the browser came back to, is empty.
    #[error("Please provide both url and organization parameters.")]
    MissingParameters,
    /// The Host URL is none.
    #[error("Please provide valid GitHub host URL.")]
    BadHostUrl,
    /// The account that was typed as a URL cannot be identified.
    #[error("The url [{0}] is incorrect or the server is not responding.")]
    NotResponding(String),
    /// The browser came back without the mark that Jira sent it away with.
    #[error("XSRF Security Token Missing")]
    TokenMissing,
    /// The browser never came back to Jira.
    #[error("The browser did not come back: {0}")]
    Lost(String),
    /// The browser came back without a code.
    #[error("Ops, no access code returned. Did you click Allow?")]
    NoCode,
    /// No answer, or one with a status of its own.
    #[error("Error obtaining access token. Cannot access {0} from Jira.")]
    CannotAccess(String),
    /// An answer that begins with `error=`.
    #[error("Error obtaining access token: {}", meaning(.0))]
    Refused(String),
    /// An answer that begins with something else.
    #[error(
        "Error obtaining access token. Response is invalid. Possibly bug in releases of GitHub Enterprise prior to 11.10.290."
    )]
    InvalidResponse,
    /// The list of repositories was answered with 401.
    #[error("Invalid credentials")]
    InvalidCredentials,
    /// The list of repositories cannot be read.
    #[error("Error retrieving list of repositories")]
    NoList,
    /// Why an account was not added.
    #[error("Failed adding the account: [{0}]")]
    FailedAdding(Box<Self>),
    /// Why a token was not replaced.
    #[error("Cannot regenerate OAuth access token: [{0}]")]
    FailedRegenerating(Box<Self>),
    /// Why a list was not refreshed.
    #[error("Error when refreshing account '{0}'.")]
    FailedRefreshing(String),
    /// There is no such repository on the page.
    #[error("Unable to link/unlink selected repository")]
    NoRepository,
}

/// The two codes that Jira knows; every other text is shown as it came.
fn meaning(code: &str) -> &str {
    match code {
        "incorrect_client_credentials" => "Incorrect client credentials",
        "bad_verification_code" => "Bad verification code",
        other => other,
    }
}

/// A synchronisation that ended with an error.
pub(super) const SYNC_FAILED: &str = "Sync Failed: Error during sync. See server logs.";
/// A synchronisation that was stopped by a rate limit.
pub(super) const SYNC_PAUSED: &str =
    "Sync Paused: GitHub rate limit was exceeded. Syncing will automatically resume later.";
/// A hook that was not installed.
pub(super) const NO_HOOK: &str = "Could not add webhook.";
/// A hook that was not installed, where the host answers 404.
pub(super) const NO_HOOK_NO_RIGHTS: &str = "Could not add webhook. Possibly due to lack of admin permissions.";
/// A hook that was not removed.
pub(super) const HOOK_STAYS: &str = "Could not remove postcommit hook";
/// In the server's log: branches that cannot be read.
pub(super) const NO_BRANCHES: &str = "Could not retrieve list of branches";
/// In the server's log: a commit that cannot be read.
pub(super) const NO_RESULT: &str = "could not get result";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jira_says() {
        let host = || "https://git.example.com".to_owned();
        let said = [
            Words::MissingParameters,
            Words::BadHostUrl,
            Words::NotResponding(host()),
            Words::TokenMissing,
            Words::Lost("it ended at an error page".to_owned()),
            Words::NoCode,
            Words::CannotAccess(host()),
            Words::Refused("incorrect_client_credentials".to_owned()),
            Words::Refused("bad_verification_code".to_owned()),
            Words::Refused("redirect_uri_mismatch".to_owned()),
            Words::InvalidResponse,
            Words::FailedAdding(Box::new(Words::InvalidCredentials)),
            Words::FailedAdding(Box::new(Words::NoList)),
            Words::FailedRegenerating(Box::new(Words::NoCode)),
            Words::FailedRefreshing("acme".to_owned()),
            Words::NoRepository,
        ];
        let mut said: Vec<String> = said.iter().map(ToString::to_string).collect();
        said.extend([SYNC_FAILED, SYNC_PAUSED, NO_HOOK, NO_HOOK_NO_RIGHTS, HOOK_STAYS].map(str::to_owned));
        insta::assert_snapshot!(said.join("\n"));
    }
}
