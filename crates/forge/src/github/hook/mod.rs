//! GitHub's web hooks: registering them, and understanding their calls.

mod authenticity;
mod news;
mod registration;

pub(crate) use authenticity::{delivery_key, verify};
pub(crate) use news::news;
