//! What explain asks: what is known of something, where, and how the repositories are doing in which it is or might be.
//!
//! It tells more than the pages do: also of what is not shown, so that it can say why. The rule is the same: whoever may not
//! see an account learns nothing of what is known by that account alone.

mod branches;
mod commits;
mod issues;
mod merge_requests;
mod repositories;
mod sites;

pub use branches::KnownBranch;
pub use commits::CommitPlace;
pub use issues::{Mentioned, Unshown};
pub use merge_requests::KnownMergeRequest;
pub use repositories::{KnownRepository, Standing};
pub use sites::{ToldHow, ToldSoFar};

/// Whether what is in the repository `$repository` may be told to the viewer: it is shown, or an account that the viewer may see
/// knows it and none links it that the viewer may not see.
macro_rules! repository_told {
    ($repository:literal, $who:literal) => {
        concat!(
            "(EXISTS (SELECT 1 FROM account_repository ar JOIN account a ON a.id = ar.account_id WHERE ar.repository_id = ",
            $repository,
            " AND ",
            crate::sql::link_seen!($who),
            ") OR (EXISTS (SELECT 1 FROM account_repository ar JOIN account a ON a.id = ar.account_id WHERE ar.repository_id = ",
            $repository,
            " AND a.state <> 'removing' AND ",
            crate::sql::account_seen!($who),
            ") AND NOT EXISTS (SELECT 1 FROM account_repository ar JOIN account a ON a.id = ar.account_id \
             WHERE ar.repository_id = ",
            $repository,
            " AND ar.linked AND NOT ",
            crate::sql::account_seen!($who),
            ")))"
        )
    };
}
pub(crate) use repository_told;
