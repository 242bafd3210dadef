//! The sentences of `dovetail site` for people.

use crate::explain::harmless;

/// A test that ended at a step.
pub fn failed(id: i64, stage: &str) -> String {
    format!("The test of site {id} failed at the step {}; its cause and what to do stand there.", harmless(stage))
}

/// Whether a site is to be removed.
pub fn remove(name: &str, url: &str) -> String {
    format!("Remove {} at {}? What it was told is taken back. Type its name to go on: ", harmless(name), harmless(url))
}

#[cfg(test)]
mod tests {
    #[test]
    fn sentences_are_as_reviewed() {
        let remove = super::remove("Tracker", "https://jira.example.com");
        insta::assert_snapshot!(format!("{}\n{remove}", super::failed(7, "log_in")));
    }
}
