//! Virtual environments of Python for the tests in which something that others wrote judges the sandbox.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sha2::{Digest, Sha256};

/// A command of these tests; `crate git` is for git only.
#[expect(clippy::disallowed_methods, reason = "these tests alone run python")]
pub fn command(program: impl AsRef<Path>) -> Command {
    Command::new(program.as_ref())
}

/// Whether there is a Python to drive with; says so where there is none.
#[expect(clippy::print_stdout, reason = "whoever reads the test's output is to know that nothing was tested")]
pub fn is_there(what: &str) -> bool {
    let there = command("python3").arg("--version").output().is_ok();
    if !there {
        println!("skipped: python3 is not installed, so {what} cannot be run");
    }
    there
}

/// The Python of the virtual environment with what a file of `tests/python` names; made when it is missing or of other
/// requirements.
pub fn environment(name: &str, requirements: &str) -> PathBuf {
    let requirements = script(requirements);
    let digest = hex::encode(Sha256::digest(std::fs::read(&requirements).unwrap()));
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", &digest[..12]));
    let complete = path.join("complete");
    if !complete.exists() {
        let made = command("python3").args(["-m", "venv", "--clear"]).arg(&path).output().unwrap();
        let remedy = "install python's venv module (Debian: apt-get install python3-venv)";
        assert!(made.status.success(), "cannot make a virtual environment; {remedy}:\n{}", said(&made));
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"];
        let installed = command(path.join("bin/python")).args(pip).arg(&requirements).output().unwrap();
        let remedy = format!("let pip reach an index, or install what {} names", requirements.display());
        assert!(installed.status.success(), "cannot install {name}; {remedy}:\n{}", said(&installed));
        std::fs::write(complete, "").unwrap();
    }
    path.join("bin/python")
}

/// A file of `tests/python`.
pub fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python").join(name)
}

/// Everything that a program said.
pub fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
