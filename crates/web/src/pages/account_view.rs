//! An account as its row and its page show it: what it is, how far it is, what hinders it.

use model::Millis;
use store::accounts::AccountState;
use store::{AccountSummary, Host};
use sync::progress::AccountProgress;

use crate::state::AppState;
use crate::view::forge_links;
use crate::view::lozenge::Lozenge;
use crate::view::number::{counted, signed, thousands};
use crate::view::when::When;

/// An account as its row and its page show it.
pub struct AccountView {
    pub id: i64,
    pub name: String,
    pub path: String,
    pub title: &'static str,
    pub place: String,
    pub web_url: Option<String>,
    /// What hinders it; none while nothing does.
    pub lozenge: Option<Lozenge>,
    /// "42 repositories, 40 linked".
    pub numbers: String,
    /// How far the import or sync under way is.
    pub progress: Option<ProgressView>,
    /// "up to date · refreshed 5 min ago · next refresh in 23 min".
    pub steady: String,
    pub error: Option<String>,
    pub paused: bool,
    pub auto_link: bool,
    pub smart_commits: bool,
    pub restricted: bool,
}

/// How far an import or a sync is.
#[derive(Debug, PartialEq, Eq)]
pub struct ProgressView {
    /// "importing 17 of 42 repositories".
    pub sentence: String,
    pub done: u64,
    /// At least one, for the bar.
    pub total: u64,
    /// "61,204 commits · 4,310/s · about 12 s left · last: zookeeper".
    pub numbers: String,
}

impl AccountView {
    /// The view of an account at `now`.
    pub fn new(state: &AppState, summary: AccountSummary, hosts: &[Host], now: Millis) -> Self {
        let live = state.engine().progress().borrow().accounts.get(&summary.account.id).cloned();
        let progress = progress(&summary, live.as_ref());
        let interval = i64::try_from(state.engine().options().interval.as_millis()).unwrap_or(i64::MAX);
        let steady = steady(&summary, interval, now);
        let account = summary.account;
        let (title, place) = forge_links::host_title(account.host_kind, &account.host_url);
        let paused_until = hosts.iter().find(|host| host.id == account.host_id).and_then(|host| host.paused_until);
        let host_paused = paused_until.filter(|until| *until > now).map(|until| Lozenge::host_paused(until, now));
        Self {
            lozenge: Lozenge::account_hindrance(&account).or(host_paused),
            id: account.id,
            title,
            place,
            web_url: account.web_url.as_deref().and_then(forge_links::safe).map(str::to_owned),
            numbers: format!(
                "{}, {} linked",
                counted(summary.repositories, "repository", "repositories"),
                thousands(summary.linked)
            ),
            progress: progress.filter(|_| account.state == AccountState::Active),
            steady,
            paused: account.state == AccountState::Paused,
            auto_link: account.auto_link,
            smart_commits: account.smart_commits,
            restricted: account.restricted,
            name: account.name,
            path: account.path,
            error: account.error,
        }
    }

    /// Whether it changes by itself at this moment.
    pub const fn is_moving(&self) -> bool {
        self.progress.is_some()
    }
}

/// How far it is: by the live numbers of this process, else by what the store says (another node is at work, or this
/// one has just begun).
fn progress(summary: &AccountSummary, live: Option<&AccountProgress>) -> Option<ProgressView> {
    let verb = if summary.account.imported_at.is_none() { "importing" } else { "syncing" };
    if let Some(live) = live.filter(|live| live.running) {
        return Some(live_progress(verb, live));
    }
    let under_way = summary.waiting + summary.syncing;
    (under_way > 0).then(|| {
        let done = (summary.linked - under_way).max(0);
        ProgressView {
            sentence: sentence(verb, done, summary.linked),
            done: done.unsigned_abs(),
            total: summary.linked.max(1).unsigned_abs(),
            numbers: match (summary.commits_done, summary.commits_total) {
                (_, 0) => String::new(),
                (done, total) => format!("{} of {} commits", thousands(done), thousands(total)),
            },
        }
    })
}

fn live_progress(verb: &str, live: &AccountProgress) -> ProgressView {
    let (done, total) = (live.repositories_done, live.repositories_total);
    // Commits move steadily, repositories in jumps: the bar follows the commits once their number is known.
    let (bar, full) = if live.commits_total > 0 { (live.commits, live.commits_total) } else { (done, total) };
    let mut numbers = Vec::new();
    numbers.extend((live.commits > 0).then(|| counted(signed(live.commits), "commit", "commits")));
    numbers.extend((live.rate_per_second >= 1.0).then(|| format!("{}/s", thousands(whole(live.rate_per_second)))));
    numbers.extend(live.eta_seconds.map(|seconds| format!("about {} left", duration(seconds))));
    numbers.extend(live.last_repository.as_ref().map(|path| format!("last: {path}")));
    ProgressView {
        sentence: match total {
            0 => "reading the list of repositories".to_owned(),
            total => sentence(verb, signed(done), signed(total)),
        },
        done: bar,
        total: full.max(1),
        numbers: numbers.join(" · "),
    }
}

fn sentence(verb: &str, done: i64, total: i64) -> String {
    format!("{verb} {} of {}", thousands(done), counted(total, "repository", "repositories"))
}

/// A rate without its fraction; absurd ones end at the largest number.
#[expect(clippy::cast_possible_truncation, reason = "`as` saturates, which is what a page needs")]
fn whole(rate: f64) -> i64 {
    rate.round() as i64
}

fn duration(seconds: u64) -> String {
    match seconds {
        0..90 => format!("{seconds} s"),
        90..5_400 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h", seconds.div_ceil(3_600)),
    }
}

/// What a row says while nothing is under way.
fn steady(summary: &AccountSummary, interval: Millis, now: Millis) -> String {
    let account = &summary.account;
    match account.state {
        AccountState::Active => {}
        AccountState::Paused => return "nothing is refreshed until it is resumed".to_owned(),
        AccountState::NeedsAuthorisation => return "nothing is refreshed until it is authorised again".to_owned(),
        AccountState::Removing => return "its data is being removed".to_owned(),
    }
    let Some(listed_at) = account.listed_at else { return "its repositories have not been listed yet".to_owned() };
    let mut words = Vec::new();
    if summary.failed > 0 {
        words.push(format!("{} failed", counted(summary.failed, "repository", "repositories")));
    } else if account.error.is_none() {
        words.push("up to date".to_owned());
    }
    words.push(format!("refreshed {}", When::new(listed_at, now).relative()));
    let next = listed_at.saturating_add(interval);
    if next > now {
        words.push(format!("next refresh {}", When::new(next, now).relative()));
    }
    words.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_running_import_tells_how_far_it_is() {
        let live = AccountProgress {
            running: true,
            repositories_done: 17,
            repositories_total: 42,
            commits: 61_204,
            commits_total: 120_000,
            links: 9,
            rate_per_second: 4_310.4,
            last_repository: Some("platform/zookeeper".to_owned()),
            last_error: None,
            eta_seconds: Some(12),
        };

        let view = live_progress("importing", &live);

        assert_eq!(view.sentence, "importing 17 of 42 repositories");
        assert_eq!(view.numbers, "61,204 commits · 4,310/s · about 12 s left · last: platform/zookeeper");
        assert_eq!((view.done, view.total), (61_204, 120_000));
    }

    #[rstest::rstest]
    #[case(5, "5 s")]
    #[case(100, "2 min")]
    #[case(7_300, "3 h")]
    fn durations_are_rounded(#[case] seconds: u64, #[case] words: &str) {
        assert_eq!(duration(seconds), words);
    }
}
