//! Why the facade could not do as asked.

use store::StoreError;

use crate::connect::ConnectError;

/// Why the facade could not do as asked. What it says about the forge is for logs and pages of ours, never for a Jira.
#[derive(Debug, thiserror::Error)]
pub enum FacadeError {
    /// No application has this client id, or several hosts know it.
    #[error("no application, or more than one, has this client id")]
    UnknownApplication,
    /// The client secret is not that of the application.
    #[error("the client secret is wrong")]
    WrongSecret,
    /// The code is unknown, expired, used before, or was given to another application.
    #[error("the code is not good, or not any more")]
    BadCode,
    /// The state is not that of an authorisation under way: it is unknown, expired, or was used.
    #[error("the authorisation is not under way any more")]
    State,
    /// The forge refused or did not answer in time.
    #[error(transparent)]
    Forge(ConnectError),
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ConnectError> for FacadeError {
    fn from(error: ConnectError) -> Self {
        match error {
            ConnectError::Store(error) => Self::Store(error),
            error => Self::Forge(error),
        }
    }
}
