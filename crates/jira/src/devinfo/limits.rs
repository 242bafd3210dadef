//! What Jira takes (devinfo contract §3, §4): characters, lengths, ids, keys. Pure: characters are removed first, then what is
//! too long is cut, in UTF-16 units. What cannot be mended is left out with a reason.

use std::sync::LazyLock;

use regex::Regex;
use sha2::{Digest, Sha256};
use url::Url;

use super::{Author, Branch, Commit, EntityKind, File, PullRequest, RefusedEntity, Repository, Reviewer};
use crate::{sentences, timestamp};

/// The most issue keys of an entity; Jira refuses the whole entity above it (devinfo contract §3.1).
pub const MOST_KEYS: usize = 500;
/// The most files of a commit.
pub const MOST_FILES: usize = 10;
/// The most properties of a submission.
pub const MOST_PROPERTIES: usize = 5;
/// The longest message or title.
const LONG: usize = 1_024;
/// The longest name of most things, key or value of a property.
const SHORT: usize = 255;
/// The longest address.
const LONGEST_URL: usize = 2_000;
/// The largest number that a client of Jira may send as a count.
const LARGEST: u64 = 2_147_483_647;

/// The form of an issue key, but for the lengths of its halves.
#[expect(clippy::expect_used, reason = "the expression is constant and a test compiles it")]
static KEY: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^\p{L}[\p{L}0-9_]+-[0-9]+$").expect("a constant expression compiles"));

/// Whether Jira's store takes a character: XML 1.0's, without those beyond the basic plane (devinfo contract §3.3).
#[must_use]
pub const fn is_taken(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}')
}

/// A text without characters that Jira refuses, cut to at most `longest` UTF-16 units. One of which nothing would be left becomes
/// U+FFFD; an empty one stays empty.
#[must_use]
pub fn text(text: &str, longest: usize) -> String {
    // Whatever is taken is one unit.
    let fine: String = text.chars().filter(|c| is_taken(*c)).take(longest).collect();
    if fine.is_empty() && !text.is_empty() { '\u{FFFD}'.to_string() } else { fine }
}

/// A text that must not be empty.
fn required(sent: &str, longest: usize, instead: &str) -> String {
    let fine = text(sent, longest);
    if fine.trim().is_empty() { text(instead, longest) } else { fine }
}

/// A text that may be missing, and is where it is empty.
fn optional(sent: Option<&str>, longest: usize) -> Option<String> {
    sent.map(|sent| text(sent, longest)).filter(|text| !text.trim().is_empty())
}

/// An address as Jira takes it: http or https, at most 2,000 characters, those beyond ASCII encoded. None for any other.
#[must_use]
pub fn url(sent: &str) -> Option<String> {
    let url = Url::parse(sent.trim()).ok()?;
    let fine = matches!(url.scheme(), "http" | "https") && url.has_host() && url.as_str().len() <= LONGEST_URL;
    fine.then(|| url.into())
}

/// Whether a text can be an id.
#[must_use]
pub fn is_id(text: &str) -> bool {
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'~' | b'.' | b'-' | b'_');
    (1..=LONG).contains(&text.len()) && text.bytes().all(fine)
}

/// An id for anything that has a name (devinfo contract §4): the name itself where it can be one, else `~` and its bytes in
/// hexadecimal, or, where that is too long, `~sha256-` and its hash. Different names have different ids.
#[must_use]
pub fn entity_id(name: &str) -> String {
    // Dots alone are steps between folders in the address by which the entity is deleted.
    let plain = is_id(name) && !name.starts_with('~') && !matches!(name, "." | "..");
    if plain {
        return name.to_owned();
    }
    let encoded = format!("~{}", hex::encode(name));
    if encoded.len() <= LONG { encoded } else { format!("~sha256-{}", hex::encode(Sha256::digest(name))) }
}

/// The id of a branch, made from its name alone, so that one that is gone can be named.
#[must_use]
pub fn branch_id(name: &str) -> String {
    entity_id(name)
}

/// The id of a repository, different on all forges that tell one site: what stands for the connection, and the forge's own id,
/// which survives renames.
#[must_use]
pub fn repository_id(connection: &str, forge_id: &str) -> String {
    entity_id(&format!("{connection}-{forge_id}"))
}

/// Whether a text has the form of an issue key; one that has not spoils its whole entity (devinfo contract §3.1).
#[must_use]
pub fn is_issue_key(text: &str) -> bool {
    let Some((project, number)) = text.rsplit_once('-') else { return false };
    let lengths = project.encode_utf16().count() <= 256 && number.len() <= 255;
    lengths && text.chars().all(is_taken) && KEY.is_match(text)
}

/// The keys of an entity that can be sent: those of the right form, each once, in their order, at most 500.
#[must_use]
pub fn issue_keys(keys: &[String]) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    let fine = keys.iter().filter(|key| is_issue_key(key) && seen.insert(key.as_str()));
    fine.take(MOST_KEYS).cloned().collect()
}

/// What is wrong with the properties of a submission, as clauses; none where nothing is. (They are handles for deleting, so they are
/// never mended.)
pub fn properties_fault<'a>(properties: impl Iterator<Item = (&'a str, &'a str)>) -> Option<String> {
    let mut count = 0;
    for (key, value) in properties {
        count += 1;
        let long = |text: &str| text.encode_utf16().count() > SHORT;
        let fine = !key.is_empty()
            && !key.starts_with('_')
            && !key.contains(':')
            && !long(key)
            && !long(value)
            && key.chars().chain(value.chars()).all(is_taken);
        if !fine {
            return Some(sentences::bad_property());
        }
    }
    (count > MOST_PROPERTIES).then(sentences::too_many_properties)
}

/// The name of the sending product.
#[must_use]
pub fn product(product: &str) -> String {
    text(product, SHORT)
}

/// A repository as Jira takes it, with those of its entities that it can take, and the reasons for the others. None where the
/// repository itself cannot be sent.
#[must_use]
pub fn repository(sent: &Repository) -> (Option<Repository>, Vec<RefusedEntity>) {
    let refused =
        |kind, id: &str, words| RefusedEntity { repository_id: sent.id.clone(), kind, id: id.to_owned(), words };
    let page = match (is_id(&sent.id), url(&sent.url)) {
        (true, Some(page)) => page,
        (false, _) => return (None, vec![refused(None, &sent.id, sentences::no_usable_id())]),
        (true, None) => return (None, vec![refused(None, &sent.id, sentences::no_usable_address())]),
    };
    let mut fine = Repository {
        id: sent.id.clone(),
        name: required(&sent.name, SHORT, &sent.id),
        url: page,
        description: optional(sent.description.as_deref(), LONG),
        fork_of: sent.fork_of.clone().filter(|id| is_id(id)),
        avatar: sent.avatar.as_deref().and_then(url),
        avatar_description: optional(sent.avatar_description.as_deref(), LONG),
        update_sequence_id: sent.update_sequence_id,
        commits: Vec::new(),
        branches: Vec::new(),
        pull_requests: Vec::new(),
    };
    let mut left_out = Vec::new();
    for it in &sent.commits {
        match commit(it) {
            Ok(it) => fine.commits.push(it),
            Err(words) => left_out.push(refused(Some(EntityKind::Commit), &it.id, words)),
        }
    }
    for it in &sent.branches {
        match branch(it) {
            Ok(it) => fine.branches.push(it),
            Err(words) => left_out.push(refused(Some(EntityKind::Branch), &it.id, words)),
        }
    }
    for it in &sent.pull_requests {
        match pull_request(it) {
            Ok(it) => fine.pull_requests.push(it),
            Err(words) => left_out.push(refused(Some(EntityKind::PullRequest), &it.id, words)),
        }
    }
    (Some(fine), left_out)
}

/// Why an entity is left out.
type Fault = String;

/// What every entity must have: an id, issue keys, a page.
fn common(id: &str, keys: &[String], page: &str) -> Result<(Vec<String>, String), Fault> {
    if !is_id(id) {
        return Err(sentences::no_usable_id());
    }
    let keys = issue_keys(keys);
    if keys.is_empty() {
        return Err(sentences::no_usable_key());
    }
    Ok((keys, url(page).ok_or_else(sentences::no_usable_address)?))
}

/// A commit as Jira takes it.
fn commit(sent: &Commit) -> Result<Commit, Fault> {
    let (issue_keys, page) = common(&sent.id, &sent.issue_keys, &sent.url)?;
    timestamp::iso(sent.author_timestamp).ok_or_else(sentences::no_usable_time)?;
    let files = sent.files.iter().filter(|file| !file.path.is_empty()).take(MOST_FILES);
    Ok(Commit {
        id: sent.id.clone(),
        hash: optional(sent.hash.as_deref(), SHORT),
        display_id: required(&sent.display_id, SHORT, &sent.id),
        issue_keys,
        update_sequence_id: sent.update_sequence_id,
        message: required(&sent.message, LONG, &sentences::no_message()),
        author: author(&sent.author),
        author_timestamp: sent.author_timestamp,
        file_count: sent.file_count.min(LARGEST),
        files: files.map(|it| file(it, &page)).collect(),
        url: page,
        merge_commit: sent.merge_commit,
    })
}

/// A file as Jira takes it; one whose page cannot be told leads to its commit.
fn file(sent: &File, commit_url: &str) -> File {
    File {
        path: text(&sent.path, LONG),
        url: url(&sent.url).unwrap_or_else(|| commit_url.to_owned()),
        change_type: sent.change_type,
        lines_added: sent.lines_added.min(LARGEST),
        lines_removed: sent.lines_removed.min(LARGEST),
    }
}

/// A branch as Jira takes it.
fn branch(sent: &Branch) -> Result<Branch, Fault> {
    let (issue_keys, page) = common(&sent.id, &sent.issue_keys, &sent.url)?;
    Ok(Branch {
        id: sent.id.clone(),
        name: required(&sent.name, 512, &sent.id),
        issue_keys,
        update_sequence_id: sent.update_sequence_id,
        last_commit: commit(&sent.last_commit)?,
        url: page,
        create_pull_request_url: sent.create_pull_request_url.as_deref().and_then(url),
    })
}

/// A pull request as Jira takes it.
fn pull_request(sent: &PullRequest) -> Result<PullRequest, Fault> {
    let (issue_keys, page) = common(&sent.id, &sent.issue_keys, &sent.url)?;
    timestamp::iso(sent.last_update).ok_or_else(sentences::no_usable_time)?;
    let display_id = required(&sent.display_id, SHORT, &sent.id);
    Ok(PullRequest {
        id: sent.id.clone(),
        issue_keys,
        update_sequence_id: sent.update_sequence_id,
        status: sent.status,
        title: required(&sent.title, LONG, &display_id),
        display_id,
        author: author(&sent.author),
        comment_count: sent.comment_count.min(LARGEST),
        last_update: sent.last_update,
        source_branch: required(&sent.source_branch, SHORT, "?"),
        source_branch_url: sent.source_branch_url.as_deref().and_then(url),
        destination_branch: optional(sent.destination_branch.as_deref(), SHORT),
        destination_branch_url: sent.destination_branch_url.as_deref().and_then(url),
        url: page,
        reviewers: sent.reviewers.iter().map(reviewer).collect(),
    })
}

/// An e-mail that is cut is another one, so one that does not fit is left out.
fn email(sent: Option<&str>, longest: usize) -> Option<String> {
    let whole = |text: &&str| text.encode_utf16().count() <= longest && text.chars().all(is_taken) && !text.is_empty();
    sent.filter(whole).map(str::to_owned)
}

fn author(sent: &Author) -> Author {
    Author {
        name: optional(sent.name.as_deref(), SHORT),
        email: email(sent.email.as_deref(), SHORT),
        username: optional(sent.username.as_deref(), SHORT),
        url: sent.url.as_deref().and_then(url),
        avatar: sent.avatar.as_deref().and_then(url),
    }
}

fn reviewer(sent: &Reviewer) -> Reviewer {
    Reviewer {
        name: optional(sent.name.as_deref(), SHORT),
        email: email(sent.email.as_deref(), 254),
        account_id: sent.account_id.clone().filter(|id| id.len() <= 128 && !id.is_empty() && id.is_ascii()),
        url: sent.url.as_deref().and_then(url),
        avatar: sent.avatar.as_deref().and_then(url),
        approval_status: sent.approval_status,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_look_as_jira_wants_them() {
        for key in ["AB-1", "abc-12", "ÄB_2-007", "A1-1"] {
            assert!(is_issue_key(key), "{key}");
        }
        for text in ["A-1", "AB-", "AB", "1AB-1", "AB-1x", "A B-1", "-1", "2022-02", "", "AB-1\n", "𝒜B-1"] {
            assert!(!is_issue_key(text), "{text}");
        }
        assert!(is_issue_key(&format!("{}-{}", "A".repeat(256), "1".repeat(255))));
        assert!(!is_issue_key(&format!("{}-1", "A".repeat(257))));
        assert!(!is_issue_key(&format!("AB-{}", "1".repeat(256))));
    }

    #[test]
    fn keys_are_sent_once_and_no_more_than_jira_takes() {
        let keys: Vec<String> =
            (0..1_200).map(|number| format!("AB-{}", number / 2)).chain(["nonsense".into()]).collect();
        let sent = issue_keys(&keys);
        assert_eq!((sent.len(), sent[0].as_str(), sent[499].as_str()), (500, "AB-0", "AB-499"));
    }

    #[test]
    fn ids_are_names_where_they_can_be() {
        assert_eq!(branch_id("release_1.2-x"), "release_1.2-x");
        assert_eq!(branch_id("feature/AB-1"), "~666561747572652f41422d31");
        assert_eq!(branch_id("~61"), "~7e3631", "what looks encoded is encoded");
        assert_eq!(branch_id(".."), "~2e2e");
        assert_eq!(branch_id(""), "~");
        assert_eq!(branch_id(&"ä".repeat(600)).len(), 8 + 64);
        assert_eq!(repository_id("0190f", "42"), "0190f-42");
        assert!(is_id(&repository_id("0190f", "/srv/git/a b.git")));
    }

    #[test]
    fn addresses_are_of_the_web() {
        assert_eq!(url("https://git.corp/a b/ä🎉").as_deref(), Some("https://git.corp/a%20b/%C3%A4%F0%9F%8E%89"));
        for text in ["javascript:alert(1)", "/a", "", "ftp://h/x", &format!("https://h/{}", "a".repeat(2_000))] {
            assert_eq!(url(text), None);
        }
    }

    #[test]
    fn properties_are_taken_or_refused_whole() {
        let fault = |pairs: &[(&str, &str)]| properties_fault(pairs.iter().copied()).is_some();
        assert!(!fault(&[("connection", "c-17"), ("repository", "")]));
        for pair in
            [("_x", "1"), ("a:b", "1"), ("", "1"), ("a", "🎉"), (&"a".repeat(256), "1"), ("a", &"1".repeat(256))]
        {
            assert!(fault(&[pair]), "{pair:?}");
        }
        assert!(fault(&[("a", "1"), ("b", "1"), ("c", "1"), ("d", "1"), ("e", "1"), ("f", "1")]));
    }

    proptest! {
        #[test]
        fn no_text_has_a_refused_character_or_is_too_long(sent in "\\PC{0,40}|[\\x00-\\x1f🎉a]{0,40}", longest in 1_usize..30) {
            let fine = text(&sent, longest);
            prop_assert!(fine.chars().all(is_taken));
            prop_assert!(fine.encode_utf16().count() <= longest);
            prop_assert_eq!(fine.is_empty(), sent.is_empty());
            prop_assert_eq!(text(&fine, longest), fine, "mending twice changes nothing");
        }

        #[test]
        fn what_is_fine_stays(sent in "[a-zA-Zäöü語\\n\\t -]{0,30}") {
            prop_assert_eq!(text(&sent, 30), sent);
        }

        #[test]
        fn every_name_has_an_id_of_its_own(one: String, other: String) {
            prop_assert!(is_id(&entity_id(&one)));
            prop_assert_eq!(entity_id(&one) == entity_id(&other), one == other);
        }

        #[test]
        fn names_close_to_ids_have_ids_of_their_own(one in "~?[a-f0-9.~/]{0,6}", other in "~?[a-f0-9.~/]{0,6}") {
            prop_assert_eq!(entity_id(&one) == entity_id(&other), one == other);
        }

        #[test]
        fn sent_keys_are_keys(keys in proptest::collection::vec("\\PC{0,8}|[A-Z]{1,3}-[0-9]{1,3}", 0..20)) {
            let sent = issue_keys(&keys);
            prop_assert!(sent.iter().all(|key| is_issue_key(key) && keys.contains(key)));
            prop_assert!(keys.iter().all(|key| !is_issue_key(key) || sent.contains(key)));
        }
    }
}
