//! What the check says of the OAuth application.

use forge::oauth::OAuthError;
use net::check::Stage;

/// The secret is right.
pub(crate) fn application_known() -> Stage {
    Stage::passed("application", "The host knows the application, and the Client Secret is right.")
}

/// So are redirect URI and, where the host tells, the scope.
pub(crate) fn application_good(redirect: &str, scope: &str, scope_too: bool) -> Stage {
    let scope = if scope_too { format!(", and has the scope “{scope}”") } else { String::new() };
    Stage::passed(
        "application",
        format!("The host knows the application, and the Client Secret is right. It lists {redirect}{scope}."),
    )
}

/// What is beyond that shows only to those who are logged in.
pub(crate) fn application_known_so_far(redirect: &str, scope: &str) -> Stage {
    application_known().with_details([format!(
        "Redirect URI and scope show only after the log-in: if the host's page then says “The redirect URI included is not \
         valid”, add {redirect} to the application; if it says “The requested scope is invalid”, tick “{scope}”."
    )])
}

/// The id or the secret is wrong, and the host does not tell which.
pub(crate) fn application_refused() -> Stage {
    Stage::failed(
        "application",
        "The host does not accept the Client ID with this Client Secret.",
        "One of them was copied incompletely, or the secret was renewed, or they belong to another application.",
        "Copy both again from the application's page at the host; a lost secret can be renewed there.",
    )
}

/// The id is wrong.
pub(crate) fn client_unknown() -> Stage {
    Stage::failed(
        "application",
        "The host does not know the Client ID.",
        "It was copied incompletely, the application was deleted, or it is one of another host.",
        "Copy the Client ID (Application ID) again from the application's page at this host.",
    )
}

/// The secret is wrong.
pub(crate) fn secret_wrong() -> Stage {
    Stage::failed(
        "application",
        "The host knows the Client ID, but the Client Secret is wrong.",
        "It was copied incompletely, or it was renewed.",
        "Renew the secret on the application's page at the host, and copy it; it is shown there only once.",
    )
}

/// The redirect URI is not registered.
pub(crate) fn redirect_not_listed(redirect: &str) -> Stage {
    Stage::failed(
        "application",
        format!("The application does not list the redirect URI {redirect}."),
        "Another address was entered when it was registered: http in place of https, another name, or Jira's own.",
        format!("Edit the application at the host, and add {redirect} on a line of its own, to the letter."),
    )
}

/// The scope is not ticked.
pub(crate) fn scope_not_granted(scope: &str) -> Stage {
    Stage::failed(
        "application",
        format!("The application does not have the scope “{scope}”."),
        "Another scope was ticked when it was registered.",
        format!("Edit the application at the host, and tick “{scope}” alone."),
    )
}

/// The host says something else.
pub(crate) fn application_unclear(error: &OAuthError) -> Stage {
    Stage::warning(
        "application",
        format!("Whether the application is right cannot be told: {}", error.happened()),
        error.cause(),
        "Begin with “Add account” in the browser: the host's own page tells more.",
    )
}
