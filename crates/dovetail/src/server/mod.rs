//! The server at the other end: requests with the token, answers read under a bound, errors in sentences.

pub mod sentences;
pub mod table;
pub mod token;

use std::time::Duration;

use http::Method;
use model::secret::SecretString;
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use self::sentences::{Problem, Sentence};
use crate::commands::ServerArguments;
use crate::{Failure, config, open};

/// Why the server did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// It is not there, or not able to answer just now.
    #[error("{0}")]
    Away(Sentence),
    /// It refused.
    #[error("{0}")]
    Refused(Sentence),
}

/// The longest answer: some ten thousand repositories.
const LONGEST: usize = 64 * 1024 * 1024;

/// How long one exchange may take: longer than the server lets a caller wait.
const PATIENCE: Duration = Duration::from_secs(90);

/// A running Dovetail.
pub struct Server {
    client: net::Client,
    root: Url,
    token: SecretString,
}

impl Server {
    /// The server that the command line names, reached as its configuration says, with the token of the environment.
    ///
    /// # Errors
    /// A wrong use where one of these is missing or unusable.
    pub fn named(arguments: &ServerArguments) -> Result<Self, Failure> {
        let config = open::config(arguments.config.as_deref())?;
        Self::new(&arguments.server, token::of_server()?, &config.network)
    }

    /// The server at `address`, reached as `[network]` says; nothing is sent yet.
    ///
    /// # Errors
    /// A wrong use where the address is none, or the network settings cannot be used.
    pub fn new(address: &str, token: SecretString, network: &config::Network) -> Result<Self, Failure> {
        let root = root(address)?;
        let network = net::Network {
            ca_bundle: network.ca_bundle.clone(),
            ca_bundle_password: network.ca_bundle_password.clone(),
            client_certificate: network.client_certificate.clone(),
            client_key: network.client_key.clone(),
            proxy: network.proxy.clone(),
            no_proxy: network.no_proxy.clone(),
            connect_timeout: network.connect_timeout,
            // The setting is about the forges that a server may call; this one was named by whoever sits here.
            allow_private: true,
            ..net::Network::default()
        };
        let factory = net::HttpFactory::new(network).map_err(|error| Failure::Usage(error.to_string()))?;
        Ok(Self { client: factory.client(), root, token })
    }

    /// The address of a page or of the API.
    pub fn address(&self, path: &str) -> Url {
        let mut url = self.root.clone();
        url.set_path(&format!("{}{path}", self.root.path().trim_end_matches('/')));
        url
    }

    /// A GET request with the token, for answers that do not end soon.
    pub fn get(&self, path: &str) -> net::Request {
        self.client.get(&self.address(path)).bearer(&self.token)
    }

    /// The answer, if it is a good one.
    ///
    /// # Errors
    /// What the server says is wrong, in its words.
    pub async fn good(&self, answer: net::Response) -> Result<net::Response, Trouble> {
        let status = answer.status();
        if status.is_success() {
            return Ok(answer);
        }
        let told = answer.json::<Problem>(LONGEST).await;
        let sentence = told.map_or_else(|_| sentences::not_dovetail(&self.root, status), Sentence::from);
        Err(if status.is_server_error() { Trouble::Away(sentence) } else { Trouble::Refused(sentence) })
    }

    /// A connection that failed.
    pub fn unreachable(&self, error: &net::NetError) -> Trouble {
        let sentence = sentences::unreachable(&self.root, error);
        if error.is_transient() { Trouble::Away(sentence) } else { Trouble::Refused(sentence) }
    }

    /// What is at a path of the API.
    pub async fn read<T: DeserializeOwned>(&self, path: &str) -> Result<T, Trouble> {
        let answer = self.send(Method::GET, path, &[], None::<&()>).await?;
        self.understood(answer).await
    }

    /// Asks, and takes no answer but a good one.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Option<&(impl Serialize + ?Sized)>,
    ) -> Result<net::Response, Trouble> {
        let request = self.client.request(method, &self.address(path)).bearer(&self.token).query(query);
        let mut request = request.timeout(PATIENCE);
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.map_err(|error| self.unreachable(&error))?;
        self.good(answer).await
    }

    /// The JSON of an answer.
    pub async fn understood<T: DeserializeOwned>(&self, answer: net::Response) -> Result<T, Trouble> {
        let status = answer.status();
        answer.json(LONGEST).await.map_err(|error| match error {
            net::NetError::BadBody { .. } => Trouble::Refused(sentences::not_dovetail(&self.root, status)),
            error => self.unreachable(&error),
        })
    }
}

fn root(address: &str) -> Result<Url, Failure> {
    let wrong = |why: &str| {
        Failure::Usage(format!(
            "--server {why}; write it like https://dovetail.example.com, with its path if it has one"
        ))
    };
    let url = Url::parse(address).map_err(|_| wrong("is no address"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(wrong("is no address of a web server"));
    }
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("has a user, a query or a fragment"));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(address: &str) -> Server {
        let network = config::Config::default().network;
        Server::new(address, SecretString::from("token".to_owned()), &network).map_err(|_| address.to_owned()).unwrap()
    }

    #[test]
    fn a_server_may_live_below_a_path() {
        let at = |root: &str| server(root).address("/api/v1/accounts").to_string();

        assert_eq!(at("http://127.0.0.1:8080"), "http://127.0.0.1:8080/api/v1/accounts");
        assert_eq!(at("https://tools.example.com/dovetail"), "https://tools.example.com/dovetail/api/v1/accounts");
        assert_eq!(at("https://tools.example.com/dovetail/"), "https://tools.example.com/dovetail/api/v1/accounts");
    }

    #[test]
    fn what_is_no_address_is_a_wrong_use() {
        for address in ["", "dovetail", "ftp://example.com", "https://me:secret@example.com", "http://a/?token=1"] {
            assert!(matches!(root(address), Err(Failure::Usage(_))), "{address}");
        }
    }
}
