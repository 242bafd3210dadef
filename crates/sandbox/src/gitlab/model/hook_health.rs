//! Hooks that fail are not called for a while, in the end never again (GitLab contract §7.1).

use model::Millis;

use super::{Hook, HookId, HookPlace, Model, Settings};

/// After so many failures in a row a hook is still called.
const GRACE: u32 = 3;
/// After so many failures in a row a hook is called no more.
const LAST: u32 = 40;
/// The first pause.
const FIRST_PAUSE: Millis = 60_000;
/// The longest pause.
const LONGEST_PAUSE: Millis = 24 * 60 * 60 * 1000;

/// How a hook fared of late.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct HookHealth {
    /// Failures since the last success.
    failures: u32,
    /// Until when it is not called.
    disabled_until: Option<Millis>,
}

/// Whether a hook is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlertStatus {
    /// It is.
    Executable,
    /// Not until its pause is over.
    TemporarilyDisabled,
    /// Not before a test of it succeeded.
    Disabled,
}

impl AlertStatus {
    /// GitLab's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Executable => "executable",
            Self::TemporarilyDisabled => "temporarily_disabled",
            Self::Disabled => "disabled",
        }
    }
}

impl HookHealth {
    fn status(self, now: Millis) -> AlertStatus {
        match self.disabled_until {
            _ if self.failures >= LAST => AlertStatus::Disabled,
            Some(until) if until >= now && self.failures > GRACE => AlertStatus::TemporarilyDisabled,
            _ => AlertStatus::Executable,
        }
    }

    fn fail(&mut self, now: Millis) {
        if self.status(now) != AlertStatus::Executable {
            return;
        }
        if self.failures >= GRACE {
            let doublings = self.failures - GRACE;
            let pause = 2_i64.checked_pow(doublings).map_or(LONGEST_PAUSE, |factor| FIRST_PAUSE.saturating_mul(factor));
            self.disabled_until = Some(now.saturating_add(pause.min(LONGEST_PAUSE)));
        }
        self.failures += 1;
    }
}

impl Hook {
    /// Whether it is called at this moment. Only hooks of projects are ever disabled, and only where the instance does that.
    pub(crate) fn alert_status(&self, settings: &Settings, now: Millis) -> AlertStatus {
        match self.place {
            HookPlace::Project(_) if settings.hook_disabling => self.health.status(now),
            _ => AlertStatus::Executable,
        }
    }

    /// Until when it is not called; also of a pause that is over.
    #[must_use]
    pub fn disabled_until(&self) -> Option<Millis> {
        self.health.disabled_until
    }

    /// Failures since the last success.
    #[must_use]
    pub fn failures(&self) -> u32 {
        self.health.failures
    }
}

impl Model {
    /// Whether a hook is called at this moment; none: there is no such hook.
    #[must_use]
    pub fn alert_status(&self, id: HookId) -> Option<AlertStatus> {
        let now = self.now();
        self.read(|state| state.hooks.get(&id).map(|hook| hook.alert_status(&state.settings, now)))
    }

    /// Takes note of how a call of a hook went; a success makes up for all failures before.
    pub(crate) fn hook_answered(&self, id: HookId, success: bool) {
        let now = self.now();
        self.write(|state| {
            if let Some(hook) = state.hooks.get_mut(&id) {
                if success {
                    hook.health = HookHealth::default();
                } else {
                    hook.health.fail(now);
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fourth_failure_pauses_a_minute_and_each_further_one_twice_as_long() {
        let (mut health, mut now) = (HookHealth::default(), 0);
        for _ in 0..GRACE {
            health.fail(now);
            assert_eq!(health.status(now), AlertStatus::Executable);
        }
        for pause in [60_000, 120_000, 240_000] {
            health.fail(now);
            assert_eq!(
                (health.status(now), health.disabled_until),
                (AlertStatus::TemporarilyDisabled, Some(now + pause))
            );
            now += pause + 1;
            assert_eq!(health.status(now), AlertStatus::Executable);
        }
        while health.failures < LAST {
            now += LONGEST_PAUSE + 1;
            health.fail(now);
        }
        assert_eq!(health.disabled_until, Some(now + LONGEST_PAUSE));
        assert_eq!(health.status(i64::MAX), AlertStatus::Disabled);
    }
}
