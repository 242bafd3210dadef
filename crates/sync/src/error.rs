//! Why the engine could not do what was asked.

/// Why a verb of the engine failed. What fails inside a job is kept with its account or repository instead.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// The store did not answer or refused.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// The forge did not answer or refused.
    #[error(transparent)]
    Forge(#[from] forge::ForgeError),
    /// Git failed.
    #[error(transparent)]
    Git(#[from] git::GitError),
    /// The network settings (authority bundle, proxy) cannot be used.
    #[error(transparent)]
    Network(#[from] net::NetError),
    /// There is no such account or repository (any more).
    #[error("there is no such {0} any more")]
    Missing(&'static str),
    /// It could not be done, and people can be told why: what happened, the likely cause, what to do.
    #[error("{sentence}")]
    Told {
        /// Sentences without secrets. They may quote the forge, so pages escape them.
        sentence: String,
    },
}
