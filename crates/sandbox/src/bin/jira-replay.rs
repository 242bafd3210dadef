//! Does what Jira's built-in connector does with a host that it takes for a GitHub Enterprise, and prints what it ended up with.
//!
//! Adds one account: with a token, or with an application by a browser that follows redirects and nothing else. Then, on demand,
//! refreshes, reads everything again, looks people up, and listens for calls of hooks. Exits with 1 when Jira has something to
//! complain about.

#![expect(clippy::print_stdout, reason = "its report goes to standard output")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::{Parser, ValueEnum};
use sandbox::jira_replay::{Account, Browser, Inbox, Jira, JiraOptions, Report, Token};

/// Jira's own connector, against a host.
#[derive(Debug, Parser)]
#[command(name = "jira-replay")]
struct Arguments {
    /// The field *Host URL*.
    #[arg(long, value_name = "URL")]
    host_url: String,
    /// The field *Team or User Account*.
    #[arg(long, value_name = "NAME")]
    account: String,
    /// Ask first whether the host is a GitHub, as the dialog does where the account is typed as a URL.
    #[arg(long)]
    probe: bool,
    /// The field *Client ID*.
    #[arg(long, value_name = "ID", requires = "client_secret_file", required_unless_present = "token_file")]
    client_id: Option<String>,
    /// A file with the *Client Secret*.
    #[arg(long, value_name = "FILE")]
    client_secret_file: Option<PathBuf>,
    /// A file with a token, in place of the dance for one.
    #[arg(long, value_name = "FILE", conflicts_with = "client_id")]
    token_file: Option<PathBuf>,
    /// Jira's base address, to which the browser comes back [default: where this program listens].
    #[arg(long, value_name = "URL")]
    jira_url: Option<String>,
    /// The connector's version, as its user agent says it.
    #[arg(long, value_name = "VERSION")]
    connector_version: Option<String>,
    /// Drop the port of the Host URL as Jira does.
    #[arg(long)]
    drop_port: bool,
    /// Keep the path of the Host URL, which Jira drops.
    #[arg(long)]
    keep_path: bool,
    /// How many commits are asked for at a time, each on a connection of its own.
    #[arg(long, value_name = "N", default_value_t = 1)]
    connections: usize,
    /// Refresh the list, with a soft sync of everything, so many times.
    #[arg(long, value_name = "N", default_value_t = 0)]
    refreshes: u32,
    /// Read everything again so many times.
    #[arg(long, value_name = "N", default_value_t = 0)]
    full_syncs: u32,
    /// Look up the token's owner and every author.
    #[arg(long)]
    people: bool,
    /// Answer calls of hooks for so many seconds after all that.
    #[arg(long, value_name = "SECONDS", default_value_t = 0, conflicts_with = "jira_url")]
    listen: u64,
    /// Delete the account in the end, which removes its hooks.
    #[arg(long)]
    delete: bool,
    /// How the report is printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Print what was counted, not what was read.
    #[arg(long)]
    brief: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    let inbox = Inbox::start().await?;
    let mut report = replay(&arguments, &inbox).await?;
    let complaints = !report.problems.is_empty();
    if arguments.brief {
        report.repositories.clear();
    }
    match arguments.format {
        Format::Text => print!("{report}"),
        Format::Json => println!("{}", serde_json::to_string(&report)?),
    }
    Ok(if complaints { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn replay(arguments: &Arguments, inbox: &Inbox) -> anyhow::Result<Report> {
    let jira_url = arguments.jira_url.as_deref().unwrap_or(inbox.url());
    let mut options = JiraOptions::new(jira_url);
    options.keep_port = !arguments.drop_port;
    options.keep_path = arguments.keep_path;
    options.connections = arguments.connections;
    if let Some(version) = &arguments.connector_version {
        options.version.clone_from(version);
    }
    let jira = Jira::new(&arguments.host_url, options)?;
    if arguments.probe {
        jira.identify(&arguments.account).await?;
    }
    let token = token(arguments, &jira, jira_url).await?;
    let mut account = jira.add_account(&arguments.account, token).await?;
    for _ in 0..arguments.refreshes {
        account.refresh_list().await?;
    }
    for _ in 0..arguments.full_syncs {
        for slug in account.repositories() {
            account.full_sync(&slug).await?;
        }
    }
    if arguments.people {
        look_up(&mut account).await;
    }
    answer_calls(inbox, &mut account, Duration::from_secs(arguments.listen)).await;
    Ok(if arguments.delete { account.delete().await } else { account.report() })
}

async fn token(arguments: &Arguments, jira: &Jira, jira_url: &str) -> anyhow::Result<Token> {
    if let Some(file) = &arguments.token_file {
        return Ok(Token::new(&secret(file)?));
    }
    let id = arguments.client_id.as_deref().context("there is neither a token nor a client id")?;
    let file = arguments.client_secret_file.as_deref().context("there is no client secret")?;
    let browser = Browser::new(jira_url)?;
    let opened = async |url| browser.open(url).await;
    Ok(jira.connect(&arguments.account, id, &secret(file)?, opened).await?)
}

/// A secret from a file: arguments are for every user of the machine to read.
fn secret(file: &Path) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(text.trim().to_owned())
}

async fn look_up(account: &mut Account) {
    account.token_owner().await;
    let report = account.report();
    let changesets = report.repositories.values().flat_map(|repository| repository.changesets.values());
    let logins: std::collections::BTreeSet<&String> = changesets.filter_map(|it| it.author_login.as_ref()).collect();
    for login in logins {
        account.user(login).await;
    }
}

/// Does what hooks ask for, until the time is over.
async fn answer_calls(inbox: &Inbox, account: &mut Account, time: Duration) {
    let end = tokio::time::Instant::now() + time;
    while let Ok(Some(call)) = tokio::time::timeout_at(end, inbox.next()).await {
        account.hook_called(call.repository, call.content).await;
    }
}
