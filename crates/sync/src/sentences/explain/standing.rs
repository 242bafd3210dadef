//! How repositories and accounts stand: why something may not have arrived yet, or is not shown.

use model::Millis;
use store::host_outages::DOWN;
use store::{Account, KnownRepository, Repository, RepositoryState, Standing};

use super::{counted, listed};
use crate::explain::story::{Fact, FactKind, Piece, Sentence, say};

/// A repository, as a link to its page.
pub(crate) fn repository_piece(repository: &Repository) -> Piece {
    Piece::page(&repository.path, repository.web_url.clone())
}

fn account_piece(known: &KnownRepository) -> Piece {
    Piece::Account { id: known.account_id, path: known.account_path.clone() }
}

/// Title: a repository.
pub(crate) fn repository_title(known: &KnownRepository) -> Sentence {
    let end = match known.standing {
        Standing::Hidden => " is no longer listed, so nothing of it is shown.",
        Standing::ForkNotLinked | Standing::NotLinked => " is not linked, so nothing of it is shown.",
        Standing::Current => " is linked and up to date.",
        Standing::Syncing | Standing::Waiting => " is linked, and being brought up to date.",
        _ => " is linked, but not being brought up to date.",
    };
    say![repository_piece(&known.repository), end]
}

/// How one repository stands; `next_sync_at`: when it is looked at next.
pub(crate) fn repository(known: &KnownRepository, next_sync_at: Option<Millis>) -> Fact {
    let page = repository_piece(&known.repository);
    match known.standing {
        Standing::Hidden => hidden(known, page),
        Standing::ForkNotLinked => Fact::bad(FactKind::ForkNotLinked, say![page, ", a fork, is known but not linked."])
            .so(say!["If it shall be shown, link it on the page of ", account_piece(known), "."]),
        Standing::NotLinked => {
            Fact::bad(FactKind::RepositoryNotLinked, say![page, " is known but not linked, so nothing of it is shown."])
                .so(say!["Link it on the page of ", account_piece(known), "."])
        }
        Standing::Unauthorised => unauthorised(known, page),
        Standing::AccountPaused => Fact::bad(
            FactKind::AccountPaused,
            say!["Somebody paused ", account_piece(known), ", the account through which ", page, " is read."],
        )
        .so(say!["Resume it on its page."]),
        Standing::Paused => Fact::bad(FactKind::RepositoryPaused, say!["Somebody paused the syncs of ", page, "."])
            .so(say!["Resume them on the page of ", account_piece(known), "."]),
        Standing::HostPaused => host_paused(known, page),
        Standing::Failed => failed(known, page),
        Standing::Syncing => syncing(&known.repository, page),
        Standing::Waiting => waiting(known, page),
        Standing::Current => current(&known.repository, page, next_sync_at),
    }
}

fn hidden(known: &KnownRepository, page: Piece) -> Fact {
    let what = say![
        page,
        " is known, but the list of ",
        account_piece(known),
        " does not name it any more: it was deleted, moved away, or made invisible to the user who authorised."
    ];
    Fact::bad(FactKind::RepositoryHidden, what).so(say![
        "Let that user see it again, or connect the group that it moved to, then refresh the account; nothing that was imported \
         is lost."
    ])
}

fn unauthorised(known: &KnownRepository, page: Piece) -> Fact {
    let mut pieces = vec![
        Piece::from("The account "),
        account_piece(known),
        Piece::from(", through which "),
        page,
        Piece::from(" is read, needs to be authorised again."),
    ];
    pieces.extend(known.account_error.as_deref().map(|error| Piece::told(&format!(" {error}"))));
    Fact::bad(FactKind::NeedsAuthorisation, Sentence::of(pieces))
        .so(say!["Authorise it again on its page: repositories, links and settings stay."])
}

fn host_paused(known: &KnownRepository, page: Piece) -> Fact {
    let host = forge::capabilities(known.repository.host_kind, &known.repository.host_url).title;
    let until = Piece::Time(known.paused_until.unwrap_or_default());
    if known.paused_reason.as_deref() == Some(DOWN) {
        return Fact::bad(
            FactKind::HostDown,
            say!["The host of ", page, " (", host, ") does not answer; Dovetail asks again ", until, "."],
        )
        .so(say!["Nothing is to be done here: what was pushed meanwhile is read as soon as the host is back."]);
    }
    Fact::bad(
        FactKind::RateLimited,
        say!["The host of ", page, " (", host, ") asked for a pause because of its rate limit."],
    )
    .so(say!["Dovetail goes on by itself ", until, "."])
}

fn failed(known: &KnownRepository, page: Piece) -> Fact {
    let repository = &known.repository;
    let mut pieces = vec![Piece::from("The last sync of "), page, Piece::from(" failed")];
    if repository.failures > 1 {
        pieces.push(Piece::from(format!(", {} times in a row", repository.failures)));
    }
    let error = repository.error.as_deref().unwrap_or("Why is not known.");
    pieces.push(Piece::told(&format!(": {error}")));
    let next = match repository.retry_at {
        Some(at) => {
            say!["Dovetail tries again by itself ", Piece::Time(at), "; what was pushed since is read then."]
        }
        None => say!["Mend what it says, then press ⟳ at the repository on the page of ", account_piece(known), "."],
    };
    Fact::bad(FactKind::RepositoryFailed, Sentence::of(pieces)).so(next)
}

fn syncing(repository: &Repository, page: Piece) -> Fact {
    let mut pieces = vec![page, Piece::from(" is being synced")];
    if repository.commits_total > 0 {
        pieces.push(Piece::from(format!(": {} of {} commits", repository.commits_done, repository.commits_total)));
    }
    pieces.push(Piece::from("."));
    Fact::bad(FactKind::RepositorySyncing, Sentence::of(pieces)).so(say!["Ask again when it has ended."])
}

fn waiting(known: &KnownRepository, page: Piece) -> Fact {
    let what =
        if known.repository.imported_at.is_none() { " waits for its first import." } else { " waits for a sync." };
    Fact::bad(FactKind::RepositoryWaiting, say![page, what]).so(say![
        "It begins by itself; an administrator can move it to the front on the page of ",
        account_piece(known),
        "."
    ])
}

fn current(repository: &Repository, page: Piece, next_sync_at: Option<Millis>) -> Fact {
    let mut pieces = vec![page];
    let kind = if repository.state == RepositoryState::Empty {
        pieces.push(Piece::from(" holds no commits"));
        FactKind::RepositoryEmpty
    } else {
        pieces.push(Piece::from(" is linked and up to date"));
        FactKind::RepositoryCurrent
    };
    if let Some(at) = repository.synced_at {
        pieces.extend([Piece::from("; it was last read "), Piece::Time(at)]);
    }
    if let Some(at) = next_sync_at {
        pieces.extend([Piece::from(", and is read again "), Piece::Time(at), Piece::from(" at the latest")]);
    }
    pieces.push(Piece::from("."));
    Fact::good(kind, Sentence::of(pieces))
}

/// It is archived.
pub(crate) fn archived(repository: &Repository) -> Fact {
    Fact::note(
        FactKind::RepositoryArchived,
        say![repository_piece(repository), " is archived at the forge: nothing new can be pushed there."],
    )
}

/// More repositories stand as those that were told before.
pub(crate) fn more(standing: Standing, count: i64) -> Fact {
    let (kind, end) = match standing {
        Standing::Hidden => (FactKind::RepositoryHidden, "known, but no longer listed by any account"),
        Standing::ForkNotLinked => (FactKind::ForkNotLinked, "known but not linked"),
        Standing::NotLinked => (FactKind::RepositoryNotLinked, "known but not linked"),
        Standing::Unauthorised => {
            (FactKind::NeedsAuthorisation, "read through an account that needs to be authorised again")
        }
        Standing::AccountPaused => (FactKind::AccountPaused, "of accounts that somebody paused"),
        Standing::Paused => (FactKind::RepositoryPaused, "paused"),
        Standing::HostPaused => (FactKind::RateLimited, "of hosts that are asked nothing for now"),
        Standing::Failed => (FactKind::RepositoryFailed, "failing"),
        Standing::Syncing => (FactKind::RepositorySyncing, "being synced"),
        Standing::Waiting => (FactKind::RepositoryWaiting, "waiting for a sync"),
        Standing::Current => (FactKind::RepositoryCurrent, "up to date"),
    };
    let what = if standing == Standing::ForkNotLinked {
        counted(count, "more fork is", "more forks are")
    } else {
        counted(count, "more repository is", "more repositories are")
    };
    Fact::bad(kind, say![format!("{what} {end}.")])
}

/// Nobody connected anything that the asker may see.
pub(crate) fn no_accounts() -> Fact {
    Fact::bad(FactKind::NoAccounts, say!["No account is connected that you may see."])
        .so(say!["Ask an administrator to connect the group or user whose repositories are meant, or for access."])
}

/// Accounts, but nothing of them is imported.
pub(crate) fn nothing_linked() -> Fact {
    Fact::bad(FactKind::NothingLinked, say!["No repository is linked, so nothing is imported."])
        .so(say!["Link repositories on their account’s page."])
}

/// Which repositories are linked: some by name, of so many.
pub(crate) fn linked(count: i64, some: &[KnownRepository]) -> Fact {
    let what = counted(count, "repository is linked: ", "repositories are linked: ");
    let more = count - i64::try_from(some.len()).unwrap_or(count);
    let mut pieces = vec![Piece::from(what)];
    pieces.extend(listed(some.iter().map(|known| repository_piece(&known.repository)), more));
    pieces.push(Piece::from("."));
    Fact::note(FactKind::LinkedRepositories, Sentence::of(pieces))
}

/// The list of an account cannot be read.
pub(crate) fn account_failed(account: &Account) -> Fact {
    let piece = Piece::Account { id: account.id, path: account.path.clone() };
    let error = account.error.as_deref().unwrap_or("Why is not known.");
    Fact::bad(
        FactKind::AccountFailed,
        say!["The list of repositories of ", piece, " cannot be read: ", Piece::told(error)],
    )
    .so(say!["Dovetail tries again by itself; repositories that are new meanwhile are not known yet."])
}

/// Whether it was pushed is for the asker to see.
pub(crate) fn push() -> Fact {
    Fact::note(FactKind::Push, say!["Dovetail sees what the forge has, not what is only on somebody’s machine."]).so(say![
        "Look for it on the forge’s page. If it is there, and its repository is linked, press ⟳ at the repository to have it \
         read at once."
    ])
}
