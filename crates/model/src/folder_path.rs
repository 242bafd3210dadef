//! The path of a folder of repositories as people type it, made sane.

/// The longest path that is taken, in bytes (`PATH_MAX` of Linux).
pub const MAX_BYTES: usize = 4096;

/// Why a text is no path of a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FolderPathError {
    /// Nothing was typed.
    #[error("the path is empty")]
    Empty,
    /// It does not begin with a slash.
    #[error("the path does not begin with a slash: type the whole path, such as /srv/git")]
    Relative,
    /// It contains `..`, which links can send anywhere.
    #[error("the path contains \"..\": type the path that it stands for")]
    Parent,
    /// It contains a control character.
    #[error("the path contains a control character")]
    Control,
    /// It is longer than [`MAX_BYTES`].
    #[error("the path is longer than 4096 bytes")]
    TooLong,
}

/// The one spelling of an absolute path: no doubled or trailing slashes, no `.` segments. Reads nothing from the disk,
/// so links stay as they are. Spaces at both ends are dropped, as they come from copying; a folder whose name ends in one
/// cannot be named.
///
/// # Errors
/// [`FolderPathError`] where the text is no absolute path.
pub fn normalise(text: &str) -> Result<String, FolderPathError> {
    let path = text.trim();
    if path.is_empty() {
        return Err(FolderPathError::Empty);
    }
    if path.len() > MAX_BYTES {
        return Err(FolderPathError::TooLong);
    }
    if path.chars().any(char::is_control) {
        return Err(FolderPathError::Control);
    }
    let rest = path.strip_prefix('/').ok_or(FolderPathError::Relative)?;
    let mut segments: Vec<&str> = rest.split('/').filter(|segment| !matches!(*segment, "" | ".")).collect();
    while let Some(last) = segments.pop().map(str::trim_end) {
        if !matches!(last, "" | ".") {
            segments.push(last);
            break;
        }
    }
    if segments.contains(&"..") {
        return Err(FolderPathError::Parent);
    }
    Ok(format!("/{}", segments.join("/")))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_folder_has_one_spelling() {
        let cases = [
            ("/srv/git", Ok("/srv/git")),
            (" /srv/git/ ", Ok("/srv/git")),
            ("//srv///./git/.", Ok("/srv/git")),
            ("/", Ok("/")),
            ("/srv/my repositories", Ok("/srv/my repositories")),
            ("/srv/..git", Ok("/srv/..git")),
            ("", Err(FolderPathError::Empty)),
            (" \t", Err(FolderPathError::Empty)),
            ("srv/git", Err(FolderPathError::Relative)),
            ("~/git", Err(FolderPathError::Relative)),
            ("file:///srv/git", Err(FolderPathError::Relative)),
            ("/srv/../etc", Err(FolderPathError::Parent)),
            ("/srv/\0git", Err(FolderPathError::Control)),
            ("/srv/a\nb", Err(FolderPathError::Control)),
        ];
        for (typed, expected) in cases {
            assert_eq!(normalise(typed), expected.map(str::to_owned), "{typed:?}");
        }
        assert_eq!(normalise(&format!("/{}", "a".repeat(MAX_BYTES))), Err(FolderPathError::TooLong));
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(typed in "/[a-b./ ]{0,20}") {
            if let Ok(once) = normalise(&typed) {
                prop_assert_eq!(normalise(&once), Ok(once));
            }
        }
    }
}
