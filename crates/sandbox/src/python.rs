//! Programs in Python, to let clients that others wrote drive what is tested.

use std::path::{Path, PathBuf};

use crate::programs::{self, command, run};

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

    /// The virtual environment, made when it is missing or of other requirements.
    fn environment(&self) -> Result<PathBuf, String> {
        programs::environment(self.environments, "python", self.requirements, |folder| self.install(folder))
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
