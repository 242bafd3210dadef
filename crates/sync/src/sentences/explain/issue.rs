//! Issues.

use model::{EntityKind, Millis};
use store::{IssueBranch, IssueCommit, IssueMergeRequest, KnownRepository, StoredCommit};

use super::commit::{question, shown_in};
use super::counted;
use super::standing::repository_piece;
use super::texts::{Whose, issues};
use crate::explain::story::{Fact, FactKind, Piece, Sentence, say};

/// How many of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) commits: i64,
    pub(crate) branches: i64,
    pub(crate) merge_requests: i64,
}

impl Counts {
    pub(crate) const fn is_empty(self) -> bool {
        self.commits + self.branches + self.merge_requests == 0
    }

    fn words(self) -> String {
        let parts = [
            (self.commits, "commit", "commits"),
            (self.branches, "branch", "branches"),
            (self.merge_requests, "merge request", "merge requests"),
        ];
        let parts: Vec<String> = parts
            .iter()
            .filter(|(count, ..)| *count > 0)
            .map(|(count, one, many)| counted(*count, one, many))
            .collect();
        match parts.as_slice() {
            [rest @ .., last] if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
            parts => parts.join(""),
        }
    }
}

/// Title: it has something.
pub(crate) fn shown_title(key: &str, counts: Counts) -> Sentence {
    say![Piece::Issue(key.to_owned()), format!(" is shown with {}.", counts.words())]
}

/// Title: it has nothing.
pub(crate) fn empty_title(key: &str) -> Sentence {
    say!["Nothing that is shown names ", Piece::Issue(key.to_owned()), "."]
}

/// It has something.
pub(crate) fn shown(key: &str, counts: Counts) -> Fact {
    let verb = if counts.commits + counts.branches + counts.merge_requests == 1 { "names" } else { "name" };
    Fact::good(FactKind::IssueShown, say![counts.words(), format!(" {verb} "), Piece::Issue(key.to_owned()), "."])
}

/// It has nothing.
pub(crate) fn empty(key: &str) -> Fact {
    let what = say![
        "No commit message, no branch’s name and no merge request of a linked repository names ",
        Piece::Issue(key.to_owned()),
        "."
    ];
    Fact::bad(FactKind::IssueEmpty, what).so(say![
        "Write ",
        Piece::Issue(key.to_owned()),
        " into a branch’s name, a commit message, or the title or description of a merge request, and push."
    ])
}

/// A commit that names it.
pub(crate) fn commit(commit: &IssueCommit, first_seen_at: Option<Millis>) -> Fact {
    let mut pieces = vec![
        Piece::from("Commit "),
        question(&commit.commit.object_id),
        Piece::from(" in "),
        shown_in(&commit.repository),
        Piece::from(" names it in its message"),
    ];
    if let Some(at) = first_seen_at {
        pieces.extend([Piece::from(", seen "), Piece::Time(at)]);
    }
    pieces.push(Piece::from(if commit.unreachable { "; no branch leads to it any more." } else { "." }));
    Fact::good(FactKind::IssueNamedBy, Sentence::of(pieces))
}

/// A branch that names it.
pub(crate) fn branch(branch: &IssueBranch, first_seen_at: Option<Millis>) -> Fact {
    let mut pieces = vec![
        Piece::from("The branch "),
        Piece::Question(branch.name.clone()),
        Piece::from(" in "),
        shown_in(&branch.repository),
        Piece::from(" names it"),
    ];
    if let Some(at) = first_seen_at {
        pieces.extend([Piece::from(", seen "), Piece::Time(at)]);
    }
    pieces.push(Piece::from("."));
    Fact::good(FactKind::IssueNamedBy, Sentence::of(pieces))
}

/// A merge request that names it, and where; none: by its commits.
pub(crate) fn merge_request(request: &IssueMergeRequest, whose: &[Whose], first_seen_at: Option<Millis>) -> Fact {
    let mut pieces = vec![
        Piece::from("The merge request "),
        Piece::page(&format!("!{}", request.number), Some(request.web_url.clone())),
        Piece::from(" of "),
        shown_in(&request.repository),
    ];
    let words: Vec<&str> = whose.iter().map(|whose| whose.words()).collect();
    pieces.push(Piece::from(if words.is_empty() {
        " names it by the messages of its commits".to_owned()
    } else {
        format!(" names it in its {}", words.join(" and its "))
    }));
    if let Some(at) = first_seen_at {
        pieces.extend([Piece::from(", seen "), Piece::Time(at)]);
    }
    pieces.push(Piece::from("."));
    Fact::good(FactKind::IssueNamedBy, Sentence::of(pieces))
}

/// A commit writes the key in a form that does not count.
pub(crate) fn commit_other_form(commit: &StoredCommit, written: &str, reason: &str) -> Fact {
    let what = say![
        "Commit ",
        question(&commit.object_id),
        " says ",
        Piece::quoted(written),
        ", which does not count: ",
        Piece::told(reason),
        "."
    ];
    Fact::bad(FactKind::IssueOtherForm, what)
        .so(say!["Name the issue, as Jira writes its key, in another commit or in the title of the merge request."])
}

/// A branch writes the key in a form that does not count.
pub(crate) fn branch_other_form(name: &str, reason: &str) -> Fact {
    let what = say!["The branch ", Piece::Question(name.to_owned()), " does not count: ", Piece::told(reason), "."];
    Fact::bad(FactKind::IssueOtherForm, what)
        .so(say!["Name the issue, as Jira writes its key, in a commit or in the title of the merge request."])
}

/// A merge request writes the key in a form that does not count.
pub(crate) fn merge_request_other_form(page: Piece, reason: &str) -> Fact {
    let what = say!["The merge request ", page, " names it in a form that does not count: ", Piece::told(reason), "."];
    Fact::bad(FactKind::IssueOtherForm, what).so(say!["Write the key into its title as Jira writes it."])
}

/// A branch named it that is gone.
pub(crate) fn branch_gone(name: &str, at: Millis) -> Fact {
    let what = say![
        "The branch ",
        Piece::Question(name.to_owned()),
        " named it and is gone; that was seen ",
        Piece::Time(at),
        "."
    ];
    Fact::note(FactKind::IssueNamedByGone, what)
}

/// A merge request named it that is gone.
pub(crate) fn merge_request_gone(number: i64, at: Millis) -> Fact {
    let what =
        say![format!("The merge request !{number} named it and was deleted; that was seen "), Piece::Time(at), "."];
    Fact::note(FactKind::IssueNamedByGone, what)
}

/// A repository that is not shown has something.
pub(crate) fn not_shown(known: &KnownRepository, kind: EntityKind, count: i64) -> Fact {
    let (one, many) = match kind {
        EntityKind::Commit => ("commit", "commits"),
        EntityKind::Branch => ("branch", "branches"),
        EntityKind::MergeRequest => ("merge request", "merge requests"),
    };
    let verb = if count == 1 { "names" } else { "name" };
    let what = say![
        format!("{} in ", counted(count, one, many)),
        repository_piece(&known.repository),
        format!(" {verb} it, but what is in there is not shown.")
    ];
    Fact::bad(FactKind::IssueNotShown, what)
}

/// The same number with other leading zeros.
pub(crate) fn leading_zeros(keys: &[String]) -> Fact {
    let mut pieces = issues(keys, 0);
    pieces.push(Piece::from(if keys.len() == 1 {
        " is named, too; leading zeros make it another key."
    } else {
        " are named, too; leading zeros make them other keys."
    }));
    Fact::bad(FactKind::IssueLeadingZeros, Sentence::of(pieces))
        .so(say!["Write the number as Jira does, without leading zeros."])
}

/// Other issues of the project.
pub(crate) fn others(project: &str, keys: &[String], more: bool) -> Fact {
    let mut pieces = vec![Piece::from(format!("Of the project {project} these are named: "))];
    pieces.extend(issues(keys, 0));
    pieces.push(Piece::from(if more { ", and more." } else { "." }));
    Fact::note(FactKind::IssueOthers, Sentence::of(pieces))
}

/// No issue of the project.
pub(crate) fn project_unknown(project: &str) -> Fact {
    Fact::note(FactKind::IssueProjectUnknown, say![format!("No issue of a project {project} is named anywhere.")])
        .so(say!["Compare the project’s key with Jira; if it was renamed there, texts still have the old key."])
}

/// It was asked for in another form.
pub(crate) fn form(written: &str, key: &str) -> Fact {
    let what = say![
        Piece::quoted(written),
        " was read as ",
        Piece::Issue(key.to_owned()),
        ". In commits, branches and merge requests only capitals without underscore count."
    ];
    Fact::note(FactKind::IssueForm, what)
}

/// Its project is noise.
pub(crate) fn noise(project: &str) -> Fact {
    let what = say![format!(
        "{project} is on the list of what looks like an issue key and is none, so nothing is linked to it."
    )];
    Fact::bad(FactKind::IssueNoise, what).so(say![format!(
        "If {project} is a project of yours, take it off the list `noise` in the section [links] of Dovetail’s configuration."
    )])
}
