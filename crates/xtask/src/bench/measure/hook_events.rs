//! Hook events that a Dovetail has heard, to be sent to it again.

use std::path::Path;

use anyhow::{Context, ensure};
use model::secret::SecretString;
use store::{Store, Viewer};
use url::Url;

/// As many different ones at most.
const MOST: i64 = 100;
/// The longest answer that is read, in bytes.
const ANSWER: usize = 1 << 20;

/// An event as the forge sent it.
#[derive(Debug, Clone)]
pub struct HookEvent {
    url: Url,
    secret: SecretString,
    event: String,
    body: String,
}

impl HookEvent {
    /// Those that came last to the hooks of an account, read from the store of a Dovetail that may be running.
    pub async fn heard(data: &Path, store_url: Option<&str>, account: i64) -> anyhow::Result<Vec<Self>> {
        let key = Store::load_or_create_key(&data.join("secret.key")).await?;
        let file = format!("sqlite://{}", data.join("dovetail.db").display());
        let store = Store::open(store_url.unwrap_or(&file), &key).await?;
        let mut heard = Vec::new();
        for event in store.inbox_of_account(Viewer::Everything, account, MOST).await? {
            let hook = store.hook(&event.hook_id).await?.context("an event of a hook that is gone")?;
            let url = hook.url.as_deref().context("a hook without an address")?.parse()?;
            heard.push(Self { url, secret: hook.secret, event: event.event, body: event.body });
        }
        store.close().await;
        ensure!(!heard.is_empty(), "no hook event ever came");
        Ok(heard)
    }

    /// Sends it under another name, so that it is no repetition; answers how many bytes came back.
    pub fn send(
        &self,
        client: &net::Client,
        number: usize,
    ) -> impl Future<Output = anyhow::Result<usize>> + Send + use<> {
        let request = client
            .post(&self.url)
            .secret_header("X-Gitlab-Token", &self.secret)
            .header("X-Gitlab-Event", &self.event)
            .header("Idempotency-Key", &format!("again-{number}"))
            .header("Content-Type", "application/json")
            .body(self.body.clone());
        async move {
            let response = request.send().await?;
            ensure!(response.status().is_success(), "an event was answered with {}", response.status());
            Ok(response.bytes(ANSWER).await?.len())
        }
    }
}
