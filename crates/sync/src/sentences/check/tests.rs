use std::fmt::Write as _;

use forge::oauth::OAuthError;
use forge::{ForgeVersion, Reach, Standing, Survey, Unreadable};
use model::{AccountKind, ForgeAccount, ForgeRepository};

use super::*;
use crate::credential::Owner;
use crate::failure::Reason;

fn account() -> ForgeAccount {
    ForgeAccount {
        forge_id: "1".to_owned(),
        kind: AccountKind::Group,
        path: "platform".to_owned(),
        name: "Platform".to_owned(),
        web_url: None,
    }
}

fn told(stages: impl IntoIterator<Item = Stage>) -> String {
    let mut told = String::new();
    for stage in stages {
        writeln!(told, "{} {:?}: {}", stage.stage, stage.verdict, stage.seen).unwrap();
        for (word, text) in [("cause", stage.cause), ("remedy", stage.remedy)] {
            if let Some(text) = text {
                writeln!(told, "  {word}: {text}").unwrap();
            }
        }
        for detail in stage.details {
            writeln!(told, "  - {detail}").unwrap();
        }
    }
    told
}

#[test]
fn every_step_says_what_was_seen_why_and_what_to_do() {
    let user = ForgeUser { login: "jira".to_owned(), ..ForgeUser::default() };
    let (title, root) = ("GitLab Self-Managed", "https://gitlab.example.com");
    let granted = vec!["api".to_owned(), "sudo".to_owned()];
    insta::assert_snapshot!(told([
        out_of_time("kind", Duration::from_secs(60)),
        refused("kind", &forge::Problem::NotGitlab.into()),
        not_let_in("token", &Failure::NeedsAuthorisation { owner: Owner::Account(1), reason: Reason::GrantRevoked }),
        not_let_in("token", &Failure::RenewalPending),
        kind_found(title, root),
        kind_elsewhere(title, "https://gitlab.example.com/platform", root),
        another_kind(title, "GitHub Enterprise"),
        foreign_kind(title, "a Gitea"),
        token_believed(&user),
        token_good(&user, Some(300)),
        token_good(&ForgeUser::default(), None),
        scope_too_small("api", &granted[1..]),
        scope_too_large(&user, "api", &granted),
        token_ends_soon(&user, 3),
        version(title, &ForgeVersion { number: "16.11.0-ee".to_owned(), advice: vec!["An advice.".to_owned()] }),
        git_here(),
        git_good("platform/api"),
        git_without_filters("platform/api"),
        git_refused("platform/api", &GitError::Unauthorised),
    ]));
}

#[test]
fn what_is_wrong_with_an_application_is_told_as_far_as_the_host_tells() {
    let redirect = "https://dovetail.example.com/oauth/callback";
    insta::assert_snapshot!(told([
        application_known(),
        application_good(redirect, "api", false),
        application_good(redirect, "api", true),
        application_known_so_far(redirect, "api"),
        application_refused(),
        client_unknown(),
        secret_wrong(),
        redirect_not_listed(redirect),
        scope_not_granted("api"),
        application_unclear(&OAuthError::NoEndpoint),
    ]));
}

#[test]
fn what_is_wrong_with_an_account_is_told_with_what_may_be_meant() {
    let like = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let person = ForgeAccount { kind: AccountKind::User, path: "anna".to_owned(), ..account() };
    let subgroup = ForgeAccount { path: "platform/backend".to_owned(), ..account() };
    insta::assert_snapshot!(told([
        account_found(&account()),
        account_found(&person),
        account_found(&subgroup),
        account_missing("nothing", &[]),
        account_missing("platfrom", &like(&["platform"])),
        account_missing("platfrom", &like(&["platform", "platforms"])),
        account_is_repository("platform/backend/api"),
    ]));
}

#[test]
fn what_a_role_is_enough_for_is_told() {
    let standing = |role: Option<&str>, reach| Standing {
        role: role.map(str::to_owned),
        reach,
        reading_needs: "Reporter",
        hooks_need: "Maintainer",
    };
    insta::assert_snapshot!(told([
        rights(&account(), &standing(Some("Owner"), Reach::AccountHooks)),
        rights(&account(), &standing(Some("Maintainer"), Reach::RepositoryHooks)),
        rights(&account(), &standing(Some("Developer"), Reach::Reading)),
        rights(&account(), &standing(Some("Guest"), Reach::Seeing)),
        rights(&account(), &standing(None, Reach::Nothing)),
    ]));
}

#[test]
fn what_cannot_be_read_is_told_with_its_reason() {
    let one = ForgeRepository { path: "platform/api".to_owned(), ..repository() };
    let survey = |unreadable: &[(&str, Unreadable)], off: &[&str]| Survey {
        repositories: vec![
            one.clone(),
            ForgeRepository { path: "platform/old".to_owned(), archived: true, ..repository() },
        ],
        unreadable: unreadable.iter().map(|(path, why)| ((*path).to_owned(), *why)).collect(),
        without_merge_requests: off.iter().map(|path| (*path).to_owned()).collect(),
    };
    let (off, role) = (("platform/wiki", Unreadable::SwitchedOff), ("platform/secret", Unreadable::Role));
    insta::assert_snapshot!(told([
        repositories(&account(), &Survey::default()),
        repositories(&account(), &survey(&[], &[])),
        repositories(&account(), &survey(&[], &["platform/api"])),
        repositories(&account(), &survey(&[off], &[])),
        repositories(&account(), &survey(&[role], &[])),
        repositories(&account(), &survey(&[off, role], &[])),
    ]));
}

#[test]
fn how_hooks_stand_is_told() {
    let hooks = Hooks { registered: 2, manual: 0, waiting: 0, last_event_at: Some(1_700_000_000_000) };
    let manual = Hooks { manual: 1, ..hooks };
    let none = Hooks::default();
    let address = "https://dovetail.example.com/";
    insta::assert_snapshot!(told([
        none_here(),
        no_address(),
        none_registered(none),
        none_registered(Hooks { manual: 1, ..none }),
        came(hooks, Duration::from_millis(240)),
        came(manual, Duration::from_millis(240)),
        came(Hooks { registered: 1, ..none }, Duration::from_millis(240)),
        nothing_came(hooks, address, Duration::from_secs(15)),
        not_called(hooks, address, "No test event was sent. The host refuses the web hook."),
    ]));
}

fn repository() -> ForgeRepository {
    ForgeRepository {
        forge_id: "1".to_owned(),
        name: "api".to_owned(),
        path: String::new(),
        web_url: None,
        git_url: String::new(),
        default_branch: None,
        fork_of: None,
        archived: false,
        empty: false,
        last_activity_at: None,
    }
}
