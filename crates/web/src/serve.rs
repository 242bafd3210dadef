//! Answering on a socket until told to stop.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::metrics;

/// How long requests under way may take once the server stops.
const GRACE: Duration = Duration::from_secs(2);

/// Answers until `shutdown` is cancelled, then lets requests under way end for at most two seconds.
///
/// Cancel the same token that [`crate::AppState::new`] was given: it ends the event streams.
///
/// # Errors
/// When the socket fails.
pub async fn serve(listener: TcpListener, router: Router, shutdown: CancellationToken) -> std::io::Result<()> {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let answered = axum::serve(listener, service).with_graceful_shutdown(shutdown.clone().cancelled_owned());
    let out_of_patience = async {
        shutdown.cancelled().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        ended = answered.into_future() => ended,
        () = out_of_patience => Ok(()),
        never = metrics::upkeep() => match never {},
    }
}
