//! Every sentence for people that this crate speaks: what happened, the likely cause, what to do.
//!
//! What Jira wrote is repeated in quotation marks, bounded and on one line; no sentence names a credential.

use jiff::Timestamp;
use model::Millis;

use crate::{JiraError, Problem};

/// What happened.
pub fn happened(error: &JiraError) -> String {
    let said = |text: &str| match &error.words {
        Some(words) => format!("{text}: “{words}”."),
        None => format!("{text}."),
    };
    let status = error.status.map(|status| format!(" (HTTP {status})")).unwrap_or_default();
    match error.problem {
        Problem::Network => error.words.clone().unwrap_or_else(|| "Jira could not be reached.".to_owned()),
        Problem::Unauthorised => said(&format!("Jira does not accept the credentials{status}")),
        Problem::Captcha => format!("Jira wants a CAPTCHA to be solved before this user can log in again{status}."),
        Problem::Forbidden => said(&format!("Jira does not allow this{status}")),
        Problem::NotFound => said(&format!("Jira has no such thing, or does not show it to this user{status}")),
        Problem::Refused => said(&format!("Jira does not take this{status}")),
        Problem::TooLarge => format!("This is more than Jira takes at once{status}."),
        Problem::RateLimited => match error.retry_at {
            Some(until) => format!("Jira asks for a pause until {}{status}.", time(until)),
            None => format!("Jira asks for a pause{status}."),
        },
        Problem::Unavailable => said(&format!("Jira failed{status}")),
        Problem::LogInPage => format!("A log-in page came instead of an answer{status}."),
        Problem::Redirected => match &error.words {
            Some(to) => format!(
                "The address sends on to {to}{status}; redirects are not followed, because they would carry the credentials along."
            ),
            None => format!(
                "The address sends on to another one{status}; redirects are not followed, because they would carry the credentials along."
            ),
        },
        Problem::NotJira => said(&format!("Something answers at this address, but it is no Jira{status}")),
        Problem::ErrorInside => said(&format!("Jira answered with success and an error inside{status}")),
        Problem::Unreadable => said(&format!("What Jira answered cannot be used{status}")),
    }
}

/// The likely cause.
pub const fn cause(error: &JiraError) -> &'static str {
    match error.problem {
        Problem::Network => {
            "The site is down, or something between here and there is in the way: a name, a firewall, a proxy, a certificate."
        }
        Problem::Unauthorised => {
            "The token or password was mistyped, has expired or was deleted, or this Jira is too old for personal access tokens (they begin with 8.14)."
        }
        Problem::Captcha => "Somebody tried a wrong password several times.",
        Problem::Forbidden => "The user, or the OAuth credential, lacks a permission.",
        Problem::NotFound => {
            "It was deleted, or moved to where this user cannot see it, or the base URL lacks its path."
        }
        Problem::Refused => {
            "A value does not suit the project's settings, or a permission is missing (Jira often says so in this way)."
        }
        Problem::TooLarge => "Very long messages, or very many entities in one request.",
        Problem::RateLimited => "More requests came than the site allows, from here or from other tools.",
        Problem::Unavailable => {
            "The site restarts, re-indexes or is in maintenance, or the proxy in front of it does not reach it."
        }
        Problem::LogInPage => "A single sign-on or a proxy stands in front of Jira, or does not let tokens through.",
        Problem::Redirected => {
            "The site was renamed, or it answers under another address (https instead of http, another path)."
        }
        Problem::NotJira => {
            "The address is that of another server, or Jira lives below another path of it, or a proxy puts a page in front."
        }
        Problem::ErrorInside => "An app or a proxy of the site fails and hides it.",
        Problem::Unreadable => {
            "The answer was cut off or changed on its way, or this Jira is of a kind that Dovetail does not know."
        }
    }
}

/// What to do.
pub const fn remedy(error: &JiraError) -> &'static str {
    match error.problem {
        Problem::Network => "Open the address from this machine, and test the site to see where it ends.",
        Problem::Unauthorised => "Enter a new token, or the password, on the page of the site.",
        Problem::Captcha => {
            "Log in to Jira once as this user in a browser, or let an administrator reset its failed log-ins; better, use a token."
        }
        Problem::Forbidden => {
            "Give the user the permission in Jira, or tick the kind of data in the OAuth credential, then test the site."
        }
        Problem::NotFound => {
            "Look for it in Jira as this user; if all is missing, compare the base URL with the browser's."
        }
        Problem::Refused => "Correct what Jira's words name, then try again.",
        Problem::TooLarge => "Nothing: Dovetail sends less at once.",
        Problem::RateLimited => "Nothing: Dovetail goes on after the pause.",
        Problem::Unavailable => "Nothing at first: Dovetail tries again. If it stays, look into Jira's logs.",
        Problem::LogInPage => {
            "Let requests with a token through to /rest, or enter the address at which Jira itself answers."
        }
        Problem::Redirected => "Enter the new address on the page of the site.",
        Problem::NotJira => "Open the address in a browser and enter the one at which Jira's own page appears.",
        Problem::ErrorInside => "Nothing at first: Dovetail tries again. If it stays, look into Jira's logs.",
        Problem::Unreadable => {
            "Nothing at first: Dovetail tries again. If it stays, test the site and compare what it sees with a browser."
        }
    }
}

fn time(at: Millis) -> String {
    let at = Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// [`Problem::NotJira`]: the site's address cannot be one of the web.
pub fn not_an_address() -> String {
    "the site's address is no http or https address".to_owned()
}

/// [`Problem::Unreadable`]: JSON that is none, or is cut off.
pub fn not_json(line: usize, column: usize) -> String {
    format!("no JSON (line {line}, column {column})")
}

/// [`Problem::Unreadable`]: JSON of another shape.
pub fn lacks(what: &str) -> String {
    format!("the answer lacks {what}")
}

/// [`Problem::Unreadable`]: a list that goes on and on.
pub fn endless_list() -> String {
    "a list that does not end".to_owned()
}

/// [`Problem::Refused`]: Jira counts work in minutes.
pub fn less_than_a_minute() -> String {
    "Jira logs no work of less than a minute".to_owned()
}

/// [`Problem::Refused`]: a time that no calendar has.
pub fn no_such_time() -> String {
    "the time is none that a calendar has".to_owned()
}

/// [`Problem::Refused`]: everything would be deleted.
pub fn no_properties() -> String {
    "deleting by properties needs a property".to_owned()
}

/// [`Problem::Refused`]: a property that Jira does not take.
pub fn bad_property() -> String {
    "a property whose key or value Jira does not take".to_owned()
}

/// [`Problem::Refused`]: more properties than Jira takes.
pub fn too_many_properties() -> String {
    "more than five properties".to_owned()
}

/// An entity that Jira refused without a word.
pub fn no_reason() -> String {
    "Jira gave no reason.".to_owned()
}

/// An entity that was not sent: none of its issue keys has the form that Jira takes.
pub fn no_usable_key() -> String {
    "None of its issue keys has the form that Jira takes.".to_owned()
}

/// An entity that was not sent: a required address.
pub fn no_usable_address() -> String {
    "Its address is missing, is no http or https address, or has more than 2,000 characters.".to_owned()
}

/// An entity that was not sent: an id.
pub fn no_usable_id() -> String {
    "Its id is empty, longer than 1,024 characters, or holds others than letters, digits, “~”, “.”, “-” and “_”."
        .to_owned()
}

/// An entity that was not sent: a date.
pub fn no_usable_time() -> String {
    "Its date is none that a calendar has.".to_owned()
}

/// An entity that was not sent: it is too large even alone.
pub fn too_large_alone() -> String {
    "Jira does not take it because it is too large, even alone.".to_owned()
}

/// A commit without a message, as Jira wants one.
pub fn no_message() -> String {
    "(no message)".to_owned()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    const ALL: [Problem; 14] = [
        Problem::Network,
        Problem::Unauthorised,
        Problem::Captcha,
        Problem::Forbidden,
        Problem::NotFound,
        Problem::Refused,
        Problem::TooLarge,
        Problem::RateLimited,
        Problem::Unavailable,
        Problem::LogInPage,
        Problem::Redirected,
        Problem::NotJira,
        Problem::ErrorInside,
        Problem::Unreadable,
    ];

    #[test]
    fn every_problem_names_cause_and_remedy() {
        // given
        let mut told = String::new();
        let words = |problem| match problem {
            Problem::Network => "jira.example.com refused the connection.",
            Problem::Redirected => "https://new.example.com/",
            _ => "Issue Does Not Exist",
        };

        // when
        for problem in ALL {
            let bare = JiraError::of(problem);
            let mut full = JiraError::told(problem, words(problem));
            (full.status, full.retry_at) = (Some(400), Some(1_772_366_400_000));
            let (cause, remedy) = (cause(&bare), remedy(&bare));
            writeln!(told, "{}\n{}\n  cause:  {cause}\n  remedy: {remedy}", bare.happened(), full.happened()).unwrap();
        }

        // then
        insta::assert_snapshot!(told);
    }

    #[test]
    fn what_does_not_fit_is_told_in_a_clause() {
        let clauses = [
            not_an_address(),
            not_json(3, 7),
            lacks("the id of the comment"),
            endless_list(),
            less_than_a_minute(),
            no_such_time(),
            no_properties(),
            bad_property(),
            too_many_properties(),
            no_reason(),
            no_usable_key(),
            no_usable_address(),
            no_usable_id(),
            no_usable_time(),
            too_large_alone(),
            no_message(),
        ];
        insta::assert_snapshot!(clauses.join("\n"));
    }
}
