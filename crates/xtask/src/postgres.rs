//! A PostgreSQL of our own for one run: in a temporary directory, on a free port, gone at the end.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use crate::prerequisites;

/// Where Linux keeps files in memory.
const IN_MEMORY: &str = "/dev/shm";
/// What a cluster may need, in bytes: its log of writes, and the databases of the tests that run at the same time.
const ROOM: u64 = 4 << 30;

/// Where a cluster keeps its files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    /// In memory, where that has room: each test makes a database and deletes it, which disks are slow at.
    Memory,
    /// In the directory for temporary files, as a server would.
    #[cfg_attr(not(feature = "bench"), expect(dead_code, reason = "what is measured is on a disk"))]
    Disk,
}

/// A running cluster; stopped and deleted when dropped.
pub struct Cluster {
    folder: tempfile::TempDir,
    port: u16,
}

impl Cluster {
    /// Makes and starts one. Durability is off: it lives for one run. Its locale is not C, as in production (engine §4).
    pub fn start(storage: Storage) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("dovetail-postgres-").tempdir_in(directory(storage))?;
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755))?;
        if prerequisites::is_root() {
            expect_success(Command::new("chown").arg("postgres").arg(folder.path()))?;
        }
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let cluster = Self { folder, port };
        let data = cluster.data();
        let data = data.to_str().context("the temporary directory has an odd name")?;
        expect_success(
            as_postgres("initdb")?.args(["-D", data, "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8"]).args([
                "--locale=C.UTF-8",
                "--locale-provider=icu",
                "--icu-locale=en-US",
            ]),
        )?;
        let options = format!(
            "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off -c full_page_writes=off \
             -c synchronous_commit=off -c max_connections=400 -c shared_buffers=256MB"
        );
        let log = cluster.folder.path().join("log");
        let log = log.to_str().context("the temporary directory has an odd name")?;
        expect_success(
            as_postgres("pg_ctl")?.args(["-D", data, "-l", log, "-o", &options, "-w", "-t", "60", "start"]),
        )?;
        Ok(cluster)
    }

    /// The address of its superuser.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let stopped = as_postgres("pg_ctl").and_then(|mut command| {
            expect_success(command.arg("-D").arg(self.data()).args(["-m", "immediate", "-w", "stop"]))
        });
        if let Err(error) = stopped {
            println!("PostgreSQL did not stop: {error:#}");
        }
    }
}

fn directory(storage: Storage) -> PathBuf {
    let memory = Path::new(IN_MEMORY);
    let has_room = || rustix::fs::statvfs(memory).is_ok_and(|found| found.f_bavail * found.f_frsize >= ROOM);
    if storage == Storage::Memory && has_room() { memory.to_owned() } else { std::env::temp_dir() }
}

/// PostgreSQL's programs refuse root: there they run as the user `postgres` of Debian's package.
fn as_postgres(name: &str) -> anyhow::Result<Command> {
    let program = prerequisites::find(name).with_context(|| format!("{name} is missing"))?;
    if !prerequisites::is_root() {
        return Ok(Command::new(program));
    }
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--"]).arg(program).current_dir(Path::new("/"));
    Ok(command)
}

fn expect_success(command: &mut Command) -> anyhow::Result<()> {
    // The server inherits what it is given: a pipe held open by it would never end.
    let status = command.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::null()).status();
    match status.with_context(|| format!("{command:?} does not start"))? {
        status if status.success() => Ok(()),
        status => bail!("{command:?}: {status}"),
    }
}
