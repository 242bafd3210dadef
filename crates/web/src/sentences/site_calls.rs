//! Why a site could not be kept as a call of the REST interface asked for it.

use sync::site::SiteError;

use super::Sentence;

/// What the engine refused.
pub fn refused(error: &SiteError) -> Sentence {
    let (cause, remedy) = match error {
        SiteError::Empty(field) => (
            "Data Center needs a password or token; Cloud needs an e-mail with an API token, or a Client ID with its secret, or both.".to_owned(),
            format!("Send the field {} as well.", field.as_str()),
        ),
        SiteError::Unfit(field) => (
            "Something else was probably pasted there, or a whole file was.".to_owned(),
            format!("Send the field {} without it.", field.as_str()),
        ),
        SiteError::Url(_) => (
            "It is mistyped, or lacks http:// or https://.".to_owned(),
            "Send Jira's base URL as its pages show it, with its path if it has one.".to_owned(),
        ),
        SiteError::Exists { id } => (
            format!("It is the site {id}."),
            format!("Change that one by PATCH /api/v1/sites/{id}, or remove it first."),
        ),
        SiteError::Missing => ("It was removed.".to_owned(), "List the sites again.".to_owned()),
        SiteError::Store(_) | SiteError::Sync(_) => {
            ("The database is away or overloaded.".to_owned(), "Try again in a minute.".to_owned())
        }
    };
    Sentence::new(error.sentence(), cause, remedy)
}

/// An account that is none.
pub fn no_such_account(id: i64) -> Sentence {
    Sentence::new(
        format!("There is no account {id} to serve the site."),
        "The id is mistyped, or the account was removed.",
        "GET /api/v1/accounts lists the accounts; leave the field accounts out for all of them.",
    )
}

/// A person that cannot be kept, by its place in the list.
pub fn unfit_person(place: usize) -> Sentence {
    Sentence::new(
        format!("The person number {place} of the list cannot be kept."),
        "One of its texts is empty, longer than 255 signs, or contains control characters.",
        "Mend it and send the list again; nothing of it was kept.",
    )
}

/// A list of people that is too long.
pub fn too_many_people(most: usize) -> Sentence {
    Sentence::new(
        format!("The list has more than {most} people."),
        "A whole directory was probably sent; only people are needed whom their e-mail does not find in Jira.",
        "Send those, or the list in parts.",
    )
}

#[cfg(test)]
mod tests {
    use sync::site::Field;

    use super::*;

    #[test]
    fn all_sentences_of_calls_about_sites() {
        let sentences = [
            refused(&SiteError::Empty(Field::Secret)),
            refused(&SiteError::Unfit(Field::Name)),
            refused(&SiteError::Exists { id: 7 }),
            refused(&SiteError::Missing),
            no_such_account(7),
            unfit_person(3),
            too_many_people(2_000),
        ];
        let text: Vec<String> = sentences
            .iter()
            .map(|sentence| format!("{}\n  {}\n  → {}", sentence.happened, sentence.cause, sentence.remedy))
            .collect();

        insta::assert_snapshot!(text.join("\n\n"));
    }
}
