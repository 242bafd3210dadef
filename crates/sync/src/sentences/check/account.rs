//! What the check says of the account and of what lies in it.

use forge::{ForgeVersion, Reach, Standing, Survey, Unreadable};
use model::{AccountKind, ForgeAccount};
use net::check::Stage;

/// How many repositories of each sort are named.
const NAMED: usize = 10;

/// Why the version is not known.
pub(crate) const NO_VERSION: &str = "The host does not tell its version.";
/// Why no role is looked at.
pub(crate) const NO_ROLES: &str = "The host tells no roles.";

/// The version, and which instructions apply to it.
pub(crate) fn version(title: &str, version: &ForgeVersion) -> Stage {
    Stage::passed("version", format!("{title} {}.", version.number)).with_details(version.advice.clone())
}

/// It is there.
pub(crate) fn account_found(account: &ForgeAccount) -> Stage {
    let kind = match account.kind {
        AccountKind::Group if account.path.contains('/') => "a subgroup",
        AccountKind::Group => "a group",
        AccountKind::User => "a user",
        AccountKind::Folder => "a folder",
    };
    Stage::passed("account", format!("“{}” is there, {kind}: {}.", account.path, account.name))
}

/// It is not, or is hidden: nobody can tell from outside. `like` are the accounts that the user sees and that may be meant.
pub(crate) fn account_missing(path: &str, like: &[String]) -> Stage {
    let quoted: Vec<String> = like.iter().map(|one| format!("“{one}”")).collect();
    let meant = match quoted.as_slice() {
        [] => String::new(),
        [one] => format!(" Did you mean {one}?"),
        [others @ .., last] => format!(" Did you mean {} or {last}?", others.join(", ")),
    };
    Stage::failed(
        "account",
        format!("“{path}” does not exist on the host, or this user cannot see it.{meant}"),
        "The host gives the same answer for both, so that nobody can guess names.",
        "Compare the path with its page at the host; if it is right, let the token's user become a member.",
    )
}

/// It is a repository.
pub(crate) fn account_is_repository(path: &str) -> Stage {
    let above = path.rsplit_once('/').map_or(path, |(above, _)| above);
    Stage::failed(
        "account",
        format!("“{path}” is a single repository, not an account. It lies in “{above}”."),
        "The address of a repository was copied; accounts are groups, subgroups and users.",
        format!("Use “{above}”. Which of its repositories are linked is chosen on the account's page."),
    )
}

/// What the user's role is enough for.
pub(crate) fn rights(account: &ForgeAccount, standing: &Standing) -> Stage {
    let path = &account.path;
    let role = standing.role.as_deref().unwrap_or("no role");
    let Standing { reading_needs, hooks_need, .. } = standing;
    match standing.reach {
        Reach::AccountHooks => Stage::passed(
            "rights",
            format!("The user is {role} of “{path}”: enough for branches, merge requests and hooks."),
        ),
        Reach::RepositoryHooks => Stage::passed(
            "rights",
            format!(
                "The user is {role} of “{path}”: enough for branches, merge requests and a hook of each repository."
            ),
        ),
        Reach::Reading => Stage::warning(
            "rights",
            format!("The user is {role} of “{path}”: enough for branches and merge requests, but not for hooks."),
            format!("Hooks need the role {hooks_need}. Without them, what is new is seen with the next refresh."),
            format!(
                "Give the user the role {hooks_need}, or add the hooks by hand: the account's page shows what to paste."
            ),
        ),
        Reach::Seeing => Stage::warning(
            "rights",
            format!("The user is {role} of “{path}”: the code of private repositories stays hidden."),
            format!("Reading code needs the role {reading_needs}."),
            format!("Give the user the role {reading_needs}, or {hooks_need} so that hooks can be made, too."),
        ),
        Reach::Nothing => Stage::warning(
            "rights",
            format!("The user has no role in “{path}” as a whole."),
            "Only repositories of which the user is a member by other ways are imported.",
            format!(
                "Make the user a member of “{path}”: {reading_needs} to read, {hooks_need} so that hooks can be made."
            ),
        ),
    }
}

/// What would be imported, and what not.
pub(crate) fn repositories(account: &ForgeAccount, found: &Survey) -> Stage {
    let all = found.repositories.len();
    let archived = found.repositories.iter().filter(|one| one.archived).count();
    let empty = found.repositories.iter().filter(|one| one.empty).count();
    let hidden = found.unreadable.len();
    let details = details(found);
    if all == 0 && hidden == 0 {
        return Stage::warning(
            "repositories",
            format!("The user sees no repository in “{}”.", account.path),
            "The group is empty, or the user is not a member of what is in it.",
            "Let the user become a member with the role Reporter.",
        );
    }
    let mut seen = format!("The user sees {all}, {archived} of them archived and {empty} empty.");
    let off = found.without_merge_requests.len();
    if off > 0 {
        seen.push_str(&format!(" {off} of them without merge requests: those are switched off there."));
    }
    if hidden == 0 {
        return Stage::passed("repositories", seen).with_details(details);
    }
    let switched_off = found.unreadable.iter().filter(|(_, why)| *why == Unreadable::SwitchedOff).count();
    let by_role = hidden - switched_off;
    Stage::warning(
        "repositories",
        format!("{seen} {hidden} more cannot be read."),
        match (switched_off, by_role) {
            (_, 0) => "Their repository feature is switched off at the host.".to_owned(),
            (0, _) => "The user's role there is too small to read code.".to_owned(),
            _ => format!(
                "Of {switched_off} the repository feature is switched off; of {by_role} the user's role is too small to read code."
            ),
        },
        match by_role {
            0 => "Nothing has to be done where that is meant; else switch the repository on in the settings of the project.",
            _ => "Give the user the role Reporter or more there, or leave them out.",
        },
    )
    .with_details(details)
}

fn details(found: &Survey) -> Vec<String> {
    let readable = found.repositories.iter().take(NAMED).map(|one| one.path.clone());
    let hidden = found.unreadable.iter().take(NAMED).map(|(path, why)| match why {
        Unreadable::SwitchedOff => format!("{path}: not readable, its repository is switched off"),
        Unreadable::Role => format!("{path}: not readable, the role there is too small"),
    });
    let off =
        found.without_merge_requests.iter().take(NAMED).map(|path| format!("{path}: merge requests are switched off"));
    readable.chain(hidden).chain(off).collect()
}
