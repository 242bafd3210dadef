//! What the facade keeps and serves: by grant, and never more than its user sees.

mod commits;
mod doors;
mod hooks;
mod pulls;
mod sight;

use model::secret::SecretString;
use store::facade::{CodeExchange, Grant};

use crate::world::{NOW, World, user};

/// An application of the world's host.
async fn application(world: &World, client_id: &str) -> i64 {
    let mut tx = world.write().await;
    let id = tx.application_put(world.host, client_id, &SecretString::from("secret"), NOW).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// A grant of a user who is a member of these, by the forge's ids.
async fn grant(world: &World, login: &str, forge_ids: &[&str]) -> Grant {
    let application = application(world, "client").await;
    let mut tx = world.write().await;
    let id = tx.facade_grant_put(application, world.host, &user(login), NOW).await.unwrap();
    tx.commit().await.unwrap();
    members(world, id, forge_ids).await;
    world.facade_grant(id).await.unwrap().unwrap()
}

async fn members(world: &World, grant_id: i64, forge_ids: &[&str]) {
    let forge_ids: Vec<String> = forge_ids.iter().map(|id| (*id).to_owned()).collect();
    let mut tx = world.write().await;
    tx.facade_memberships_replace(grant_id, &forge_ids, NOW).await.unwrap();
    tx.commit().await.unwrap();
}

async fn code(world: &World, grant: &Grant, hash: &str) {
    let mut tx = world.write().await;
    tx.facade_code_put(hash, grant.application_id, grant.id, NOW, NOW + 600_000).await.unwrap();
    tx.commit().await.unwrap();
}

/// A token of a grant, by its hash.
async fn token(world: &World, grant: &Grant, hash: &str) -> i64 {
    code(world, grant, &format!("code of {hash}")).await;
    let code = format!("code of {hash}");
    match world.facade_code_exchange(&code, grant.application_id, hash, NOW).await.unwrap() {
        CodeExchange::Exchanged { token_id } => token_id,
        other => panic!("a token expected, but {other:?}"),
    }
}
