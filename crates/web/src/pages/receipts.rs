//! What became of the smart commits of an issue.

use axum::extract::{Path, State};
use model::{Millis, ReceiptReason, ReceiptState};
use store::{Receipt, ShownReceipt, Viewer};

use crate::error::PageError;
use crate::frame::{AdministratorPage, PageResult, redirect};
use crate::state::AppState;
use crate::view::forge_links;
use crate::view::lozenge::Lozenge;

/// How many receipts an issue shows, the newest.
const MOST: i64 = 100;
/// How many characters of an argument are shown.
const SHOWN: usize = 200;
/// How many digits of a commit's id are shown.
const SHORT_ID: usize = 8;

/// A receipt on the page of an issue.
pub struct ReceiptRow {
    pub id: i64,
    pub lozenge: Lozenge,
    pub command: String,
    pub argument: String,
    pub author: String,
    pub commit: String,
    pub site: String,
    /// The issue's page at the site.
    pub url: String,
    pub words: Option<String>,
    pub at: Millis,
    pub can_retry: bool,
}

impl From<ShownReceipt> for ReceiptRow {
    fn from(shown: ShownReceipt) -> Self {
        let receipt = shown.receipt;
        let argument: String = receipt.argument.chars().take(SHOWN).collect();
        let key: String = url::form_urlencoded::byte_serialize(receipt.issue_key.as_bytes()).collect();
        let url = format!("{}/browse/{key}", shown.site_url);
        Self {
            id: receipt.id,
            lozenge: Lozenge::receipt(receipt.state),
            words: words(&receipt),
            can_retry: can_retry(&receipt),
            at: receipt.ended_at.unwrap_or(receipt.created_at),
            argument: if argument.len() < receipt.argument.len() { format!("{argument}…") } else { argument },
            command: receipt.command,
            author: shown.author_name,
            commit: shown.object_id.as_str().chars().take(SHORT_ID).collect(),
            site: shown.site_name,
            url: forge_links::safe(&url).unwrap_or_default().to_owned(),
        }
    }
}

/// What became of it, in words.
pub fn words(receipt: &Receipt) -> Option<String> {
    Some(sync::sentence_of_receipt(receipt.state, receipt.reason, receipt.words.as_deref()))
}

/// Whether running it again may help.
fn can_retry(receipt: &Receipt) -> bool {
    use ReceiptReason::{
        EmptyComment, NoTime, NotLive, Quoted, RepositoryRemoved, SiteRemoved, SwitchedOff, TooMany, TooOld,
    };
    let hopeless = |reason| {
        matches!(
            reason,
            EmptyComment | NoTime | NotLive | Quoted | SiteRemoved | RepositoryRemoved | SwitchedOff | TooMany | TooOld
        )
    };
    receipt.state == ReceiptState::Refused && !receipt.reason.is_some_and(hopeless)
}

/// The receipts of an issue that the viewer may see.
pub async fn of_issue(state: &AppState, viewer: Viewer, key: &str) -> Result<Vec<ReceiptRow>, PageError> {
    let shown = state.store().receipts_of_issue(viewer, key, MOST).await?;
    Ok(shown.into_iter().map(ReceiptRow::from).collect())
}

/// Runs a command again that was refused.
pub async fn retry(State(state): State<AppState>, page: AdministratorPage, Path(id): Path<i64>) -> PageResult {
    let shown = state.store().receipt(id).await?.ok_or_else(PageError::not_found)?;
    state.store().receipt_retry(id, state.engine().clock().now()).await?;
    let key: String = url::form_urlencoded::byte_serialize(shown.receipt.issue_key.as_bytes()).collect();
    Ok(redirect(&page.frame, &format!("/issues/{key}#smart-commits")))
}
