//! What the pages of accounts say beside errors.

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_sentences_of_the_pages_of_accounts() {
        let text = [
            ACTIVITY_TITLE.to_owned(),
            nothing_written(90),
            written(90, (1, 0), 1, ("12 Nov 2026", 1)),
            written(90, (8, 1), 1, ("12 Nov 2026", 8)),
            written(90, (1_234, 5_678), 45, ("12 Nov 2026", 80)),
            of_a_day("12 Nov 2026", 1, 0),
            of_a_day("12 Nov 2026", 1_000, 2),
        ];

        insta::assert_snapshot!(text.join("\n\n"));
    }
}
