//! `dovetail user`: for the day when nobody can log in any more. Works on the data directory, also while the server runs.

use store::Store;
use store::users::{Purpose, Role, User};

use crate::commands::{self, UserArguments, UserCommand};
use crate::config::Config;
use crate::{Failure, open};

/// Runs the command.
pub async fn run(arguments: UserArguments) -> Result<(), Failure> {
    let config = open::config(arguments.config.config.as_deref())?;
    let store = open::store(&config).await?;
    match arguments.command {
        UserCommand::Add { login, role, name } => add(&store, &config, &login, role, name.as_deref()).await,
        UserCommand::Reset { login } => {
            let user = find(&store, &login).await?;
            print_link(&store, &config, user.id, Purpose::Reset).await
        }
        UserCommand::Disable { login } => {
            let user = find(&store, &login).await?;
            store.user_set_disabled(user.id, true).await?;
            println!("{} is disabled and logged out everywhere", user.login);
            Ok(())
        }
    }
}

async fn add(
    store: &Store,
    config: &Config,
    login: &str,
    role: commands::Role,
    name: Option<&str>,
) -> Result<(), Failure> {
    let role = match role {
        commands::Role::Admin => Role::Admin,
        commands::Role::Reader => Role::Reader,
    };
    let login = web::log_in_name(login)
        .ok_or_else(|| Failure::Usage("a log-in name is 1 to 64 of a-z 0-9 . - _ @".to_owned()))?;
    let id = match store.user_insert(&login, name.unwrap_or(&login), role, None, open::clock().now()).await {
        Ok(id) => id,
        Err(store::StoreError::LoginTaken) => {
            return Err(Failure::Usage(format!(
                "there is a user {login} already; `dovetail user reset {login}` lets them in again"
            )));
        }
        Err(error) => return Err(error.into()),
    };
    print_link(store, config, id, Purpose::Invite).await
}

async fn find(store: &Store, login: &str) -> Result<User, Failure> {
    let found = store.user_by_login(login).await?;
    found.map(|(user, _)| user).ok_or_else(|| Failure::Usage(format!("there is no user {login}")))
}

async fn print_link(store: &Store, config: &Config, user: i64, purpose: Purpose) -> Result<(), Failure> {
    let mut options = web::Options::new(config.server.listen);
    options.public_url = config.server.public_url.clone();
    let address = web::address::PublicAddress::without_request(&options);
    println!("{}", web::one_time_link(store, &address, user, purpose, open::clock().now()).await?);
    Ok(())
}
