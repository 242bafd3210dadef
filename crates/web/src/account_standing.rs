//! What the pages tell of accounts beside their own rows: who authorised them, which Jiras they serve, and whose web hooks a
//! person has to paste. Read once for all accounts.

use std::collections::HashMap;

use store::{Account, Authoriser, ServedSite};

use crate::state::AppState;

/// The standings of all accounts.
#[derive(Debug)]
pub struct Standings {
    authorisers: HashMap<i64, Authoriser>,
    sites: HashMap<i64, Vec<ServedSite>>,
    to_paste: HashMap<i64, i64>,
}

/// What is told of one account.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// The forge's user as whom it is read; none where nobody had to let Dovetail in.
    pub authoriser: Option<Authoriser>,
    /// The sites that it serves, by name.
    pub sites: Vec<ServedSite>,
    /// Of how many of its linked repositories the web hooks have to be pasted.
    pub to_paste: i64,
}

impl Standings {
    /// Reads them.
    pub async fn read(state: &AppState) -> store::Result<Self> {
        let store = state.store();
        Ok(Self {
            authorisers: store.authorisers().await?,
            sites: store.sites_of_accounts().await?,
            to_paste: store.hooks_to_paste().await?,
        })
    }

    /// That of an account.
    pub fn of(&self, account: &Account) -> Standing {
        Standing {
            authoriser: self.authorisers.get(&account.credential_owner()).cloned(),
            sites: self.sites.get(&account.id).cloned().unwrap_or_default(),
            to_paste: self.to_paste.get(&account.id).copied().unwrap_or_default(),
        }
    }
}
