//! The line that ends a comment or worklog: it tells people who commanded it where, and is found again by its mark.

use model::ObjectId;

/// How many characters of the commit's id are shown.
const SHORT: usize = 12;
/// How many characters of the author's name are shown.
const LONGEST_NAME: usize = 100;
/// How many characters a comment may have in a Jira that nobody changed.
const LONGEST_TEXT: usize = 32_767;
/// The longest address of a commit that is shown, in bytes.
const LONGEST_ADDRESS: usize = 2_000;

/// The mark of a command: no other command of any commit has it. It is plain ASCII but for letters of the key, without
/// anything that Jira's markup changes, and nothing of it changes when a repository moves.
///
/// It ends with a parenthesis, so that the mark for ABC-1 is not found in that for ABC-12.
pub(crate) fn mark(commit: &ObjectId, position: i64, key: &str) -> String {
    let id: String = commit.as_str().chars().take(SHORT).collect();
    format!("commit {id} (command {} for {key})", position.saturating_add(1))
}

/// A text with the line below it: author, mark, and address of the commit.
///
/// A text that is too long for a comment with this line is cut.
pub(crate) fn signed(text: &str, author: &str, mark: &str, address: Option<&str>) -> String {
    let address = address.filter(|address| address.len() <= LONGEST_ADDRESS);
    let address = address.map(|address| format!(" {address}")).unwrap_or_default();
    let line = format!("— {}, {mark}{address}", name(author));
    if text.is_empty() {
        return line;
    }
    let left = LONGEST_TEXT.saturating_sub(line.chars().count() + 2);
    let cut =
        text.chars().nth(left).map(|_| text.chars().take(left.saturating_sub(1)).chain(['…']).collect::<String>());
    format!("{}\n\n{line}", cut.as_deref().unwrap_or(text))
}

/// A name in one line, bounded, without what Jira's markup takes for more than text (mentions, links, macros).
fn name(author: &str) -> String {
    let plain = |c: char| if c.is_control() || "[]{}|\\".contains(c) { ' ' } else { c };
    let plain: String = author.chars().take(4 * LONGEST_NAME).map(plain).collect();
    let plain: String = plain.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(LONGEST_NAME).collect();
    if plain.is_empty() { "an author without a name".to_owned() } else { plain }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(first: &str) -> ObjectId {
        format!("{first}{}", "0".repeat(40 - first.len())).parse().unwrap()
    }

    #[test]
    fn the_line_names_author_commit_command_and_address() {
        let mark = mark(&id("0a1b2c3d4e5f"), 1, "ABC-1");
        let text =
            signed("Looks good", "Ada Kowalska", &mark, Some("https://gitlab.example.com/g/app/-/commit/0a1b2c3d4e5f"));
        assert_eq!(
            text,
            "Looks good\n\n— Ada Kowalska, commit 0a1b2c3d4e5f (command 2 for ABC-1) \
             https://gitlab.example.com/g/app/-/commit/0a1b2c3d4e5f"
        );
        assert_eq!(signed("", "Ada", &mark, None), format!("— Ada, {mark}"));
    }

    #[test]
    fn a_mark_is_in_no_other() {
        let commits = [id("0a1b2c3d4e5f"), id("0a1b2c3d4e60")];
        let all = commits.iter().flat_map(|commit| {
            [0, 1, 9, 10, 11].into_iter().flat_map(move |position| {
                ["ABC-1", "ABC-12", "AABC-1", "BC-1"].into_iter().map(move |key| mark(commit, position, key))
            })
        });
        let all: Vec<String> = all.collect();
        for (at, one) in all.iter().enumerate() {
            for (other_at, other) in all.iter().enumerate() {
                assert_eq!(other.contains(one.as_str()), at == other_at, "{one} in {other}");
            }
        }
    }

    #[test]
    fn a_long_text_is_cut_and_keeps_its_line() {
        let mark = mark(&id("0a1b"), 0, "ABC-1");
        let text = signed(&"é".repeat(40_000), "Ada", &mark, Some("https://h/c"));
        assert_eq!(text.chars().count(), LONGEST_TEXT);
        assert!(text.ends_with(" https://h/c") && text.contains("é…\n\n— Ada, commit 0a1b"));
        let whole = "x".repeat(LONGEST_TEXT - text.lines().last().unwrap().chars().count() - 2);
        assert!(signed(&whole, "Ada", &mark, Some("https://h/c")).starts_with(&whole));
        assert!(!signed("x", "Ada", &mark, Some(&format!("https://h/{}", "c".repeat(3_000)))).contains("https"));
    }

    #[test]
    fn a_name_stays_a_name() {
        assert_eq!(name("Ada\n{code}[~ben|x]\\ \u{0}Kowalska"), "Ada code ~ben x Kowalska");
        assert_eq!(name(&"x".repeat(5_000)).len(), LONGEST_NAME);
        assert_eq!(name(" \n"), "an author without a name");
    }
}
