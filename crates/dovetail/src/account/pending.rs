//! Whether a sync that was asked for has ended, by what the server says of the account and its repositories.

use jiff::{SignedDuration, Timestamp};

use super::wire::{Account, Repository};

/// What was known of the account before the sync was asked for, and what was the next that was heard of it.
pub struct Before {
    listed_at: Option<String>,
    anew: Option<String>,
}

impl Before {
    /// How it stands now.
    pub fn new(account: &Account) -> Self {
        Self { listed_at: account.listed_at.clone(), anew: None }
    }

    /// When the repository list was first read since, none as long as it was not; repositories are synced after that. Reading
    /// the list once more, as a web hook may have it, syncs nothing, so nobody must wait for a sync after that.
    pub fn listed_anew(&mut self, account: &Account) -> Option<&str> {
        if self.anew.is_none() && account.listed_at != self.listed_at {
            self.anew.clone_from(&account.listed_at);
        }
        self.anew.as_deref()
    }
}

/// The grain of a server's clock as its answers tell it.
const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// Whether a repository still has its sync before it: none ended since the list was read, or one is due. `now` is by the
/// server's clock, in whole seconds.
pub fn is_pending(repository: &Repository, listed_at: Option<&str>, now: Timestamp) -> bool {
    let waits = repository.linked && repository.visible && !repository.paused;
    if !waits {
        return false;
    }
    let time = |text: &str| text.parse::<Timestamp>().ok();
    let is_due = repository.next_sync_at.as_deref().and_then(time).is_some_and(|due| due < now + SECOND);
    match repository.state.as_str() {
        "waiting" | "syncing" => true,
        "failed" => is_due,
        _ => is_due || repository.synced_at.as_deref().and_then(time) < listed_at.and_then(time),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn pending(change: &Value) -> bool {
        let mut repository = json!({
            "id": 1, "path": "platform/api", "state": "up_to_date", "linked": true, "visible": true, "error": null,
            "synced_at": "2026-01-01T10:00:01Z", "paused": false, "next_sync_at": "2026-01-01T11:00:00Z",
        });
        let fields = repository.as_object_mut().unwrap();
        fields.extend(change.as_object().unwrap().clone());
        let repository = serde_json::from_value(repository).unwrap();
        is_pending(&repository, Some("2026-01-01T10:00:00.5Z"), "2026-01-01T10:00:02Z".parse().unwrap())
    }

    #[test]
    fn a_list_that_is_read_once_more_is_not_waited_for() {
        let account = |listed_at: &str| -> Account {
            serde_json::from_value(json!({
                "id": 1, "host_kind": "gitlab", "host_url": "https://gitlab.example.com", "path": "platform", "name": "Platform",
                "state": "active", "linked": 1, "repositories": 1, "failed": 0, "error": null, "listed_at": listed_at,
            }))
            .unwrap()
        };
        let mut before = Before::new(&account("2026-01-01T09:00:00Z"));
        assert_eq!(before.listed_anew(&account("2026-01-01T09:00:00Z")), None);
        assert_eq!(before.listed_anew(&account("2026-01-01T10:00:00Z")), Some("2026-01-01T10:00:00Z"));
        assert_eq!(before.listed_anew(&account("2026-01-01T10:00:05Z")), Some("2026-01-01T10:00:00Z"));
    }

    #[test]
    fn a_sync_that_ended_after_the_list_was_read_is_the_one() {
        assert!(!pending(&json!({})));
        assert!(pending(&json!({ "synced_at": "2026-01-01T09:59:59Z" })));
        assert!(pending(&json!({ "synced_at": null })));
    }

    #[test]
    fn what_is_due_or_under_way_is_waited_for() {
        assert!(pending(&json!({ "next_sync_at": "2026-01-01T10:00:02.5Z" })));
        assert!(pending(&json!({ "state": "waiting" })));
        assert!(pending(&json!({ "state": "syncing" })));
        assert!(pending(&json!({ "state": "failed", "next_sync_at": "2026-01-01T10:00:01Z" })));
    }

    #[test]
    fn what_failed_or_is_not_synced_is_not_waited_for() {
        assert!(!pending(&json!({ "state": "failed", "synced_at": null })));
        for switch in [json!({ "linked": false }), json!({ "visible": false }), json!({ "paused": true })] {
            let mut change = json!({ "state": "waiting" });
            change.as_object_mut().unwrap().extend(switch.as_object().unwrap().clone());
            assert!(!pending(&change), "{switch}");
        }
    }
}
