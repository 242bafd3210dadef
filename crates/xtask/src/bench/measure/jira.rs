//! The stand-in Jira in a process of its own.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use super::place::Place;

/// A running stand-in; killed when dropped.
pub struct Jira {
    child: Child,
    talk: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
    /// Its address.
    pub url: String,
    /// What Dovetail is told to add it as a site.
    pub site: Value,
}

impl Jira {
    /// A Data Center with these projects of so many issues, and the people who push to the stand-in GitLab.
    pub fn data_center(place: &Place, projects: &[(&str, usize)]) -> anyhow::Result<Self> {
        let told = |line: &Value| json!({ "kind": "data_center", "url": line["url"], "secret": line["token"] });
        Self::start(place, &["--sample"], projects, told)
    }

    /// A Cloud site with these projects of so many issues.
    pub fn cloud(place: &Place, projects: &[(&str, usize)]) -> anyhow::Result<Self> {
        let told = |line: &Value| {
            json!({
                "kind": "cloud", "url": line["url"], "user": line["email"], "secret": line["token"],
                "client_id": line["client_id"], "client_secret": line["client_secret"],
            })
        };
        Self::start(place, &["--cloud"], projects, told)
    }

    fn start(
        place: &Place,
        arguments: &[&str],
        projects: &[(&str, usize)],
        told: impl Fn(&Value) -> Value,
    ) -> anyhow::Result<Self> {
        let mut command = Command::new(place.binary("sandbox-jira")?);
        command.args(arguments);
        for (key, issues) in projects {
            command.arg("--project").arg(format!("{key}={issues}"));
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let input = child.stdin.take().context("the stand-in takes no commands")?;
        let mut output = BufReader::new(child.stdout.take().context("the stand-in says nothing")?);
        let line = read_line(&mut output)?;
        let url = line["url"].as_str().context("the stand-in tells no address")?.to_owned();
        Ok(Self { child, talk: Mutex::new((input, output)), url, site: told(&line) })
    }

    /// What an issue has: comments, development and more.
    pub fn issue(&self, key: &str) -> anyhow::Result<Value> {
        self.command(&format!("issue {key}"))
    }

    /// How much was written of something, over all issues.
    pub fn total(&self, of: &str) -> anyhow::Result<u64> {
        let totals = self.command("totals")?;
        totals[of].as_u64().with_context(|| format!("the stand-in counts no {of}"))
    }

    fn command(&self, command: &str) -> anyhow::Result<Value> {
        let (input, output) = &mut *self.talk.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(input, "{command}")?;
        let answer = read_line(output)?;
        ensure!(answer["error"].is_null(), "the stand-in Jira refuses {command}: {answer}");
        Ok(answer)
    }
}

impl Drop for Jira {
    fn drop(&mut self) {
        // It has nothing to save.
        let _ = (self.child.kill(), self.child.wait());
    }
}

fn read_line(output: &mut impl BufRead) -> anyhow::Result<Value> {
    let mut line = String::new();
    output.read_line(&mut line)?;
    ensure!(!line.is_empty(), "the stand-in Jira ended");
    Ok(serde_json::from_str(&line)?)
}
