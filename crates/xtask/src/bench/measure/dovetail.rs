//! A running `dovetail serve`.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use model::secret::SecretString;
use serde_json::{Value, json};
use url::Url;

use super::forge::Forge;
use super::jira::Jira;
use super::place::Place;
use super::yardstick::answer;

/// How long it may take to stop.
const STOPPING: Duration = Duration::from_secs(5);
/// The longest import that is waited for.
const LONGEST: Duration = Duration::from_secs(600);
/// The longest that web hooks may take to be registered.
const REGISTERING: Duration = Duration::from_secs(60);
/// The most that an answer is read of, in bytes.
const ANSWER: usize = 64 << 20;

/// A server with nothing configured but where it listens and keeps its data; stopped when dropped.
pub struct Dovetail {
    child: Child,
    // Held open: what the server prints must go somewhere.
    _output: BufReader<ChildStdout>,
    client: net::Client,
    url: Url,
    token: SecretString,
}

impl Dovetail {
    /// Starts it over a data directory, with SQLite there unless a database is given.
    pub fn start(place: &Place, data: &Path, store_url: Option<&str>) -> anyhow::Result<Self> {
        Self::start_with(place, data, store_url, &[])
    }

    /// Starts it with settings, as variables of its environment.
    pub fn start_with(
        place: &Place,
        data: &Path,
        store_url: Option<&str>,
        settings: &[(&str, &str)],
    ) -> anyhow::Result<Self> {
        let token = answer(command(place, data, store_url)?.args(["token", "create", "--scope", "admin"]))?;
        let log = std::fs::File::create(data.join("serve.log"))?;
        let mut child = command(place, data, store_url)?
            .arg("serve")
            .env("DOVETAIL_SERVER_LISTEN", "127.0.0.1:0")
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()?;
        let mut output = BufReader::new(child.stdout.take().context("the server says nothing")?);
        let mut line = String::new();
        output.read_line(&mut line)?;
        let url = line.split_whitespace().find_map(|word| Url::parse(word).ok());
        let Some(url) = url else {
            let _ = (child.kill(), child.wait());
            bail!("dovetail serve did not start: {}", std::fs::read_to_string(data.join("serve.log"))?);
        };
        let token = SecretString::from(token.trim().to_owned());
        Ok(Self { child, _output: output, client: place.client.clone(), url, token })
    }

    /// Starts it at an address that it knows, so that forges can be told where to call.
    pub fn start_called(place: &Place, data: &Path, store_url: Option<&str>) -> anyhow::Result<Self> {
        Self::start_at(place, data, store_url, &free_address()?, &[])
    }

    /// The same at a [`free_address`], with settings.
    pub fn start_at(
        place: &Place,
        data: &Path,
        store_url: Option<&str>,
        address: &str,
        settings: &[(&str, &str)],
    ) -> anyhow::Result<Self> {
        let url = format!("http://{address}");
        let own = [("DOVETAIL_SERVER_LISTEN", address), ("DOVETAIL_SERVER_PUBLIC_URL", url.as_str())];
        Self::start_with(place, data, store_url, &[&own, settings].concat())
    }

    /// Invites a user and logs in as them.
    pub async fn visitor(&self, place: &Place, data: &Path, store_url: Option<&str>) -> anyhow::Result<Visitor> {
        self.logged_in(place, data, store_url, "reader").await
    }

    /// Invites an administrator and logs in as them.
    pub async fn administrator(&self, place: &Place, data: &Path, store_url: Option<&str>) -> anyhow::Result<Visitor> {
        self.logged_in(place, data, store_url, "admin").await
    }

    async fn logged_in(
        &self,
        place: &Place,
        data: &Path,
        store_url: Option<&str>,
        role: &str,
    ) -> anyhow::Result<Visitor> {
        let said = answer(command(place, data, store_url)?.args(["user", "add", "visitor", "--role", role]))?;
        let link = said.split_whitespace().find_map(|word| Some(word.split_once("/invite/")?.1.to_owned()));
        let path = format!("/invite/{}", link.context("there is no one-time link")?);
        let password = "a password for the measurement";
        let form = self.client.post(&self.address(&path)?).form(&[("password", password), ("repeated", password)]);
        let response = form.keep_redirect().send().await?;
        let cookie = response.header("set-cookie").and_then(|cookie| cookie.split(';').next());
        let cookie = cookie.with_context(|| format!("logging in was answered with {}", response.status()))?;
        Ok(Visitor { client: self.client.clone(), url: self.url.clone(), cookie: cookie.to_owned().into() })
    }

    /// Waits until the web hooks of every repository of an account are registered.
    pub async fn hooked(&self, account: i64) -> anyhow::Result<()> {
        let started = Instant::now();
        loop {
            let listed = self.get(&format!("/api/v1/accounts/{account}/hooks")).await?;
            let hooks = listed["hooks"].as_array().cloned().unwrap_or_default();
            if !hooks.is_empty() && hooks.iter().all(|hook| hook["state"] == "registered") {
                return Ok(());
            }
            ensure!(started.elapsed() < REGISTERING, "the hooks are not registered: {listed}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// The id of its process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Adds the forge's group as an account and gives its id.
    pub async fn add_account(&self, forge: &Forge) -> anyhow::Result<i64> {
        self.add_group(forge, &forge.group).await
    }

    /// Adds one of the forge's groups as an account and gives its id.
    pub async fn add_group(&self, forge: &Forge, group: &str) -> anyhow::Result<i64> {
        let new = json!({ "host_kind": "gitlab", "host_url": forge.url, "path": group, "token": forge.token_text() });
        let request = self.client.post(&self.address("/api/v1/accounts")?).bearer(&self.token);
        let response = request.json(&new).send().await?;
        let status = response.status();
        let account: Value = response.json(ANSWER).await?;
        ensure!(status.is_success(), "the account was refused: {account}");
        account["id"].as_i64().context("an account without an id")
    }

    /// Adds a Jira as a site, which it must find in order, and gives its id.
    pub async fn add_site(&self, jira: &Jira) -> anyhow::Result<i64> {
        let request = self.client.post(&self.address("/api/v1/sites")?).bearer(&self.token);
        let added: Value = request.json(&jira.site).send().await?.json(ANSWER).await?;
        ensure!(added["report"]["verdict"] == "passed", "the site is not in order: {added}");
        added["id"].as_i64().context("a site without an id")
    }

    /// Waits until an account is imported, looking every so often.
    pub async fn imported(&self, account: i64, look: Duration) -> anyhow::Result<()> {
        let started = Instant::now();
        loop {
            let account = self.get(&format!("/api/v1/accounts/{account}")).await?;
            ensure!(account["error"].is_null() && account["failed"] == 0, "the import failed: {account}");
            if account["imported"] == true {
                return Ok(());
            }
            ensure!(started.elapsed() < LONGEST, "the import does not end: {account}");
            tokio::time::sleep(look).await;
        }
    }

    /// Asks its REST interface to do something.
    pub async fn post(&self, path: &str) -> anyhow::Result<()> {
        let response = self.client.post(&self.address(path)?).bearer(&self.token).send().await?;
        ensure!(response.status().is_success(), "Dovetail answered {} to {path}", response.status());
        Ok(())
    }

    /// Asks its REST interface.
    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        let response = self.client.get(&self.address(path)?).bearer(&self.token).send().await?;
        let status = response.status();
        let answer: Value = response.json(ANSWER).await?;
        ensure!(status.is_success(), "Dovetail answered {status} to {path}: {answer}");
        Ok(answer)
    }

    /// The address of a path.
    pub fn address(&self, path: &str) -> anyhow::Result<Url> {
        Ok(self.url.join(path)?)
    }

    /// The token that may do everything.
    pub const fn token(&self) -> &SecretString {
        &self.token
    }
}

/// Somebody with a browser.
#[derive(Clone)]
pub struct Visitor {
    client: net::Client,
    url: Url,
    cookie: SecretString,
}

impl Visitor {
    /// A page as they see it.
    pub async fn page(&self, path: &str) -> anyhow::Result<String> {
        let response = self.client.get(&self.url.join(path)?).secret_header("cookie", &self.cookie).send().await?;
        ensure!(response.status().is_success(), "the page {path} was answered with {}", response.status());
        Ok(response.text(ANSWER).await?)
    }

    /// Submits a form, and stays where that leads.
    pub async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> anyhow::Result<()> {
        let request = self.client.post(&self.url.join(path)?).secret_header("cookie", &self.cookie).form(fields);
        let response = request.keep_redirect().send().await?;
        let status = response.status();
        ensure!(
            status.is_redirection(),
            "the form {path} was answered with {status}: {}",
            response.text(ANSWER).await?
        );
        Ok(())
    }
}

/// An address that nobody listens at now.
pub fn free_address() -> anyhow::Result<String> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}

impl Drop for Dovetail {
    /// Asks it to stop, so that it can tidy up behind itself, and makes it.
    fn drop(&mut self) {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status();
        let since = Instant::now();
        while asked.is_ok() && since.elapsed() < STOPPING && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = (self.child.kill(), self.child.wait());
    }
}

/// In its own folder, so that no configuration file of this one is read.
fn command(place: &Place, data: &Path, store_url: Option<&str>) -> anyhow::Result<Command> {
    let mut command = Command::new(place.binary("dovetail")?);
    command.current_dir(data).env("DOVETAIL_SERVER_DATA_DIR", data);
    if let Some(url) = store_url {
        command.env("DOVETAIL_STORE_URL", url);
    }
    Ok(command)
}
