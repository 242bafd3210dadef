//! Is there a folder?

use std::path::{Path, PathBuf};

use crate::folder::place;
use crate::{ForgeError, Problem};

/// The first of `candidates` that is an absolute path of a readable folder.
pub async fn probe<S: AsRef<str> + Sync>(candidates: &[S]) -> Result<String, ForgeError> {
    let mut failure = ForgeError::from(Problem::FolderMissing);
    for candidate in candidates {
        let path = PathBuf::from(candidate.as_ref());
        match super::blocking(move || readable(&path)).await {
            Ok(()) => return Ok(candidate.as_ref().to_owned()),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

fn readable(path: &Path) -> Result<(), ForgeError> {
    if !path.is_absolute() {
        return Err(Problem::FolderMissing.into());
    }
    let path = place::real(path)?;
    std::fs::read_dir(path).map(drop).map_err(|error| place::problem(&error))
}
