//! Where things are, and how often they are measured.

use std::path::{Path, PathBuf};

use anyhow::ensure;

use super::super::Arguments;
use crate::test::target;

/// What every measurement is given.
pub struct Place {
    /// How many runs.
    pub runs: u32,
    /// Whether only to see that it works, on less data.
    pub quick: bool,
    /// Speaks to Dovetail and to the stand-in GitLab.
    pub client: net::Client,
    folder: PathBuf,
}

impl Place {
    /// Everything lies below `target/bench`, on the disk and not in memory.
    pub fn open(arguments: &Arguments) -> anyhow::Result<Self> {
        let folder = target().join("bench");
        std::fs::create_dir_all(folder.join("work"))?;
        let folder = folder.canonicalize()?;
        let client = net::HttpFactory::new(net::Network::default())?.client();
        let runs = if arguments.quick { arguments.runs.min(2) } else { arguments.runs };
        Ok(Self { runs, quick: arguments.quick, client, folder })
    }

    /// A folder that is gone when it is dropped.
    pub fn work(&self) -> anyhow::Result<tempfile::TempDir> {
        Ok(tempfile::tempdir_in(self.folder.join("work"))?)
    }

    /// Where the newest figures of every measurement are kept.
    pub fn sections(&self) -> PathBuf {
        self.folder.join("sections")
    }

    /// Where perceval is installed.
    pub fn perceval(&self) -> PathBuf {
        self.folder.join("perceval")
    }

    /// A binary of the release build.
    pub fn binary(&self, name: &str) -> anyhow::Result<PathBuf> {
        let path = target().join("release").join(name);
        ensure!(path.is_file(), "{} is not there; run without --no-build", path.display());
        Ok(path.canonicalize()?)
    }
}

/// The size of a file or of everything in a folder, in bytes.
pub fn size(path: &Path) -> u64 {
    let Ok(about) = path.symlink_metadata() else { return 0 };
    if !about.is_dir() {
        return about.len();
    }
    let Ok(entries) = path.read_dir() else { return 0 };
    entries.flatten().map(|entry| size(&entry.path())).sum()
}
