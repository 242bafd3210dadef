//! The stand-in Jira of the demo, connected as an administrator would connect it.

use std::net::SocketAddr;

use anyhow::Context;
use model::secret::SecretString;
use model::{SiteKind, SiteSettings};
use sandbox::jira::{self, sample};
use sync::site::{self, Form, SiteError};

use crate::program::Program;
use crate::{Failure, open};

/// A stand-in Jira that runs.
pub struct Jira {
    server: jira::Server,
    sample: sample::Sample,
}

impl Jira {
    /// Starts it two ports behind Dovetail, or at any free one where Dovetail took one (design §8).
    pub async fn start(dovetail: SocketAddr, asked: u16) -> Result<Self, Failure> {
        let port = if asked == 0 { 0 } else { dovetail.port() + 2 };
        let mut options = jira::Options::data_center();
        options.listen = SocketAddr::new(dovetail.ip(), port);
        options.clock = open::clock();
        let server = jira::Server::start(options).await?;
        let sample = sample::build(&server).map_err(|refusal| anyhow::anyhow!("{refusal:?}"))?;
        Ok(Self { server, sample })
    }

    /// Its address.
    pub fn url(&self) -> &str {
        self.server.url()
    }

    /// A personal access token of its service user, who may do everything.
    pub fn token(&self) -> &str {
        &self.sample.token
    }

    /// Those of these issues that it can have; it has them from now on.
    pub fn provide(&self, issues: Vec<String>) -> Vec<String> {
        sample::provide(&self.server, issues)
    }

    /// Adds it as a site; one of an earlier demo at the same address gets the new token.
    pub async fn connect(&self, program: &Program) -> Result<(), Failure> {
        let form = Form {
            kind: SiteKind::DataCenter,
            name: "Jira".to_owned(),
            url: self.url().to_owned(),
            user: String::new(),
            secret: SecretString::from(self.sample.token.clone()),
            client_id: String::new(),
            client_secret: SecretString::from(String::new()),
            settings: SiteSettings::of(SiteKind::DataCenter),
            accounts: Vec::new(),
        };
        match site::add(program.state.engine(), &form).await {
            Ok(_) => Ok(()),
            Err(SiteError::Exists { id }) => {
                site::update(program.state.engine(), id, &form).await.context("the site of an earlier demo")?;
                Ok(())
            }
            Err(error) => Err(anyhow::Error::new(error).into()),
        }
    }

    /// Ends it.
    pub async fn shutdown(self) {
        self.server.shutdown().await;
    }
}
