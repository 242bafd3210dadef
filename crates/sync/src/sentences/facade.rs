//! What people, and a Jira, read about the hooks that a Jira registered.

/// Registering: it is not taken.
pub(crate) const HOOK_TOO_LONG: &str = "The address of the hook, or the list of its events, is too long.";
/// Registering: it would be kept, and told, as it is.
pub(crate) const HOOK_WITH_PASSWORD: &str = "The address of the hook must not hold a user name or a password.";
/// Registering: it is one too many.
pub(crate) const TOO_MANY_HOOKS: &str =
    "The repository has 20 hooks of this user already. Remove one that is not needed.";
/// Outcome: what was registered cannot be called.
pub(crate) const NO_ADDRESS: &str = "What was registered is no address.";

/// What a Jira answered.
pub(crate) fn status(status: u16) -> String {
    format!("It answered with status {status}.")
}

/// Outcome: the call arrived.
pub(crate) fn taken(status: u16) -> String {
    format!("Taken with status {status}.")
}

/// Outcome: the call is tried again. `why` is a sentence.
pub(crate) fn again(why: &str) -> String {
    format!("{why} Dovetail calls again later.")
}

/// Outcome: the call is not tried again. `why` is a sentence.
pub(crate) fn given_up(why: &str) -> String {
    format!("{why} Dovetail calls again with the next change.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_call_ends_with_an_outcome() {
        let told = [
            HOOK_TOO_LONG.to_owned(),
            HOOK_WITH_PASSWORD.to_owned(),
            TOO_MANY_HOOKS.to_owned(),
            taken(200),
            again(&status(503)),
            given_up(&status(404)),
            given_up(NO_ADDRESS),
        ];
        insta::assert_snapshot!(told.join("\n"));
    }
}
