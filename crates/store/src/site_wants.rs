//! Which sites want to be told what: asked in every transaction that changes a link, so kept in memory.

use std::sync::Arc;

use model::{Channel, SiteKind, SiteSettings, Told};

use crate::database::within;
use crate::rows::{JsonText, Word};
use crate::{Result, WriteTx};

/// What a site is told. What happens while it is paused is told when it goes on.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct SiteWants {
    #[sqlx(rename = "id")]
    pub(crate) site_id: i64,
    #[sqlx(try_from = "Word<SiteKind>")]
    kind: SiteKind,
    #[sqlx(try_from = "JsonText<SiteSettings>")]
    settings: SiteSettings,
    is_active: bool,
}

impl SiteWants {
    /// Whether Dovetail runs smart commits there.
    pub(crate) fn runs_smart_commits(&self) -> bool {
        self.is_active && self.kind == SiteKind::DataCenter && self.settings.smart_commits
    }

    /// Whether what became of commands is told at the forge.
    pub(crate) fn comments_commits(&self) -> bool {
        self.is_active && self.kind == SiteKind::DataCenter && self.settings.commit_comments
    }

    /// The channels by which it is told about such an entity.
    pub(crate) fn channels(&self, told: Told) -> impl Iterator<Item = Channel> {
        let channels = self.kind.channels(told).iter().copied();
        channels.filter(move |channel| self.settings.tells(*channel, told))
    }
}

impl WriteTx {
    /// What the sites are told that are not being removed.
    pub(crate) async fn site_wants(&mut self) -> Result<Arc<Vec<SiteWants>>> {
        const SQL: &str =
            "SELECT id, kind, settings, state = 'active' AS is_active FROM site WHERE state <> 'removing' ORDER BY id";
        let changes = match self.store().kept_wants().take() {
            Ok(wants) => return Ok(wants),
            Err(changes) => changes,
        };
        let wants: Vec<SiteWants> = within!(self.aside(), |db| sqlx::query_as(SQL).fetch_all(db))?;
        let wants = Arc::new(wants);
        if !self.touched_everything() {
            // What this transaction itself changed of the sites may be rolled back.
            self.store().kept_wants().keep(&wants, changes);
        }
        Ok(wants)
    }
}
