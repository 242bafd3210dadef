//! Hooks: made and looked after at the forge, and what their events lead to.

mod events;
mod registration;
pub mod town;
