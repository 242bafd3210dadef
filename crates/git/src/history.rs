//! Which commits lie between others.

use model::ObjectId;

use crate::{Cache, GitError};

impl Cache {
    /// The commits reachable from `new` and not from `old`, newest first. Ids that are not here count as unreachable.
    ///
    /// # Errors
    /// Where git fails.
    pub async fn gained(&self, new: &[ObjectId], old: &[ObjectId]) -> Result<Vec<ObjectId>, GitError> {
        let _ = (new, old);
        todo!()
    }

    /// The commits reachable from `head` and not from `base`, newest first.
    ///
    /// # Errors
    /// [`GitError::MissingObject`] where one of both is not here.
    pub async fn range(&self, head: &ObjectId, base: Option<&ObjectId>) -> Result<Vec<ObjectId>, GitError> {
        let _ = (head, base);
        todo!()
    }

    /// The newest common ancestor; none where the histories are unrelated.
    ///
    /// # Errors
    /// [`GitError::MissingObject`] where one of both is not here.
    pub async fn merge_base(&self, one: &ObjectId, other: &ObjectId) -> Result<Option<ObjectId>, GitError> {
        let _ = (one, other);
        todo!()
    }
}
