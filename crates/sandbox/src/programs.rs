//! Programs that others wrote, and what they need, which is installed once.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sha2::{Digest, Sha256};

#[expect(clippy::disallowed_methods, reason = "`crate git` is for git only, and this is not Dovetail's but its tests'")]
pub(crate) fn command(program: impl AsRef<Path>) -> Command {
    Command::new(program.as_ref())
}

/// What it printed; an error where it failed.
pub(crate) fn run(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| error.to_string())?;
    let said = said(&output);
    if output.status.success() { Ok(said) } else { Err(said) }
}

/// What it printed.
pub(crate) fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A folder for what a list of packages names, filled by `install` when it is missing or of another list. Of several that want
/// it, one fills it.
pub(crate) fn environment(
    environments: &Path,
    kind: &str,
    list: &Path,
    install: impl FnOnce(&Path) -> Result<(), String>,
) -> Result<PathBuf, String> {
    let at = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    let listed = std::fs::read(list).map_err(|error| at(list, error))?;
    let digest = hex::encode(Sha256::digest(listed));
    let folder = environments.join(format!("{kind}-{}", &digest[..12]));
    let lock = folder.with_extension("lock");
    let locked = File::create(&lock).and_then(|file| file.lock().map(|()| file)).map_err(|error| at(&lock, error))?;
    let complete = folder.join("complete");
    if !complete.exists() {
        install(&folder)?;
        std::fs::write(&complete, "").map_err(|error| at(&complete, error))?;
    }
    drop(locked);
    Ok(folder)
}
