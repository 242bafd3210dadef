//! One request to the gateway's address of a site.

use bytes::Bytes;
use http::Method;

use super::DevInfo;
use super::token::Token;
use crate::address::below;
use crate::answer::Answer;
use crate::exchange::{Call, Failure, exchange};
use crate::{JiraError, Problem};

/// The longest cloud id; it is a UUID.
const LONGEST_ID: usize = 64;

/// A request below the gateway's address of a site.
#[derive(Debug)]
pub struct Ask<'a> {
    /// The method.
    pub method: Method,
    /// The path below the site's address.
    pub segments: &'a [&'a str],
    /// The query.
    pub query: &'a [(&'a str, &'a str)],
    /// The body, in JSON.
    pub body: Option<Bytes>,
}

impl DevInfo {
    /// The site's cloud id: as it was given, or as the site tells everybody. Asked for once.
    ///
    /// # Errors
    /// [`Problem::NotJira`] where the address is no Cloud site's; what else keeps the site from telling.
    pub async fn cloud_id(&self) -> Result<String, JiraError> {
        self.0.cloud_id.get_or_try_init(|| self.ask_cloud_id()).await.cloned()
    }

    async fn ask_cloud_id(&self) -> Result<String, JiraError> {
        let options = &self.0.options;
        let url = below(&options.site_url, &["_edge", "tenant_info"])?;
        let call = Call { request: options.http.get(&url), url: &url, changes: false, secrets: &[] };
        let answer = exchange(call, options.clock.now()).await.map_err(|failure| match failure.error.problem {
            // Every Cloud site has this address.
            Problem::NotFound => JiraError { problem: Problem::NotJira, ..failure.error },
            _ => failure.error,
        })?;
        let told = answer.json()?;
        let fine = |id: &&str| {
            (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        told["cloudId"].as_str().filter(fine).map(str::to_owned).ok_or_else(|| answer.lacks("cloudId"))
    }

    /// Asks with the token at hand, and once more with a new one where that is refused.
    ///
    /// # Errors
    /// Whatever keeps Jira from answering with 2xx.
    pub(super) async fn ask(&self, ask: &Ask<'_>) -> Result<Answer, Failure> {
        let cloud_id = self.cloud_id().await?;
        let token = self.token().await?;
        match self.send(ask, &cloud_id, &token).await {
            Err(failure) if failure.error.problem == Problem::Unauthorised => {
                let token = self.token_after(&token).await?;
                self.send(ask, &cloud_id, &token).await
            }
            outcome => outcome,
        }
    }

    async fn send(&self, ask: &Ask<'_>, cloud_id: &str, token: &Token) -> Result<Answer, Failure> {
        let options = &self.0.options;
        let site = ["jira", "devinfo", "0.1", "cloud", cloud_id];
        let url = below(&options.api_url, &[site.as_slice(), ask.segments].concat())?;
        let request = options.http.request(ask.method.clone(), &url).query(ask.query).bearer(&token.secret);
        let request = match &ask.body {
            Some(body) => request.header("content-type", "application/json").body(body.clone()),
            None => request,
        };
        let call = Call { request, url: &url, changes: ask.method != Method::GET, secrets: &[&token.secret] };
        exchange(call, options.clock.now()).await
    }
}
