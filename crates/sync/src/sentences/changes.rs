//! What a full sync changed, in words.

use model::SyncChanges;

/// What a full sync changed, such as "3 branches removed, 12 links added"; without a full stop, for a row of a table.
#[must_use]
pub fn sentence(changes: &SyncChanges) -> String {
    let counted = [
        (changes.branches_added, "branch added", "branches added"),
        (changes.branches_removed, "branch removed", "branches removed"),
        (changes.commits_added, "commit added", "commits added"),
        (changes.commits_lost, "commit no longer on a branch", "commits no longer on a branch"),
        (changes.merge_requests_added, "merge request added", "merge requests added"),
        (changes.merge_requests_removed, "merge request removed", "merge requests removed"),
        (changes.links_added, "link added", "links added"),
        (changes.links_removed, "link removed", "links removed"),
    ];
    let told: Vec<String> = counted
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, many)| format!("{count} {}", if count == 1 { one } else { many }))
        .collect();
    if told.is_empty() { "nothing had to be changed".to_owned() } else { told.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_full_sync_changed_is_told_in_words() {
        let some = SyncChanges { branches_removed: 3, links_added: 12, ..SyncChanges::default() };
        let ones = SyncChanges {
            branches_added: 1,
            branches_removed: 1,
            commits_added: 1,
            commits_lost: 1,
            merge_requests_added: 1,
            merge_requests_removed: 1,
            links_added: 1,
            links_removed: 1,
        };
        let mut many = ones;
        many += ones;
        let told: Vec<String> = [SyncChanges::default(), some, ones, many].iter().map(sentence).collect();
        insta::assert_snapshot!(told.join("\n"));
    }
}
