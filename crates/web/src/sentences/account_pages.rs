//! What the pages of accounts say beside errors.

use store::{AccountRemoval, Tally, Withdrawal};

use crate::view::number::{counted, thousands};

/// What the chart of an account is.
pub const ACTIVITY_TITLE: &str = "Commits and links to issues a day";

/// Nothing was written in an account.
#[must_use]
pub fn nothing_written(days: usize) -> String {
    format!("Nothing was written in the last {days} days.")
}

/// How much was written in an account: commits and their links, on how many of the days, and the day of the most.
#[must_use]
pub fn written(days: usize, (commits, links): (i64, i64), on: usize, (most, of_most): (&str, i64)) -> String {
    let verb = if commits == 1 { "was" } else { "were" };
    let when = match on {
        1 => format!("on {most}"),
        on => format!("on {on} of the days, most of them on {most} ({})", thousands(of_most)),
    };
    let they = if commits == 1 { "It has" } else { "They have" };
    format!(
        "In the last {days} days {} {verb} written, {when}. {they} {}.",
        counted(commits, "commit", "commits"),
        links_counted(links)
    )
}

/// The numbers of one day.
#[must_use]
pub fn of_a_day(day: &str, commits: i64, links: i64) -> String {
    format!("{day}: {}, {}", counted(commits, "commit", "commits"), links_counted(links))
}

/// "3 links to issues".
#[must_use]
pub fn links_counted(links: i64) -> String {
    match links {
        0 => "no links to issues".to_owned(),
        links => counted(links, "link to issues", "links to issues"),
    }
}

/// How many web hooks of an account a person has to paste.
#[must_use]
pub fn hooks_to_paste(repositories: i64) -> String {
    match repositories {
        1 => "1 repository has no web hook: paste it yourself".to_owned(),
        more => format!("{} repositories have no web hook: paste them yourself", thousands(more)),
    }
}

/// What disappears with an account, one thing a line; nothing where it shows nothing of its own.
#[must_use]
pub fn removed(removal: &AccountRemoval) -> Vec<String> {
    let repositories = (removal.repositories > 0).then(|| counted(removal.repositories, "repository", "repositories"));
    let tallies = [
        tally(removal.commits, "commit", "commits"),
        tally(removal.branches, "branch", "branches"),
        tally(removal.merge_requests, "merge request", "merge requests"),
        tally(removal.links, "link to issues", "links to issues"),
    ];
    repositories.into_iter().chain(tallies.into_iter().flatten()).collect()
}

/// That some of the repositories of a removed account stay; none where none do.
#[must_use]
pub fn staying(repositories: i64) -> Option<String> {
    match repositories {
        0 => None,
        1 => Some("1 repository stays with all that is in it, as another account has it, too.".to_owned()),
        more => Some(format!(
            "{} repositories stay with all that is in them, as other accounts have them, too.",
            thousands(more)
        )),
    }
}

/// What is withdrawn from a site when an account is removed, and when.
#[must_use]
pub fn withdrawn(withdrawal: &Withdrawal, paused: bool) -> String {
    let links = tally(withdrawal.remote_links, "remote link", "remote links");
    let links = links.map(|links| format!("{links} on its issues"));
    let told = tally(withdrawal.dev_info, "item", "items");
    let told = told.map(|told| format!("{told} of its development information"));
    let what: Vec<String> = links.into_iter().chain(told).collect();
    match (what.is_empty(), paused) {
        (true, _) => "nothing, as it was told nothing of this account alone".to_owned(),
        (false, false) => what.join(", "),
        (false, true) => format!("{}; once it is resumed, as it is paused", what.join(", ")),
    }
}

/// "3 branches", "at least 100,000 commits"; none for none.
fn tally(tally: Tally, one: &str, many: &str) -> Option<String> {
    let counted = (tally.number > 0).then(|| counted(tally.number, one, many))?;
    Some(if tally.more { format!("at least {counted}") } else { counted })
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn exactly(number: i64) -> Tally {
        Tally { number, more: false }
    }

    #[test]
    fn all_sentences_of_the_pages_of_accounts() {
        let most = Tally { number: 99_998, more: true };
        let one = exactly(1);
        let removal = |repositories, number: Tally| AccountRemoval {
            repositories,
            staying: 0,
            commits: number,
            branches: number,
            merge_requests: exactly(number.number / 2),
            links: number,
        };
        let withdrawal = |remote_links, dev_info| Withdrawal { remote_links, dev_info };
        let text = [
            ACTIVITY_TITLE.to_owned(),
            nothing_written(90),
            written(90, (1, 0), 1, ("12 Nov 2026", 1)),
            written(90, (8, 1), 1, ("12 Nov 2026", 8)),
            written(90, (1_234, 5_678), 45, ("12 Nov 2026", 80)),
            of_a_day("12 Nov 2026", 1, 0),
            of_a_day("12 Nov 2026", 1_000, 2),
            hooks_to_paste(1),
            hooks_to_paste(1_000),
            format!("{:?}", removed(&AccountRemoval::default())),
            removed(&removal(1, one)).join("\n"),
            removed(&removal(5_000, most)).join("\n"),
            format!("{:?}", staying(0)),
            staying(1).unwrap_or_default(),
            staying(2).unwrap_or_default(),
            withdrawn(&withdrawal(one, one), false),
            withdrawn(&withdrawal(most, exactly(0)), true),
            withdrawn(&withdrawal(exactly(0), exactly(0)), true),
        ];

        insta::assert_snapshot!(text.join("\n\n"));
    }
}
