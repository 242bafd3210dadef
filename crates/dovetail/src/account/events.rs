//! The server's stream of progress events.

use std::time::Duration;

use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use sse_stream::SseStream;

use super::wire::Progress;
use crate::server::{Server, Trouble};

/// How long one stream may last; the next one goes on where it ended, as each begins with how everything stands.
const LONGEST: Duration = Duration::from_secs(60 * 60);

/// The lines of each event, one for every account with something under way.
pub struct Events(BoxStream<'static, Result<Vec<Progress>, ()>>);

impl Events {
    /// Opens the stream.
    ///
    /// # Errors
    /// When the server cannot be reached or does not let this caller in.
    pub async fn open(server: &Server) -> Result<Self, Trouble> {
        let request = server.get("/api/v1/events").header("accept", "text/event-stream").timeout(LONGEST);
        let answer = request.send().await.map_err(|error| server.unreachable(&error))?;
        let bytes = server.good(answer).await?.stream();
        let events = SseStream::from_bytes_stream(bytes).map_err(broken).try_filter_map(|event| async move {
            if event.event.as_deref() != Some("progress") {
                return Ok(None);
            }
            serde_json::from_str(event.data.as_deref().unwrap_or_default()).map(Some).map_err(broken)
        });
        Ok(Self(events.boxed()))
    }

    /// The next event; none when the stream broke off or ended, as it does when the server stops.
    pub async fn next(&mut self) -> Option<Vec<Progress>> {
        self.0.next().await?.ok()
    }
}

/// Why a stream broke is not worth telling: it is opened again, and that fails with a reason if the server is gone.
fn broken(error: impl std::fmt::Display) {
    tracing::debug!(%error, "the stream of events broke off");
}
