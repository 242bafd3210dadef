//! The check of a connection: what an administrator wants to know when "it does not work", in the order in which a
//! request meets it. Each step tells what was seen, the likely cause and the remedy.

mod stage;

pub use stage::{Report, Stage, Verdict};
