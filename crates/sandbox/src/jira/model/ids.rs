//! Names of things: numbers that never mix.

use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    /// A project.
    ProjectId
);
id!(
    /// An issue, whatever its key.
    IssueId
);
id!(
    /// A comment.
    CommentId
);
id!(
    /// A worklog.
    WorklogId
);
id!(
    /// A remote link.
    RemoteLinkId
);
