//! What the figures were measured on.

use std::fmt::Write;
use std::process::Command;

use model::{Clock, SystemClock};

use crate::prerequisites;

/// The machine and the programs, each as a line.
pub struct Machine(Vec<(&'static str, String)>);

impl Machine {
    /// Looks around.
    pub fn here() -> Self {
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let memory =
            value_of("/proc/meminfo", "MemTotal").and_then(|kilobytes| kilobytes.strip_suffix(" kB")?.parse().ok());
        let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        let system = value_of("/etc/os-release", "PRETTY_NAME").unwrap_or_default();
        let processor = value_of("/proc/cpuinfo", "model name").unwrap_or_else(|| "of unknown make".to_owned());
        Self(vec![
            ("Processor", format!("{processor}, {cores} cores for this machine")),
            ("Memory", format!("{} GiB", memory.unwrap_or(0_u64) / (1 << 20))),
            ("System", format!("{}, Linux {}", system.trim_matches('"'), kernel.trim())),
            ("git", version("git", &["--version"])),
            ("Rust", version("rustc", &["--version"])),
            ("PostgreSQL", version("postgres", &["--version"])),
        ])
    }

    /// How busy it is: the load averages of the last 1, 5 and 15 minutes.
    pub fn load() -> String {
        let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        text.split(' ').take(3).collect::<Vec<_>>().join(", ")
    }

    /// A list.
    pub fn text(&self) -> String {
        self.0.iter().fold(String::new(), |mut text, (name, value)| {
            let _ = writeln!(text, "- {name}: {value}");
            text
        })
    }
}

/// The date in UTC.
pub fn today() -> String {
    let now = jiff::Timestamp::from_millisecond(SystemClock.now()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    now.strftime("%Y-%m-%d").to_string()
}

/// The value behind the first line `name: value` or `name=value` of a file.
fn value_of(path: &str, name: &str) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix([':', '=']));
    value.map(|value| value.trim().to_owned())
}

fn version(program: &str, arguments: &[&str]) -> String {
    let found = prerequisites::find(program).and_then(|path| Command::new(path).args(arguments).output().ok());
    found.map_or_else(
        || "not found".to_owned(),
        |output| String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().to_owned(),
    )
}
