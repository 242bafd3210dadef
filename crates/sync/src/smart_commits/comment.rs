//! What a comment on a commit says: what became of each of its commands at one site.

use model::{ObjectId, ReceiptReason};
use store::{CommitToComment, Receipt, Site};
use url::Url;

use super::markdown::{code, escaped};
use crate::sentences::{commit_comments as sentences, smart_commits};

/// How many characters of a command with its text are shown.
const LONGEST_COMMAND: usize = 100;
/// How many characters a sentence has at the most.
const LONGEST_ENDING: usize = 600;
/// How many characters of a key, and of the name of a site, are shown.
const LONGEST_NAME: usize = 100;
/// The longest list of commands, in bytes: GitHub takes comments of 65,536 characters.
const LONGEST_LIST: usize = 30_000;
/// How many characters of the commit's id are shown.
const SHORT: usize = 12;

/// The mark of the comment that tells of a site's commands: no other comment on the commit has it in its last line. A site's
/// address never changes.
pub(super) fn mark(commit: &ObjectId, site: &Site) -> String {
    let id: String = commit.as_str().chars().take(SHORT).collect();
    format!("receipts of commit `{id}` at <{}>", site.url)
}

/// The comment, in Markdown. No line of it begins with anything from outside, so that none is a quick action.
pub(super) fn text(site: &Site, due: &CommitToComment) -> String {
    let mut list = String::new();
    for (at, (receipt, present_key)) in due.receipts.iter().enumerate() {
        let line = line(site, receipt, present_key);
        if list.len() + line.len() > LONGEST_LIST {
            list.push_str(&sentences::more(due.receipts.len() - at));
            list.push('\n');
            break;
        }
        list.push_str(&line);
        list.push('\n');
    }
    let heading = sentences::heading(&escaped(&site.name, LONGEST_NAME));
    format!("{heading}\n\n{list}\n{}", sentences::last_line(&mark(&due.object_id, site)))
}

fn line(site: &Site, receipt: &Receipt, present_key: &str) -> String {
    let key = escaped(present_key, LONGEST_NAME);
    // Of an issue that is not there only the key is told.
    let page = page(site, present_key).filter(|_| receipt.reason != Some(ReceiptReason::NoIssue));
    let issue = page.map_or_else(|| key.clone(), |page| format!("[{key}](<{page}>)"));
    let command = match receipt.argument.as_str() {
        "" => format!("#{}", receipt.command),
        argument => format!("#{} {argument}", receipt.command),
    };
    let ending = smart_commits::sentence(receipt.state, receipt.reason, receipt.words.as_deref());
    sentences::receipt(&issue, &code(&command, LONGEST_COMMAND), &escaped(&ending, LONGEST_ENDING))
}

/// The page of an issue.
fn page(site: &Site, key: &str) -> Option<Url> {
    let mut page: Url = site.url.parse().ok()?;
    page.path_segments_mut().ok()?.pop_if_empty().extend(["browse", key]);
    Some(page)
}

#[cfg(test)]
mod tests {
    use model::{HostKind, OutboxState, ReceiptState, SiteKind, SiteSettings};
    use store::issues::RepositoryRef;
    use store::{CommitComment, SiteState};

    use super::*;

    fn site(url: &str) -> Site {
        Site {
            id: 7,
            kind: SiteKind::DataCenter,
            name: "Jira @all".to_owned(),
            url: url.to_owned(),
            settings: SiteSettings::of(SiteKind::DataCenter),
            state: SiteState::Active,
            rest_user: None,
            has_rest_secret: true,
            client_id: None,
            cloud_id: None,
            version: None,
            projects_read_at: None,
            tested_at: None,
            report: None,
            paused_until: None,
            error_kind: None,
            error: None,
            failures: 0,
            created_at: 0,
        }
    }

    fn receipt(command: &str, argument: &str, reason: Option<ReceiptReason>, words: Option<&str>) -> (Receipt, String) {
        let state = if reason.is_some() { ReceiptState::Refused } else { ReceiptState::Done };
        let receipt = Receipt {
            id: 1,
            site_id: 7,
            commit_id: 41,
            repository_id: 5,
            position: 0,
            issue_key: "OLD-1".to_owned(),
            command: command.to_owned(),
            argument: argument.to_owned(),
            state,
            step: 0,
            reason,
            words: words.map(str::to_owned),
            jira_id: None,
            attempted_at: None,
            attempts: 1,
            not_before: 0,
            created_at: 0,
            ended_at: Some(1),
        };
        (receipt, "ABC-1".to_owned())
    }

    fn due(receipts: Vec<(Receipt, String)>) -> CommitToComment {
        let comment = CommitComment {
            site_id: 7,
            commit_id: 41,
            repository_id: 5,
            state: OutboxState::Waiting,
            attempted_at: None,
            not_before: 0,
            created_at: 0,
            ended_at: None,
        };
        let repository = RepositoryRef {
            id: 5,
            host_id: 1,
            host_kind: HostKind::Gitlab,
            host_url: "https://gitlab.example.com".to_owned(),
            forge_id: "9".to_owned(),
            name: "app".to_owned(),
            path: "group/app".to_owned(),
            web_url: None,
            default_branch: None,
            fork: false,
            account_id: 1,
        };
        CommitToComment { comment, object_id: "0a1b2c3d4e5f".repeat(4)[..40].parse().unwrap(), repository, receipts }
    }

    #[test]
    fn each_command_is_a_line_with_its_sentence() {
        let receipts = vec![
            receipt("comment", "hello @all <b>`x`", None, Some("The comment is on the issue.")),
            receipt("done", "", Some(ReceiptReason::NoMatch), Some("Not run: “#done” … Open are: “@all”, “<img>”.")),
            receipt("time", "1h\n/close", Some(ReceiptReason::NoIssue), None),
        ];
        insta::assert_snapshot!(text(&site("https://jira.example.com/jira"), &due(receipts)));
    }

    #[test]
    fn a_mark_is_in_the_last_line_and_in_no_other_sites() {
        let due = due(vec![receipt("done", "", None, None)]);
        let (one, other) = (site("https://jira.example.com"), site("https://jira.example.com/jira"));
        let (of_one, of_other) = (mark(&due.object_id, &one), mark(&due.object_id, &other));
        assert!(text(&one, &due).lines().last().unwrap().ends_with(&of_one));
        assert!(!text(&one, &due).contains(&of_other) && !text(&other, &due).contains(&of_one));
    }

    #[test]
    fn a_long_list_is_cut_and_says_so() {
        let words = "@".repeat(5_000);
        let receipts = (0..500).map(|_| receipt("comment", &words, Some(ReceiptReason::JiraRefused), Some(&words)));
        let text = text(&site("https://jira.example.com"), &due(receipts.collect()));
        assert!(text.len() < 32_000, "{}", text.len());
        let listed = text.lines().filter(|line| line.starts_with("- [")).count();
        assert!(text.contains(&format!("- … and {} more.", 500 - listed)) && listed > 5, "{text}");
    }
}
