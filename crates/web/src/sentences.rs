//! All sentences of this crate that tell people of errors: what happened, the likely cause, what to do.

pub mod account_pages;
pub mod server_pages;
pub mod site_calls;
pub mod site_pages;

use std::borrow::Cow;

/// What happened, the likely cause, what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// What happened.
    pub happened: Cow<'static, str>,
    /// The likely cause.
    pub cause: Cow<'static, str>,
    /// What to do.
    pub remedy: Cow<'static, str>,
}

impl Sentence {
    /// Three sentences.
    pub fn new(
        happened: impl Into<Cow<'static, str>>,
        cause: impl Into<Cow<'static, str>>,
        remedy: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { happened: happened.into(), cause: cause.into(), remedy: remedy.into() }
    }
}

/// No such thing, or none for this visitor: the two must not differ.
pub fn not_found() -> Sentence {
    Sentence::new(
        "There is nothing here.",
        "The address may be mistyped, what it named may be gone, or it belongs to an account that you may not see.",
        "Search for an issue key or a commit above, or ask an administrator for access.",
    )
}

/// A path that is no issue key.
pub fn no_issue_key() -> Sentence {
    Sentence::new(
        "This is not an issue key.",
        "A key is a project, a hyphen and a number, such as ABC-123; the project begins with a letter and has at least two signs.",
        "Check the address, or search for the key above.",
    )
}

/// 503: enough checks are running.
pub fn checks_busy() -> Sentence {
    Sentence::new(
        "Enough checks are running.",
        "A check may take a minute or two, and only a few run at a time.",
        "Wait until another one has ended, then check again.",
    )
}

/// 405.
pub fn method_not_allowed() -> Sentence {
    Sentence::new(
        "This address does not take that kind of request.",
        "A form was probably opened as a link, or a bookmark names the target of a form.",
        "Go back to the page with the form and use its button.",
    )
}

/// 413.
pub fn too_large() -> Sentence {
    Sentence::new(
        "What was sent is too large.",
        "A request may have 256 KiB, an event of a web hook 25 MiB; something long was probably pasted into a field.",
        "Go back and send less.",
    )
}

/// 503 of the time-out.
pub fn timed_out() -> Sentence {
    Sentence::new(
        "The answer took too long, so it was given up.",
        "The database or a forge is slow at this moment.",
        "Try again in a minute. If it stays so, look in the server's log for the request below.",
    )
}

/// 403 of the cross-site check.
pub fn cross_site() -> Sentence {
    Sentence::new(
        "The form was not accepted, because it seems to come from another site.",
        "The page was opened under another address than the one the server believes to have, often because a proxy changes the Host header.",
        "Open Dovetail by its own address. Behind a proxy, set public_url in the [server] section of the configuration.",
    )
}

/// Explain: nothing was asked.
pub fn question_missing() -> Sentence {
    Sentence::new(
        "Nothing was asked.",
        "The parameter q is missing or empty.",
        "Ask with an issue key, a commit’s id, the name of a branch, or an address.",
    )
}

/// Explain: too much was asked.
pub fn question_too_long() -> Sentence {
    Sentence::new(
        "The question is too long.",
        "It has more than 2,048 bytes; more than one thing was probably pasted.",
        "Ask about one issue key, commit, branch or address at a time.",
    )
}

/// Other 4xx.
pub fn malformed() -> Sentence {
    Sentence::new(
        "The request could not be understood.",
        "The address or the form is incomplete or was changed on the way.",
        "Go back, load the page again and repeat the step.",
    )
}

/// 500.
pub fn internal() -> Sentence {
    Sentence::new(
        "Something went wrong in Dovetail.",
        "This is a defect of the program, not of what you did.",
        "Try again. If it happens again, report it with the request id below; the server's log has the details under it.",
    )
}

/// The store does not answer.
pub fn store_failed() -> Sentence {
    Sentence::new(
        "The database did not answer.",
        "It may be restarting, the disk may be full, or it may be out of connections.",
        "Try again in a minute. If it stays so, look in the server's log for the request below.",
    )
}

/// The engine refused for a reason that is not the visitor's.
pub fn engine_failed() -> Sentence {
    Sentence::new(
        "What you asked for could not be begun.",
        "The forge or the network between did not answer as expected.",
        "Try again in a minute; the account's page tells what the forge said.",
    )
}

/// A reader at a page for administrators.
pub fn administrators_only() -> Sentence {
    Sentence::new(
        "This page is for administrators.",
        "You are signed in as a reader: readers see development information, administrators also connect accounts and invite people.",
        "Ask an administrator to do it, or to give you the administrator role.",
    )
}

/// The API without a token.
pub fn token_needed() -> Sentence {
    Sentence::new(
        "This needs an API token.",
        "No token was sent, or it is not known here, or it was revoked.",
        "Send the header \"Authorization: Bearer TOKEN\"; make a token with \"dovetail token create --scope read\".",
    )
}

/// The API with a token that may only read.
pub fn admin_scope_needed() -> Sentence {
    Sentence::new(
        "This needs a token with scope admin.",
        "The token (or the user) that was used may only read.",
        "Make another with \"dovetail token create --scope admin\".",
    )
}

/// A one-time link that does not work.
pub fn link_spent() -> Sentence {
    Sentence::new(
        "This link does not work any more.",
        "Each link works once and for a limited time; it was used, replaced by a newer one, or it is too old.",
        "Ask an administrator for a new link. If you have set a password with it already, log in.",
    )
}

/// `/setup` without its link.
pub fn setup_link_needed() -> Sentence {
    Sentence::new(
        "Dovetail has no users yet, and this is not the link that makes the first.",
        "The link for the set-up is printed where the server was started, works once and for a day; each start prints a new one.",
        "Open the newest link from the output of \"dovetail serve\". Too old? Restart the server.",
    )
}

/// `/setup` although there are users.
pub fn setup_done() -> Sentence {
    Sentence::new(
        "Dovetail is set up already.",
        "The first administrator exists; the set-up works only once.",
        "Log in, or ask an administrator for an invitation. Lost the password? Run \"dovetail user reset LOGIN\" on the server.",
    )
}

/// The log-in failed; it does not tell which half was wrong.
pub fn log_in_failed() -> Sentence {
    Sentence::new(
        "That is not a log-in and password that belong together.",
        "One of the two is mistyped, or the user is disabled.",
        "Try again. An administrator can make a link to set a new password.",
    )
}

/// Too many failed log-ins.
pub fn log_in_throttled(minutes: i64) -> Sentence {
    let minutes = if minutes <= 1 { "a minute".to_owned() } else { format!("{minutes} minutes") };
    Sentence::new(
        "Too many attempts to log in.",
        "Wrong passwords were tried for this log-in or from this address.",
        format!("Try again in {minutes}."),
    )
}

/// An administrator at the controls of their own account.
pub fn not_yourself() -> Sentence {
    Sentence::new(
        "You cannot disable or demote yourself.",
        "Otherwise nobody might be left who can log in as administrator.",
        "Ask another administrator to do it.",
    )
}

/// A host, an account and so on that vanished between two clicks.
pub fn gone_meanwhile() -> Sentence {
    Sentence::new("It is gone.", "Somebody removed it since the page was loaded.", "Go back and load the page again.")
}

/// A forge's administrator gave consent.
pub fn authorised_by_administrator() -> Sentence {
    Sentence::new(
        "This user is an administrator of the forge.",
        "Whatever an administrator sees can be imported, and a stolen token would open everything.",
        "Better: sign in to the forge as a user of its own for the integration, and add the account again.",
    )
}

/// A person and not an integration user gave consent.
pub fn authorised_by_person() -> Sentence {
    Sentence::new(
        "This looks like a person, not like a user for the integration.",
        "When the person leaves or loses a role, the import stops.",
        "Better: sign in to the forge as a user of its own, such as jira, and add the account again.",
    )
}

/// File lists that cannot be had.
pub fn statistics_unavailable() -> Sentence {
    Sentence::new(
        "The files of this commit are not known yet.",
        "They are asked of the forge when somebody looks; it did not answer in time, or this kind of host cannot tell.",
        "Open the commit at the forge, or try again in a minute.",
    )
}

/// A password that is too short, too long, or not repeated.
pub fn password_refused(problem: crate::password::Refused) -> &'static str {
    use crate::password::Refused;
    match problem {
        Refused::TooShort => "Use at least 10 characters; a few words are easier to remember than signs.",
        Refused::TooLong => "Use at most 1,000 bytes.",
        Refused::NotRepeated => "The two passwords differ; type the same one twice.",
    }
}

/// What a log-in name may be.
pub const LOGIN_RULE: &str = "Use 1 to 64 letters, digits, dots, hyphens, underscores or @; no blanks.";
/// A log-in name that is in use.
pub const LOGIN_TAKEN: &str = "Somebody has this log-in already; choose another.";
/// A current password that does not match.
pub const WRONG_CURRENT_PASSWORD: &str = "This is not your current password.";

/// 400 and its like: a JSON body that does not have the shape of the route.
pub fn body_not_understood(why: String) -> Sentence {
    Sentence::new(
        "The body of the request was not understood.",
        why,
        "Compare it with the schema of this route in /api/v1/openapi.json.",
    )
}

/// 400: a parameter, named in `what`.
pub fn parameter_not_understood(what: &str) -> Sentence {
    Sentence::new(
        "The request was not understood.",
        format!("One of its parameters is wrong: {what}."),
        "Compare it with the description of this route in /api/v1/openapi.json.",
    )
}

/// An event that shows neither the secret of its hook nor its signature.
pub fn hook_secret_wrong() -> Sentence {
    Sentence::new(
        "The secret of this web hook is wrong.",
        "The web hook was changed at the forge, or the call does not come from there.",
        "Let Dovetail make it again: open the account's page of web hooks.",
    )
}

/// A last day of a token that is no day, or is over.
pub fn token_end_not_understood() -> Sentence {
    Sentence::new(
        "The last day of the token is no day to come.",
        "It has another form than 2026-12-31, or it has begun already.",
        "Choose a day after today, or leave the field empty: GitLab tells the day itself from 15.5 on.",
    )
}

/// The engine could not do what a click or a call asked for; `why` are its own sentences.
pub fn told(why: String) -> Sentence {
    Sentence::new("This could not be done.", why, "Go back; the account's page of web hooks tells how each of them is.")
}

/// 409: a log-in name that somebody has.
pub fn login_taken() -> Sentence {
    Sentence::new(
        "There is a user with this log-in name already.",
        "Log-in names are compared ignoring case, and disabled users keep theirs.",
        "Choose another name, or reset the password of that user.",
    )
}

/// A Jira's authorize address without what it needs.
pub fn authorize_incomplete() -> Sentence {
    Sentence::new(
        "This is where a Jira sends the browser, and something of its address is missing.",
        "It needs a Client ID, and the address of the Jira to go back to.",
        "Begin in Jira, on its page of DVCS accounts.",
    )
}

/// A Jira that the configuration does not name.
pub fn redirect_not_allowed(origin: &str) -> Sentence {
    Sentence::new(
        format!("Jira at {origin} may not connect here."),
        "Dovetail sends browsers back only to Jiras that its configuration names, so that nobody can steal an authorisation.",
        format!(
            "If that is your Jira, add \"{origin}/\" to allowed_redirects in the [facade] section of Dovetail's configuration, and start it again."
        ),
    )
}

/// A Client ID that no application has.
pub fn application_unknown() -> Sentence {
    Sentence::new(
        "Dovetail does not know the application that Jira names.",
        "The Client ID in Jira is mistyped, or the GitLab application was never entered here, or for two hosts.",
        "Compare it with the page Connect a Jira; an application can be entered there too.",
    )
}

/// An application that its forge does not accept.
pub fn application_refused() -> Sentence {
    Sentence::new(
        "GitLab does not accept the application that Jira names.",
        "Its secret was renewed, or the application was removed in GitLab.",
        "Enter its Client ID and new Client Secret on the page Connect a Jira, then begin again in Jira.",
    )
}

/// A dance that is over.
pub fn authorisation_over() -> Sentence {
    Sentence::new(
        "This authorisation is over.",
        "It took longer than a quarter of an hour, or this page was loaded twice.",
        "Begin again in Jira, on its page of DVCS accounts.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_sentences() {
        let sentences = [
            not_found(),
            no_issue_key(),
            method_not_allowed(),
            too_large(),
            timed_out(),
            cross_site(),
            malformed(),
            question_missing(),
            question_too_long(),
            internal(),
            store_failed(),
            engine_failed(),
            administrators_only(),
            token_needed(),
            admin_scope_needed(),
            link_spent(),
            setup_link_needed(),
            setup_done(),
            log_in_failed(),
            log_in_throttled(1),
            log_in_throttled(12),
            not_yourself(),
            gone_meanwhile(),
            authorised_by_administrator(),
            authorised_by_person(),
            statistics_unavailable(),
            hook_secret_wrong(),
            token_end_not_understood(),
            authorize_incomplete(),
            redirect_not_allowed("https://jira.example.com"),
            application_unknown(),
            application_refused(),
            authorisation_over(),
            told("No test event was sent. The host did not answer.".to_owned()),
        ];
        let text: Vec<String> = sentences
            .iter()
            .map(|sentence| format!("{}\n  {}\n  → {}", sentence.happened, sentence.cause, sentence.remedy))
            .collect();

        insta::assert_snapshot!(text.join("\n\n"));
    }
}
