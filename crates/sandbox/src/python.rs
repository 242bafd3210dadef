//! Programs in Python, to let clients that others wrote drive what is tested.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sha2::{Digest, Sha256};

/// A script with the packages that it needs.
#[derive(Debug, Clone, Copy)]
pub struct Script<'a> {
    /// The program.
    pub path: &'a Path,
    /// What it needs from the package index, each with its exact version (`pip install -r`).
    pub requirements: &'a Path,
    /// Where virtual environments are made and kept, one for each list of requirements.
    pub environments: &'a Path,
    /// Whether a warning of Python's counts as an error.
    pub strict: bool,
}

impl Script<'_> {
    /// Runs it with these variables added to the environment, and tells what it printed; none where `python3` is not installed.
    /// Blocks until it ends.
    ///
    /// # Errors
    /// When it fails, or what it needs cannot be installed: what was printed, and what to do.
    pub fn run(&self, variables: &[(&str, &str)]) -> Result<Option<String>, String> {
        if command("python3").arg("--version").output().is_err() {
            return Ok(None);
        }
        let mut python = command(self.environment()?.join("bin/python"));
        if self.strict {
            python.args(["-W", "error"]);
        }
        python.arg(self.path).env("NO_PROXY", "*").envs(variables.iter().copied());
        run(&mut python).map(Some).map_err(|said| format!("{} is not content:\n{said}", self.path.display()))
    }

    /// The virtual environment, made when it is missing or of other requirements. Of several that want it, one makes it.
    fn environment(&self) -> Result<PathBuf, String> {
        let at = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
        let required = std::fs::read(self.requirements).map_err(|error| at(self.requirements, error))?;
        let digest = hex::encode(Sha256::digest(required));
        let folder = self.environments.join(format!("python-{}", &digest[..12]));
        let lock = folder.with_extension("lock");
        let locked =
            File::create(&lock).and_then(|file| file.lock().map(|()| file)).map_err(|error| at(&lock, error))?;
        let complete = folder.join("complete");
        if !complete.exists() {
            self.install(&folder)?;
            std::fs::write(&complete, "").map_err(|error| at(&complete, error))?;
        }
        drop(locked);
        Ok(folder)
    }

    fn install(&self, folder: &Path) -> Result<(), String> {
        let remedy = "install python's venv module (Debian: apt-get install python3-venv)";
        run(command("python3").args(["-m", "venv", "--clear"]).arg(folder))
            .map_err(|said| format!("cannot make a virtual environment; {remedy}:\n{said}"))?;
        let remedy = format!("let pip reach an index, or install what {} names", self.requirements.display());
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"];
        run(command(folder.join("bin/python")).args(pip).arg(self.requirements))
            .map_err(|said| format!("cannot install packages; {remedy}:\n{said}"))?;
        Ok(())
    }
}

#[expect(clippy::disallowed_methods, reason = "`crate git` is for git only, and this is not Dovetail's but its tests'")]
fn command(program: impl AsRef<Path>) -> Command {
    Command::new(program.as_ref())
}

/// What it printed; an error where it failed.
fn run(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| error.to_string())?;
    let said = said(&output);
    if output.status.success() { Ok(said) } else { Err(said) }
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
