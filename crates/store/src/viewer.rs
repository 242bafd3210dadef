//! Who is looking: every reading query that a page, dev-status, explain or an event stream is drawn from takes one.

/// Whose eyes a query looks through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viewer {
    /// An administrator or an API token: everything.
    Everything,
    /// A reader: accounts that are not restricted, and restricted ones that name this user.
    User(i64),
}

impl Viewer {
    /// The reader whose rights count; none when everything may be seen.
    pub(crate) const fn user_id(self) -> Option<i64> {
        match self {
            Self::Everything => None,
            Self::User(id) => Some(id),
        }
    }
}
