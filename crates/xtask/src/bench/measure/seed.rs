//! A store as a large company would have after years: a million commits in twenty repositories.

use model::{AccountKind, Commit, ForgeRepository, HostKind, KeyForm, Mention, Millis, ObjectId, Person};
use store::{AccountState, Lane, NewAccount, NewCommit, Source, Store};

/// The issue that very many commits name.
pub const BUSY: &str = "BENCH-1";
/// How many.
pub const BUSY_COMMITS: u64 = 1_000;

/// The host of the seeded account: nobody answers there, and nobody is asked.
const HOST: &str = "https://gitlab.example.com";
const REPOSITORIES: u64 = 20;
/// Commits of one transaction.
const AT_ONCE: usize = 500;
/// Commits of every other issue.
const PER_ISSUE: u64 = 5;
/// The date of the first commit (2015-01-01), and from one to the next.
const START: Millis = 1_420_070_400_000;
const STEP: Millis = 300_000;

/// Fills an empty store.
pub async fn fill(store: &Store, commits: u64) -> store::Result<()> {
    let repositories = account(store).await?;
    let per_repository = commits / REPOSITORIES;
    for (at, repository) in (0..).zip(repositories) {
        let own: Vec<u64> = (at * per_repository..(at + 1) * per_repository).collect();
        for part in own.chunks(AT_ONCE) {
            let part: Vec<NewCommit> = part.iter().map(|number| commit(*number, commits)).collect();
            let mut tx = store.begin_write(Lane::Bulk).await?;
            tx.commits_insert(repository, &part, Source::Git, 1, START).await?;
            tx.commit().await?;
        }
        let mut tx = store.begin_write(Lane::Bulk).await?;
        tx.repository_synced(repository, START, false).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// The account with its repositories; paused, as its host does not exist.
async fn account(store: &Store) -> store::Result<Vec<i64>> {
    let mut tx = store.begin_write(Lane::Live).await?;
    let host_id = tx.host_ensure(HostKind::Gitlab, HOST, START).await?;
    let new = NewAccount {
        host_id,
        application_id: None,
        path: "company".to_owned(),
        name: "Company".to_owned(),
        kind: AccountKind::Group,
        forge_id: "1".to_owned(),
        web_url: Some(format!("{HOST}/company")),
        auto_link: true,
        smart_commits: false,
    };
    let account = tx.account_insert(&new, START).await?;
    let listed: Vec<ForgeRepository> = (1..=REPOSITORIES).map(repository).collect();
    let repositories = tx.repositories_listed(account, &listed, true, false, START).await?;
    tx.account_listed(account, START).await?;
    tx.account_import_ended(account, START).await?;
    tx.commit().await?;
    store.account_set_state(account, AccountState::Paused).await?;
    Ok(repositories.into_iter().map(|(id, _)| id).collect())
}

fn repository(number: u64) -> ForgeRepository {
    let path = format!("company/service-{number:02}");
    ForgeRepository {
        forge_id: number.to_string(),
        name: format!("Service {number}"),
        web_url: Some(format!("{HOST}/{path}")),
        git_url: format!("{HOST}/{path}.git"),
        path,
        default_branch: Some("main".to_owned()),
        fork_of: None,
        archived: false,
        empty: false,
        last_activity_at: Some(START),
    }
}

/// The commits of the busy issue lie all over the repositories and years, as real ones do.
fn commit(number: u64, of: u64) -> NewCommit {
    let key = if number.is_multiple_of((of / BUSY_COMMITS).max(1)) {
        BUSY.to_owned()
    } else {
        format!("BENCH-{}", 2 + number % (of / PER_ISSUE).max(1))
    };
    let at = START + STEP * number.cast_signed();
    let person = Person {
        name: format!("Developer {}", number % 200),
        email: format!("developer-{}@example.com", number % 200),
    };
    let message = format!(
        "{key} Guard the ledger import against twice the same row\n\nThe old way held a lock for as long as the other side took to \
         answer, which nobody had promised would be short. Number {number}.\n"
    );
    let commit = Commit {
        id: object_id(number),
        parents: number.checked_sub(1).map(object_id).into_iter().collect(),
        author: person.clone(),
        authored_at: at,
        committer: person,
        committed_at: at,
        message,
        lossy: false,
    };
    NewCommit { commit, mentions: vec![Mention { key, form: KeyForm::Strict }], commands: Vec::new() }
}

/// Spread like real ids: the index is read and written all over.
fn object_id(number: u64) -> ObjectId {
    let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    format!("{mixed:016x}{number:024x}").parse().expect("forty hexadecimal digits are an object id")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_busy_issue_has_its_commits_and_every_commit_an_id_of_its_own() {
        let commits: Vec<NewCommit> = (0..10_000).map(|number| commit(number, 10_000)).collect();

        let busy = commits.iter().filter(|new| new.mentions[0].key == BUSY).count();
        assert_eq!(busy as u64, BUSY_COMMITS);
        assert_eq!(commits.iter().map(|new| &new.commit.id).collect::<HashSet<_>>().len(), 10_000);
    }
}
