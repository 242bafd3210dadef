//! Seeded databases on both engines, and copies of them to measure on.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::Context;
use store::Store;

use super::place::Place;
use super::{seed, series};
use crate::postgres::{Cluster, Storage};
use crate::prerequisites;
use crate::test::succeed;

/// The database that others are copied from.
const TEMPLATE: &str = "seeded";
/// The copy that is measured on.
const COPY: &str = "measured";

/// The two engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

impl Engine {
    /// Its name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// A seeded database on each engine.
pub struct Seeded {
    cluster: Cluster,
    folder: tempfile::TempDir,
}

/// A data directory, and where its database is, if not in it.
pub struct Copy {
    /// The data directory.
    pub folder: tempfile::TempDir,
    /// The database's address.
    pub store_url: Option<String>,
}

impl Seeded {
    /// Seeds both engines through the store.
    pub async fn build(place: &Place, commits: u64) -> anyhow::Result<Self> {
        let seeded = Self { cluster: Cluster::start(Storage::Disk)?, folder: place.work()? };
        seeded.run("createdb", &[TEMPLATE])?;
        seeded.seed(Engine::Sqlite, &format!("sqlite://{}", seeded.file().display()), commits).await?;
        seeded.seed(Engine::Postgres, &seeded.address(TEMPLATE), commits).await?;
        // What the server does by itself within a minute; until then it would guess.
        let vacuumdb = prerequisites::find("vacuumdb").context("vacuumdb is missing")?;
        succeed(Command::new(vacuumdb).args(["--quiet", "--analyze", "--dbname"]).arg(seeded.address(TEMPLATE)))?;
        Ok(seeded)
    }

    /// A copy that may be written to. There is one at a time.
    pub fn copy(&self, place: &Place, engine: Engine) -> anyhow::Result<Copy> {
        let folder = place.work()?;
        std::fs::copy(self.key(), folder.path().join("secret.key"))?;
        let store_url = match engine {
            Engine::Sqlite => {
                std::fs::copy(self.file(), folder.path().join("dovetail.db"))?;
                None
            }
            Engine::Postgres => {
                self.run("dropdb", &["--if-exists", "--force", COPY])?;
                self.run("createdb", &["--template", TEMPLATE, COPY])?;
                Some(self.address(COPY))
            }
        };
        Ok(Copy { folder, store_url })
    }

    async fn seed(&self, engine: Engine, url: &str, commits: u64) -> anyhow::Result<()> {
        let started = Instant::now();
        let key = Store::load_or_create_key(&self.key()).await?;
        let store = Store::open(url, &key).await?;
        seed::fill(&store, commits).await?;
        store.close().await;
        println!("{}: {commits} commits in {}", engine.name(), series::duration(started.elapsed().as_secs_f64()));
        Ok(())
    }

    fn run(&self, program: &str, arguments: &[&str]) -> anyhow::Result<()> {
        let path = prerequisites::find(program).with_context(|| format!("{program} is missing"))?;
        succeed(Command::new(path).arg("--maintenance-db").arg(self.cluster.url()).args(arguments))
    }

    fn address(&self, database: &str) -> String {
        let url = self.cluster.url();
        url.rsplit_once('/').map(|(server, _)| format!("{server}/{database}")).unwrap_or(url)
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("dovetail.db")
    }

    fn key(&self) -> PathBuf {
        Path::new(self.folder.path()).join("secret.key")
    }
}
