//! What the version of a host means for whoever connects it.

/// Which instructions apply to GitLab before 11.3.
pub fn facade_below_jira() -> String {
    "Before 11.3, Jira's own connector wants “/-/jira” at the end of the Host URL, and \
     “/-/jira/login/oauth/callback” as redirect URI. Dovetail needs neither: choose GitLab, and the address without a path."
        .to_owned()
}

/// Which instructions apply to GitLab from 11.3 to 15.
pub fn facade_at_the_root() -> String {
    "Jira's own connector can speak to it as GitHub Enterprise, with the redirect URI “/login/oauth/callback” of the host. \
     That ends with GitLab 16; Dovetail speaks GitLab's own API, with the redirect URI that its form shows."
        .to_owned()
}

/// Which instructions apply to GitLab from 16 on.
pub fn facade_gone() -> String {
    "Its GitHub-compatible API is gone from 16 on, so instructions that say GitHub Enterprise, “/-/jira” or \
     “/login/oauth/callback” no longer apply. Choose GitLab, and use the redirect URI that Dovetail's form shows."
        .to_owned()
}

/// How long tokens live from GitLab 15 on.
pub fn tokens_of_two_hours() -> String {
    "Access tokens of its OAuth applications end after 2 hours (from 15 on); Dovetail renews them by itself.".to_owned()
}

/// How long tokens lived before.
pub fn tokens_without_end() -> String {
    "Access tokens of its OAuth applications need not have an end (before 15).".to_owned()
}
