//! The command line (design §8).

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
    /// Look where the way to a host ends, step by step; no server, no account and no database needed.
    Check(CheckArguments),
    /// Read git repositories on this machine and list the issues they name; no server needed.
    Scan(ScanArguments),
    /// Say why something is, or is not, on an issue; or what a commit message links to.
    Explain(ExplainArguments),
    /// List, add, show, sync and remove accounts of a running server, over its REST API.
    Account(AccountArguments),
    /// List, add, test and remove sites (Jiras) of a running server, over its REST API.
    Site(SiteArguments),
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
    pub listen: std::net::SocketAddr,
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
pub struct CheckArguments {
    #[command(flatten)]
    pub config: ConfigArgument,
    /// The address of the host, or the path of a folder.
    #[arg(long, value_name = "URL", required_unless_present = "stored")]
    pub host_url: Option<String>,
    /// An account that is connected, by its path or its number, with what lets it in and its hooks; works on the data
    /// directory, also while a server runs.
    #[arg(long, value_name = "ACCOUNT", conflicts_with_all = ["host_url", "kind", "account", "token_file", "client_id",
        "client_secret_file", "redirect_uri", "ca_bundle", "proxy"])]
    pub stored: Option<String>,
    /// What kind of host it is.
    #[arg(long, value_enum, default_value_t = Kind::Gitlab)]
    pub kind: Kind,
    /// The path of a group or user at the host.
    #[arg(long, value_name = "PATH")]
    pub account: Option<String>,
    /// An access token in a file, or `-` for standard input.
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// The Client ID (Application ID) of an OAuth application.
    #[arg(long, value_name = "ID", requires = "client_secret_file")]
    pub client_id: Option<String>,
    /// Its secret in a file, or `-` for standard input.
    #[arg(long, value_name = "FILE", requires = "client_id")]
    pub client_secret_file: Option<PathBuf>,
    /// The redirect URI that the application is to list: that of `Add account`.
    #[arg(long, value_name = "URL", requires = "client_id")]
    pub redirect_uri: Option<String>,
    /// A file with certificate authorities to trust besides the system's: PEM, or a Java trust store [default: `[network]
    /// ca_bundle`].
    #[arg(long, value_name = "FILE")]
    pub ca_bundle: Option<PathBuf>,
    /// A proxy to go through [default: `[network] proxy`, else the system's variables].
    #[arg(long, value_name = "URL")]
    pub proxy: Option<String>,
    /// The last step to take.
    #[arg(long, value_name = "STEP", value_parser = clap::builder::PossibleValuesParser::new(sync::check::STAGES))]
    pub until: Option<String>,
    /// How to print.
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
    /// An issue key, the beginning of a commit's id, the name of a branch, or the address of a commit, a merge request, a branch
    /// or a repository; a running server is asked.
    #[arg(value_name = "ISSUE-KEY|SHA|BRANCH|URL", required_unless_present = "message", conflicts_with = "message")]
    pub question: Option<String>,
    /// A commit message in a file, or `-` for standard input; no server needed.
    #[arg(long, value_name = "FILE")]
    pub message: Option<PathBuf>,
    /// Where the server is. Its token is read from DOVETAIL_TOKEN, or from the file that DOVETAIL_TOKEN_FILE names.
    #[arg(long, env = "DOVETAIL_SERVER", value_name = "URL", default_value = "http://127.0.0.1:8080")]
    pub server: String,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    #[command(flatten)]
    pub config: ConfigArgument,
}

/// Which running server is asked, and how its answer is printed.
#[derive(Debug, Args)]
pub struct ServerArguments {
    /// Where the server is. Its token is read from DOVETAIL_TOKEN, or from the file that DOVETAIL_TOKEN_FILE names.
    #[arg(long, global = true, env = "DOVETAIL_SERVER", value_name = "URL", default_value = "http://127.0.0.1:8080")]
    pub server: String,
    /// How to print.
    #[arg(long, global = true, value_enum, default_value_t)]
    pub format: Format,
    /// The configuration file, for its [network] section [default: dovetail.toml here, if there is one].
    #[arg(long, global = true, env = "DOVETAIL_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct AccountArguments {
    #[command(flatten)]
    pub server: ServerArguments,
    #[command(subcommand)]
    pub command: AccountCommand,
}

#[derive(Debug, Subcommand)]
pub enum AccountCommand {
    /// List the accounts.
    List,
    /// Add an account by an access token, or a folder; without a token, print the address to open for OAuth.
    Add(NewAccountArguments),
    /// Show one account with its repositories.
    Show {
        /// Its id or its path.
        account: String,
    },
    /// Read the repository list anew and bring every linked repository up to date.
    Sync(AccountSyncArguments),
    /// Remove an account, and the repositories that no other account reaches.
    Remove {
        /// Its id or its path.
        account: String,
        /// Do not ask at a terminal.
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, Args)]
pub struct NewAccountArguments {
    /// The path of a group, subgroup, organisation or user; of a folder, what is below it, or nothing.
    #[arg(default_value = "", hide_default_value = true)]
    pub path: String,
    /// The host's address, such as https://gitlab.example.com; of a folder, the folder.
    #[arg(long, value_name = "URL")]
    pub host_url: String,
    /// The kind of host.
    #[arg(long, value_enum, default_value_t)]
    pub kind: Kind,
    /// The file with a group, project or personal access token, or `-` for standard input.
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Link only what is chosen later.
    #[arg(long)]
    pub no_auto_link: bool,
    /// Leave smart commits off.
    #[arg(long)]
    pub no_smart_commits: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Default)]
pub enum Kind {
    #[default]
    Gitlab,
    /// GitHub, GitHub Enterprise, or the GitHub-compatible API of an old GitLab.
    Github,
    Folder,
}

impl Kind {
    /// The same in the words of everything else.
    pub const fn host_kind(self) -> model::HostKind {
        match self {
            Self::Gitlab => model::HostKind::Gitlab,
            Self::Github => model::HostKind::Github,
            Self::Folder => model::HostKind::Folder,
        }
    }
}

#[derive(Debug, Args)]
pub struct AccountSyncArguments {
    /// Its id or its path.
    pub account: String,
    /// `soft` brings what is new, `full` compares everything from scratch.
    #[arg(long, value_enum, default_value_t)]
    pub mode: SyncMode,
    /// Wait for the end, and tell on standard error how far it is.
    #[arg(long)]
    pub wait: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Default)]
pub enum SyncMode {
    #[default]
    Soft,
    Full,
}

#[derive(Debug, Args)]
pub struct SiteArguments {
    #[command(flatten)]
    pub server: ServerArguments,
    #[command(subcommand)]
    pub command: SiteCommand,
}

#[derive(Debug, Subcommand)]
pub enum SiteCommand {
    /// List the sites.
    List,
    /// Add a Jira and test it; it is kept even where something is still missing.
    Add(NewSiteArguments),
    /// Test a site step by step, and say at each step that fails why and what to do; ends with 1 when one failed.
    Test {
        /// Its id.
        id: i64,
    },
    /// Remove a site; what it was told is taken back in the background.
    Remove {
        /// Its id.
        id: i64,
        /// Do not ask at a terminal.
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, Args)]
pub struct NewSiteArguments {
    /// Which Jira it is.
    #[arg(long, value_enum)]
    pub kind: SiteKind,
    /// Jira's base URL, such as https://jira.example.com, with its path if it has one.
    #[arg(long, value_name = "URL")]
    pub url: String,
    /// What to call it [default: its host].
    #[arg(long)]
    pub name: Option<String>,
    /// A log-in (Data Center; left out with a personal access token) or an e-mail (Cloud).
    #[arg(long)]
    pub user: Option<String>,
    /// The file with a password, a personal access token (Data Center) or an API token (Cloud), or `-` for standard input.
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Cloud: the Client ID of OAuth credentials, for development information.
    #[arg(long, value_name = "ID", requires = "client_secret_file")]
    pub client_id: Option<String>,
    /// Cloud: the file with their secret, or `-` for standard input.
    #[arg(long, value_name = "FILE", requires = "client_id")]
    pub client_secret_file: Option<PathBuf>,
    /// Data Center: tell what became of smart commits by a comment on the commit at the forge, too.
    #[arg(long)]
    pub commit_comments: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SiteKind {
    /// Server, too.
    DataCenter,
    Cloud,
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
