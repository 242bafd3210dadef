//! What was left out of a typed address, in words for the form.

use std::fmt;

/// What was left out of a typed address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// The end of the path, which is no part of the forge's root.
    CutOff {
        /// What was cut off, with its leading slash, percent-encoded.
        part: String,
    },
    /// The query or the fragment. Not repeated: it may hold a token.
    QueryCut,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CutOff { part } => write!(f, "{part:?} was cut off: it is no part of the host's own address"),
            Self::QueryCut => f.write_str("what follows \"?\" or \"#\" was cut off"),
        }
    }
}
