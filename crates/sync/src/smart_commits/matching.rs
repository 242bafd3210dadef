//! Which transition a command names (`dvcs-connector-algorithms.md` §7.4).

/// What a command names among the transitions that are open to an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Match<'t, T> {
    /// This one.
    One(&'t T),
    /// Several, and nothing tells which.
    Several,
    /// None.
    None,
}

/// The transition that a command names, ignoring case: the one with just this name; else the only one whose name begins with
/// it; else the same where a hyphen and a blank are one, as a command cannot have blanks.
///
/// Two repairs of Jira's connector: a name that is whole with hyphens for blanks (`#in-progress`) counts before longer ones
/// (`In Progress Again`), and several of one name are one choice where they lead to the same status, so `target` decides.
pub(crate) fn choose<'t, T>(
    command: &str,
    open: &'t [T],
    name: impl Fn(&T) -> &str,
    target: impl Fn(&T) -> &str,
) -> Match<'t, T> {
    let command = command.to_lowercase();
    let one = |name: &str| name.replace('-', " ");
    let spaced = one(&command);
    let named: Vec<(String, &T)> = open.iter().map(|it| (name(it).trim().to_lowercase(), it)).collect();
    let tests: [&dyn Fn(&str) -> bool; 4] =
        [&|name| name == command, &|name| name.starts_with(&command), &|name| one(name) == spaced, &|name| {
            one(name).starts_with(&spaced)
        }];
    for test in tests {
        let mut found = named.iter().filter(|(name, _)| test(name));
        let Some((first_name, first)) = found.next() else { continue };
        let same = |(name, other): &(String, &T)| name == first_name && target(other) == target(first);
        return if found.all(same) { Match::One(first) } else { Match::Several };
    }
    Match::None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Named = (&'static str, &'static str);

    fn chosen(command: &str, open: &[Named]) -> Result<&'static str, &'static str> {
        match choose(command, open, |it| it.0, |it| it.1) {
            Match::One((_, to)) => Ok(to),
            Match::Several => Err("several"),
            Match::None => Err("none"),
        }
    }

    const CLASSIC: [Named; 4] = [
        ("Start Progress", "progress"),
        ("Resolve Issue", "resolved"),
        ("Close Issue", "closed"),
        ("Reopen and start progress", "reopened"),
    ];

    #[test]
    fn a_name_is_found_whole_or_by_its_beginning_in_any_case() {
        for (command, to) in [
            ("close", Ok("closed")),
            ("CLOSE", Ok("closed")),
            ("c", Ok("closed")),
            ("close-issue", Ok("closed")),
            ("start-progress", Ok("progress")),
            ("Reopen-and-start", Ok("reopened")),
            ("re", Err("several")),
            ("done", Err("none")),
            ("issue", Err("none")),
            ("close-", Ok("closed")),
            ("close-issues", Err("none")),
        ] {
            assert_eq!(chosen(command, &CLASSIC), to, "{command}");
        }
        assert_eq!(chosen("done", &[]), Err("none"));
    }

    #[test]
    fn a_whole_name_counts_before_longer_ones() {
        let open =
            [("Done later", "later"), ("Done", "done"), ("In Progress Again", "again"), ("In Progress", "progress")];
        assert_eq!(chosen("done", &open), Ok("done"));
        assert_eq!(chosen("in-progress", &open), Ok("progress"));
        assert_eq!(chosen("in", &open), Err("several"));
    }

    #[test]
    fn hyphens_of_the_name_count_before_blanks() {
        assert_eq!(chosen("to-do", &[("To Do", "blank"), ("To-Do list", "hyphen")]), Ok("hyphen"));
        assert_eq!(chosen("go-co-", &[("Go co-operate", "both")]), Ok("both"));
    }

    #[test]
    fn two_of_one_name_are_one_choice_where_they_lead_to_one_status() {
        assert_eq!(chosen("close", &[("Close", "closed"), ("close", "closed")]), Ok("closed"));
        assert_eq!(chosen("close", &[("Close", "closed"), ("Close", "rejected")]), Err("several"));
        assert_eq!(chosen("clo", &[("Close", "closed"), ("Clone", "closed")]), Err("several"));
    }

    fn transitions() -> impl Strategy<Value = Vec<(String, String)>> {
        proptest::collection::vec(("[A-Ca-c]{1,3}([ -][a-c]{1,3}){0,2}", "[12]"), 0..6)
    }

    proptest! {
        #[test]
        fn what_is_chosen_begins_with_the_command(open in transitions(), command in "[a-cA-C][a-c-]{0,6}") {
            if let Match::One((name, _)) = choose(&command, &open, |it| &it.0, |it| &it.1) {
                let one = |text: &str| text.to_lowercase().replace('-', " ");
                prop_assert!(one(name).starts_with(&one(&command)));
            }
        }

        #[test]
        fn the_order_does_not_matter_and_case_neither(open in transitions(), command in "[a-c][a-c-]{0,6}") {
            let target = |open: &[(String, String)], command: &str| match choose(command, open, |it| &it.0, |it| &it.1) {
                Match::One((_, to)) => Ok(to.clone()),
                Match::Several => Err(true),
                Match::None => Err(false),
            };
            let backwards: Vec<_> = open.iter().rev().cloned().collect();
            prop_assert_eq!(target(&open, &command), target(&backwards, &command));
            prop_assert_eq!(target(&open, &command), target(&open, &command.to_uppercase()));
        }

        #[test]
        fn a_whole_name_is_always_found(open in transitions(), at: prop::sample::Index) {
            prop_assume!(!open.is_empty());
            let (name, _) = at.get(&open);
            let found = choose(&name.replace(' ', "-"), &open, |it| &it.0, |it| &it.1);
            prop_assert_ne!(found, Match::None);
        }
    }
}
