//! The stand-in Jira in a process of its own, for measurements and for tests that drive a browser.
//!
//! Prints one line of JSON with its address and credentials once everything is there, and runs until it is killed. Each line of
//! standard input is a command that is answered by one line of JSON: `latency MILLISECONDS`, `requests` (how many since the last
//! `clear`), `clear`, `issue KEY` (what is there), `totals` (of everything that was written), `time-tracking on|off`, `fail HOW PATTERN` (the next
//! call; HOW is a status, or one of `html`, `log-in`, `error-inside`, `half`, `silence`, `silence-after`, `drop`, `drop-answer`), `well`.

#![expect(clippy::print_stdout, reason = "its answers go to standard output")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Parser;
use http::StatusCode;
use sandbox::jira::model::{DataKind, NewUser, OAuthKeys};
use sandbox::jira::{Failure, How, Options, Server, sample};
use serde_json::{Value, json};

/// The password of the administrator where there is no sample.
const PASSWORD: &str = "sandbox-password";

/// A stand-in Jira.
#[derive(Debug, Parser)]
#[command(name = "sandbox-jira")]
struct Arguments {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Be a Cloud site instead of a Data Center.
    #[arg(long)]
    cloud: bool,
    /// A path in front of everything, beginning with a slash.
    #[arg(long, value_name = "PATH", default_value = "")]
    context_path: String,
    /// Serve the issues and people that the sample of sandbox-gitlab talks about.
    #[arg(long)]
    sample: bool,
    /// Serve a project with so many issues.
    #[arg(long, value_name = "KEY=N")]
    project: Vec<String>,
    /// Let every request wait this long.
    #[arg(long, value_name = "N", default_value_t = 0)]
    latency_ms: u64,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let options = if arguments.cloud { Options::cloud() } else { Options::data_center() };
    let context_path = arguments.context_path.trim_end_matches('/').to_owned();
    let server = Server::start(Options { listen: arguments.listen, context_path, ..options }).await?;
    let server = Arc::new(server);
    let line = fill(&server, &arguments)?;
    server.switches().latency(Duration::from_millis(arguments.latency_ms));
    println!("{line}");
    let served = Arc::clone(&server);
    tokio::task::spawn_blocking(move || obey(&served)).await??;
    // Nobody speaks to it any more, but it goes on serving.
    std::future::pending().await
}

/// Makes what is to be served, and says where it is.
fn fill(server: &Server, arguments: &Arguments) -> anyhow::Result<Value> {
    let mut line = if arguments.sample { sample_of(server)? } else { plain(server, arguments.cloud)? };
    let mut issues: Vec<Value> = line["issues"].as_array().cloned().unwrap_or_default();
    for asked in &arguments.project {
        let (key, count) = asked.split_once('=').context("--project takes KEY=N")?;
        let count = count.parse().context("--project takes KEY=N")?;
        server.model().provide_issues(key, count)?;
        issues.extend((1..=count).map(|number| json!(format!("{key}-{number}"))));
    }
    line["issues"] = Value::Array(issues);
    line["url"] = json!(server.url());
    if arguments.cloud {
        line["cloud_id"] = json!(server.model().cloud_id());
    }
    Ok(line)
}

fn sample_of(server: &Server) -> anyhow::Result<Value> {
    let sample = sample::build(server)?;
    let (login, email) = (&sample.login, &sample.email);
    let mut line = json!({
        "user": login, "email": email, "password": sample.password, "token": sample.token, "issues": sample.issues,
    });
    tell_oauth(&mut line, sample.oauth.as_ref());
    Ok(line)
}

/// An administrator alone.
fn plain(server: &Server, cloud: bool) -> anyhow::Result<Value> {
    let model = server.model();
    let email = "admin@example.com";
    let admin = model.create_user(NewUser {
        login: "admin".to_owned(),
        name: "Administrator".to_owned(),
        email: email.to_owned(),
        password: PASSWORD.to_owned(),
        admin: true,
    })?;
    let token = model.create_token(admin, None);
    let mut line = json!({ "user": "admin", "email": email, "password": PASSWORD, "token": token, "issues": [] });
    let oauth = cloud.then(|| model.create_oauth_client(&[DataKind::DevelopmentInformation]));
    tell_oauth(&mut line, oauth.as_ref());
    Ok(line)
}

fn tell_oauth(line: &mut Value, keys: Option<&OAuthKeys>) {
    if let Some(keys) = keys {
        line["client_id"] = json!(keys.client_id);
        line["client_secret"] = json!(keys.secret);
    }
}

/// Answers commands until standard input ends.
fn obey(server: &Server) -> std::io::Result<()> {
    for line in std::io::stdin().lines() {
        let answer = answer(server, line?.trim()).unwrap_or_else(|error| json!({ "error": error.to_string() }));
        println!("{answer}");
    }
    Ok(())
}

fn answer(server: &Server, command: &str) -> anyhow::Result<Value> {
    let switches = server.switches();
    match command.split_once(' ').unwrap_or((command, "")) {
        ("latency", milliseconds) => switches.latency(Duration::from_millis(milliseconds.parse()?)),
        ("requests", "") => return Ok(json!({ "requests": server.requests().all().len() })),
        ("clear", "") => server.requests().clear(),
        ("issue", key) => return issue(server, key),
        ("totals", "") => return Ok(totals(server)),
        ("time-tracking", on) => switches.time_tracking(on == "on"),
        ("fail", rest) => {
            let (how, pattern) = rest.split_once(' ').context("fail takes how and a pattern")?;
            switches.fail(Failure::nth(pattern, 1, how_of(how)?));
        }
        ("well", "") => switches.all_well(),
        _ => bail!("the commands are: latency, requests, clear, issue, totals, time-tracking, fail, well"),
    }
    Ok(json!({}))
}

fn how_of(word: &str) -> anyhow::Result<How> {
    Ok(match word {
        "html" => How::Html,
        "log-in" => How::LogIn,
        "error-inside" => How::ErrorInside,
        "half" => How::HalfAnswer,
        "silence" => How::Silence,
        "silence-after" => How::SilenceAfter,
        "drop" => How::DropConnection,
        "drop-answer" => How::DropAnswer,
        status => How::Status(StatusCode::from_bytes(status.as_bytes()).context("no such way to fail")?),
    })
}

fn issue(server: &Server, key: &str) -> anyhow::Result<Value> {
    let model = server.model();
    let issue = model.issue(key).context("no such issue")?;
    let link = |link: &sandbox::jira::model::RemoteLink| link.content.object["title"].clone();
    Ok(json!({
        "key": model.key(issue.id),
        "status": issue.status,
        "comments": model.comments(key).iter().map(|comment| &comment.body).collect::<Vec<_>>(),
        "worklogs": model.worklogs(key).iter().map(|worklog| worklog.seconds).collect::<Vec<_>>(),
        "transitions": model.history(key).len(),
        "remote_links": model.remote_links(key).iter().map(link).collect::<Vec<_>>(),
        "development": model.development(key).iter().map(|entity| &entity.id).collect::<Vec<_>>(),
    }))
}

fn totals(server: &Server) -> Value {
    let totals = server.model().totals();
    json!({
        "comments": totals.comments,
        "worklogs": totals.worklogs,
        "changes": totals.changes,
        "remote_links": totals.remote_links,
        "repositories": totals.repositories,
        "entities": totals.entities,
        "repeated": totals.repeated,
    })
}
