//! Bringing the tables up to date: one folder, one text for both engines.

use sqlx::migrate::{Migration, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr};

static EMBEDDED: Migrator = sqlx::migrate!("./migrations");

/// The migrations as PostgreSQL reads them: as they are written.
pub(crate) const fn postgres() -> &'static Migrator {
    &EMBEDDED
}

/// The migrations as SQLite reads them. Their checksums stay those of the text as written.
pub(crate) fn sqlite() -> Migrator {
    let migrations = EMBEDDED.iter().map(|migration| Migration {
        sql: AssertSqlSafe(for_sqlite(migration.sql.as_str())).into_sql_str(),
        ..migration.clone()
    });
    Migrator::with_migrations(migrations.collect())
}

/// Three phrases differ: SQLite compares bytes anyway and knows no collation `C`; its `INTEGER PRIMARY KEY` is the row's own
/// number, which saves an index; and what stands in a `/*sqlite: …*/` comment is for it alone.
fn for_sqlite(sql: &str) -> String {
    sql.replace(" COLLATE \"C\"", "")
        .replace("BIGINT PRIMARY KEY", "INTEGER PRIMARY KEY")
        .replace("/*sqlite: WITHOUT ROWID*/", "WITHOUT ROWID")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_reads_its_own_three_phrases() {
        let sql = "CREATE TABLE t (id BIGINT PRIMARY KEY, name TEXT COLLATE \"C\" NOT NULL) /*sqlite: WITHOUT ROWID*/;";
        assert_eq!(for_sqlite(sql), "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT NOT NULL) WITHOUT ROWID;");
    }

    #[test]
    fn both_engines_know_a_migration_by_the_same_checksum() {
        for (written, read) in postgres().iter().zip(sqlite().iter()) {
            assert_eq!((written.version, &written.checksum), (read.version, &read.checksum));
        }
    }
}
