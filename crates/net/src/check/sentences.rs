//! All sentences of the check: what was seen, the likely cause, what to do.
//!
//! Texts from outside appear only where they are bounded, and pages escape them.

mod http;
mod name;
mod proxy;
mod tcp;
mod tls;
mod url;

use std::time::Duration;

use super::Stage;

pub use http::*;
pub use name::*;
pub use proxy::*;
pub use tcp::*;
pub use tls::*;
pub use url::*;

/// What was seen, the likely cause, what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    seen: String,
    cause: String,
    remedy: String,
}

impl Told {
    fn new(seen: impl Into<String>, cause: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { seen: seen.into(), cause: cause.into(), remedy: remedy.into() }
    }

    /// As a step that failed.
    pub fn failed(self, stage: &str) -> Stage {
        Stage::failed(stage, self.seen, self.cause, self.remedy)
    }

    /// As a step that works, and that somebody should look at.
    pub fn warning(self, stage: &str) -> Stage {
        Stage::warning(stage, self.seen, self.cause, self.remedy)
    }
}

/// Why a step was not taken.
pub const BEFORE_FAILED: &str = "Not looked at, because a step before it failed.";
/// Why `tls` is not looked at.
pub const NO_TLS: &str = "The address begins with http://, so nothing is encrypted.";

/// The whole check took too long.
pub fn out_of_time(limit: Duration) -> Told {
    Told::new(
        format!("The check was given up after {} seconds.", limit.as_secs()),
        "Something on the way answers very slowly, or drops what is sent without a word.",
        "Look at the step that took longest, and check again.",
    )
}

#[cfg(test)]
mod tests;
