//! What is risky about who authorised.

use model::ForgeUser;

/// What is risky about who authorised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Warning {
    /// An administrator of the forge: everything there would be open to the connection.
    Administrator,
    /// A log-in that looks like a person, not like an integration user: the connection ends when the person leaves.
    Person,
}

/// Words in the names of users that were made for an integration.
const INTEGRATION_WORDS: [&str; 7] = ["jira", "dovetail", "integration", "service", "connector", "svc", "robot"];

impl Warning {
    /// What is risky about this user, the worst first.
    pub(super) fn about(user: &ForgeUser) -> Option<Self> {
        if user.administrator {
            Some(Self::Administrator)
        } else {
            (!looks_like_an_integration(user)).then_some(Self::Person)
        }
    }
}

/// By its log-in or name; GitLab calls the users of project and group tokens `project_7_bot_…` and `group_7_bot_…`.
fn looks_like_an_integration(user: &ForgeUser) -> bool {
    [&user.login, &user.name].into_iter().any(|name| {
        let name = name.to_lowercase();
        let mut words = name.split(|letter: char| !letter.is_alphabetic());
        INTEGRATION_WORDS.iter().any(|word| name.contains(word)) || words.any(|word| word == "bot")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(login: &str, name: &str) -> ForgeUser {
        ForgeUser { login: login.to_owned(), name: name.to_owned(), ..ForgeUser::default() }
    }

    #[test]
    fn integration_users_are_told_from_people_by_their_names() {
        let integrations = [
            "jira",
            "Jira-Bot",
            "dovetail",
            "svc-gitlab",
            "ci_bot",
            "project_17_bot_1f2e",
            "group_4_bot",
            "scm-connector",
        ];
        for login in integrations {
            assert_eq!(Warning::about(&user(login, "")), None, "{login}");
        }
        assert_eq!(Warning::about(&user("u1234", "Jira Integration")), None);
        for login in ["anna", "talbot", "abbott", "root"] {
            assert_eq!(Warning::about(&user(login, "Anna Abbott")), Some(Warning::Person), "{login}");
        }
    }

    #[test]
    fn an_administrator_is_worse_than_a_person() {
        let administrator = ForgeUser { administrator: true, ..user("jira", "Jira") };

        assert_eq!(Warning::about(&administrator), Some(Warning::Administrator));
    }
}
