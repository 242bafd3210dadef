//! The command line (design §8).

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Joins a git forge to Jira: branches, commits and merge requests on the issues they name.
#[derive(Debug, Parser)]
#[command(name = "dovetail", version, about)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server.
    Serve(ServeArguments),
    /// Run the server together with a stand-in GitLab and a sample, to look at.
    #[cfg(feature = "sandbox")]
    Demo(DemoArguments),
    /// Read git repositories on this machine and list the issues they name; no server needed.
    Scan(ScanArguments),
    /// Say what a text links to, and why not.
    Explain(ExplainArguments),
    /// Add users, reset passwords, disable users; works on the data directory.
    User(UserArguments),
    /// Make tokens for the REST API; works on the data directory.
    Token(TokenArguments),
    /// Print the OpenAPI document of the REST API.
    Openapi,
}

/// How an answer is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Default)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

#[derive(Debug, Args)]
pub struct ConfigArgument {
    /// The configuration file [default: dovetail.toml here, if there is one].
    #[arg(long, env = "DOVETAIL_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct ServeArguments {
    #[command(flatten)]
    pub config: ConfigArgument,
}

#[cfg(feature = "sandbox")]
#[derive(Debug, Args)]
pub struct DemoArguments {
    #[command(flatten)]
    pub config: ConfigArgument,
    /// Where Dovetail listens; the stand-in GitLab takes the next port. Port 0: any free ones.
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// A git repository on this machine to show as a project; its objects are borrowed, not copied.
    #[arg(long, value_name = "PATH")]
    pub repository: Vec<PathBuf>,
    /// A stream of `git fast-export` to show as a project; may be gzipped.
    #[arg(long, value_name = "FILE")]
    pub history: Vec<PathBuf>,
    /// Where the data goes [default: a temporary directory, deleted at the end].
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Let the stand-in GitLab ask for log-in and consent as a real one does.
    #[arg(long)]
    pub ask_consent: bool,
    /// `json`: one line with addresses and credentials, once the import is done.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

#[derive(Debug, Args)]
pub struct ScanArguments {
    /// Repositories, bare or working; a folder that is none is searched for some.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// A project key of your Jira: its keys then count in any case.
    #[arg(long = "project", value_name = "KEY")]
    pub projects: Vec<String>,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

#[derive(Debug, Args)]
pub struct ExplainArguments {
    /// A commit message in a file, or `-` for standard input.
    #[arg(long, value_name = "FILE", required = true)]
    pub message: PathBuf,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    #[command(flatten)]
    pub config: ConfigArgument,
}

#[derive(Debug, Args)]
pub struct UserArguments {
    #[command(flatten)]
    pub config: ConfigArgument,
    #[command(subcommand)]
    pub command: UserCommand,
}

#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Add a user; prints a one-time link to set the password.
    Add {
        /// The log-in name.
        login: String,
        /// Administrators may change everything, readers may look.
        #[arg(long, value_enum, default_value_t)]
        role: Role,
        /// The name to show [default: the log-in name].
        #[arg(long)]
        name: Option<String>,
    },
    /// Print a one-time link to set a new password.
    Reset {
        /// The log-in name.
        login: String,
    },
    /// Shut a user out at once.
    Disable {
        /// The log-in name.
        login: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Default)]
pub enum Role {
    Admin,
    #[default]
    Reader,
}

#[derive(Debug, Args)]
pub struct TokenArguments {
    #[command(flatten)]
    pub config: ConfigArgument,
    #[command(subcommand)]
    pub command: TokenCommand,
}

#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token and print it; it cannot be shown again.
    Create {
        /// What it may do.
        #[arg(long, value_enum)]
        scope: Scope,
        /// What it is for, to recognise it later.
        #[arg(long, default_value = "command line")]
        name: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Scope {
    Read,
    Admin,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        super::Arguments::command().debug_assert();
    }
}
