//! What the check says of hooks.

use std::time::Duration;

use jiff::Timestamp;
use model::Millis;
use net::check::Stage;

use super::super::hooks::NO_HOOKS;

/// What does not depend on hooks.
const WITHOUT: &str = "Until events come, what is new is seen with the next refresh.";

/// Why they are not looked at before an account is connected.
pub(crate) const NOT_CONNECTED: &str =
    "Hooks are made once the account is connected, and can be looked at from then on: on its page, or with --stored.";
/// Why there is nothing to look at.
pub(crate) const NOTHING_LINKED: &str = "No repository is linked, so no hook is needed.";

/// Where the hook of another account tells of everything.
pub(crate) const OF_ANOTHER: &str =
    "The group hook of another account tells of these repositories, too; check that account to have it tested.";

/// Where there are none.
pub(crate) fn none_here() -> Stage {
    Stage::skipped("hooks", NO_HOOKS)
}

/// Where the forge cannot be told where to call.
pub(crate) fn no_address() -> Stage {
    Stage::warning(
        "hooks",
        "There are no hooks: Dovetail does not know the address at which others reach it.",
        "`public_url` is not set, so hosts cannot be told where to call.",
        "Set `public_url` in the section [server] of the configuration, and restart.",
    )
}

/// How hooks stand, as counted.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Hooks {
    /// Registered at the forge.
    pub(crate) registered: usize,
    /// That could not be made.
    pub(crate) manual: usize,
    /// Whose turn has not come.
    pub(crate) waiting: usize,
    /// When the last event came.
    pub(crate) last_event_at: Option<Millis>,
}

impl Hooks {
    fn told(self) -> String {
        let last = match self.last_event_at {
            Some(at) => format!("the last event came {}", moment(at)),
            None => "no event has come yet".to_owned(),
        };
        format!("{}; {last}", self.counted())
    }

    /// As they stood before the test event came.
    fn told_before(self) -> String {
        let last = match self.last_event_at {
            Some(at) => format!("the last event before it came {}", moment(at)),
            None => "it is the first one".to_owned(),
        };
        format!("{}; {last}", self.counted())
    }

    fn counted(self) -> String {
        format!("{} registered, {} could not be made, {} waiting", self.registered, self.manual, self.waiting)
    }
}

/// None is registered yet.
pub(crate) fn none_registered(hooks: Hooks) -> Stage {
    let stage = |cause: &str, remedy: &str| {
        Stage::warning(
            "hooks",
            format!("No hook is registered: {} could not be made, {} waiting. {WITHOUT}", hooks.manual, hooks.waiting),
            cause,
            remedy,
        )
    };
    match hooks.manual {
        0 => stage("Their turn has not come yet.", "Refresh the account, and check again in a minute."),
        _ => stage(
            "The user may not make hooks, or the host refuses their address.",
            "Give the user the role that hooks need and refresh the account, or add them by hand: the account's page shows \
             what to paste.",
        ),
    }
}

/// The test event came.
pub(crate) fn came(hooks: Hooks, after: Duration) -> Stage {
    let seen = format!(
        "The host reaches us: a test event came after {} ms. {}.",
        after.as_millis(),
        capital(&hooks.told_before())
    );
    match hooks.manual {
        0 => Stage::passed("hooks", seen),
        _ => Stage::warning(
            "hooks",
            seen,
            "Some hooks could not be made: the user may not, or the host refuses their address.",
            "Give the user the role that hooks need and refresh the account, or add them by hand: the account's page shows \
             what to paste.",
        ),
    }
}

/// The forge says that it called, and nothing came.
pub(crate) fn nothing_came(hooks: Hooks, address: &str, limit: Duration) -> Stage {
    Stage::warning(
        "hooks",
        format!(
            "The host called {address} and was answered, but no event came within {} seconds. {}.",
            limit.as_secs(),
            capital(&hooks.told())
        ),
        "Something else answers at that address: a reverse proxy that keeps the call, another server, or an older Dovetail \
         with another database.",
        "Open the address from the host's machine and see who answers; compare `public_url` with what the reverse proxy \
         forwards.",
    )
}

/// The forge could not call, or was not asked.
pub(crate) fn not_called(hooks: Hooks, address: &str, said: &str) -> Stage {
    Stage::warning(
        "hooks",
        format!("{said} {}. {WITHOUT}", capital(&hooks.told())),
        format!(
            "The host cannot reach {address}: its name, a firewall or its certificate; or it refuses to call local \
             addresses; or it was asked too often."
        ),
        format!(
            "Ask for {address} from the host's machine (`curl -v`). At GitLab, an administrator allows local addresses \
             under Admin area, Settings, Network, Outbound requests."
        ),
    )
}

/// A moment that may lie days back.
fn moment(at: Millis) -> String {
    let moment = Timestamp::from_millisecond(at).unwrap_or_default();
    moment.strftime("on %Y-%m-%d at %H:%M UTC").to_string()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
