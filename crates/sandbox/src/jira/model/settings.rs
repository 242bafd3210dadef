//! What an administrator sets for the whole site.

/// Who sees e-mail addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmailVisibility {
    /// Everybody who is logged in.
    Shown,
    /// Everybody, as `ada at example dot com`.
    Masked,
    /// Nobody; people are not found by them either.
    Hidden,
}

/// The settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Whether work can be logged.
    pub time_tracking: bool,
    /// Who sees e-mail addresses.
    pub emails: EmailVisibility,
    /// Whether users can be searched by permission.
    pub permission_search: bool,
    /// Whether issues can be linked.
    pub issue_linking: bool,
    /// The most characters of a comment.
    pub longest_text: usize,
    /// Whether pull requests with status `DRAFT` are taken (devinfo contract §3).
    pub drafts: bool,
    /// The most bytes of a bulk write of development information; above it is 413. Jira's own threshold is not documented.
    pub largest_body: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            time_tracking: true,
            emails: EmailVisibility::Shown,
            permission_search: true,
            issue_linking: true,
            longest_text: 32_767,
            drafts: true,
            largest_body: 4 * 1024 * 1024,
        }
    }
}
