//! Why something is, or is not, on an issue: the story of an issue key, a commit, a branch, a merge request or an address, told
//! from the store in facts, each with its remedy. One file for each kind of thing that is asked about.
//!
//! Every look-up goes through the asker's eyes ([`Viewer`]): what only accounts know that the asker may not see is told as if it
//! were not there.

pub(crate) mod address;
mod branch;
mod commit;
mod elsewhere;
mod issue;
mod merge_request;
mod named;
mod question;
mod repository;
mod sites;
pub(crate) mod story;
mod whereto;

use std::sync::Arc;

use grammar::{Noise, Reason};
use model::Millis;
use store::{Account, AccountState, KeyRule, Store, Viewer};

pub use question::{BadQuestion, LONGEST};
pub use story::{Fact, FactKind, Mark, Piece, Sentence, Story, Subject};

use crate::sentences::explain as says;
use crate::{Engine, SyncError};
use question::Question;

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub enum ExplainError {
    /// It is none.
    #[error(transparent)]
    Question(#[from] BadQuestion),
    /// The store did not answer.
    #[error(transparent)]
    Sync(#[from] SyncError),
}

impl From<store::StoreError> for ExplainError {
    fn from(error: store::StoreError) -> Self {
        Self::Sync(error.into())
    }
}

/// Who asks, and what every answer begins with.
pub(crate) struct Asking<'a> {
    engine: &'a Engine,
    viewer: Viewer,
    now: Millis,
    /// The accounts that the asker may see, without those that are being removed.
    accounts: Vec<Account>,
    /// Which keys count, and which are others now.
    rule: Arc<KeyRule>,
}

impl Asking<'_> {
    fn store(&self) -> &Store {
        self.engine.store()
    }

    fn noise(&self) -> &Noise {
        self.engine.noise()
    }
}

/// A story without what was asked, which is put in front once it is told.
struct Told {
    subject: Subject,
    title: Sentence,
    facts: Vec<Fact>,
}

/// Tells what is known of `text`: an issue key, the beginning of a commit's id, the name of a branch, or the address of a commit,
/// a merge request, a branch or a repository.
///
/// # Errors
/// [`BadQuestion`] when nothing was asked, or too much; else when the store does not answer.
pub async fn explain(engine: &Engine, viewer: Viewer, text: &str) -> Result<Story, ExplainError> {
    let question = question::read(text, engine.noise())?;
    let accounts = engine.store().accounts(viewer).await?;
    let accounts = accounts.into_iter().filter(|account| account.state != AccountState::Removing).collect();
    let rule = engine.store().key_rule().await?;
    let asking = Asking { engine, viewer, now: engine.clock().now(), accounts, rule };
    let asked = asked(text, &question);
    let Told { subject, title, facts } = asking.tell(question, text.trim()).await?;
    Ok(Story { asked, subject, title, facts })
}

/// What was asked, without what may be a secret.
fn asked(text: &str, question: &Question) -> String {
    match question {
        Question::Issue { written, .. } => written.clone(),
        Question::Address(address) => address.as_str().to_owned(),
        Question::BadAddress(_) => String::new(),
        Question::Commit(_) | Question::Branch { .. } | Question::Nonsense { .. } => text.trim().to_owned(),
    }
}

impl Asking<'_> {
    async fn tell(&self, question: Question, text: &str) -> store::Result<Told> {
        match question {
            Question::Issue { written, key, form } => match self.branch_instead(&written, form).await? {
                Some(told) => Ok(told),
                None => issue::tell(self, &written, key, form).await,
            },
            Question::Commit(hex) => match commit::tell_if_seen(self, &hex, None).await? {
                Some(told) => Ok(told),
                // A branch may be called like the id of a commit.
                None => match branch::tell_if_seen(self, text, None).await? {
                    Some(told) => Ok(told),
                    None => commit::tell_unseen(self, &hex, None).await,
                },
            },
            Question::Branch { name, refusal } => self.tell_branch(&name, refusal).await,
            Question::Address(address) => whereto::tell(self, &address).await,
            Question::Nonsense { refusal } => Ok(nonsense(text, refusal)),
            Question::BadAddress(bad) => Ok(Told {
                subject: Subject::Unknown,
                title: says::question::not_understood_title(),
                facts: vec![says::question::bad_address(bad)],
            }),
        }
    }

    /// A branch that is called like a key which does not count (`feature-1`).
    async fn branch_instead(&self, written: &str, form: model::KeyForm) -> store::Result<Option<Told>> {
        if form == model::KeyForm::Strict { Ok(None) } else { branch::tell_if_seen(self, written, None).await }
    }

    async fn tell_branch(&self, name: &str, refusal: Option<Reason>) -> store::Result<Told> {
        if let Some(told) = branch::tell_if_seen(self, name, None).await? {
            return Ok(told);
        }
        if refusal.is_some() {
            return Ok(nonsense(name, refusal));
        }
        let mut told = branch::tell_unseen(self, name, None).await?;
        if name.bytes().all(|byte| byte.is_ascii_hexdigit()) && name.len() < 4 {
            told.facts.insert(1.min(told.facts.len()), says::question::short_id());
        }
        Ok(told)
    }
}

fn nonsense(text: &str, refusal: Option<Reason>) -> Told {
    let subject = Subject::Unknown;
    match refusal {
        Some(reason) => Told {
            subject,
            title: says::question::bad_key_title(text),
            facts: vec![says::question::bad_key(text, &reason)],
        },
        None => Told {
            subject,
            title: says::question::not_understood_title(),
            facts: vec![says::question::not_understood()],
        },
    }
}
