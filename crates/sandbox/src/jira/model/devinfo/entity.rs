//! What a repository, commit, branch and pull request must look like (devinfo contract §3).

use serde_json::Value;

use super::EntityKind;
use super::wrong::Wrong;

/// The most issues that an entity may name.
const MOST_KEYS: usize = 500;
/// The most files of a commit.
const MOST_FILES: usize = 10;
/// The longest message; the rest is cut off by Jira.
const LONGEST_MESSAGE: usize = 1_024;

/// How a key must look; one that does not spoils its entity (devinfo contract §3.1).
const KEY: &str = r"^\p{L}[\p{L}\p{Digit}_]{1,255}-\p{Digit}{1,255}$";

/// Whether a text matches [`KEY`]. (As an expression of crate `regex` it is too large to be compiled.)
fn is_key(text: &str) -> bool {
    let Some((project, number)) = text.rsplit_once('-') else { return false };
    let (digits, length) = (number.len(), project.chars().count());
    let fine = |c: char| c.is_alphabetic() || c.is_ascii_digit() || c == '_';
    (2..=256).contains(&length)
        && project.starts_with(char::is_alphabetic)
        && project.chars().all(fine)
        && (1..=255).contains(&digits)
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// `updateSequenceId`
pub(super) fn sequence(sent: &Value) -> i64 {
    sent["updateSequenceId"].as_i64().unwrap_or_default()
}

/// Whether an entity names issues in both ways at once.
pub(super) fn has_keys_twice(sent: &Value) -> bool {
    !sent["issueKeys"].is_null() && !sent["associations"].is_null()
}

/// The issues that an entity names, with the type of the association where it is one.
pub(super) fn issue_texts(sent: &Value) -> Vec<(String, Option<String>)> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let mut texts: Vec<_> = list(&sent["issueKeys"]).iter().filter_map(text).map(|key| (key, None)).collect();
    for association in list(&sent["associations"]) {
        let kind = text(&association["associationType"]);
        texts.extend(list(&association["values"]).iter().filter_map(text).map(|key| (key, kind.clone())));
    }
    texts
}

/// What is kept of an entity: everything, with the message cut.
pub(super) fn as_kept(kind: EntityKind, sent: &Value) -> Value {
    let mut kept = sent.clone();
    if kind == EntityKind::Commit
        && let Some(message) = sent["message"].as_str()
    {
        // There is nothing beyond the basic plane in it, so each character is one unit.
        kept["message"] = message.chars().take(LONGEST_MESSAGE).collect::<String>().into();
    }
    kept
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// What is wrong with a repository, apart from its entities.
pub(super) fn check_repository(sent: &Value) -> Vec<String> {
    let mut wrong = Wrong::with(sent, "");
    wrong.id("id", true);
    wrong.text("name", 255, true);
    wrong.url("url", true);
    wrong.integer("updateSequenceId");
    wrong.text("description", 1_024, false);
    wrong.text("avatarDescription", 1_024, false);
    wrong.url("avatar", false);
    wrong.id("forkOf", false);
    wrong.messages
}

/// What is wrong with an entity.
pub(super) fn check(kind: EntityKind, sent: &Value, drafts: bool) -> Vec<String> {
    if !sent.is_object() {
        return vec!["must be an object".to_owned()];
    }
    match kind {
        EntityKind::Commit => check_commit(sent, ""),
        EntityKind::Branch => check_branch(sent),
        EntityKind::PullRequest => check_pull_request(sent, drafts),
    }
}

fn check_commit(sent: &Value, prefix: &'static str) -> Vec<String> {
    let mut wrong = Wrong::with(sent, prefix);
    check_common(&mut wrong, sent);
    wrong.text("hash", 255, false);
    wrong.text("message", usize::MAX, true);
    wrong.text("displayId", 255, true);
    wrong.url("url", true);
    wrong.time("authorTimestamp");
    wrong.count("fileCount");
    for flag in wrong.list("flags") {
        if flag.as_str() != Some("MERGE_COMMIT") {
            wrong.say("flags", "must be MERGE_COMMIT");
        }
    }
    let files = wrong.list("files");
    if files.len() > MOST_FILES {
        let id = sent["id"].as_str().unwrap_or_default();
        let text = format!("Too many files in entity with ID {id}, max is {MOST_FILES}, was {}", files.len());
        wrong.messages.push(text);
    }
    let of_files: Vec<String> = files.iter().flat_map(check_file).collect();
    wrong.messages.extend(of_files);
    wrong.messages.extend(check_person(&sent["author"], "author", true));
    wrong.messages
}

fn check_file(sent: &Value) -> Vec<String> {
    let mut wrong = Wrong::with(sent, "files[].");
    wrong.text("path", 1_024, true);
    wrong.url("url", true);
    wrong.word("changeType", &["ADDED", "COPIED", "DELETED", "MODIFIED", "MOVED", "UNKNOWN"], true);
    wrong.count("linesAdded");
    wrong.count("linesRemoved");
    wrong.messages
}

fn check_branch(sent: &Value) -> Vec<String> {
    let mut wrong = Wrong::with(sent, "");
    check_common(&mut wrong, sent);
    wrong.text("name", 512, true);
    wrong.url("url", true);
    wrong.url("createPullRequestUrl", false);
    if sent["lastCommit"].is_object() {
        wrong.messages.extend(check_commit(&sent["lastCommit"], "lastCommit."));
    } else {
        wrong.say("lastCommit", "must not be null");
    }
    wrong.messages
}

fn check_pull_request(sent: &Value, drafts: bool) -> Vec<String> {
    let mut wrong = Wrong::with(sent, "");
    check_common(&mut wrong, sent);
    let mut states = vec!["OPEN", "MERGED", "DECLINED", "UNKNOWN"];
    states.extend(drafts.then_some("DRAFT"));
    wrong.word("status", &states, true);
    wrong.text("title", 1_024, true);
    wrong.text("displayId", 255, true);
    wrong.count("commentCount");
    wrong.time("lastUpdate");
    wrong.text("sourceBranch", 255, true);
    wrong.text("destinationBranch", 255, false);
    for field in ["sourceBranchUrl", "destinationBranchUrl"] {
        wrong.url(field, false);
    }
    wrong.url("url", true);
    wrong.messages.extend(check_person(&sent["author"], "author", true));
    for reviewer in wrong.list("reviewers") {
        wrong.messages.extend(check_person(reviewer, "reviewers[]", true));
        let mut of_reviewer = Wrong::with(reviewer, "reviewers[].");
        of_reviewer.text("accountId", 128, false);
        of_reviewer.word("approvalStatus", &["APPROVED", "UNAPPROVED", "NEEDSWORK"], false);
        wrong.messages.extend(of_reviewer.messages);
    }
    wrong.messages
}

/// What all entities have: an id, a sequence id, issues.
fn check_common(wrong: &mut Wrong<'_>, sent: &Value) {
    wrong.id("id", true);
    wrong.integer("updateSequenceId");
    let keys = wrong.list("issueKeys");
    for association in wrong.list("associations") {
        if !matches!(association["associationType"].as_str(), Some("issueIdOrKeys" | "issueKeys")) {
            wrong.say("associations", "must have a known associationType");
        }
    }
    let texts = issue_texts(sent);
    if texts.is_empty() {
        wrong.say("issueKeys", "or associations must not be empty");
    }
    if texts.len() > MOST_KEYS {
        let text = format!("Too many issue keys in entity, can have a maximum of {MOST_KEYS} elements");
        wrong.messages.push(text);
    }
    if keys.iter().any(|key| !key.is_string()) {
        wrong.say("issueKeys", "must be strings");
    }
    let is_id = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let malformed = |(text, association): &&(String, Option<String>)| {
        let fine = is_key(text) || (association.as_deref() == Some("issueIdOrKeys") && is_id(text));
        !fine
    };
    if let Some((text, _)) = texts.iter().find(malformed) {
        wrong.messages.push(format!("Issue key '{text}' must match the pattern {KEY}"));
    }
}

fn check_person(sent: &Value, prefix: &'static str, required: bool) -> Vec<String> {
    if !sent.is_object() {
        let text = format!("{prefix} must not be null");
        return if required { vec![text] } else { Vec::new() };
    }
    let mut wrong = Wrong::with(sent, if prefix == "author" { "author." } else { "reviewers[]." });
    wrong.text("name", 255, false);
    wrong.text("email", if prefix == "author" { 255 } else { 254 }, false);
    wrong.text("username", 255, false);
    wrong.url("url", false);
    wrong.url("avatar", false);
    wrong.messages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_look_as_jira_wants_them() {
        for key in ["AB-1", "abc-12", "ÄB_2-007", "A1-1"] {
            assert!(is_key(key), "{key}");
        }
        for text in ["A-1", "AB-", "AB", "1AB-1", "AB-1x", "A B-1", "-1", "2022-02", ""] {
            assert!(!is_key(text), "{text}");
        }
    }
}
