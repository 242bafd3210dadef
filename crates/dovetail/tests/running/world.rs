//! A stand-in GitLab with the sample group, a data directory, and `dovetail serve` between them.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::Stdio;

use model::secret::ExposeSecret;
use sandbox::gitlab::{Options, Server};
use sandbox::sample::Sample;
use serde_json::Value;
use store::testing::{Engine, TestStore};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};

/// A running `dovetail serve` on the data directory of the test.
pub struct Serve {
    pub child: Child,
    pub url: String,
}

/// What one run of a test is made of.
pub struct World {
    pub folder: tempfile::TempDir,
    pub database: TestStore,
    pub gitlab: Server,
    pub sample: Sample,
    /// Where the server listens; port 0 is another one at each start.
    listen: SocketAddr,
}

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl World {
    /// None where the database is not there to test with.
    pub async fn new(engine: Engine) -> Option<Self> {
        let database = store::testing::open(engine).await?;
        let folder = tempfile::tempdir().unwrap();
        let gitlab = Server::start(Options::new(folder.path().join("gitlab"))).await.unwrap();
        let sample = sandbox::sample::build(&gitlab, &["http://127.0.0.1:1/oauth/callback"]).await.unwrap();
        Some(Self { folder, database, gitlab, sample, listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)) })
    }

    /// From now on the server keeps its address over restarts and knows it, so that hooks find it.
    pub fn settle_down(&mut self) {
        // Whoever listened there a moment ago is gone; nobody else is given the port that soon.
        self.listen = std::net::TcpListener::bind(self.listen).unwrap().local_addr().unwrap();
    }

    /// The program on the data directory of the test.
    pub fn command(&self, arguments: &[&str]) -> Command {
        #[expect(clippy::disallowed_methods, reason = "the program under test is started, which is not git")]
        let mut command = Command::new(env!("CARGO_BIN_EXE_dovetail"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("DOVETAIL_SERVER_LISTEN", self.listen.to_string())
            .env("DOVETAIL_SERVER_DATA_DIR", self.folder.path().join("data"))
            .env("DOVETAIL_STORE_URL", self.database.url())
            .env("DOVETAIL_SECRET_KEY", store::testing::key().expose_secret())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        if self.listen.port() != 0 {
            command.env("DOVETAIL_SERVER_PUBLIC_URL", format!("http://{}", self.listen));
        }
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
        let mut child = self.command(&["serve"]).stderr(Stdio::null()).spawn().unwrap();
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
