//! Where the forge has an account now: groups and users are renamed and moved, and keep their ids.

use forge::{ForgeError, Problem};
use model::ForgeAccount;
use queue::Lease;
use store::{Account, Lane};

use crate::failure::Failure;
use crate::session::Session;

/// Follows the account of a session to where the forge has it now; answers it in the forge's words.
///
/// What the forge does not show stays as it was: whether the account is still there, its list tells.
///
/// # Errors
/// When the forge or the store does not answer.
pub(crate) async fn follow(lease: &Lease, session: &Session) -> Result<ForgeAccount, Failure> {
    let account = session.account();
    let known = in_forge_words(account);
    if !forge::capabilities(account.host_kind, &account.host_url).oauth {
        return Ok(known);
    }
    let question = &known;
    let there = match session.ask(|forge| async move { forge.account_again(question).await }).await {
        Err(Failure::Forge(ForgeError {
            problem: Problem::NotFound | Problem::Forbidden | Problem::NotAvailable,
            ..
        })) => return Ok(known),
        told => told?,
    };
    if (&there.path, &there.name, &there.web_url) == (&known.path, &known.name, &known.web_url) {
        return Ok(known);
    }
    let mut tx = lease.begin_write(Lane::Live).await?;
    let moved = tx.account_moved(account.id, &there).await?;
    tx.commit().await?;
    if moved {
        tracing::info!(
            account_id = account.id,
            from = known.path,
            to = there.path,
            "the account was moved at its forge"
        );
    } else {
        // The other account may have moved, too, and makes way with its own refresh.
        tracing::warn!(account_id = account.id, to = there.path, "another account has the path that this one moved to");
    }
    Ok(there)
}

/// An account of the store in the forge's words.
pub(crate) fn in_forge_words(account: &Account) -> ForgeAccount {
    ForgeAccount {
        forge_id: account.forge_id.clone(),
        kind: account.kind,
        path: account.path.clone(),
        name: account.name.clone(),
        web_url: account.web_url.clone(),
    }
}
