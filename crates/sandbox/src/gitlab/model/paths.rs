//! Paths of namespaces and projects.

use super::ModelError;

/// Refuses a path segment that GitLab would refuse: letters, digits, `_`, `-`, `.`, not at the edges where it matters.
pub(crate) fn check(path: &str, field: &'static str) -> Result<(), ModelError> {
    let allowed = path.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
    let edges = path.starts_with('-') || path.starts_with('.') || path.ends_with('.');
    let ending = path.ends_with(".git") || path.ends_with(".atom");
    if path.is_empty() || path.len() > 255 || !allowed || edges || ending {
        let problem = "can contain only letters, digits, '_', '-' and '.', and cannot start with '-' or end in '.git'";
        return Err(ModelError::invalid(field, problem));
    }
    Ok(())
}
