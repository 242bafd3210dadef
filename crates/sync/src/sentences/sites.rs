//! What the test of a site says, and why a site could not be kept.

use std::time::Duration;

use jira::{JiraError, Person, Problem, Project, ServerInfo};
use model::{SiteKind, SiteSettings};
use net::check::Stage;

use crate::site::{Field, SiteError};

/// How many projects are named one by one.
const NAMED: usize = 20;

/// Why a step was not taken.
pub(crate) const SKIPPED: &str = "Not looked at, as an earlier step failed.";
/// Why nothing is asked over REST.
pub(crate) const NO_REST: &str = "No user for REST was given: projects stay unknown, and no remote links are written. Development information does not need one.";

/// The permissions that what the site is told needs.
pub(crate) fn wanted_permissions(kind: SiteKind, settings: &SiteSettings) -> Vec<&'static str> {
    let mut wanted = vec!["BROWSE_PROJECTS"];
    if settings.links_of_branches || settings.links_of_merge_requests {
        wanted.push("LINK_ISSUES");
    }
    if settings.smart_commits && kind == SiteKind::DataCenter {
        wanted.extend(["ADD_COMMENTS", "WORK_ON_ISSUES", "TRANSITION_ISSUES", "ADMINISTER_PROJECTS"]);
    }
    wanted
}

/// The test itself took too long.
pub(crate) fn out_of_time(limit: Duration) -> Stage {
    Stage::failed(
        "time",
        format!("The test was ended after {} seconds; what follows was not looked at.", limit.as_secs()),
        "Jira, or something before it, answers very slowly.",
        "Test again; if it stays so, look at how Jira is doing.",
    )
}

/// Which Jira answers.
pub(crate) fn version(server: &ServerInfo, kind: SiteKind, address: &str) -> Stage {
    let what = if server.cloud { "Jira Cloud" } else { "Jira Server or Data Center" };
    let seen = format!("{what} {} answers.", server.version);
    if server.cloud != (kind == SiteKind::Cloud) {
        let (cause, remedy) = if server.cloud {
            ("It was added as Server or Data Center.", "Add it as Cloud.")
        } else {
            ("It was added as Cloud.", "Add it as Server or Data Center.")
        };
        return Stage::failed("version", seen, cause, remedy);
    }
    let believed = server.base_url.trim_end_matches('/');
    if !believed.is_empty() && !believed.eq_ignore_ascii_case(address) {
        return Stage::warning(
            "version",
            format!("{seen} It calls itself {believed}."),
            "Its base URL is another one than was entered: it was renamed, or this address is a side door.",
            "Enter the base URL that Jira's page General configuration shows, unless only this one can be reached from here.",
        );
    }
    Stage::passed("version", seen)
}

/// Who is logged in.
pub(crate) fn logged_in(myself: &Person) -> Stage {
    let seen = format!("Logged in as {}.", myself.name);
    if myself.active {
        return Stage::passed("log_in", seen);
    }
    Stage::failed("log_in", seen, "Jira says that this user is not active.", "Activate it in Jira's user management.")
}

/// What the user sees.
pub(crate) fn projects(projects: &[Project]) -> Stage {
    if projects.is_empty() {
        return Stage::failed(
            "projects",
            "The user sees no project.",
            "It lacks the permission Browse Projects everywhere.",
            "Give it that permission in the projects that Dovetail shall know, by a role or a group.",
        );
    }
    let count = projects.len();
    let lines = projects.iter().take(NAMED).map(|project| format!("{}: {}", project.key, project.name));
    let more = count.saturating_sub(NAMED);
    let more = (more > 0).then(|| format!("and {more} more"));
    let seen =
        if count == 1 { "The user sees 1 project.".to_owned() } else { format!("The user sees {count} projects.") };
    Stage::passed("projects", seen).with_details(lines.chain(more))
}

/// What the user may do. `proved` is an issue for which the question for an author's rights was answered.
pub(crate) fn permission(looked_at: usize, lacking: &[(String, Vec<String>)], proved: Option<&str>) -> Stage {
    let proof = proved.map(|key| format!(" Jira answers what other users may do to {key}.")).unwrap_or_default();
    if lacking.is_empty() {
        return Stage::passed("permission", format!("The user has every permission that is needed.{proof}"));
    }
    let lines = lacking.iter().take(NAMED).map(|(key, lacks)| format!("{key}: {}", names(lacks)));
    let more = lacking.len().saturating_sub(NAMED);
    let more = (more > 0).then(|| format!("and {more} more"));
    let seen = format!("In {} of {looked_at} projects the user lacks permissions.{proof}", lacking.len());
    Stage::warning(
        "permission",
        seen,
        "The permission scheme of these projects does not grant them to the user, its groups or its roles.",
        "Grant them where Dovetail shall act. Without Administer Projects no smart commit runs there, as Jira does not say then \
         what its author may do; the receipts say so.",
    )
    .with_details(lines.chain(more))
}

/// The user may not ask what others may do.
pub(crate) fn may_not_ask(key: &str) -> Stage {
    Stage::failed(
        "permission",
        format!("Jira does not tell this user what other users may do to {key}."),
        "That takes the permission Administer Projects, or to be an administrator of Jira.",
        "Grant it to the user, or switch smart commits off for this site. Until then no smart commit runs, and each receipt says so.",
    )
}

/// Whether work can be logged.
pub(crate) fn time_tracking(is_on: bool) -> Stage {
    if is_on {
        return Stage::passed("time_tracking", "Time tracking is on.");
    }
    Stage::warning(
        "time_tracking",
        "Time tracking is off.",
        "An administrator of Jira switched it off.",
        "Switch it on (Administration, System, Issue features, Time tracking), or expect the receipt of each #time to refuse it.",
    )
}

/// The site tells its id.
pub(crate) fn site_id(cloud_id: &str) -> Stage {
    Stage::passed("site_id", format!("The site has the id {cloud_id}."))
}

/// The OAuth credentials are good.
pub(crate) fn signed_in() -> Stage {
    Stage::passed("oauth", "Atlassian takes the OAuth credentials.")
}

/// They are not.
pub(crate) fn credentials_refused(error: &JiraError) -> Stage {
    match error.problem {
        Problem::Unauthorised | Problem::Forbidden | Problem::Refused => Stage::failed(
            "oauth",
            error.happened(),
            "Client ID or Client Secret is mistyped, or the credentials were deleted.",
            "Compare them with Settings, Apps, OAuth credentials in Jira; make new ones where the secret is lost.",
        ),
        _ => Stage::failed("oauth", error.happened(), error.cause(), error.remedy()),
    }
}

/// Development information is taken.
pub(crate) fn takes_development_information() -> Stage {
    Stage::passed("dev_info", "Jira takes development information.")
}

/// It is not.
pub(crate) fn no_development_information(error: &JiraError) -> Stage {
    match error.problem {
        Problem::Forbidden => Stage::failed(
            "dev_info",
            error.happened(),
            "The OAuth credentials lack the permission Development information.",
            "Edit them (Settings, Apps, OAuth credentials) and select Development information.",
        ),
        Problem::NotFound => Stage::failed(
            "dev_info",
            error.happened(),
            "The credentials belong to another site.",
            "Create OAuth credentials in this site.",
        ),
        _ => Stage::failed("dev_info", error.happened(), error.cause(), error.remedy()),
    }
}

/// Permissions as Jira's pages name them.
fn names(keys: &[String]) -> String {
    let named = keys.iter().map(|key| {
        key.split('_')
            .map(|word| {
                let lower = word.to_lowercase();
                let mut letters = lower.chars();
                letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
            })
            .collect::<Vec<_>>()
            .join(" ")
    });
    named.collect::<Vec<_>>().join(", ")
}

impl SiteError {
    /// What happened, the likely cause, and what to do.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::Empty(field) => format!("The {} is empty. Fill it in.", label(*field)),
            Self::Unfit(field) => {
                format!(
                    "The {} is longer than it can be, or contains line breaks or other control characters. Enter it anew.",
                    label(*field)
                )
            }
            Self::Url(error) => {
                format!("Not usable as the base URL of a Jira: {}.", error.to_string().replace("Host URL", "URL"))
            }
            Self::Exists { .. } => "A site has this address already. Change that one, or remove it first.".to_owned(),
            Self::Missing => {
                "There is no such site any more. It was removed meanwhile; load the page again.".to_owned()
            }
            Self::Store(_) | Self::Sync(_) => "The store did not answer. Try again; the log says more.".to_owned(),
        }
    }
}

const fn label(field: Field) -> &'static str {
    match field {
        Field::Name => "name",
        Field::Url => "base URL",
        Field::Secret => "password or token",
        Field::User => "e-mail that belongs to the API token",
        Field::ClientId => "Client ID",
        Field::ClientSecret => "Client Secret",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(stage: &Stage) -> String {
        let (cause, remedy) = (stage.cause.as_deref().unwrap_or("–"), stage.remedy.as_deref().unwrap_or("–"));
        format!("{} {:?}: {} · {cause} · {remedy} {:?}", stage.stage, stage.verdict, stage.seen, stage.details)
    }

    #[test]
    fn every_step_says_what_was_seen_and_what_to_do() {
        let server = ServerInfo {
            version: "9.12.15".to_owned(),
            version_numbers: vec![9, 12, 15],
            cloud: false,
            base_url: "https://jira.example.com".to_owned(),
            title: "Jira".to_owned(),
        };
        let person = |active| Person { id: "dovetail".to_owned(), name: "Dovetail".to_owned(), email: None, active };
        let project = |key: &str| Project { id: key.to_owned(), key: key.to_owned(), name: format!("Project {key}") };
        let lacks = vec![("ABC".to_owned(), vec!["ADMINISTER_PROJECTS".to_owned(), "LINK_ISSUES".to_owned()])];
        let stages = [
            version(&server, SiteKind::DataCenter, "https://jira.example.com"),
            version(&server, SiteKind::DataCenter, "http://jira:8080"),
            version(&server, SiteKind::Cloud, "https://jira.example.com"),
            logged_in(&person(true)),
            logged_in(&person(false)),
            projects(&[]),
            projects(&[project("ABC")]),
            projects(&(0..22).map(|number| project(&format!("P{number}"))).collect::<Vec<_>>()),
            permission(3, &[], Some("ABC-1")),
            permission(3, &lacks, None),
            may_not_ask("ABC-1"),
            time_tracking(true),
            time_tracking(false),
            site_id("1234"),
            signed_in(),
            takes_development_information(),
            out_of_time(Duration::from_secs(50)),
        ];
        insta::assert_snapshot!(stages.iter().map(told).collect::<Vec<_>>().join("\n"));
    }

    #[test]
    fn every_refusal_says_what_to_do() {
        let errors = [
            SiteError::Empty(Field::Url),
            SiteError::Empty(Field::Secret),
            SiteError::Empty(Field::User),
            SiteError::Empty(Field::ClientId),
            SiteError::Empty(Field::ClientSecret),
            SiteError::Unfit(Field::Name),
            SiteError::Url(model::host_url::HostUrlError::Credentials),
            SiteError::Exists { id: 7 },
            SiteError::Missing,
        ];
        insta::assert_snapshot!(errors.iter().map(SiteError::sentence).collect::<Vec<_>>().join("\n"));
    }
}
