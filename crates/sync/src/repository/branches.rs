//! Branches as rows.

use model::Branch;
use store::NewBranch;

use super::Sync;

impl Sync<'_> {
    /// Branches with what their names name.
    pub(super) fn branch_rows(&self, branches: Vec<Branch>) -> Vec<NewBranch> {
        let with_mentions = |branch: Branch| NewBranch { mentions: self.mentions(&branch.name), branch };
        branches.into_iter().map(with_mentions).collect()
    }
}
