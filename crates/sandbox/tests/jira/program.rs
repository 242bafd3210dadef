//! The binary.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::world::send;

/// The program, spoken to line by line; killed in the end.
struct Program {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Program {
    /// Starts it, and reads its first line.
    #[expect(clippy::disallowed_methods, reason = "this test alone runs it; `crate git` is for git only")]
    fn start(arguments: &[&str]) -> (Self, Value) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sandbox-jira"));
        let mut child = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (input, output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut program = Self { child, input, output };
        let first = program.line();
        (program, first)
    }

    fn line(&mut self) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    fn say(&mut self, command: &str) -> Value {
        writeln!(self.input, "{command}").unwrap();
        self.line()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[expect(clippy::disallowed_methods, reason = "a test's client needs no factory")]
fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_prints_where_it_is_and_obeys() {
    let (mut program, line) = Program::start(&["--sample", "--project", "KAFKA=3", "--context-path", "/jira"]);
    let (url, token) = (line["url"].as_str().unwrap(), line["token"].as_str().unwrap());
    assert!(url.ends_with("/jira"));
    let issues = line["issues"].as_array().unwrap();
    assert!(issues.contains(&json!("SHOP-142")) && issues.contains(&json!("KAFKA-3")));
    let comment = async || {
        let request =
            client().request(Method::POST, format!("{url}/rest/api/2/issue/KAFKA-1/comment")).bearer_auth(token);
        send(request.json(&json!({ "body": "hello" }))).await.unwrap()
    };
    assert_eq!(comment().await.status, StatusCode::CREATED);
    assert_eq!(program.say("issue KAFKA-1")["comments"], json!(["hello"]));
    assert_eq!(program.say("totals")["comments"], 1);
    assert_eq!(program.say("requests")["requests"], 1);
    assert_eq!(program.say("fail 503 POST *"), json!({}));
    assert_eq!(comment().await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(program.say("clear"), json!({}));
    assert_eq!(program.say("requests")["requests"], 0);
    assert!(program.say("dance")["error"].as_str().unwrap().starts_with("the commands are"));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_can_be_a_cloud_site() {
    let (_program, line) = Program::start(&["--cloud"]);
    let (url, id, secret) = (&line["url"], &line["client_id"], &line["client_secret"]);
    let body = json!({
        "audience": "api.atlassian.com", "grant_type": "client_credentials", "client_id": id, "client_secret": secret,
    });
    let request = client().request(Method::POST, format!("{}/oauth/token", url.as_str().unwrap())).json(&body);
    assert_eq!(send(request).await.unwrap().status, StatusCode::OK);
    assert!(line["cloud_id"].is_string());
}
