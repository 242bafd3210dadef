//! Why a site could not be kept as it was asked. The sentences stand in [`crate::sentences`].

use model::host_url::HostUrlError;

/// A field of the form that a failure belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// What people call it.
    Name,
    /// The base URL.
    Url,
    /// Password or token.
    Secret,
    /// The e-mail that belongs to an API token of Cloud.
    User,
    /// The id of OAuth credentials.
    ClientId,
    /// Their secret.
    ClientSecret,
}

impl Field {
    /// The stable name, as in forms and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Url => "url",
            Self::Secret => "secret",
            Self::User => "user",
            Self::ClientId => "client_id",
            Self::ClientSecret => "client_secret",
        }
    }
}

/// Why a site could not be kept as it was asked.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// A field that must not be empty is.
    #[error("an empty field: {}", .0.as_str())]
    Empty(Field),
    /// A field is longer than anything that belongs there, or has control characters.
    #[error("an unfit field: {}", .0.as_str())]
    Unfit(Field),
    /// The base URL is no address of a web server.
    #[error("the base URL is not the address of a web server")]
    Url(HostUrlError),
    /// A site has this address already.
    #[error("a site has this address already")]
    Exists {
        /// Its id.
        id: i64,
    },
    /// There is no such site (any more).
    #[error("there is no such site any more")]
    Missing,
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// The engine could not be told.
    #[error(transparent)]
    Sync(#[from] crate::SyncError),
}

impl SiteError {
    /// The field that it belongs to.
    #[must_use]
    pub const fn field(&self) -> Option<Field> {
        match self {
            Self::Empty(field) | Self::Unfit(field) => Some(*field),
            Self::Url(_) | Self::Exists { .. } => Some(Field::Url),
            Self::Missing | Self::Store(_) | Self::Sync(_) => None,
        }
    }
}
