//! GitLab's web hooks (GitLab contract §5.10, §7): registering them, and understanding their calls.

mod authenticity;
mod news;
mod registration;

pub(crate) use authenticity::{delivery_key, verify};
pub(crate) use news::news;
