//! At what a transition aims: what tells afterwards whether it was made.

use std::fmt;

use jira::StatusChange;

/// The status that a transition leads to, and how often the service user had brought the issue there before, as far back as
/// the changes go that are looked at. By counting, no clock of another machine is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Aim {
    to: String,
    before: usize,
}

impl Aim {
    /// At a status, with the changes before the attempt.
    pub(super) fn at(to: &str, before: &[StatusChange], myself: &str) -> Self {
        Self { to: to.to_owned(), before: before.iter().filter(|change| is_mine(change, to, myself)).count() }
    }

    /// As it was written down.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (before, to) = text.split_once(' ')?;
        Some(Self { to: to.to_owned(), before: before.parse().ok()? })
    }

    /// Whether the changes after the attempt have it: the name of the status.
    pub(super) fn made<'c>(&self, changes: &'c [StatusChange], myself: &str) -> Option<&'c str> {
        changes
            .iter()
            .filter(|change| is_mine(change, &self.to, myself))
            .nth(self.before)
            .map(|change| change.to.as_str())
    }
}

impl fmt::Display for Aim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.before, self.to)
    }
}

fn is_mine(change: &StatusChange, to: &str, myself: &str) -> bool {
    // A Jira that does not tell who made a change has it taken for ours: better found than made again.
    change.to_id == to && change.by.as_deref().is_none_or(|by| by == myself)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(by: Option<&str>, to_id: &str) -> StatusChange {
        let (from, to) = ("Open".to_owned(), format!("Status {to_id}"));
        StatusChange { at: 0, by: by.map(str::to_owned), from, to, to_id: to_id.to_owned() }
    }

    #[test]
    fn a_change_counts_when_it_is_one_more_of_ours_to_that_status() {
        let before = [change(Some("dovetail"), "5"), change(Some("ada"), "5"), change(Some("dovetail"), "3")];
        let aim = Aim::at("5", &before, "dovetail");
        assert_eq!(Aim::read(&aim.to_string()), Some(aim.clone()));

        let after = |more: StatusChange| before.iter().cloned().chain([more]).collect::<Vec<_>>();
        assert_eq!(aim.made(&before, "dovetail"), None);
        assert_eq!(aim.made(&after(change(Some("ada"), "5")), "dovetail"), None);
        assert_eq!(aim.made(&after(change(Some("dovetail"), "3")), "dovetail"), None);
        assert_eq!(aim.made(&after(change(Some("dovetail"), "5")), "dovetail"), Some("Status 5"));
        assert_eq!(aim.made(&after(change(None, "5")), "dovetail"), Some("Status 5"));
    }

    #[test]
    fn what_was_not_written_by_us_is_no_aim() {
        assert_eq!(Aim::read(""), None);
        assert_eq!(Aim::read("10001"), None);
        assert_eq!(Aim::read("x 10001"), None);
    }
}
