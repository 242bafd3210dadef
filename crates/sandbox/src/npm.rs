//! Programs of npm packages, to let what others wrote judge what is tested.

use std::path::{Path, PathBuf};

use crate::programs::{command, environment, run, said};

/// Packages of the public registry.
#[derive(Debug, Clone, Copy)]
pub struct Packages<'a> {
    /// Where `package.json` and `package-lock.json` name them.
    pub folder: &'a Path,
    /// Where they are installed and kept, each lock file's in a folder of its own.
    pub environments: &'a Path,
}

/// What became of a program.
#[derive(Debug, Clone)]
pub struct Ended {
    /// Whether it ended well.
    pub well: bool,
    /// What it printed.
    pub said: String,
}

impl Packages<'_> {
    /// The folder below which the packages are found, with the packages in it; none where `npm` is not installed. Blocks while
    /// they are fetched.
    ///
    /// # Errors
    /// When they cannot be installed: what was printed, and what to do.
    pub fn install(&self) -> Result<Option<PathBuf>, String> {
        if command("npm").arg("--version").output().is_err() {
            return Ok(None);
        }
        environment(self.environments, "npm", &self.folder.join("package-lock.json"), |to| self.fetch(to)).map(Some)
    }

    /// Runs one of the packages' programs in a folder below that of the packages. Blocks until it ends.
    ///
    /// # Errors
    /// When it does not start.
    pub fn run(installed: &Path, program: &str, arguments: &[&str], folder: &Path) -> Result<Ended, String> {
        let program = installed.join("node_modules/.bin").join(program);
        let output = command(&program).args(arguments).current_dir(folder).output();
        let output = output.map_err(|error| format!("{}: {error}", program.display()))?;
        Ok(Ended { well: output.status.success(), said: said(&output) })
    }

    fn fetch(&self, to: &Path) -> Result<(), String> {
        let copy = |file: &str| std::fs::copy(self.folder.join(file), to.join(file)).map(drop);
        let copied = std::fs::create_dir_all(to)
            .and_then(|()| copy("package.json"))
            .and_then(|()| copy("package-lock.json"))
            .and_then(|()| if self.folder.join(".npmrc").exists() { copy(".npmrc") } else { Ok(()) });
        copied.map_err(|error| format!("{} cannot be copied: {error}", self.folder.display()))?;
        let remedy = format!("let npm reach a registry that has what {} names", self.folder.display());
        let quietly = ["ci", "--include=dev", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"];
        run(command("npm").args(quietly).current_dir(to))
            .map_err(|said| format!("cannot install packages; {remedy}:\n{said}"))?;
        Ok(())
    }
}
