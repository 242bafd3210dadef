//! The browser of an administrator, who signs in and adds accounts on the pages.

use std::collections::BTreeMap;

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use url::Url;

use crate::world::Dovetail;

/// The password that an administrator chooses.
pub const PASSWORD: &str = "correct-horse-battery";
/// More redirects than any way has.
const REDIRECTS: usize = 20;

/// Keeps cookies, each server's apart: a browser shares them between ports, where real servers have names of their own.
pub struct Browser {
    client: reqwest::Client,
    cookies: BTreeMap<String, BTreeMap<String, String>>,
    /// Every address that it was sent to.
    pub sent_to: Vec<Url>,
}

/// What a browser got.
#[derive(Debug)]
pub struct Page {
    pub url: Url,
    pub status: u16,
    pub text: String,
    /// Where it is sent on.
    pub location: Option<Url>,
}

impl Browser {
    #[expect(clippy::disallowed_methods, reason = "a client that is not ours")]
    pub fn new() -> Self {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { client, cookies: BTreeMap::new(), sent_to: Vec::new() }
    }

    /// Of a new administrator of a Dovetail that runs, who chose a password and is signed in.
    pub async fn of_administrator(dovetail: &Dovetail) -> Self {
        let mut browser = Self::new();
        let link = dovetail.run(&["user", "add", "admin", "--role", "admin"]).await;
        let page = browser.post(link.trim(), &[("password", PASSWORD), ("repeated", PASSWORD)]).await;
        assert!(page.location.is_some(), "{page:?}");
        browser.sent_to.push(link.trim().parse().unwrap());
        browser
    }

    pub async fn get(&mut self, url: &str) -> Page {
        let url: Url = url.parse().unwrap();
        self.send(self.client.get(url.clone()), url).await
    }

    /// Sends a form.
    pub async fn post(&mut self, url: &str, fields: &[(&str, &str)]) -> Page {
        let url: Url = url.parse().unwrap();
        self.send(self.client.post(url.clone()).form(fields), url).await
    }

    #[expect(clippy::disallowed_methods, reason = "a client that is not ours")]
    async fn send(&mut self, request: reqwest::RequestBuilder, url: Url) -> Page {
        let cookies = self.cookies.entry(url.origin().ascii_serialization()).or_default();
        let shown: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let answer = request.header(COOKIE, shown.join("; ")).send().await.unwrap();
        for cookie in answer.headers().get_all(SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            cookies.insert(name.to_owned(), value.to_owned());
        }
        let location = answer.headers().get(LOCATION).map(|to| url.join(to.to_str().unwrap()).unwrap());
        self.sent_to.extend(location.clone());
        Page { status: answer.status().as_u16(), text: answer.text().await.unwrap(), url, location }
    }

    /// Goes where it is sent, up to a page, or to an address that begins with `stop`, which is not asked for.
    pub async fn follow(&mut self, mut page: Page, stop: Option<&str>) -> Page {
        for _ in 0..REDIRECTS {
            let Some(to) = page.location.clone() else { return page };
            if stop.is_some_and(|stop| to.as_str().starts_with(stop)) {
                return page;
            }
            page = self.get(to.as_str()).await;
        }
        panic!("redirects without end: {:?}", self.sent_to);
    }

    /// Fills in "Add account", walks the dance where there is one, and confirms. Answers the page of the account, or that
    /// on which it is told why there is none.
    pub async fn add_account(&mut self, dovetail: &str, fields: &[(&str, &str)]) -> Page {
        let fields = [fields, &[("auto_link", "true"), ("smart_commits", "true")]].concat();
        let sent = self.post(&format!("{dovetail}/accounts/new"), &fields).await;
        let asked = self.follow(sent, None).await;
        let Some(state) = asked.between("name=\"state\" value=\"", "\"") else { return asked };
        let confirmed = self.post(&format!("{dovetail}/accounts/new/confirm"), &[("state", state)]).await;
        self.follow(confirmed, None).await
    }

    /// The values of its cookies.
    pub fn cookies(&self) -> impl Iterator<Item = &str> {
        self.cookies.values().flat_map(BTreeMap::values).map(String::as_str)
    }
}

impl Page {
    /// What stands between the first `before` and the next `after`.
    pub fn between(&self, before: &str, after: &str) -> Option<&str> {
        let (_, rest) = self.text.split_once(before)?;
        rest.split_once(after).map(|(between, _)| between)
    }
}
