//! What Jira says. Clients look at some of it, so these are Jira's own words as far as they are known.

use super::Deployment;

/// An issue that is not there.
pub(crate) const fn no_issue(deployment: Deployment) -> &'static str {
    match deployment {
        Deployment::DataCenter => "Issue Does Not Exist",
        Deployment::Cloud => "Issue does not exist or you do not have permission to see it.",
    }
}

/// An issue that the viewer may not see, where Jira does not hide that it is there.
pub(crate) const NO_SIGHT: &str = "You do not have the permission to see the specified issue.";
/// What is added for somebody who did not log in.
pub(crate) const LOGIN_REQUIRED: &str = "Login Required";
/// What is said to nobody in particular about themselves.
pub(crate) const NOT_AUTHENTICATED: &str =
    "You are not authenticated. Authentication required to perform this operation.";
/// Credentials that open nothing.
pub(crate) const MUST_AUTHENTICATE: &str = "Client must be authenticated to access this resource.";
/// A search for users without a text.
pub(crate) const NO_USERNAME: &str = "The username query parameter was not provided";
/// As above, where users are found by another parameter.
pub(crate) const NO_QUERY: &str = "The query parameter is required.";
/// A search for users by permission that names none.
pub(crate) const NO_PERMISSIONS: &str = "The permissions query parameter was not provided";
/// A search for users by permission that says not where.
pub(crate) const NO_PLACE: &str = "One of the query parameters projectKey or issueKey must be provided";
/// A question that is the administrators'.
pub(crate) const NOT_ADMIN: &str =
    "You are not authorized to perform this operation. Administrator privileges are required.";
/// A request that something in a browser may have forged.
pub(crate) const XSRF: &str = "XSRF check failed";
/// What a site says of itself where it is broken.
pub(crate) const INTERNAL: &str = "Internal server error";
/// Work cannot be logged anywhere.
pub(crate) const NO_TIME_TRACKING: &str = "Time Tracking is not enabled.";
/// What follows every refusal to log work.
pub(crate) const WORKLOG_NULL: &str = "Worklog must not be null.";
/// A duration that is none.
pub(crate) const BAD_DURATION: &str = "Invalid time duration entered.";
/// A duration of nothing.
pub(crate) const ZERO_DURATION: &str = "Time Spent can not be zero.";
/// A comment without a text.
pub(crate) const EMPTY_COMMENT: &str = "Comment body can not be empty!";
/// A comment that is no document, where it must be one.
pub(crate) const NO_DOCUMENT: &str = "Comment body is not valid!";
/// A request for a transition that names none.
pub(crate) const NO_TRANSITION: &str = "Missing 'transition' identifier";

/// A comment by somebody who may not comment.
pub(crate) fn no_comment(name: &str) -> String {
    format!("{name}, you do not have the permission to comment on this issue.")
}

/// Work logged by somebody who may not.
pub(crate) fn no_worklog(name: &str) -> String {
    format!("{name}, you do not have the permission to associate a worklog to this issue.")
}

/// A text that is too long.
pub(crate) fn too_long(limit: usize) -> String {
    format!("The entered text is too long. It exceeds the allowed limit of {limit} characters.")
}

/// A transition that does not begin where the issue is, or not for this user.
pub(crate) fn not_now(transition: &str, key: &str) -> String {
    format!(
        "It seems that you have tried to perform a workflow operation ({transition}) that is not valid for the current state of \
         this issue ({key}). The likely cause is that somebody has changed the issue recently, please look at the issue \
         history for details."
    )
}

/// A transition that the workflow has not.
pub(crate) fn unknown_transition(id: &str) -> String {
    format!("Transition id '{id}' is not valid for this issue.")
}

/// A field that the transition's screen has not.
pub(crate) fn not_on_screen(field: &str) -> String {
    format!("Field '{field}' cannot be set. It is not on the appropriate screen, or unknown.")
}

/// A project that is not there, or not for the viewer.
pub(crate) fn no_project(key: &str) -> String {
    format!("No project could be found with key '{key}'.")
}

/// A user that is not there.
pub(crate) fn no_user(deployment: Deployment, name: &str) -> String {
    match deployment {
        Deployment::DataCenter => format!("The user named '{name}' does not exist"),
        Deployment::Cloud => "Specified user does not exist or you do not have required permissions".to_owned(),
    }
}

/// A permission that Jira does not know.
pub(crate) fn no_such_permission(key: &str) -> String {
    format!("The permission '{key}' does not exist.")
}

/// A property that the issue has not.
pub(crate) fn no_property(key: &str) -> String {
    format!("The property with key '{key}' does not exist.")
}

/// A remote link that the issue has not.
pub(crate) fn no_remote_link(id: &str) -> String {
    format!("The remote issue link '{id}' does not exist.")
}
