use std::fmt::Write as _;

use grammar::{Noise, refused};
use model::{EntityKind, HostKind, MergeRequestState, Millis, ObjectId};
use store::host_outages::DOWN;
use store::{
    CommitPlace, KnownBranch, KnownMergeRequest, KnownRepository, MergeRequestsState, Repository, RepositoryState,
    Standing,
};

use super::texts::Whose;
use super::*;
use crate::explain::address::BadAddress;
use crate::explain::story::{Fact, Sentence};

const AT: Millis = 1_795_345_440_000;

fn id() -> ObjectId {
    "9f3c2ab0".repeat(5).parse().unwrap()
}

fn known(standing: Standing) -> KnownRepository {
    let repository = Repository {
        id: 1,
        host_id: 1,
        host_kind: HostKind::Gitlab,
        host_url: "https://gitlab.example.com".to_owned(),
        forge_id: "7".to_owned(),
        name: "web".to_owned(),
        path: "platform/web".to_owned(),
        web_url: Some("https://gitlab.example.com/platform/web".to_owned()),
        git_url: String::new(),
        default_branch: None,
        fork_of: None,
        archived: false,
        last_activity_at: None,
        state: RepositoryState::UpToDate,
        commits_done: 3,
        commits_total: 9,
        imported_at: None,
        synced_at: Some(AT),
        merge_requests_until: None,
        merge_requests_state: MergeRequestsState::Available,
        error_kind: None,
        error: Some("The host answered with 502. It is overloaded.".to_owned()),
        failures: 2,
        retry_at: Some(AT),
        paused: false,
        changes: None,
        changes_at: None,
        created_at: AT,
    };
    KnownRepository {
        repository,
        standing,
        account_id: 7,
        account_path: "platform".to_owned(),
        account_error: Some("The grant was revoked.".to_owned()),
        paused_until: Some(AT),
        paused_reason: None,
        told: true,
    }
}

fn place(lost_at: Option<Millis>) -> CommitPlace {
    CommitPlace { repository: known(Standing::Current), first_seen_at: AT, lost_at }
}

fn request(state: MergeRequestState, gone_at: Option<Millis>) -> KnownMergeRequest {
    KnownMergeRequest {
        id: 1,
        repository_id: 1,
        number: 482,
        title: "Retry".to_owned(),
        description: String::new(),
        state,
        source_branch: "retry".to_owned(),
        target_branch: "main".to_owned(),
        web_url: "https://gitlab.example.com/platform/web/-/merge_requests/482".to_owned(),
        updated_at: AT,
        merged_at: Some(AT),
        closed_at: Some(AT),
        first_seen_at: AT,
        gone_at,
    }
}

fn keys() -> Vec<String> {
    vec!["ABC-1".to_owned(), "ABC-2".to_owned()]
}

fn told(facts: &[Fact], titles: &[Sentence]) -> String {
    let mut text = String::new();
    for title in titles {
        writeln!(text, "# {title}").unwrap();
    }
    for fact in facts {
        writeln!(text, "{} {}: {}", fact.mark.as_str(), fact.kind.as_str(), fact.sentence).unwrap();
        if let Some(remedy) = &fact.remedy {
            writeln!(text, "  → {remedy}").unwrap();
        }
    }
    text
}

#[test]
fn how_repositories_stand() {
    let standings = [
        Standing::Hidden,
        Standing::ForkNotLinked,
        Standing::NotLinked,
        Standing::Unauthorised,
        Standing::AccountPaused,
        Standing::Paused,
        Standing::HostPaused,
        Standing::Failed,
        Standing::Syncing,
        Standing::Waiting,
        Standing::Current,
    ];
    let mut facts: Vec<Fact> = standings.iter().map(|one| standing::repository(&known(*one), Some(AT))).collect();
    let titles: Vec<Sentence> = standings.iter().map(|one| standing::repository_title(&known(*one))).collect();
    facts.extend(standings.iter().map(|one| standing::more(*one, 2)));
    let mut down = known(Standing::HostPaused);
    down.paused_reason = Some(DOWN.to_owned());
    let mut later = known(Standing::Waiting);
    later.repository.imported_at = Some(AT);
    let mut given_up = known(Standing::Failed);
    (given_up.repository.retry_at, given_up.repository.failures) = (None, 1);
    facts.extend([down, later, given_up].iter().map(|one| standing::repository(one, None)));
    facts.extend([
        standing::archived(&known(Standing::Current).repository),
        standing::no_accounts(),
        standing::nothing_linked(),
        standing::linked(2, &[known(Standing::Current), known(Standing::Current)]),
        standing::linked(42, &[known(Standing::Current)]),
        standing::push(),
    ]);
    insta::assert_snapshot!(told(&facts, &titles));
}

#[test]
fn what_is_said_of_questions() {
    let reason = refused("ABC-12a", &Noise::default()).remove(0).reason;
    let facts = [
        question::not_understood(),
        question::bad_address(BadAddress::NotWeb),
        question::bad_address(BadAddress::Credentials),
        question::bad_address(BadAddress::Malformed),
        question::bad_key("ABC-12a", &reason),
        question::short_id(),
        question::host_unknown("gitlab.com", vec!["https://a".into(), "https://b".into()]),
        question::host_unknown("gitlab.com", Vec::new()),
        question::path_unknown("ada/web", vec!["platform".into()]),
        question::moved("platform/old", "platform/web".into(), AT),
    ];
    let titles = [
        question::not_understood_title(),
        question::bad_key_title("ABC-12a"),
        question::host_unknown_title("gitlab.com"),
        question::path_unknown_title("ada/web"),
    ];
    insta::assert_snapshot!(told(&facts, &titles));
}

#[test]
fn what_is_said_of_commits() {
    let facts = [
        commit::unknown("9f3c"),
        commit::unknown_in("9f3c", &known(Standing::Current)),
        commit::elsewhere(&known(Standing::Current)),
        commit::known(&id(), &place(None)),
        commit::known_in_more(1),
        commit::known_in_more(2),
        commit::not_shown(&place(None)),
        commit::lost(&place(Some(AT))).unwrap(),
        commit::head_of(&["main".to_owned()]),
        commit::head_of(&["main".to_owned(), "next".to_owned()]),
        commit::in_merge_request(&request(MergeRequestState::Open, None), &keys(), 1),
        commit::in_merge_request(&request(MergeRequestState::Declined, None), &[], 0),
        commit::in_merge_request(&request(MergeRequestState::Merged, Some(AT)), &[], 0),
    ];
    let titles = [
        commit::linked_title(&id(), &keys(), 3),
        commit::keyless_title(&id()),
        commit::not_shown_title(&id()),
        commit::unknown_title("9f3c"),
        commit::ambiguous_title("9f3c"),
    ];
    insta::assert_snapshot!(told(&facts, &titles));
}

#[test]
fn what_is_said_of_texts() {
    let misses = "abc-12 CVE-2024 MY_P-1 ABC-12a ªABC-12 3ABC-12 A-1 ABC\u{2011}12 ABC-１２";
    let mut facts: Vec<Fact> =
        refused(misses, &Noise::default()).iter().map(|refused| texts::near_miss(Whose::Message, refused)).collect();
    let whose = [Whose::Message, Whose::Name, Whose::Title, Whose::Description, Whose::SourceBranch];
    facts.extend(whose.map(|whose| texts::names(whose, &keys(), 0)));
    facts.push(texts::names_unshown(Whose::Name, &keys(), 2));
    insta::assert_snapshot!(told(&facts, &[]));
}

#[test]
fn what_is_said_of_branches_and_merge_requests() {
    let there = known(Standing::Current);
    let branch = KnownBranch {
        id: 1,
        repository_id: 1,
        name: "ABC-1-retry".to_owned(),
        head: id(),
        moved_at: AT,
        first_seen_at: AT,
        gone_at: Some(AT),
    };
    let facts = [
        branch::unknown("x"),
        branch::unknown_in("x", &there),
        branch::known(&there, &branch),
        branch::gone(&there, &branch, AT),
        branch::names_nothing(),
        branch::named(&keys(), 0),
        merge_request::unknown(&there, 482, Some(480)),
        merge_request::unknown(&there, 482, None),
        merge_request::unavailable(&there),
        merge_request::known(&there, &request(MergeRequestState::Open, None)),
        merge_request::known(&there, &request(MergeRequestState::Merged, None)),
        merge_request::known(&there, &request(MergeRequestState::Declined, None)),
        merge_request::gone(&there, &request(MergeRequestState::Open, Some(AT))).unwrap(),
        merge_request::commit_names(&id(), &keys()),
        merge_request::names_nothing(),
    ];
    let titles = [
        branch::linked_title("x", &keys(), 0),
        branch::keyless_title("x"),
        branch::gone_title("x"),
        branch::not_shown_title("x"),
        branch::unknown_title("x"),
        merge_request::linked_title(482, &keys(), 0),
        merge_request::keyless_title(482),
        merge_request::gone_title(482),
        merge_request::not_shown_title(482),
        merge_request::unknown_title(482),
    ];
    insta::assert_snapshot!(told(&facts, &titles));
}

#[test]
fn what_is_said_of_issues() {
    let counts = issue::Counts { commits: 2, branches: 1, merge_requests: 1 };
    let reason = "it is not in upper case; it counts only where a site knows a project ABC";
    let facts = [
        issue::shown("ABC-1", counts),
        issue::shown("ABC-1", issue::Counts { commits: 1, ..issue::Counts::default() }),
        issue::empty("ABC-1"),
        issue::branch_other_form("abc-1-retry", reason),
        issue::merge_request_other_form("!482".into(), reason),
        issue::branch_gone("ABC-1-retry", AT),
        issue::merge_request_gone(482, AT),
        issue::not_shown(&known(Standing::NotLinked), EntityKind::Commit, 1),
        issue::not_shown(&known(Standing::NotLinked), EntityKind::MergeRequest, 2),
        issue::leading_zeros(&keys()[..1]),
        issue::leading_zeros(&keys()),
        issue::others("ABC", &keys(), false),
        issue::others("ABC", &keys(), true),
        issue::project_unknown("ABC"),
        issue::form("abc-1", "ABC-1"),
        issue::noise("CVE"),
    ];
    insta::assert_snapshot!(told(&facts, &[issue::shown_title("ABC-1", counts), issue::empty_title("ABC-1")]));
}

#[test]
fn what_jiras_were_told_and_what_became_of_commands() {
    let receipt = store::Receipt {
        id: 1,
        site_id: 1,
        commit_id: 1,
        repository_id: 1,
        position: 0,
        issue_key: "ABC-1".to_owned(),
        command: "comment".to_owned(),
        argument: String::new(),
        state: model::ReceiptState::Waiting,
        step: 0,
        reason: None,
        words: None,
        jira_id: None,
        attempted_at: None,
        attempts: 0,
        not_before: AT,
        created_at: AT,
        ended_at: None,
    };
    let words = Some("Jira says: no.");
    let facts = [
        sites::told("Ours", model::Channel::DevInfo),
        sites::told("Ours", model::Channel::RemoteLink),
        sites::told_of("Ours", 3),
        sites::waiting("Ours"),
        sites::to_come("Ours"),
        sites::failed("Ours", words, AT),
        sites::refused("Ours", words),
        sites::refused("Ours", None),
        sites::parked("Ours", None, AT),
        sites::paused("Ours"),
        sites::trouble("Ours", "Jira does not accept the credentials.", Some(AT)),
        sites::trouble("Ours", "Jira does not accept the credentials.", None),
        sites::not_served("Ours"),
        sites::switched_off("Ours"),
        sites::unknown_issue("Ours", "ABC-1", AT),
        sites::moved("OLD-1", "ABC-1"),
        sites::command_done("Ours", &receipt, "Done."),
        sites::command_waiting("Ours", &receipt, "It waits."),
        sites::command_refused("Ours", &receipt, "Not run: two users have this e-mail."),
    ];
    insta::assert_snapshot!(told(&facts, &[]));
}
