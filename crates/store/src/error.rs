//! What can go wrong in the store.

/// Why the store did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or could not be reached.
    #[error("the database did not do as asked")]
    Database(#[from] sqlx::Error),
    /// The tables could not be brought up to date.
    #[error("the tables could not be brought up to date")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The address of the database is neither `sqlite://` nor `postgres://`.
    #[error("the store's address must begin with sqlite:// or postgres://")]
    UnknownUrl,
    /// The same team or user of the same host is connected already.
    #[error("the account is connected already (number {id})")]
    AccountExists {
        /// The account that has the path.
        id: i64,
    },
    /// Another user has this log-in name.
    #[error("another user has this log-in name")]
    LoginTaken,
    /// The job's lease ran out and another worker may have taken it: nothing was written.
    #[error("the job's lease was lost; nothing was written")]
    LeaseLost,
    /// The database was written with another key.
    #[error(
        "the secret key (fingerprint {given}) is not the one that this database was written with (fingerprint {expected}): \
         copy the file {file} from the data directory of a node that works"
    )]
    WrongKey {
        /// The fingerprint in the database.
        expected: String,
        /// The fingerprint of the key given.
        given: String,
        /// The name of the file to copy.
        file: &'static str,
    },
    /// A text that is no key.
    #[error("the secret key must be 64 hexadecimal digits")]
    MalformedKey,
    /// The key file could not be read or made.
    #[error("the secret key file could not be read or made")]
    KeyFile(#[source] std::io::Error),
    /// A sealed secret does not open: it was changed, or belongs to another row.
    #[error("the sealed secret {place} does not open")]
    Sealed {
        /// Table, column and row.
        place: String,
    },
    /// A value in the database that no version of this program writes.
    #[error("the database holds a value that cannot be read: {what}")]
    Corrupt {
        /// Which.
        what: String,
    },
    /// A row that must be there is not.
    #[error("there is no such {what}")]
    Missing {
        /// Which.
        what: &'static str,
    },
}

impl StoreError {
    /// Whether a row points, or would point, to one that is not there.
    pub(crate) fn is_foreign_key_violation(&self) -> bool {
        match self {
            Self::Database(error) => error.as_database_error().is_some_and(|error| error.is_foreign_key_violation()),
            _ => false,
        }
    }

    /// Whether PostgreSQL ended the transaction because it and another waited for each other.
    #[must_use]
    pub fn is_deadlock(&self) -> bool {
        const DEADLOCK_DETECTED: &str = "40P01";
        match self {
            Self::Database(sqlx::Error::Database(error)) => error.code().as_deref() == Some(DEADLOCK_DETECTED),
            _ => false,
        }
    }

    /// Whether a uniqueness rule of the database was violated.
    pub(crate) fn is_unique_violation(&self) -> bool {
        match self {
            Self::Database(error) => error.as_database_error().is_some_and(|error| error.is_unique_violation()),
            _ => false,
        }
    }
}
