//! Calls that are held back, to be released in another order, more than once, or never.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::delivery::Message;
use crate::gitlab::model::HookId;

/// A call that is held back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Its number; calls that happened later have larger ones.
    pub id: u64,
    /// The hook.
    pub hook: HookId,
    /// What it is about, as the field of the hook (`push_events`).
    pub trigger: &'static str,
    /// The body.
    pub body: String,
}

/// All calls that are held back, oldest first.
#[derive(Debug, Clone, Default)]
pub(super) struct HeldCalls(Arc<Mutex<Shelf>>);

#[derive(Debug, Default)]
struct Shelf {
    last: u64,
    calls: Vec<(u64, HookId, Message)>,
}

impl HeldCalls {
    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self, hook: HookId, message: Message) {
        let mut shelf = self.shelf();
        shelf.last += 1;
        let id = shelf.last;
        shelf.calls.push((id, hook, message));
    }

    pub(super) fn all(&self) -> Vec<Held> {
        let held = |(id, hook, message): &(u64, HookId, Message)| {
            let (trigger, body) = (message.topic.trigger(), message.body.clone());
            Held { id: *id, hook: *hook, trigger, body }
        };
        self.shelf().calls.iter().map(held).collect()
    }

    /// Takes calls out in the order in which they are named; one that is named twice comes twice. Unknown ones are passed over.
    pub(super) fn take(&self, ids: &[u64]) -> Vec<(HookId, Message)> {
        let mut shelf = self.shelf();
        let named = |wanted: &u64| {
            let found = shelf.calls.iter().find(|(id, _, _)| id == wanted);
            found.map(|(_, hook, message)| (*hook, message.clone()))
        };
        let taken = ids.iter().filter_map(named).collect();
        shelf.calls.retain(|(id, _, _)| !ids.contains(id));
        taken
    }
}
