//! The step `http`: one question without credentials, and who answers it.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt;
use http::{HeaderMap, StatusCode, header};
use url::Url;

use super::certificate::plain;
use super::greeting::{Speaks, ask_plainly};
use super::line::Way;
use super::sentences::{self, Told};
use super::{HTTP, Stage};
use crate::address::host_name;
use crate::{Client, NetError, Response, redirect};

/// How much of an answer is read, in bytes.
const BODY: usize = 64 * 1024;
/// How long the answer may take.
const LIMIT: Duration = Duration::from_secs(20);

/// What the server answered to a first question without credentials.
#[derive(Clone)]
pub struct FirstAnswer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The beginning of the body, at most 64 KiB.
    pub body: Bytes,
    /// What was asked for.
    pub url: Url,
}

/// Headers may hold cookies, the body anything.
impl fmt::Debug for FirstAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FirstAnswer").field("status", &self.status).finish_non_exhaustive()
    }
}

/// The step, and the answer where there is one. `way`: how the server is reached, where that is not by a proxy that
/// forwards; `proxy`: the name of the proxy, if any.
pub async fn ask(client: &Client, url: &Url, way: Option<&Way>, proxy: Option<&str>) -> (Stage, Option<FirstAnswer>) {
    let limit = LIMIT.min(client.connector(url).network.answer_timeout);
    let sent = client.get(url).keep_redirect().timeout(limit).send().await;
    let answer = match sent {
        Ok(response) => read(response, url).await,
        Err(error) => Err(error),
    };
    let host = host_name(url);
    let answer = match answer {
        Ok(answer) => answer,
        Err(NetError::Other { .. } | NetError::Reset { .. } | NetError::BadBody { .. }) if url.scheme() == "http" => {
            return (not_http(client, &host, url, way).await.failed(HTTP), None);
        }
        Err(error) => return (sentences::no_answer(&error).failed(HTTP), None),
    };
    let page = Page { host: &host, answer: &answer, proxy };
    let stage = page.judge().with_details(page.lines());
    (stage, Some(answer))
}

/// Reads as much as is kept; what is longer is no fault here.
async fn read(response: Response, url: &Url) -> Result<FirstAnswer, NetError> {
    let (status, headers) = (response.status(), response.headers().clone());
    let mut body = Vec::new();
    let mut pieces = response.stream();
    while body.len() < BODY
        && let Some(piece) = pieces.next().await
    {
        let piece = piece?;
        body.extend_from_slice(&piece[..piece.len().min(BODY - body.len())]);
    }
    Ok(FirstAnswer { status, headers, body: body.into(), url: url.clone() })
}

/// What is there instead of HTTP.
async fn not_http(client: &Client, host: &str, url: &Url, way: Option<&Way>) -> Told {
    let limit = client.connector(url).network.connect_timeout;
    let speaks = async {
        match way?.open(limit).await {
            Ok(stream) => Some(ask_plainly(stream).await),
            Err(_) => None,
        }
    };
    let speaks = tokio::time::timeout(limit, speaks).await.ok().flatten().unwrap_or(Speaks::Unknown);
    sentences::not_http(host, url, speaks)
}

/// An answer under judgement.
struct Page<'a> {
    host: &'a str,
    answer: &'a FirstAnswer,
    proxy: Option<&'a str>,
}

impl Page<'_> {
    fn judge(&self) -> Stage {
        if let Some(proxy) = self.proxy
            && self.is_by_proxy()
        {
            return sentences::proxy_page(proxy, self.host, self.status()).failed(HTTP);
        }
        if let Some(to) = redirect::target(&self.answer.url, self.answer.status, &self.answer.headers) {
            return self.redirected(&to);
        }
        if self.header("cf-mitigated").is_some() {
            return sentences::challenge(self.host).failed(HTTP);
        }
        match self.status() {
            400 if self.says("plain HTTP request was sent to HTTPS port")
                || self.says("speaking plain HTTP to an SSL") =>
            {
                sentences::not_http(self.host, &self.answer.url, Speaks::Tls).failed(HTTP)
            }
            400 if self.says("No required SSL certificate was sent") => {
                sentences::client_certificate_wanted(self.host).failed(HTTP)
            }
            401 if self.asks_for_log_in() => sentences::log_in_wall(self.host, &self.schemes()).failed(HTTP),
            407 => sentences::proxy_page(self.proxy.unwrap_or("on the way"), self.host, 407).failed(HTTP),
            502..=504 => sentences::nothing_behind(self.host, self.status()).failed(HTTP),
            500..=599 => sentences::server_error(self.host, self.status()).warning(HTTP),
            403 => sentences::forbidden(self.host).warning(HTTP),
            404 | 410 => sentences::nothing_here(self.answer.url.as_str(), self.status()).warning(HTTP),
            _ => Stage::passed(HTTP, sentences::answered(self.host, &self.status_line())),
        }
    }

    fn redirected(&self, to: &str) -> Stage {
        let from = &self.answer.url;
        let status = self.status();
        let Ok(target) = to.parse::<Url>() else {
            return sentences::elsewhere(self.host, status, to).warning(HTTP);
        };
        if target.origin() == from.origin() {
            return Stage::passed(HTTP, sentences::sends_on(self.host, status, to));
        }
        let same_host = target.host_str() == from.host_str();
        if same_host && from.scheme() == "http" && target.scheme() == "https" {
            return sentences::wants_https(self.host, to).failed(HTTP);
        }
        if looks_like_log_in(&target) {
            return sentences::log_in_elsewhere(self.host, to).warning(HTTP);
        }
        sentences::elsewhere(self.host, status, to).warning(HTTP)
    }

    /// A page that a proxy on the way made itself: it signs what it makes, and never so what it only passes on.
    fn is_by_proxy(&self) -> bool {
        let signed = ["proxy-authenticate", "x-squid-error"].iter().any(|name| self.header(name).is_some());
        let server = self.header("server").unwrap_or_default().to_ascii_lowercase();
        let known = ["squid", "zscaler", "bluecoat", "mcafee web gateway", "privoxy", "tinyproxy"];
        let named = known.iter().any(|name| server.contains(name));
        self.status() == 407 || signed || (self.answer.status.as_u16() >= 400 && named)
    }

    fn asks_for_log_in(&self) -> bool {
        let schemes = self.schemes();
        !schemes.is_empty() && !schemes.iter().any(|scheme| scheme.eq_ignore_ascii_case("bearer"))
    }

    /// How the server wants to be logged in to.
    fn schemes(&self) -> Vec<String> {
        let values = self.answer.headers.get_all(header::WWW_AUTHENTICATE).iter().take(5);
        values.filter_map(|value| value.to_str().ok()?.split_whitespace().next().map(plain)).collect()
    }

    fn lines(&self) -> Vec<String> {
        let line = |name: &str, value: Option<&str>| value.map(|value| format!("{name}: {}", plain(value)));
        let parts = [
            Some(self.status_line()),
            line("Server", self.header("server")),
            line("Via", self.header("via")),
            line("Content type", self.header("content-type")),
            line("Title", self.title().as_deref()),
        ];
        parts.into_iter().flatten().collect()
    }

    fn title(&self) -> Option<String> {
        let text = String::from_utf8_lossy(&self.answer.body);
        // Positions in the lower-case copy are those of the text, as only ASCII changes.
        let lower = text.to_ascii_lowercase();
        let start = lower.find("<title")?;
        let start = start + lower[start..].find('>')? + 1;
        let end = start + lower[start..].find("</title")?;
        Some(text[start..end].split_whitespace().collect::<Vec<_>>().join(" "))
    }

    fn status(&self) -> u16 {
        self.answer.status.as_u16()
    }

    fn status_line(&self) -> String {
        self.answer.status.to_string()
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.answer.headers.get(name)?.to_str().ok()
    }

    fn says(&self, words: &str) -> bool {
        String::from_utf8_lossy(&self.answer.body).contains(words)
    }
}

/// Pages of services that let people in, in the words that their addresses have.
fn looks_like_log_in(target: &Url) -> bool {
    let host = target.host_str().unwrap_or_default();
    let hosts = ["login.", "auth.", "sso.", "idp.", "adfs.", "accounts.", "id."];
    let services = ["cloudflareaccess.com", "okta.com", "microsoftonline.com", "onelogin.com", "auth0.com"];
    let paths = ["/login", "/signin", "/sign_in", "/saml", "/oauth2/", "/adfs/", "/sso", "/openid-connect/auth"];
    hosts.iter().any(|start| host.starts_with(start))
        || services.iter().any(|end| host == *end || host.ends_with(&format!(".{end}")))
        || paths.iter().any(|part| target.path().contains(part))
}
