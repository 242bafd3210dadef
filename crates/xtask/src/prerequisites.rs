//! The programs that the tests need, and where Debian has them.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

/// A program, and the Debian package that brings it.
pub struct Program {
    name: &'static str,
    package: &'static str,
    what_for: &'static str,
}

/// What a whole test run needs besides Rust.
pub const ALL: &[Program] = &[
    Program { name: "git", package: "git", what_for: "reads repositories" },
    Program { name: "initdb", package: "postgresql", what_for: "tests on PostgreSQL" },
    Program { name: "pg_ctl", package: "postgresql", what_for: "tests on PostgreSQL" },
    Program { name: "chromium", package: "chromium", what_for: "drives the pages" },
    Program { name: "node", package: "nodejs", what_for: "drives the browser" },
    Program { name: "npm", package: "npm", what_for: "fetches the browser driver, GitHub's description and jira.js" },
    Program { name: "python3", package: "python3", what_for: "runs python-gitlab, jira820 and PyGithub" },
];

/// Finds a program on the path, or where Debian keeps PostgreSQL's.
pub fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    if let Ok(versions) = std::fs::read_dir("/usr/lib/postgresql") {
        folders.extend(versions.flatten().map(|version| version.path().join("bin")));
    }
    folders.into_iter().map(|folder| folder.join(name)).find(|candidate| candidate.is_file())
}

/// Whether this process is root, as `id -u` says.
pub fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// Makes sure that everything is there: installs it when root, names it otherwise.
pub fn ensure() -> anyhow::Result<()> {
    let missing: Vec<&Program> = ALL.iter().filter(|program| find(program.name).is_none()).collect();
    let venv_missing = !python_makes_environments();
    if missing.is_empty() && !venv_missing {
        return Ok(());
    }
    let mut packages: Vec<&str> = missing.iter().map(|program| program.package).collect();
    if venv_missing {
        packages.push("python3-venv");
    }
    packages.sort_unstable();
    packages.dedup();
    for program in &missing {
        println!("missing: {} ({})", program.name, program.what_for);
    }
    if !is_root() || !Path::new("/usr/bin/apt-get").exists() {
        bail!("install these Debian packages and run again: {}", packages.join(" "));
    }
    println!("installing from Debian's packages: {}", packages.join(" "));
    apt(&["update"])?;
    let mut arguments = vec!["install", "--yes", "--no-install-recommends"];
    arguments.extend(&packages);
    apt(&arguments)?;
    match ALL.iter().find(|program| find(program.name).is_none()) {
        Some(program) => bail!("{} is still missing after installing {}", program.name, program.package),
        None => Ok(()),
    }
}

fn python_makes_environments() -> bool {
    Command::new("python3").args(["-c", "import venv, ensurepip"]).output().is_ok_and(|output| output.status.success())
}

fn apt(arguments: &[&str]) -> anyhow::Result<()> {
    let output = Command::new("apt-get")
        .args(["-qq"])
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .output()
        .context("apt-get does not start")?;
    if !output.status.success() {
        bail!("apt-get {} failed:\n{}", arguments.join(" "), String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}
