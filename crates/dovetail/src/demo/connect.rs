//! Connecting the sample's group as an administrator would: over OAuth, by following GitLab's redirects.

use std::collections::HashMap;

use anyhow::{Context, bail};
use model::HostKind;
use model::secret::SecretString;
use sandbox::gitlab;
use sandbox::sample::Sample;
use sync::connect::{self, Begun, ConnectError, Form, Method, Outcome};
use url::Url;

use crate::Failure;
use crate::program::Program;

/// The redirects between the authorize page and the callback: sign-in and back.
const MOST_REDIRECTS: usize = 6;

/// Adds the sample's group; with `ask_consent` by its access token, as nobody is there to consent.
pub async fn account(
    program: &Program,
    forge: &gitlab::Server,
    sample: &Sample,
    url: &Url,
    ask_consent: bool,
) -> Result<(), Failure> {
    let redirect_uri = format!("{}/oauth/callback", url.as_str().trim_end_matches('/'));
    match begin(program, forge, sample, &redirect_uri, ask_consent).await {
        Ok(()) => Ok(()),
        // A database of its own that saw an earlier demo: the stand-in GitLab has begun anew since.
        Err(Failure::Failed(error)) => match error.downcast_ref::<ConnectError>() {
            Some(ConnectError::AccountExists { id, .. }) => {
                sync::request::remove_account(program.state.engine(), *id).await?;
                program.state.engine().idle().await?;
                begin(program, forge, sample, &redirect_uri, ask_consent).await
            }
            _ => Err(Failure::Failed(error)),
        },
        Err(other) => Err(other),
    }
}

async fn begin(
    program: &Program,
    forge: &gitlab::Server,
    sample: &Sample,
    redirect_uri: &str,
    ask_consent: bool,
) -> Result<(), Failure> {
    let engine = program.state.engine();
    let user = engine.store().user_by_login(super::LOGIN).await?.context("the demo's administrator is there")?.0.id;
    let method = if ask_consent {
        Method::token(SecretString::from(sample.access_token.clone()))
    } else {
        Method::OAuth {
            client_id: sample.application_id.clone(),
            client_secret: SecretString::from(sample.application_secret.clone()),
        }
    };
    let form = Form {
        kind: HostKind::Gitlab,
        host_url: forge.url().to_owned(),
        path: sample.group.clone(),
        method,
        auto_link: true,
        smart_commits: true,
    };
    let state = match connect::begin(engine, form, redirect_uri, user).await? {
        Begun::Added { .. } => return Ok(()),
        Begun::Confirm { state } => state,
        Begun::Authorise { url } => {
            let callback = authorise(&url, redirect_uri).await?;
            let mut answer: HashMap<String, String> = callback.query_pairs().into_owned().collect();
            let state = answer.remove("state").context("GitLab sent no state back")?;
            let code = answer.remove("code").with_context(|| format!("GitLab did not authorise: {answer:?}"))?;
            connect::finish(engine, &state, Outcome::Code(code), user).await?.state
        }
    };
    connect::confirm(engine, &state, user).await?;
    Ok(())
}

/// Follows redirects as a browser does, cookies included, up to the callback.
async fn authorise(url: &Url, redirect_uri: &str) -> anyhow::Result<Url> {
    let client = net::HttpFactory::new(net::Network::default())?.client();
    let mut cookies: HashMap<String, String> = HashMap::new();
    let mut at = url.clone();
    for _ in 0..MOST_REDIRECTS {
        let jar: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let response = client.get(&at).header("cookie", &jar.join("; ")).keep_redirect().send().await?;
        for cookie in response.headers().get_all("set-cookie") {
            let pair = cookie.to_str()?.split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let Some(location) = response.headers().get("location") else {
            bail!("the stand-in GitLab answered {} instead of redirecting", response.status());
        };
        at = at.join(location.to_str()?)?;
        if at.as_str().starts_with(redirect_uri) {
            return Ok(at);
        }
    }
    bail!("the stand-in GitLab redirects in a circle")
}
