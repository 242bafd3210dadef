//! The stand-in GitLab in a process of its own.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, ensure};
use model::secret::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

use super::place::Place;

/// The most that one of its answers is read of, in bytes.
const ANSWER: usize = 16 << 20;

/// The group of the projects that are made of streams.
pub const HISTORIES: &str = "histories";

/// What it serves.
#[derive(Debug, Clone, Copy)]
pub enum Serves {
    /// The history of Apache ZooKeeper.
    ZooKeeper,
    /// The generated project with its forks.
    Generated,
    /// The generated project with two forks: an import of some seconds.
    GeneratedWithTwoForks,
    /// So many small projects.
    Many(usize),
    /// So many small projects, and the generated project with two forks in a group of its own.
    ManyBesideGenerated(usize),
}

impl Serves {
    /// A real GitLab is another machine. Where answers are timed while it serves an import, it stands back for whatever is
    /// measured; where it is part of what is compared, it does not.
    fn command(self, binary: PathBuf) -> Command {
        match self {
            Self::GeneratedWithTwoForks | Self::ManyBesideGenerated(_) => {
                let mut command = Command::new("nice");
                command.args(["-n", "15"]).arg(binary);
                command
            }
            Self::ZooKeeper | Self::Generated | Self::Many(_) => Command::new(binary),
        }
    }
}

/// What went over the network since the last [`Forge::clear`].
#[derive(Debug, Clone, Copy, Default)]
pub struct Traffic {
    /// How many requests there were.
    pub requests: u64,
    /// Bytes of the answers' bodies.
    pub bytes: u64,
}

/// A running stand-in; killed when dropped.
pub struct Forge {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    client: net::Client,
    /// Its address.
    pub url: String,
    /// The top-level group of what it serves.
    pub group: String,
    /// A token of the group's owner.
    pub token: SecretString,
    /// The application's client id and secret, where it was started with one.
    pub application: Option<(String, SecretString)>,
    repositories: tempfile::TempDir,
}

impl Forge {
    /// Starts it, and waits until everything is there.
    pub fn start(place: &Place, serves: Serves) -> anyhow::Result<Self> {
        Self::start_with(place, serves, &[])
    }

    /// Starts it with an application that sends browsers back to an address; every browser is signed in.
    pub fn start_with_application(place: &Place, serves: Serves, redirect_uri: &str) -> anyhow::Result<Self> {
        Self::start_with(place, serves, &["--application-redirect", redirect_uri])
    }

    /// Starts it with so many small projects, and in the group [`HISTORIES`] a project made of a stream of `git fast-export`.
    pub fn start_beside_history(place: &Place, many: usize, stream: &Path) -> anyhow::Result<Self> {
        let stream = stream.to_str().context("the folder has an odd name")?;
        Self::start_with(place, Serves::Many(many), &["--history", stream])
    }

    fn start_with(place: &Place, serves: Serves, arguments: &[&str]) -> anyhow::Result<Self> {
        let repositories = place.work()?;
        let mut command = serves.command(place.binary("sandbox-gitlab")?);
        command.arg("--data-dir").arg(repositories.path()).args(arguments);
        let group = match serves {
            Serves::ZooKeeper => {
                command.arg("--history").arg(super::zookeeper::stream()?);
                "group"
            }
            Serves::Generated => {
                command.arg("--generated").args(place.quick.then_some("--small"));
                "generated_group"
            }
            Serves::GeneratedWithTwoForks => {
                command.args(["--generated", "--forks", "2"]).args(place.quick.then_some("--small"));
                "generated_group"
            }
            Serves::Many(count) => {
                command.arg("--many").arg(count.to_string());
                "many_group"
            }
            Serves::ManyBesideGenerated(count) => {
                command.arg("--many").arg(count.to_string());
                command.args(["--generated", "--forks", "2"]).args(place.quick.then_some("--small"));
                "many_group"
            }
        };
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let input = child.stdin.take().context("the stand-in takes no commands")?;
        let mut output = BufReader::new(child.stdout.take().context("the stand-in says nothing")?);
        let line = read_line(&mut output)?;
        let text = |name: &str| {
            line[name].as_str().map(str::to_owned).with_context(|| format!("the stand-in tells no {name}"))
        };
        let (url, group, token) = (text("url")?, text(group)?, SecretString::from(text("access_token")?));
        let application = text("application_id").ok().zip(text("application_secret").ok());
        let application = application.map(|(id, secret)| (id, SecretString::from(secret)));
        Ok(Self { child, input, output, client: place.client.clone(), url, group, token, application, repositories })
    }

    /// Lets every request wait.
    pub fn latency(&mut self, latency: Duration) -> anyhow::Result<()> {
        self.command(&format!("latency {}", latency.as_millis())).map(|_| ())
    }

    /// Begins to count anew.
    pub fn clear(&mut self) -> anyhow::Result<()> {
        self.command("clear").map(|_| ())
    }

    /// What was counted.
    pub fn traffic(&mut self) -> anyhow::Result<Traffic> {
        let counted = self.command("requests")?;
        let number = |name: &str| counted[name].as_u64().with_context(|| format!("the stand-in counts no {name}"));
        Ok(Traffic { requests: number("requests")?, bytes: number("bytes")? })
    }

    /// Pushes one commit to `main` of a project; returns once its ref has moved.
    pub fn push(&mut self, project: &str, message: &str) -> anyhow::Result<()> {
        let answer = self.command(&format!("push {project} {message}"))?;
        ensure!(answer["error"].is_null(), "the push was refused: {answer}");
        Ok(())
    }

    /// The paths of the group's projects, subgroups included.
    pub async fn projects(&self) -> anyhow::Result<Vec<String>> {
        let list = format!("/api/v4/groups/{}/projects?include_subgroups=true&per_page=100", self.group);
        let listed: Vec<Value> = serde_json::from_value(self.get(&list).await?)?;
        let path = |project: &Value| project["path_with_namespace"].as_str().map(str::to_owned);
        listed.iter().map(|project| path(project).context("a project without a path")).collect()
    }

    /// Asks its REST interface.
    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        let url = Url::parse(&format!("{}{path}", self.url))?;
        let response = self.client.get(&url).secret_header("PRIVATE-TOKEN", &self.token).send().await?;
        ensure!(response.status().is_success(), "the stand-in answered {} to {path}", response.status());
        Ok(response.json(ANSWER).await?)
    }

    /// The token as text, for those who are not us.
    pub fn token_text(&self) -> &str {
        self.token.expose_secret()
    }

    /// Where the repository of a project with this id is.
    pub fn repository(&self, project: u64) -> PathBuf {
        self.repositories.path().join(format!("{project}.git"))
    }

    fn command(&mut self, command: &str) -> anyhow::Result<Value> {
        writeln!(self.input, "{command}")?;
        read_line(&mut self.output)
    }
}

impl Drop for Forge {
    fn drop(&mut self) {
        // It has nothing to save, and its folder goes next.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read_line(output: &mut impl BufRead) -> anyhow::Result<Value> {
    let mut line = String::new();
    output.read_line(&mut line)?;
    ensure!(!line.is_empty(), "the stand-in GitLab ended");
    Ok(serde_json::from_str(&line)?)
}
