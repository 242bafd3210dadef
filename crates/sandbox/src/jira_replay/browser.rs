//! The browser of the administrator who adds an account.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use http::header::{COOKIE, LOCATION, SET_COOKIE};
use url::Url;

/// How many redirects a browser follows.
const REDIRECTS: usize = 20;
/// The most that is shown of a page at which it got stuck, in characters.
const SHOWN: usize = 300;

/// Follows redirects until they lead to Jira, whose page it does not ask for. Keeps cookies, each host's apart (a browser shares
/// them between ports; here one host's must not stand in for another's).
#[derive(Debug)]
pub struct Browser {
    client: reqwest::Client,
    jira: Url,
    cookies: Mutex<HashMap<String, HashMap<String, String>>>,
}

/// Why a browser did not come back to Jira.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    /// A page, where a person would have to do something.
    #[error("{at} answered {status}: {text}")]
    Page {
        /// Its address, without the query.
        at: String,
        /// Its status.
        status: u16,
        /// How it begins.
        text: String,
    },
    /// Redirects without end.
    #[error("there are too many redirects")]
    Redirects,
    /// No answer.
    #[error("{0}")]
    Silence(String),
    /// What is no address.
    #[error("{0} is no address")]
    Address(String),
}

impl Browser {
    /// A browser without cookies.
    ///
    /// # Errors
    /// When Jira's address is none.
    #[expect(clippy::disallowed_methods, reason = "a browser is nobody's client; `net` is Dovetail's way out")]
    pub fn new(jira_url: &str) -> Result<Self, Lost> {
        let jira = Url::parse(jira_url).map_err(|_| Lost::Address(jira_url.to_owned()))?;
        let builder = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        let client = builder.build().map_err(|error| Lost::Silence(error.to_string()))?;
        Ok(Self { client, jira, cookies: Mutex::default() })
    }

    /// Opens an address and goes where it is sent. The answer is the address at Jira where it ended.
    ///
    /// # Errors
    /// When it ends anywhere else.
    pub async fn open(&self, address: Url) -> Result<Url, Lost> {
        let mut here = address;
        for _ in 0..=REDIRECTS {
            if self.is_jira(&here) {
                return Ok(here);
            }
            here = self.step(here).await?;
        }
        Err(Lost::Redirects)
    }

    fn is_jira(&self, url: &Url) -> bool {
        url.origin() == self.jira.origin() && url.path().starts_with(self.jira.path())
    }

    #[expect(clippy::disallowed_methods, reason = "a browser is nobody's client; `net` is Dovetail's way out")]
    async fn step(&self, here: Url) -> Result<Url, Lost> {
        let mut request = self.client.get(here.clone());
        if let Some(cookies) = self.cookies_for(&here) {
            request = request.header(COOKIE, cookies);
        }
        let answer = request.send().await.map_err(|error| Lost::Silence(error.without_url().to_string()))?;
        self.keep_cookies(&here, answer.headers());
        let status = answer.status();
        let to = answer.headers().get(LOCATION).filter(|_| status.is_redirection());
        if let Some(to) = to.and_then(|to| to.to_str().ok()) {
            return here.join(to).map_err(|_| Lost::Address(to.to_owned()));
        }
        let at = format!("{}{}", here.origin().ascii_serialization(), here.path());
        let text = answer.text().await.unwrap_or_default().chars().take(SHOWN).collect();
        Err(Lost::Page { at, status: status.as_u16(), text })
    }

    fn cookies_for(&self, url: &Url) -> Option<String> {
        let cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        let cookies = cookies.get(&url.origin().ascii_serialization())?;
        Some(cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; "))
    }

    fn keep_cookies(&self, url: &Url, headers: &http::HeaderMap) {
        let mut cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        for set in headers.get_all(SET_COOKIE).iter().filter_map(|set| set.to_str().ok()) {
            let pair = set.split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                let of_host = cookies.entry(url.origin().ascii_serialization()).or_default();
                of_host.insert(name.trim().to_owned(), value.trim().to_owned());
            }
        }
    }
}
