//! The git caches of this node are kept within the room that they may take.

use crate::Engine;

/// Takes the objects away that were needed longest ago, if there are too many. What was taken away comes again with the next
/// fetch, so whatever goes wrong here is told to the log alone.
pub(crate) async fn tend(engine: &Engine) {
    let Some(most) = engine.options().cache_max_size else { return };
    let folder = engine.cache_folder();
    match tokio::task::spawn_blocking(move || git::make_room(&folder, most)).await {
        Ok(Ok(room)) if room.taken > most => {
            tracing::warn!(taken = room.taken, most, "the git caches that are in use take more than [cache] max_size");
        }
        Ok(Ok(room)) if room.freed > 0 => {
            tracing::info!(freed = room.freed, taken = room.taken, "git caches were emptied");
        }
        Ok(Ok(_)) => {}
        Ok(Err(error)) => tracing::warn!(%error, "the git caches could not be kept within [cache] max_size"),
        Err(error) => tracing::error!(%error, "keeping the git caches within [cache] max_size ended in a panic"),
    }
}
