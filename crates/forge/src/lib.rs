#![doc = include_str!("../README.md")]

mod address;
mod answer;
mod commit_comments;
pub mod error;
mod folder;
mod github;
mod gitlab;
mod hook;
mod json;
pub mod links;
pub mod oauth;
mod paging;
mod registry;
mod sentences;
mod standing;
mod timestamp;
mod token;

use std::sync::Arc;

use async_trait::async_trait;
use model::secret::SecretString;
use model::{
    Clock, ForgeAccount, ForgeRepository, ForgeUser, HostKind, MergeRequest, Millis, ObjectId, Reviewer, Statistics,
};

pub use error::{ForgeError, HookRefusal, Problem, TokenFault};
pub use folder::find_repositories;
pub use hook::{HookAddress, HookFault, HookTarget, MAX_HOOK_BODY, RegisteredHook};
pub use links::Links;
pub use model::hook::{HookEvent, HookNews};
pub use registry::{capabilities, client, hook_delivery_key, hook_event, hook_news, hook_verify, host_url, probe};
pub use standing::{ForgeVersion, Reach, Standing, Survey, Unreadable};
pub use token::{TokenDetail, TokenKind};

/// What a forge can do: data, so that nobody asks for its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// It has merge requests.
    pub merge_requests: bool,
    /// It is reached over the network.
    pub is_remote: bool,
    /// It can tell line counts and files of a commit.
    pub statistics: bool,
    /// Accounts are authorised by OAuth.
    pub oauth: bool,
    /// The scope that an application or a token needs (`api`, `repo`); empty where there is none.
    pub scope: &'static str,
    /// It calls us when something happens, where it is asked to ([`Forge::hook_register`]).
    pub hooks: bool,
    /// It lists the merge requests of a whole group at once ([`Forge::account_merge_requests`]).
    pub group_merge_requests: bool,
    /// Its commits can be commented ([`Forge::commit_comment_add`]).
    pub commit_comments: bool,
    /// Its name on pages ("GitLab Self-Managed").
    pub title: &'static str,
    /// The type in dev-status answers (`gitlabselfmanaged`, `gitlab`, `githube`, `github`, `folder`).
    pub application_type: &'static str,
    /// How its pages are addressed; none for a folder.
    pub links: Option<Links>,
}

/// What lets us in at a host. Its `Debug` shows no secret.
#[derive(Debug, Clone)]
pub enum Auth {
    /// An OAuth access token.
    Oauth(SecretString),
    /// A personal, group or project access token.
    Token(SecretString),
    /// Nothing: a folder, or what everybody may see.
    None,
}

/// What a client of a forge needs.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// What kind of forge it is.
    pub kind: HostKind,
    /// The host's address (its root, no trailing slash), or the absolute path of a folder.
    pub url: String,
    /// What lets us in.
    pub auth: Auth,
    /// How requests go out.
    pub http: net::Client,
    /// What time it is, for rate limits.
    pub clock: Arc<dyn Clock>,
}

/// A page of merge requests, in order of change, and where to go on.
#[derive(Debug)]
pub struct MergeRequestPage {
    /// The merge requests of this page.
    pub merge_requests: Vec<MergeRequest>,
    /// What to hand to the next call; none at the end.
    pub next: Option<String>,
}

/// One page of what changed among the merge requests of a whole account, in order of change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeRequestNews {
    /// The forge's ids of the repositories with news on this page, each once, in order of their first change.
    pub repositories: Vec<String>,
    /// The changes themselves, so that those of an overlap are told from new ones.
    pub changes: Vec<MergeRequestChange>,
    /// The newest change on this page: the watermark up to which everything was seen; none on an empty page.
    pub until: Option<Millis>,
    /// What to hand to the next call; none at the end.
    pub next: Option<String>,
}

/// That a merge request changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeRequestChange {
    /// The forge's id of its repository.
    pub repository: String,
    /// Its number there.
    pub number: i64,
    /// When it changed; none where the forge did not say.
    pub updated_at: Option<Millis>,
}

/// What only a single merge request's answer tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeRequestDetail {
    /// The merge request itself.
    pub merge_request: MergeRequest,
    /// Where it began (`diff_refs.base_sha`).
    pub base: Option<ObjectId>,
}

/// A forge: one server, reached with one credential. Every method fails with a typed [`ForgeError`].
#[async_trait]
pub trait Forge: Send + Sync {
    /// What it can do.
    fn capabilities(&self) -> &Capabilities;

    /// Who the credential belongs to.
    async fn current_user(&self) -> Result<ForgeUser, ForgeError>;

    /// The group, user or folder at `path` (slashes around it and a pasted address of its page are understood);
    /// [`Problem::IsProject`] where it is a repository.
    async fn account(&self, path: &str) -> Result<ForgeAccount, ForgeError>;

    /// An account that is known, found by the forge's own id: as it is called now, wherever it was moved.
    async fn account_again(&self, known: &ForgeAccount) -> Result<ForgeAccount, ForgeError>;

    /// Every repository of the account, subgroups included, newest activity first.
    async fn repositories(&self, account: &ForgeAccount) -> Result<Vec<ForgeRepository>, ForgeError>;

    /// As [`Forge::repositories`], with what is left out there and why.
    async fn survey(&self, account: &ForgeAccount) -> Result<Survey, ForgeError> {
        Ok(Survey { repositories: self.repositories(account).await?, ..Survey::default() })
    }

    /// The forge's version. [`Problem::NotAvailable`] where it tells none.
    async fn version(&self) -> Result<ForgeVersion, ForgeError> {
        Err(Problem::NotAvailable.into())
    }

    /// How the credential's user stands in the account. [`Problem::NotAvailable`] where there are no roles.
    async fn standing(&self, _account: &ForgeAccount) -> Result<Standing, ForgeError> {
        Err(Problem::NotAvailable.into())
    }

    /// The paths of accounts that the user sees and that may have been meant by `path`, which is none: at most some
    /// hundred. [`Problem::NotAvailable`] where they cannot be listed.
    async fn accounts_like(&self, _path: &str) -> Result<Vec<String>, ForgeError> {
        Err(Problem::NotAvailable.into())
    }

    /// The forge's ids of all repositories that the credential's user is a member of and whose code they may read, whatever
    /// account they lie in: direct members, inherited ones, and by shares; nothing that everybody may see besides.
    /// [`Problem::NotAvailable`] where there are no users.
    async fn member_repositories(&self) -> Result<Vec<String>, ForgeError>;

    /// Where git reads a repository, with what it needs to be let in.
    fn git_remote(&self, repository: &ForgeRepository) -> Result<git::Remote, ForgeError>;

    /// One page of the merge requests of a repository changed at or after `updated_after`, oldest change first.
    /// [`Problem::NotAvailable`] where the project has merge requests switched off.
    async fn merge_requests(
        &self,
        repository_forge_id: &str,
        updated_after: Option<Millis>,
        page: Option<String>,
    ) -> Result<MergeRequestPage, ForgeError>;

    /// One merge request.
    async fn merge_request(&self, repository_forge_id: &str, number: i64) -> Result<MergeRequestDetail, ForgeError>;

    /// Who reviews it and who approved.
    async fn reviewers(&self, repository_forge_id: &str, number: i64) -> Result<Vec<Reviewer>, ForgeError>;

    /// What people wrote below it, oldest first: no more than the first thousand, none that only some members may read.
    /// [`Problem::NotAvailable`] where the forge has no comments.
    async fn notes(&self, repository_forge_id: &str, number: i64) -> Result<Vec<model::Note>, ForgeError>;

    /// Its commits by REST, newest first: only where git cannot give them.
    async fn merge_request_commits(
        &self,
        repository_forge_id: &str,
        number: i64,
    ) -> Result<Vec<model::Commit>, ForgeError>;

    /// Branches by REST: only where git over HTTP is off. [`Problem::NotAvailable`] where the repository itself is
    /// switched off or was never created.
    async fn branches(&self, repository_forge_id: &str) -> Result<Vec<model::Branch>, ForgeError>;

    /// Commits reachable from `head` by REST, newest first, until `stop` says that one is known: only where git is off.
    async fn commits(
        &self,
        repository_forge_id: &str,
        head: &ObjectId,
        page: Option<String>,
    ) -> Result<(Vec<model::Commit>, Option<String>), ForgeError>;

    /// Lines and files of one commit.
    async fn statistics(&self, repository_forge_id: &str, commit: &ObjectId) -> Result<Statistics, ForgeError>;

    /// Comments a commit, with a text in the forge's Markdown: not harmless to repeat. False where the answer does not confirm
    /// it, as when something before the forge gave it. [`Problem::NotAvailable`] where the forge has no comments of commits.
    async fn commit_comment_add(
        &self,
        repository_forge_id: &str,
        commit: &ObjectId,
        text: &str,
    ) -> Result<bool, ForgeError>;

    /// Whether a commit has a comment with `mark` in its last line, whoever wrote it.
    async fn commit_comment_find(
        &self,
        repository_forge_id: &str,
        commit: &ObjectId,
        mark: &str,
    ) -> Result<bool, ForgeError>;

    /// Which repositories of the account have merge requests changed at or after `updated_after`: one page.
    /// [`Problem::NotAvailable`] where the forge has no such list: for personal namespaces.
    async fn account_merge_requests(
        &self,
        account: &ForgeAccount,
        updated_after: Option<Millis>,
        page: Option<String>,
    ) -> Result<MergeRequestNews, ForgeError>;

    /// Makes the forge call `address` about pushes, merge requests and notes of `target`, whatever was registered before:
    /// our own hook is found by its address, by the tail of an address under another public one, or as `known` (the
    /// forge's id of it); it is repaired where it differs or was switched off, and made where there is none.
    ///
    /// [`Problem::Forbidden`] and [`Problem::InsufficientScope`] where the credential may not; [`Problem::NotFound`] also
    /// where the forge has no hooks of groups; [`Problem::HookRefused`] where it does not take the address.
    async fn hook_register(
        &self,
        target: HookTarget<'_>,
        address: &HookAddress,
        known: Option<&str>,
    ) -> Result<RegisteredHook, ForgeError>;

    /// Removes a hook; one that is not there is removed already.
    async fn hook_remove(&self, target: HookTarget<'_>, forge_id: &str) -> Result<(), ForgeError>;

    /// Lets the forge call a hook with an example of a push. [`Problem::HookRefused`] with the forge's reason where it
    /// has none, or could not call.
    async fn hook_test(&self, target: HookTarget<'_>, forge_id: &str) -> Result<(), ForgeError>;

    /// What the credential itself is: its scopes, its end, its kind.
    async fn token(&self) -> Result<TokenDetail, ForgeError>;
}
