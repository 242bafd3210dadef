//! Comments.

use crate::{ForgeUser, Millis};

/// What a person wrote below a merge request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The forge's own id.
    pub forge_id: String,
    /// Who wrote it.
    pub author: ForgeUser,
    /// What, in the forge's markup; cut after [`Note::MAX_BODY`].
    pub body: String,
    /// When it was written.
    pub created_at: Millis,
    /// When it was last changed.
    pub updated_at: Millis,
}

impl Note {
    /// How many letters of a comment are kept: as many as GitHub takes.
    pub const MAX_BODY: usize = 65_536;
}
