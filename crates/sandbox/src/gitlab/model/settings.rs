//! What an administrator of the instance would set, or its version brings.

use super::Model;

/// The settings of the instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Whether hooks may lead to local addresses. GitLab's default is no; here it is yes, since everything is local.
    pub local_hooks: bool,
    /// Whether hooks that fail are disabled (GitLab contract §7.1).
    pub hook_disabling: bool,
    /// Whether calls of hooks can be signed (GitLab 19.0).
    pub signing_tokens: bool,
    /// Whether calls of hooks carry what tells a repetition: `X-Gitlab-Event-UUID` (14.8) and `Idempotency-Key` (17.4).
    pub delivery_ids: bool,
    /// What happens to calls of hooks.
    pub deliveries: Deliveries,
    /// The version that it says it is; none: the newest that it behaves as.
    pub version: Option<&'static str>,
}

/// What happens to calls of hooks about what happens from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deliveries {
    /// They go out.
    AtOnce,
    /// They are held back until they are released.
    Held,
    /// They never go out.
    Lost,
    /// They go out twice.
    Twice,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            local_hooks: true,
            hook_disabling: true,
            signing_tokens: false,
            delivery_ids: true,
            deliveries: Deliveries::AtOnce,
            version: None,
        }
    }
}

impl Model {
    /// The settings of the instance.
    #[must_use]
    pub fn settings(&self) -> Settings {
        self.read(|state| state.settings)
    }

    /// Changes settings of the instance.
    pub fn change_settings(&self, change: impl FnOnce(&mut Settings)) {
        self.write(|state| change(&mut state.settings));
    }

    /// The version that the instance says it is.
    #[must_use]
    pub fn version(&self) -> &'static str {
        let settings = self.settings();
        if let Some(version) = settings.version {
            return version;
        }
        if settings.signing_tokens { crate::gitlab::VERSION_WITH_SIGNATURES } else { crate::gitlab::VERSION }
    }
}
