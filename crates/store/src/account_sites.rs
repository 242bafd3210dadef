//! Which sites the accounts serve: which Jiras are told of them.

use std::collections::HashMap;

use crate::database::read;
use crate::{Result, Store};

/// A site that an account serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServedSite {
    /// Its inner id.
    pub id: i64,
    /// What people call it.
    pub name: String,
    /// Its base URL, without a trailing slash.
    pub url: String,
    /// Whether it is told nothing until it is resumed.
    pub paused: bool,
}

impl Store {
    /// The sites that each account serves, by their names; accounts that serve none are left out, and so are sites that are
    /// being removed.
    pub async fn sites_of_accounts(&self) -> Result<HashMap<i64, Vec<ServedSite>>> {
        const SQL: &str = "SELECT a.id, s.id, s.name, s.url, s.state = 'paused' FROM account a JOIN site s ON s.state <> 'removing' \
                           AND (s.settings LIKE '%\"all_accounts\":true%' OR EXISTS (SELECT 1 FROM site_account sa \
                           WHERE sa.site_id = s.id AND sa.account_id = a.id)) ORDER BY a.id, s.name, s.id";
        let rows: Vec<(i64, i64, String, String, bool)> = read!(self, |db| sqlx::query_as(SQL).fetch_all(db))?;
        let mut served: HashMap<i64, Vec<ServedSite>> = HashMap::new();
        for (account_id, id, name, url, paused) in rows {
            served.entry(account_id).or_default().push(ServedSite { id, name, url, paused });
        }
        Ok(served)
    }
}
