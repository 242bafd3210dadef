//! Other programs, timed from start to end.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Runs a program to its end, its output thrown away; how long that took.
pub fn timed(command: &mut Command) -> anyhow::Result<Duration> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let started = Instant::now();
    let output = command.output().with_context(|| format!("{} does not start", program(command)))?;
    let took = started.elapsed();
    if !output.status.success() {
        bail!("{} {}: {}", program(command), output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(took)
}

/// What a program says on standard output.
pub fn answer(command: &mut Command) -> anyhow::Result<String> {
    let output =
        command.stdin(Stdio::null()).output().with_context(|| format!("{} does not start", program(command)))?;
    if !output.status.success() {
        bail!("{} {}: {}", program(command), output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn program(command: &Command) -> String {
    command.get_program().display().to_string()
}

/// git without anybody's settings.
pub fn git(arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command
        .args(arguments)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("LC_ALL", "C");
    command
}

/// `git clone --bare --filter=tree:0`: commits without folders and files, as Dovetail reads them.
pub fn treeless_clone(url: &str, token: &str, into: &Path) -> Command {
    let mut command = git(&["clone", "--quiet", "--bare", "--filter=tree:0", url]);
    // By environment: arguments are for every user of the machine to read.
    let header = format!("Authorization: Basic {}", STANDARD.encode(format!("oauth2:{token}")));
    command.arg(into).env("GIT_CONFIG_COUNT", "1").env("GIT_CONFIG_KEY_0", "http.extraHeader");
    command.env("GIT_CONFIG_VALUE_0", header);
    command
}
