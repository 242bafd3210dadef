//! The stand-in GitLab in a process of its own, for measurements and for tests that drive a browser.
//!
//! Prints one line of JSON once everything is there, and runs until it is killed. Each line of standard input is a command that
//! is answered by one line of JSON: `latency MILLISECONDS`, `requests` (how many, and their bytes, since the last `clear`), `clear`,
//! `push PROJECT MESSAGE` (one commit, told to the web hooks), `deliveries` (how long web hooks took to answer, in milliseconds),
//! `revoke` (whatever applications were authorised to do), `refuse PATH STATUS` (in the path, `*` stands for anything) and `mend`.

#![expect(clippy::print_stdout, reason = "its answers go to standard output")]

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use http::StatusCode;
use sandbox::gitlab::hooks::Delivery;
use sandbox::gitlab::model::{NewUser, QuickCommit, Scope, Scopes, UserId, Visibility};
use sandbox::gitlab::switches::{Failure, How};
use sandbox::gitlab::{LoggedRequest, Options, Server};
use sandbox::{generated, history, sample};
use serde_json::{Value, json};

/// The group of the histories, where there is no sample.
const HISTORIES: &str = "histories";
/// Who owns them.
const OWNER: &str = "integration";
/// The group of the generated project.
const GENERATED: &str = "generated";
/// The group of the many small projects.
const MANY: &str = "many";
/// Where the sample's application sends browsers when nothing else is given.
const REDIRECT_URI: &str = "http://127.0.0.1:8080/oauth/callback";

/// A stand-in GitLab over real git repositories.
#[derive(Debug, Parser)]
#[command(name = "sandbox-gitlab")]
struct Arguments {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Where the repositories go; empty or new.
    #[arg(long, value_name = "DIR")]
    data_dir: PathBuf,
    /// A stream of `git fast-export` to serve as a project; may be gzipped.
    #[arg(long, value_name = "FILE")]
    history: Vec<PathBuf>,
    /// Serve a generated project with many commits, branches, merge requests and forks.
    #[arg(long)]
    generated: bool,
    /// Serve so many small projects.
    #[arg(long, value_name = "N")]
    many: Option<usize>,
    /// A tenth of the generated project.
    #[arg(long, requires = "generated")]
    small: bool,
    /// How many forks the generated project has [default: 20, or 2 when it is small].
    #[arg(long, value_name = "N", requires = "generated")]
    forks: Option<usize>,
    /// Serve the sample group, and ask for log-in and consent as a real GitLab does.
    #[arg(long)]
    sample: bool,
    /// Where the sample's application may send browsers back to.
    #[arg(long, value_name = "URL", requires = "sample", default_value = REDIRECT_URI)]
    redirect_uri: Vec<String>,
    /// Make an application of the group's owner that sends browsers back here, and sign every browser in as that owner.
    #[arg(long, value_name = "URL", conflicts_with = "sample")]
    application_redirect: Option<String>,
    /// Let every request wait this long.
    #[arg(long, value_name = "N", default_value_t = 0)]
    latency_ms: u64,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let mut options = Options::new(arguments.data_dir.clone());
    options.listen = arguments.listen;
    options.ask_consent = arguments.sample;
    options.auto_sign_in = arguments.application_redirect.as_ref().map(|_| OWNER.to_owned());
    let server = Arc::new(Server::start(options).await?);
    let (line, owner) = fill(&server, &arguments).await?;
    server.switches().latency(Duration::from_millis(arguments.latency_ms));
    server.requests().clear();
    println!("{line}");
    let served = Arc::clone(&server);
    let (tokio, push_as) = (tokio::runtime::Handle::current(), owner);
    tokio::task::spawn_blocking(move || obey(&served, &tokio, push_as)).await??;
    // Nobody speaks to it any more, but it goes on serving.
    std::future::pending().await
}

/// Makes what is to be served, and says where it is.
async fn fill(server: &Server, arguments: &Arguments) -> anyhow::Result<(Value, UserId)> {
    let (mut line, owner) =
        if arguments.sample { sample_group(server, arguments).await? } else { plain_group(server)? };
    if let Some(redirect_uri) = &arguments.application_redirect {
        let scopes = Scopes::from_iter([Scope::Api, Scope::ReadUser]);
        let keys = server.model().create_application(owner, "Dovetail", &[redirect_uri], scopes)?;
        line["application_id"] = json!(keys.client_id);
        line["application_secret"] = json!(keys.secret);
    }
    let group = line["group"].as_str().context("there is no group")?.to_owned();
    for file in &arguments.history {
        history::import(server, &group, &project_name(file), file).await?;
    }
    if arguments.generated {
        generated::build(server, GENERATED, owner, &shape(arguments)).await?;
        line["generated_group"] = json!(GENERATED);
    }
    if let Some(count) = arguments.many {
        generated::many(server, MANY, owner, count).await?;
        line["many_group"] = json!(MANY);
    }
    line["url"] = json!(server.url());
    Ok((line, owner))
}

fn shape(arguments: &Arguments) -> generated::Shape {
    let mut shape = generated::Shape::default();
    if arguments.small {
        shape = generated::Shape { commits: 3_000, branches: 30, merge_requests: 600, forks: 2, ..shape };
    }
    generated::Shape { forks: arguments.forks.unwrap_or(shape.forks), ..shape }
}

async fn sample_group(server: &Server, arguments: &Arguments) -> anyhow::Result<(Value, UserId)> {
    let redirect_uris: Vec<&str> = arguments.redirect_uri.iter().map(String::as_str).collect();
    let sample = sample::build(server, &redirect_uris).await?;
    let owner = server.model().user_by_login(sample::INTEGRATION_USER).context("the sample has no integration user")?;
    let root = server.model().user_by_login(&sample.root_login).context("the sample has no administrator")?;
    let root_token = server.model().create_personal_token(root.id, "Tests", Scopes::api(), None);
    let line = json!({
        "root_token": root_token,
        "group": sample.group,
        "application_id": sample.application_id,
        "application_secret": sample.application_secret,
        "access_token": sample.access_token,
        "issues": sample.issues,
        "password": sample.password,
        "root_login": sample.root_login,
        "root_password": sample.root_password,
        "personal_namespace": sample.personal_namespace,
    });
    Ok((line, owner.id))
}

/// A group without projects, and a token of its owner.
fn plain_group(server: &Server) -> anyhow::Result<(Value, UserId)> {
    let model = server.model();
    let owner = model.create_user(NewUser {
        login: OWNER.to_owned(),
        name: "Integration".to_owned(),
        email: "integration@example.com".to_owned(),
        ..NewUser::default()
    })?;
    model.create_group(HISTORIES, "Histories", None, Visibility::Private, owner)?;
    let access_token = model.create_personal_token(owner, "Dovetail", Scopes::api(), None);
    Ok((json!({ "group": HISTORIES, "access_token": access_token }), owner))
}

/// The file's name up to its first dot.
fn project_name(file: &Path) -> String {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    name.split('.').next().unwrap_or_default().to_owned()
}

/// Answers commands until standard input ends.
fn obey(server: &Server, tokio: &tokio::runtime::Handle, push_as: UserId) -> std::io::Result<()> {
    for line in std::io::stdin().lines() {
        let line = line?;
        let answer = match line.trim().strip_prefix("push ").and_then(|rest| rest.split_once(' ')) {
            Some((project, message)) => tokio.block_on(push(server, push_as, project, message)),
            None => answer(server, line.trim()),
        };
        println!("{answer}");
    }
    Ok(())
}

async fn push(server: &Server, user: UserId, project: &str, message: &str) -> Value {
    let Some(project) = server.model().project_by_path(project) else { return json!({ "error": "no such project" }) };
    let commit = QuickCommit::on("main", message).with("README", message);
    match server.model().push_commit(project.id, user, commit).await {
        Ok(_) => json!({}),
        Err(error) => json!({ "error": error.to_string() }),
    }
}

fn answer(server: &Server, command: &str) -> Value {
    match command.split_once(' ').unwrap_or((command, "")) {
        ("latency", milliseconds) => match milliseconds.parse() {
            Ok(milliseconds) => {
                server.switches().latency(Duration::from_millis(milliseconds));
                json!({ "latency_ms": milliseconds })
            }
            Err(_) => json!({ "error": "latency takes a number of milliseconds" }),
        },
        ("requests", "") => requests(&server.requests().all()),
        ("deliveries", "") => {
            let took = |delivery: &Delivery| delivery.status.map(|_| delivery.duration.as_secs_f64() * 1_000.0);
            json!({ "milliseconds": server.hooks().deliveries().iter().map(took).collect::<Vec<_>>() })
        }
        ("revoke", "") => {
            server.model().revoke_oauth_tokens();
            json!({})
        }
        ("refuse", rule) => refuse(server, rule),
        ("mend", "") => {
            server.switches().fail_no_more();
            json!({})
        }
        ("clear", "") => {
            server.requests().clear();
            json!({})
        }
        _ => {
            json!({ "error": "the commands are: latency MILLISECONDS, requests, clear, push PROJECT MESSAGE, deliveries, revoke, refuse PATH STATUS, mend" })
        }
    }
}

/// Answers every request to a path, in which `*` stands for anything, with a status.
fn refuse(server: &Server, rule: &str) -> Value {
    let status =
        rule.split_once(' ').and_then(|(path, status)| Some((path, StatusCode::from_bytes(status.as_bytes()).ok()?)));
    match status {
        Some((path, status)) => {
            server.switches().fail(Failure::every(path, How::Status(status)));
            json!({})
        }
        None => json!({ "error": "refuse takes a path and a status" }),
    }
}

/// Counts requests and the bytes of their answers' bodies: all of them, and those of git.
fn requests(log: &[LoggedRequest]) -> Value {
    let of_git = |request: &&LoggedRequest| request.path.contains(".git/");
    let bytes = |requests: &mut dyn Iterator<Item = &LoggedRequest>| requests.map(|request| request.bytes).sum::<u64>();
    json!({
        "requests": log.len(),
        "bytes": bytes(&mut log.iter()),
        "git_requests": log.iter().filter(of_git).count(),
        "git_bytes": bytes(&mut log.iter().filter(of_git)),
    })
}
