//! The folder, or a folder in it, as an account.

use std::path::Path;

use model::{AccountKind, ForgeAccount};

use crate::folder::{Folder, place};
use crate::{ForgeError, Problem};

impl Folder {
    /// The folder itself for nothing, `.` and its own path; else the folder at this path below it. A repository below it
    /// is none.
    pub(super) async fn account_at(&self, asked: &str) -> Result<ForgeAccount, ForgeError> {
        let (root, asked) = (self.root.clone(), asked.trim().to_owned());
        super::blocking(move || account(&root, &asked)).await
    }
}

fn account(root: &Path, asked: &str) -> Result<ForgeAccount, ForgeError> {
    let inside = Path::new(asked).strip_prefix(root).ok().and_then(Path::to_str);
    let relative = inside.unwrap_or(asked).trim_matches('/');
    let (name, path) = place::resolve(root, relative)?;
    if name != place::ITSELF && place::is_repository(&path) {
        return Err(Problem::IsProject { path: name }.into());
    }
    std::fs::read_dir(&path).map_err(|error| place::problem(&error))?;
    let title = path.file_name().map_or_else(|| name.clone(), |last| last.to_string_lossy().into_owned());
    Ok(ForgeAccount { forge_id: name.clone(), kind: AccountKind::Folder, path: name, name: title, web_url: None })
}
