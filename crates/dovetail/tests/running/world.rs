//! What real processes are run in: a Dovetail with a data directory, and a stand-in GitLab beside it.

use std::net::{Ipv4Addr, SocketAddr};
use std::ops::{Deref, DerefMut};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use model::secret::ExposeSecret;
use sandbox::gitlab::{Options, Server};
use sandbox::sample::Sample;
use serde_json::{Value, json};
use store::testing::{Engine, TestStore};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};

/// A running `dovetail serve` on the data directory of the test.
pub struct Serve {
    pub child: Child,
    pub url: String,
}

/// A Dovetail: a data directory, a database, and what its environment says.
pub struct Dovetail {
    pub database: TestStore,
    folder: tempfile::TempDir,
    /// Where the server listens; port 0 is another one at each start.
    listen: SocketAddr,
    settings: Vec<(&'static str, String)>,
}

/// What one run of a test is made of: a Dovetail, and a GitLab with the sample group.
pub struct World {
    pub dovetail: Dovetail,
    pub gitlab: Server,
    pub sample: Sample,
}

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl World {
    /// None where the database is not there to test with. Whoever is sent to the GitLab is signed in there already.
    pub async fn new(engine: Engine) -> Option<Self> {
        let dovetail = Dovetail::new(engine).await?;
        let mut options = Options::new(dovetail.path("gitlab"));
        options.auto_sign_in = Some(sandbox::sample::INTEGRATION_USER.to_owned());
        let gitlab = Server::start(options).await.unwrap();
        let sample = sandbox::sample::build(&gitlab, &["http://127.0.0.1:1/oauth/callback"]).await.unwrap();
        Some(Self { dovetail, gitlab, sample })
    }
}

impl Deref for World {
    type Target = Dovetail;

    fn deref(&self) -> &Dovetail {
        &self.dovetail
    }
}

impl DerefMut for World {
    fn deref_mut(&mut self) -> &mut Dovetail {
        &mut self.dovetail
    }
}

impl Dovetail {
    /// None where the database is not there to test with.
    pub async fn new(engine: Engine) -> Option<Self> {
        let database = store::testing::open(engine).await?;
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Some(Self { database, folder: tempfile::tempdir().unwrap(), listen, settings: Vec::new() })
    }

    /// A path in the folder of the test.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// From now on the server keeps its address over restarts and knows it, so that hooks and browsers find it.
    pub fn settle_down(&mut self) {
        // Whoever listened there a moment ago is gone; nobody else is given the port that soon.
        self.listen = std::net::TcpListener::bind(self.listen).unwrap().local_addr().unwrap();
    }

    /// The address, once it has settled down.
    pub fn url(&self) -> String {
        format!("http://{}", self.listen)
    }

    /// What a variable of its environment says from now on.
    pub fn set(&mut self, variable: &'static str, value: impl Into<String>) {
        self.settings.push((variable, value.into()));
    }

    /// The program on the data directory of the test.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.command_of(env!("CARGO_BIN_EXE_dovetail"), arguments)
    }

    /// Another program that starts ours, with the same settings.
    pub fn command_of(&self, program: &str, arguments: &[&str]) -> Command {
        #[expect(clippy::disallowed_methods, reason = "the program under test is started, which is not git")]
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(self.folder.path())
            // What is killed cannot delete its temporary files.
            .env("TMPDIR", self.folder.path())
            .env("DOVETAIL_SERVER_LISTEN", self.listen.to_string())
            .env("DOVETAIL_SERVER_DATA_DIR", self.path("data"))
            .env("DOVETAIL_STORE_URL", self.database.url())
            .env("DOVETAIL_SECRET_KEY", store::testing::key().expose_secret())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        if self.listen.port() != 0 {
            command.env("DOVETAIL_SERVER_PUBLIC_URL", self.url());
        }
        command.envs(self.settings.iter().map(|(variable, value)| (variable, value)));
        command
    }

    /// Runs a command that is expected to end well, and tells what it printed.
    pub async fn run(&self, arguments: &[&str]) -> String {
        let ended = end(self.command(arguments), "").await;
        assert_eq!(ended.code, 0, "{ended:?}");
        ended.stdout
    }

    /// A token of the REST API that may do everything.
    pub async fn api_token(&self) -> String {
        self.run(&["token", "create", "--scope", "admin"]).await.trim().to_owned()
    }

    /// Starts the server and waits until it listens.
    pub async fn serve(&self) -> Serve {
        self.serve_into(Stdio::null()).await
    }

    /// As [`Dovetail::serve`]; what it logs goes there.
    pub async fn serve_into(&self, log: Stdio) -> Serve {
        let mut child = self.command(&["serve"]).stderr(log).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.next_line().await.unwrap().expect("serve says where it listens");
        let url = line.split_once("http").map(|(_, rest)| format!("http{rest}")).unwrap();
        // It may say more; a pipe that nobody reads would fill.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Serve { child, url }
    }
}

/// Runs a command to its end, with a text on its standard input.
pub async fn end(mut command: Command, input: &str) -> Ended {
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A program that ends without reading closes the pipe.
    let _ = stdin.write_all(input.as_bytes()).await;
    drop(stdin);
    let output = child.wait_with_output().await.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// One call of the REST interface.
#[expect(clippy::disallowed_methods, reason = "a client that is not ours")]
pub async fn ask(serve: &Serve, api_token: &str, body: Option<Value>, path: &str) -> Value {
    let client = reqwest::Client::new();
    let url = format!("{}{path}", serve.url);
    let request = match body {
        Some(body) => client.post(url).json(&body),
        None => client.get(url),
    };
    let answer = request.bearer_auth(api_token).send().await.unwrap();
    answer.json().await.unwrap()
}

/// Waits until the only account's first import has ended; the test runner's time-out bounds it.
pub async fn imported(serve: &Serve, api_token: &str) {
    loop {
        let accounts = ask(serve, api_token, None, "/api/v1/accounts").await;
        let account = &accounts[0];
        if account["imported"] == json!(true) && account["waiting"] == json!(0) && account["syncing"] == json!(0) {
            assert_eq!(account["failed"], json!(0), "{accounts}");
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Asks for a refresh of an account and waits for its end.
pub async fn synced(dovetail: &Dovetail, serve: &Serve, api_token: &str, account: &str) {
    let mut command = dovetail.command(&["account", "sync", account, "--wait"]);
    command.env("DOVETAIL_SERVER", &serve.url).env("DOVETAIL_TOKEN", api_token);
    let ended = end(command, "").await;
    assert_eq!(ended.code, 0, "{ended:?}");
}
