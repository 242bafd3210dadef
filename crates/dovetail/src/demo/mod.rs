//! `dovetail demo`: the whole product in one process, with a stand-in GitLab and a stand-in Jira to connect to.

mod answer;
mod connect;
mod folder;
mod jira;

use std::net::SocketAddr;
use std::path::Path;

use model::secret::{ExposeSecret, SecretString, random_token, token_hash};
use sandbox::gitlab;
use sandbox::sample::Sample;
use store::tokens::Scope;
use store::users::Role;
use url::Url;

use crate::commands::{DemoArguments, Format};
use crate::config::Config;
use crate::demo::answer::Answer;
use crate::demo::folder::Folder;
use crate::demo::jira::Jira;
use crate::program::{Program, listen, stop_asked};
use crate::{Failure, open};

/// Who the demo's administrator of Dovetail is.
const LOGIN: &str = "admin";

/// Runs the command until it is asked to stop.
pub async fn run(arguments: DemoArguments) -> Result<(), Failure> {
    for path in arguments.repository.iter().chain(&arguments.history) {
        if !path.exists() {
            return Err(Failure::Usage(format!("{} does not exist", path.display())));
        }
    }
    let mut config = open::config(arguments.config.config.as_deref())?;
    let folder = Folder::open(arguments.data_dir.as_deref())?;
    let begun = tokio::select! {
        begun = begin(&arguments, &mut config, &folder) => begun?,
        asked = stop_asked() => return asked.map_err(Failure::from),
    };
    let (forge, jira, program) = begun;
    let ended = program.run_until_stopped().await;
    forge.shutdown().await;
    jira.shutdown().await;
    ended
}

async fn begin(
    arguments: &DemoArguments,
    config: &mut Config,
    folder: &Folder,
) -> Result<(gitlab::Server, Jira, Program), Failure> {
    let said = |line: &str| {
        if arguments.format == Format::Text {
            println!("{line}");
        }
    };
    said("Starting a stand-in GitLab with a sample group, and a stand-in Jira …");
    let listener = listen(arguments.listen).await?;
    let address = listener.local_addr()?;
    config.server.data_dir = folder.dovetail();
    let url = config.server.public_url.get_or_insert(local_url(address)).clone();
    let jira = Jira::start(address, arguments.listen.port()).await?;
    config.facade.allowed_redirects.extend([format!("{}/", jira.url()), "https://jira.example.com/".to_owned()]);
    let forge = start_forge(arguments, folder, address).await?;
    let redirect_uris = redirect_uris(&url);
    let redirect_uris: Vec<&str> = redirect_uris.iter().map(String::as_str).collect();
    let sample = sandbox::sample::build(&forge, &redirect_uris).await?;
    projects_of_their_own(arguments, &forge, &sample).await?;

    let store = open::store(config).await?;
    let program = Program::start(config, store, listener).await?;
    let password = random_token("").expose_secret()[..16].to_owned();
    administrator(&program, &password).await?;
    let api_token = api_token(&program).await?;
    said("Connecting it and importing …");
    connect::account(&program, &forge, &sample, &url, arguments.ask_consent).await?;
    program.state.engine().idle().await?;
    // Only now is it known which issues the histories name.
    let issues = jira.provide(answer::issues(&program, &sample).await?);
    jira.connect(&program).await?;
    program.state.engine().idle().await?;
    let sides = (&forge, &jira);
    let answer = Answer::new(sides, &sample, url.as_str(), (LOGIN, &password), (&api_token, issues));
    match arguments.format {
        Format::Json => println!("{}", serde_json::to_string(&answer)?),
        Format::Text => answer.print(),
    }
    Ok((forge, jira, program))
}

fn local_url(address: SocketAddr) -> Url {
    Url::parse(&format!("http://{address}")).expect("a socket address makes a URL")
}

fn redirect_uris(url: &Url) -> Vec<String> {
    let root = url.as_str().trim_end_matches('/');
    ["/oauth/callback", "/login/oauth/callback", "/-/jira/login/oauth/callback"]
        .map(|path| format!("{root}{path}"))
        .to_vec()
}

async fn start_forge(
    arguments: &DemoArguments,
    folder: &Folder,
    dovetail: SocketAddr,
) -> Result<gitlab::Server, Failure> {
    // With port 0 any free port will do; otherwise people expect the next one (design §8).
    let port = if arguments.listen.port() == 0 { 0 } else { dovetail.port() + 1 };
    let mut options = gitlab::Options::new(folder.gitlab());
    options.listen = SocketAddr::new(dovetail.ip(), port);
    options.ask_consent = arguments.ask_consent;
    options.auto_sign_in = (!arguments.ask_consent).then(|| sandbox::sample::INTEGRATION_USER.to_owned());
    options.clock = open::clock();
    Ok(gitlab::Server::start(options).await?)
}

async fn projects_of_their_own(
    arguments: &DemoArguments,
    forge: &gitlab::Server,
    sample: &Sample,
) -> Result<(), Failure> {
    for path in &arguments.history {
        sandbox::history::import(forge, &sample.group, &project_name(path), path)
            .await
            .map_err(|error| Failure::Usage(format!("{} cannot be imported: {error}", path.display())))?;
    }
    for path in &arguments.repository {
        sandbox::borrow::repository(forge, &sample.group, &project_name(path), path)
            .await
            .map_err(|error| Failure::Usage(format!("{} cannot be shown: {error}", path.display())))?;
    }
    Ok(())
}

/// The file's or folder's name up to its first dot, as a path of a project.
fn project_name(path: &Path) -> String {
    let absolute = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let name = absolute.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let stem = name.trim_start_matches('.').split('.').next().unwrap_or_default();
    let clean: String = stem.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' }).collect();
    let clean = clean.trim_matches('-').to_lowercase();
    if clean.is_empty() { "repository".to_owned() } else { clean }
}

async fn administrator(program: &Program, password: &str) -> Result<(), Failure> {
    let store = program.state.engine().store();
    let hash = program.state.passwords().hash(SecretString::from(password.to_owned())).await?;
    match store.user_by_login(LOGIN).await? {
        Some((user, _)) => store.user_set_password(user.id, &hash).await?,
        None => {
            store.user_insert(LOGIN, "Demo administrator", Role::Admin, Some(&hash), open::clock().now()).await?;
        }
    }
    Ok(())
}

async fn api_token(program: &Program) -> Result<String, Failure> {
    let token = random_token("dvt_").expose_secret().to_owned();
    program
        .state
        .engine()
        .store()
        .api_token_insert(&token_hash(&token), "demo", Scope::Admin, open::clock().now())
        .await?;
    Ok(token)
}

#[cfg(test)]
mod tests {
    use super::project_name;
    use std::path::Path;

    #[test]
    fn a_project_is_named_after_its_file() {
        assert_eq!(project_name(Path::new("x/zookeeper.fast-import.gz")), "zookeeper");
        assert_eq!(project_name(Path::new("x/My Repo.git")), "my-repo");
        assert_eq!(project_name(Path::new("x/...")), "repository");
    }
}
