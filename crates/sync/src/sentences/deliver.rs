//! What people read about deliveries: what was told to a Jira, and why something was not.

/// A repository without pages, and no address of ours to link to in their place.
pub(crate) const NO_PAGE: &str = "Repositories in folders have no pages that Jira could link to. Set `public_url` in the \
     section [server] of the configuration, so that Dovetail's own pages can be linked, then retry.";
/// A site without what lets us in.
pub(crate) const NO_CREDENTIALS: &str = "Nothing can be told to this Jira: it has no credentials for this. Add them on the \
     page of the site (for remote links those of REST, for development information those of OAuth), then test it.";
/// A site whose address is none.
pub(crate) const NO_ADDRESS: &str =
    "Nothing can be told to this Jira: its address cannot be used. Correct it on the page of the site.";
/// A delivery that is about everything that a site was told.
pub(crate) const EVERYTHING: &str = "Development information of the whole site";
/// A delivery that is about an account that is not there any more.
pub(crate) const ACCOUNT: &str = "Development information of a removed account";
/// What is told of something that is withdrawn.
pub(crate) const WITHDRAWN: &str = "Withdrawn, as nothing leads to it any more.";
/// A bulk write that Jira took without a word about one of its entities.
pub(crate) const NOT_MENTIONED: &str = "Jira took the request without a word about this.";

/// How many keys a sentence names.
const NAMED: usize = 5;

/// What a delivery is about: a merge request.
pub(crate) fn merge_request(number: i64, repository: &str) -> String {
    format!("Merge request !{number} of {repository}")
}

/// What a delivery is about: a branch.
pub(crate) fn branch(name: &str, repository: &str) -> String {
    format!("Branch {name} of {repository}")
}

/// What a delivery is about: a commit.
pub(crate) fn commit(short_id: &str, repository: &str) -> String {
    format!("Commit {short_id} of {repository}")
}

/// What a delivery is about: a repository.
pub(crate) fn repository(path: &str) -> String {
    format!("Repository {path}")
}

/// What a delivery is about: something that the store has forgotten. `what` is one of our words.
pub(crate) fn forgotten(what: &str) -> String {
    format!("A {what} that is not there any more")
}

/// None of the issues is known to Jira, for now.
pub(crate) fn unknown_issues(keys: &[&str]) -> String {
    format!(
        "Jira does not know {}, or does not show {} to Dovetail's user. It is asked again hourly for a day, then daily for 30 \
         days, and at once when a project appears.",
        named(keys),
        if keys.len() == 1 { "it" } else { "them" }
    )
}

/// None of the issues was known to Jira for as long as it was asked.
pub(crate) fn never_appeared(keys: &[&str]) -> String {
    format!(
        "The project never appeared: for 31 days Jira has not known {}. Create the issue, or let Dovetail's user see it, then \
         retry.",
        named(keys)
    )
}

/// Some of the issues are not known to Jira; the others have it.
pub(crate) fn some_unknown(keys: &[&str]) -> String {
    format!("Jira does not know {}; the other issues have it.", named(keys))
}

/// More issues than Jira takes.
pub(crate) fn too_many_issues(count: usize, most: usize) -> String {
    format!("It names {count} issues, of which Jira takes {most}: the first {most} have it.")
}

/// What Jira said of something that it does not take.
pub(crate) fn refused(words: &str) -> String {
    format!("Jira does not take it: {words}")
}

fn named(keys: &[&str]) -> String {
    let named = keys.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    match keys.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_delivery_is_about_is_named_as_people_name_it() {
        let titles = [
            merge_request(12, "platform/api"),
            branch("feature/ABC-1", "platform/api"),
            commit("0a1b2c3d", "platform/api"),
            repository("platform/api"),
            forgotten("branch"),
            EVERYTHING.to_owned(),
            ACCOUNT.to_owned(),
        ];
        insta::assert_snapshot!(titles.join("\n"));
    }

    #[test]
    fn what_was_not_told_says_why_and_what_happens_next() {
        let many: Vec<String> = (1..=7).map(|number| format!("ABC-{number}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let told = [
            unknown_issues(&["ABC-1"]),
            unknown_issues(&many),
            never_appeared(&["ABC-1", "ABC-2"]),
            some_unknown(&["ABC-9"]),
            too_many_issues(612, 500),
            refused("message must not be null"),
            NO_PAGE.to_owned(),
            NO_CREDENTIALS.to_owned(),
            NO_ADDRESS.to_owned(),
            WITHDRAWN.to_owned(),
            NOT_MENTIONED.to_owned(),
        ];
        insta::assert_snapshot!(told.join("\n"));
    }
}
