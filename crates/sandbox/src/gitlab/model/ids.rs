//! Names of things: numbers that never mix.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// A user.
    UserId
);
id!(
    /// A group; also the id of its namespace.
    GroupId
);
id!(
    /// A project; also the name of its repository's directory.
    ProjectId
);
id!(
    /// An OAuth application.
    ApplicationId
);
id!(
    /// An access token of any kind.
    TokenId
);
id!(
    /// A merge request over all projects; people see its `iid`.
    MergeRequestId
);
id!(
    /// A note below a merge request.
    NoteId
);
id!(
    /// A web hook of a project or a group.
    HookId
);
