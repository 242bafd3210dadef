//! `dovetail check`: where the way to a host ends, and what to do about it.

use std::path::Path;

use sync::check::Target;
use sync::connect::Keys;

use crate::Failure;
use crate::commands::{CheckArguments, Format};
use crate::config::{self, Config};
use crate::report::Report;
use crate::server::token;

/// Runs the command.
pub async fn run(arguments: &CheckArguments) -> Result<(), Failure> {
    let config = crate::open::config(arguments.config.config.as_deref())?;
    let found = match (&arguments.stored, &arguments.host_url) {
        (Some(account), _) => stored(account, arguments, &config).await?,
        (None, Some(host_url)) => typed(host_url, arguments, &config).await?,
        (None, None) => return Err(Failure::Usage("name a host with --host-url, or an account with --stored".into())),
    };
    let report: Report = serde_json::from_value(serde_json::to_value(&found)?)?;
    match arguments.format {
        Format::Json => println!("{}", serde_json::to_string(&found)?),
        Format::Text => anstream::print!("{}", report.coloured()),
    }
    match report.first_failed() {
        Some(failed) => Err(Failure::Failed(anyhow::anyhow!(
            "the step {} failed. Mend what it says, then check again",
            failed.stage
        ))),
        None => Ok(()),
    }
}

/// A host that need not be known.
async fn typed(host_url: &str, arguments: &CheckArguments, config: &Config) -> Result<net::check::Report, Failure> {
    let factory = net::HttpFactory::new(network(arguments, &config.network)?)
        .map_err(|error| Failure::Usage(error.to_string()))?;
    let target = target(host_url, arguments)?;
    let until = arguments.until.as_deref();
    Ok(sync::check::check(&factory.client(), &crate::open::clock(), &target, until, None).await)
}

/// An account of the data directory, by its path or its number; a server may run beside it.
async fn stored(name: &str, arguments: &CheckArguments, config: &Config) -> Result<net::check::Report, Failure> {
    let store = crate::open::store(config).await?;
    let engine = sync::Engine::new(store, crate::program::engine_options(config), crate::open::clock())?;
    sync::servers::apply(&engine).await?;
    let accounts = engine.store().accounts(store::Viewer::Everything).await?;
    let path = name.trim_matches('/');
    let named = |account: &&store::Account| account.path.eq_ignore_ascii_case(path) || account.id.to_string() == name;
    let mut named = accounts.iter().filter(named);
    let (account, another) = (named.next(), named.next());
    match (account, another) {
        (None, _) => Err(Failure::Usage(format!("no account {name} is connected; `dovetail account list` shows them"))),
        (Some(_), Some(_)) => {
            let line =
                format!("more than one account is called {name}: name it by its number (`dovetail account list`)");
            Err(Failure::Usage(line))
        }
        (Some(account), None) => Ok(sync::check::stored(&engine, account.id, arguments.until.as_deref(), None).await?),
    }
}

fn target(host_url: &str, arguments: &CheckArguments) -> Result<Target, Failure> {
    let standard_input = Some(Path::new("-"));
    if arguments.token_file.as_deref() == standard_input && arguments.client_secret_file.as_deref() == standard_input {
        let line = "only one of --token-file and --client-secret-file can be standard input";
        return Err(Failure::Usage(line.to_owned()));
    }
    let client_secret = arguments.client_secret_file.as_deref().map(token::from_file).transpose()?;
    let application = arguments.client_id.clone().zip(client_secret);
    Ok(Target {
        kind: arguments.kind.host_kind(),
        host_url: host_url.to_owned(),
        account: arguments.account.clone(),
        token: arguments.token_file.as_deref().map(token::from_file).transpose()?,
        application: application.map(|(client_id, client_secret)| Keys { client_id, client_secret }),
        redirect_uri: arguments.redirect_uri.clone(),
    })
}

fn network(arguments: &CheckArguments, config: &config::Network) -> Result<net::Network, Failure> {
    let proxy = match &arguments.proxy {
        Some(proxy) => Some(proxy.parse().map_err(|_| Failure::Usage("--proxy is no address of a proxy".to_owned()))?),
        None => config.proxy.clone(),
    };
    Ok(net::Network {
        ca_bundle: arguments.ca_bundle.clone().or_else(|| config.ca_bundle.clone()),
        ca_bundle_password: config.ca_bundle_password.clone(),
        client_certificate: config.client_certificate.clone(),
        client_key: config.client_key.clone(),
        proxy,
        no_proxy: config.no_proxy.clone(),
        connect_timeout: config.connect_timeout,
        allow_private: config.allow_private,
        ..net::Network::default()
    })
}
