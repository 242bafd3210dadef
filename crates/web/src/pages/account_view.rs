//! An account as its row and its page show it: what it is, how far it is, what hinders it.

use std::time::Duration;

use model::Millis;
use store::accounts::AccountState;
use store::{AccountSummary, Host};

use crate::account_facts::AccountFacts;
use crate::account_standing::{Standing, Standings};
use crate::error::PageError;
use crate::sentences::account_pages;
use crate::state::AppState;
use crate::view::forge_links;
use crate::view::lozenge::{HostPause, Lozenge};
use crate::view::number::{counted, thousands};
use crate::view::progress::ProgressView;
use crate::view::token_end::TokenEnd;
use crate::view::when::When;

/// An account as its row and its page show it.
pub struct AccountView {
    pub id: i64,
    pub name: String,
    pub path: String,
    pub title: &'static str,
    pub place: String,
    /// "GitLab".
    pub brand: &'static str,
    pub web_url: Option<String>,
    /// What hinders it; none while nothing does.
    pub lozenge: Option<Lozenge>,
    /// Until when its host is asked nothing.
    pub host_pause: Option<HostPause>,
    /// "42 repositories, 40 linked".
    pub numbers: String,
    /// How far the import or sync under way is.
    pub progress: Option<ProgressView>,
    /// "up to date · refreshed 5 min ago · next refresh in 23 min".
    pub steady: String,
    /// "refreshed every 60 min".
    pub rhythm: String,
    /// What is wrong: the first sentence, and the others.
    pub error: Option<(String, String)>,
    /// When something last happened in one of its repositories.
    pub last_activity_at: Option<Millis>,
    /// How many of its linked repositories failed.
    pub failed: i64,
    /// Who authorised it, whom it serves, and which web hooks are to be pasted.
    pub standing: Standing,
    pub paused: bool,
    pub needs_authorisation: bool,
    /// Whether somebody has to let it in at the forge: by OAuth or by a token.
    pub is_authorised: bool,
    /// Whether its host can call us.
    pub has_hooks: bool,
    /// Whether an application of the forge lets it in, else a token.
    pub by_application: bool,
    /// When its token ends; none where it renews itself or there is none.
    pub token_end: Option<TokenEnd>,
    pub auto_link: bool,
    pub smart_commits: bool,
    pub restricted: bool,
}

impl AccountView {
    /// The view of an account at `now`.
    pub async fn of(
        state: &AppState,
        summary: AccountSummary,
        hosts: &[Host],
        standings: &Standings,
        now: Millis,
    ) -> Result<Self, PageError> {
        let standing = standings.of(&summary.account);
        let facts = AccountFacts::of(state, &summary.account, hosts, now).await?;
        Ok(Self::new(state, summary, &facts, standing, now))
    }

    fn new(state: &AppState, summary: AccountSummary, facts: &AccountFacts, standing: Standing, now: Millis) -> Self {
        let live = state.engine().progress().borrow().accounts.get(&summary.account.id).cloned();
        let imported = summary.account.imported_at.is_some();
        let live = live.filter(|live| live.running).map(|live| ProgressView::live(imported, &live));
        let progress = live.or_else(|| ProgressView::stored(&summary));
        let steady = steady(&summary, facts.next_refresh_at, now);
        let account = summary.account;
        let (title, place) = forge_links::host_title(account.host_kind, &account.host_url);
        let capabilities = sync::capabilities(account.host_kind, &account.host_url);
        let host_pause = facts.paused_host.as_ref().and_then(|host| HostPause::of(host, now));
        let token_end = facts.token.as_ref().and_then(|token| Some(TokenEnd::new(token.expires_at?, token.warn, now)));
        Self {
            lozenge: Lozenge::account_hindrance(&account).or_else(|| host_pause.as_ref().map(HostPause::lozenge)),
            host_pause,
            id: account.id,
            title,
            place,
            brand: forge_links::brand(account.host_kind, &account.host_url),
            web_url: account.web_url.as_deref().and_then(forge_links::safe).map(str::to_owned),
            numbers: format!(
                "{}, {} linked",
                counted(summary.repositories, "repository", "repositories"),
                thousands(summary.linked)
            ),
            progress: progress.filter(|_| account.state == AccountState::Active),
            steady,
            rhythm: format!("refreshed every {}", every(facts.interval)),
            paused: account.state == AccountState::Paused,
            needs_authorisation: account.state == AccountState::NeedsAuthorisation,
            is_authorised: capabilities.oauth,
            has_hooks: capabilities.hooks,
            by_application: account.application_id.is_some(),
            token_end,
            auto_link: account.auto_link,
            smart_commits: account.smart_commits,
            restricted: account.restricted,
            name: account.name,
            path: account.path,
            error: account.error.map(first_sentence),
            last_activity_at: summary.last_activity_at,
            failed: summary.failed,
            standing,
        }
    }

    /// "Dovetail Bot (dovetail-bot)": the forge's user as whom it is read; none where that is not known, as of a credential that
    /// was kept before the forge told whose it is.
    pub fn authorised_by(&self) -> Option<String> {
        let authoriser = self.standing.authoriser.as_ref()?;
        match (authoriser.name.as_str(), authoriser.login.as_str()) {
            ("", "") => None,
            ("", login) => Some(login.to_owned()),
            (name, login) if login.is_empty() || name == login => Some(name.to_owned()),
            (name, login) => Some(format!("{name} ({login})")),
        }
    }

    /// "3 web hooks have to be pasted"; none where there are none.
    pub fn hooks_to_paste(&self) -> Option<String> {
        (self.standing.to_paste > 0).then(|| account_pages::hooks_to_paste(self.standing.to_paste))
    }

    /// Whether it changes by itself at this moment.
    pub const fn is_moving(&self) -> bool {
        self.progress.is_some()
    }

    /// The end of its token, where it is near or was.
    pub fn token_warning(&self) -> Option<&TokenEnd> {
        self.token_end.as_ref().filter(|end| end.is_near())
    }

    /// How its authorisation lasts, where it has one: "token renews by itself".
    pub fn lasting(&self) -> Option<String> {
        match &self.token_end {
            _ if !self.is_authorised || self.needs_authorisation => None,
            _ if self.by_application => Some("token renews by itself".to_owned()),
            Some(end) => Some(end.to_string()),
            None => Some("token without a known end".to_owned()),
        }
    }
}

/// The first sentence of a text, and the rest.
fn first_sentence(text: String) -> (String, String) {
    match text.split_once(". ") {
        Some((first, rest)) => (format!("{first}."), rest.to_owned()),
        None => (text, String::new()),
    }
}

/// "60 min", "6 h", "2 days".
fn every(interval: Duration) -> String {
    match interval.as_secs() {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7_200 => format!("{} min", seconds / 60),
        seconds @ 7_200..172_800 => format!("{} h", seconds / 3_600),
        seconds => format!("{} days", seconds / 86_400),
    }
}

/// What a row says while nothing is under way.
fn steady(summary: &AccountSummary, next_refresh: Option<Millis>, now: Millis) -> String {
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
    words.extend(
        next_refresh.filter(|next| *next > now).map(|next| format!("next refresh {}", When::new(next, now).relative())),
    );
    words.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("It failed. It is off. Turn it on.", "It failed.", "It is off. Turn it on.")]
    #[case("The server gitlab.example.com failed.", "The server gitlab.example.com failed.", "")]
    fn an_error_begins_with_its_first_sentence(#[case] text: &str, #[case] first: &str, #[case] rest: &str) {
        assert_eq!(first_sentence(text.to_owned()), (first.to_owned(), rest.to_owned()));
    }

    #[rstest::rstest]
    #[case(90, "90 s")]
    #[case(3_600, "60 min")]
    #[case(21_600, "6 h")]
    #[case(604_800, "7 days")]
    fn intervals_are_told_in_one_unit(#[case] seconds: u64, #[case] words: &str) {
        assert_eq!(every(Duration::from_secs(seconds)), words);
    }
}
