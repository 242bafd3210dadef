//! How a comment on a commit is told from others.

/// The most pages of a commit's comments that are looked through: 10,000 comments.
pub const MAX_PAGES: u32 = 100;

/// Whether the last line of a comment has the mark. Above it may stand what others wrote, so it counts nowhere else.
pub fn ends_with(comment: &str, mark: &str) -> bool {
    comment.trim_end().lines().next_back().is_some_and(|line| line.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_counts_in_the_last_line_alone() {
        assert!(ends_with("Done.\r\n\r\n— receipts of `0a1b`\r\n", "receipts of `0a1b`"));
        assert!(!ends_with("— receipts of `0a1b`\n\nsays he", "receipts of `0a1b`"));
        assert!(!ends_with("", "receipts"));
    }
}
