//! Pieces of statements that several of them share. They are put together by `concat!`, so every statement stays a constant.

/// Rows written or asked for by one statement; with a dozen columns far below what SQLite (32,766) and PostgreSQL (65,535)
/// take as parameters.
pub(crate) const CHUNK: usize = 500;

/// Whether the viewer whose user id is parameter `$who` (null: everything) may see the account `a`.
macro_rules! account_seen {
    ($who:literal) => {
        concat!(
            "(",
            $who,
            " IS NULL OR NOT a.restricted OR EXISTS (SELECT 1 FROM account_reader reader \
             WHERE reader.account_id = a.id AND reader.user_id = ",
            $who,
            "))"
        )
    };
}
pub(crate) use account_seen;

/// Whether `ar` is a link to a repository that is shown, through an account `a` that the viewer may see.
macro_rules! link_seen {
    ($who:literal) => {
        concat!("ar.linked AND ar.visible AND a.state <> 'removing' AND ", crate::sql::account_seen!($who))
    };
}
pub(crate) use link_seen;

/// Whether the repository with the id `$repository` is shown to the viewer.
macro_rules! repository_seen {
    ($repository:literal, $who:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM account_repository ar JOIN account a ON a.id = ar.account_id WHERE ar.repository_id = ",
            $repository,
            " AND ",
            crate::sql::link_seen!($who),
            ")"
        )
    };
}
pub(crate) use repository_seen;

/// Whether what the issue link `l` leads to is shown to the viewer.
macro_rules! issue_link_seen {
    ($who:literal) => {
        concat!(
            "CASE l.kind \
             WHEN 'commit' THEN EXISTS (SELECT 1 FROM repository_commit rc WHERE rc.commit_id = l.entity_id AND ",
            crate::sql::repository_seen!("rc.repository_id", $who),
            ") WHEN 'branch' THEN EXISTS (SELECT 1 FROM branch b WHERE b.id = l.entity_id AND b.gone_at IS NULL AND ",
            crate::sql::repository_seen!("b.repository_id", $who),
            ") ELSE EXISTS (SELECT 1 FROM merge_request m WHERE m.id = l.entity_id AND m.gone_at IS NULL AND ",
            crate::sql::repository_seen!("m.repository_id", $who),
            ") END"
        )
    };
}
pub(crate) use issue_link_seen;

/// The columns of [`crate::Account`], of `account a JOIN host h`.
macro_rules! account_columns {
    () => {
        "a.id, a.host_id, h.kind AS host_kind, h.url AS host_url, a.application_id, a.path, a.name, a.kind, a.forge_id, \
         a.web_url, a.auto_link, a.smart_commits, a.restricted, a.state, a.listed_at, a.imported_at, a.merge_requests_until, \
         a.error_kind, a.error, a.grant_id, a.created_at"
    };
}
pub(crate) use account_columns;

/// The columns of [`crate::Repository`], of `repository r JOIN host h`.
macro_rules! repository_columns {
    () => {
        "r.id, r.host_id, h.kind AS host_kind, h.url AS host_url, r.forge_id, r.name, r.path, r.web_url, r.git_url, \
         r.default_branch, r.fork_of, r.archived, r.last_activity_at, r.state, r.commits_done, r.commits_total, \
         r.imported_at, r.synced_at, r.merge_requests_until, r.merge_requests_state, r.error_kind, r.error, r.failures, \
         r.retry_at, r.paused, r.changes, r.changes_at, r.created_at"
    };
}
pub(crate) use repository_columns;

/// Each [`crate::AccountRepository`] of the account $2 that the viewer $1 may see; more conditions may follow.
macro_rules! account_repositories {
    () => {
        concat!(
            "SELECT ",
            crate::sql::repository_columns!(),
            ", ar.linked, ar.visible, ar.smart_commits, r.commits_with_keys, \
             (SELECT COUNT(*) FROM branch b WHERE b.repository_id = r.id AND b.gone_at IS NULL) AS branches, \
             (SELECT COUNT(*) FROM merge_request m WHERE m.repository_id = r.id AND m.gone_at IS NULL) AS merge_requests \
             FROM account_repository ar JOIN account a ON a.id = ar.account_id \
             JOIN repository r ON r.id = ar.repository_id JOIN host h ON h.id = r.host_id \
             WHERE ar.account_id = $2 AND ",
            crate::sql::account_seen!("$1")
        )
    };
}
pub(crate) use account_repositories;

/// The columns of [`crate::StoredCommit`], of `git_commit c`.
macro_rules! commit_columns {
    () => {
        "c.id, c.object_id, c.parents, c.author_name, c.author_email, c.authored_at, c.committer_name, c.committed_at, \
         c.message, c.lossy"
    };
}
pub(crate) use commit_columns;

/// Whether a text from outside may be asked for: PostgreSQL refuses statements with NUL in a text, and none is stored.
pub(crate) fn is_storable(text: &str) -> bool {
    !text.contains('\0')
}

/// Inner ids as a list for `IN (…)`: numbers, so there is nothing to escape. An empty list is written as `NULL`, which no id
/// equals.
pub(crate) fn numbers(ids: &[i64]) -> String {
    if ids.is_empty() {
        return "NULL".to_owned();
    }
    let mut list = String::with_capacity(ids.len() * 8);
    for id in ids {
        if !list.is_empty() {
            list.push(',');
        }
        list.push_str(&id.to_string());
    }
    list
}

/// Runs a built statement in a writing transaction and answers how many rows it touched. `$whole`: it has the usual number of
/// rows, so that preparing it once is worth the memory.
macro_rules! execute_built {
    ($tx:expr, $whole:expr, $builder:expr) => {
        match $tx.connection() {
            crate::database::Connection::Sqlite(transaction) => {
                let mut builder = $builder;
                let query = builder.build().persistent($whole);
                query.execute(&mut **transaction).await.map(|done| done.rows_affected())
            }
            crate::database::Connection::Postgres(transaction) => {
                let mut builder = $builder;
                let query = builder.build().persistent($whole);
                query.execute(&mut **transaction).await.map(|done| done.rows_affected())
            }
        }
        .map_err(crate::StoreError::from)
    };
}
pub(crate) use execute_built;

/// A statement whose last part is `(texts…)`, each a parameter.
macro_rules! with_texts {
    ($sql:expr, $texts:expr) => {{
        let mut builder = sqlx::QueryBuilder::new($sql);
        builder.push("(");
        let mut list = builder.separated(", ");
        for text in $texts {
            list.push_bind(text);
        }
        builder.push(")");
        builder
    }};
}
pub(crate) use with_texts;

#[cfg(test)]
mod tests {
    use super::numbers;

    #[test]
    fn a_list_of_no_ids_is_still_a_list() {
        assert_eq!(numbers(&[]), "NULL");
        assert_eq!(numbers(&[7]), "7");
        assert_eq!(numbers(&[7, -1, i64::MAX]), "7,-1,9223372036854775807");
    }
}
