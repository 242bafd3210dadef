//! The history of Apache ZooKeeper: 5,102 commits on 22 branches.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, ensure};
use flate2::read::MultiGzDecoder;

use super::yardstick::{answer, git};
use crate::test::workspace;

/// Commits that its branches reach.
pub const COMMITS: u64 = 5_102;
/// Its branches.
pub const BRANCHES: u64 = 22;

/// The stream.
pub fn stream() -> anyhow::Result<PathBuf> {
    let path = workspace().join("../shared/histories/zookeeper.fast-import.gz");
    ensure!(path.is_file(), "the measurements read ../shared/histories beside the checkout, which is missing");
    Ok(path.canonicalize()?)
}

/// Imports it into a new bare repository.
pub fn bare(path: &Path) -> anyhow::Result<()> {
    let text = path.to_str().context("the folder has an odd name")?;
    answer(&mut git(&["init", "--quiet", "--bare", text]))?;
    let mut import = git(&["-C", text, "fast-import", "--quiet"]).stdin(Stdio::piped()).spawn()?;
    let mut input = import.stdin.take().context("git fast-import takes no input")?;
    std::io::copy(&mut MultiGzDecoder::new(std::fs::File::open(stream()?)?), &mut input)?;
    input.flush()?;
    drop(input);
    ensure!(import.wait()?.success(), "git fast-import failed");
    Ok(())
}

/// Its commits, newest first.
pub fn commits(path: &Path) -> anyhow::Result<Vec<String>> {
    let listed = answer(git(&["rev-list", "--branches"]).current_dir(path))?;
    Ok(listed.lines().map(str::to_owned).collect())
}
