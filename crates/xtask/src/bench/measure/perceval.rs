//! GrimoireLab's perceval, which reads git repositories for other programs that join commits to issues.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

use super::place::Place;
use super::yardstick::answer;
use crate::prerequisites;
use crate::test::succeed;

/// The version that is measured.
pub const VERSION: &str = "1.6.1";

/// Reads every commit of a repository that is there already, without asking its origin, and prints how many there were.
const SCRIPT: &str = "\
import sys
from perceval.backends.core.git import Git
print(sum(1 for _ in Git(sys.argv[1], sys.argv[1]).fetch(no_update=True)))
";

/// perceval in an environment of its own.
pub struct Perceval(PathBuf);

impl Perceval {
    /// Installs it from PyPI, once.
    pub fn install(place: &Place) -> anyhow::Result<Self> {
        let folder = place.perceval();
        let python = folder.join("bin/python");
        if !python.exists() {
            let system = prerequisites::find("python3").context("python3 is missing")?;
            succeed(Command::new(system).args(["-m", "venv"]).arg(&folder))?;
        }
        let wanted = format!("perceval=={VERSION}");
        succeed(Command::new(&python).args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            &wanted,
        ]))?;
        Ok(Self(python))
    }

    /// The command that reads a repository.
    pub fn read(&self, repository: &Path) -> Command {
        let mut command = Command::new(&self.0);
        command.args(["-c", SCRIPT]).arg(repository);
        command
    }

    /// How many commits it finds.
    pub fn count(&self, repository: &Path) -> anyhow::Result<u64> {
        Ok(answer(&mut self.read(repository))?.trim().parse()?)
    }
}
