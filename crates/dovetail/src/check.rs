//! `dovetail check`: where the way to a host ends, and what to do about it.

use std::path::Path;
use std::sync::Arc;

use model::SystemClock;
use sync::check::Target;
use sync::connect::Keys;

use crate::Failure;
use crate::commands::{CheckArguments, Format};
use crate::config;
use crate::report::Report;
use crate::server::token;

/// Runs the command.
pub async fn run(arguments: &CheckArguments) -> Result<(), Failure> {
    let config = crate::open::config(arguments.config.config.as_deref())?;
    let factory = net::HttpFactory::new(network(arguments, &config.network)?)
        .map_err(|error| Failure::Usage(error.to_string()))?;
    let clock: Arc<dyn model::Clock> = Arc::new(SystemClock);
    let found =
        sync::check::check(&factory.client(), &clock, &target(arguments)?, arguments.until.as_deref(), None).await;
    let report: Report = serde_json::from_value(serde_json::to_value(&found)?)?;
    match arguments.format {
        Format::Json => println!("{}", serde_json::to_string(&found)?),
        Format::Text => print!("{report}"),
    }
    match report.first_failed() {
        Some(failed) => Err(Failure::Failed(anyhow::anyhow!(
            "the step {} failed. Mend what it says, then check again",
            failed.stage
        ))),
        None => Ok(()),
    }
}

fn target(arguments: &CheckArguments) -> Result<Target, Failure> {
    let standard_input = Some(Path::new("-"));
    if arguments.token_file.as_deref() == standard_input && arguments.client_secret_file.as_deref() == standard_input {
        let line = "only one of --token-file and --client-secret-file can be standard input";
        return Err(Failure::Usage(line.to_owned()));
    }
    let client_secret = arguments.client_secret_file.as_deref().map(token::from_file).transpose()?;
    let application = arguments.client_id.clone().zip(client_secret);
    Ok(Target {
        kind: arguments.kind.host_kind(),
        host_url: arguments.host_url.clone(),
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
        proxy,
        no_proxy: config.no_proxy.clone(),
        connect_timeout: config.connect_timeout,
        allow_private: config.allow_private,
        ..net::Network::default()
    })
}
