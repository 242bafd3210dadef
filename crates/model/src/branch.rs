//! Branches.

use crate::ObjectId;

/// A branch as a forge lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// The name without `refs/heads/`, decoded and free of NUL.
    pub name: String,
    /// The commit it points at.
    pub head: ObjectId,
}
