//! Logs go to standard error; `DOVETAIL_LOG` chooses what (`info`, `debug`, `sync=debug,web=info`).

use std::io::IsTerminal;

use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, registry};

/// What is not logged whatever `DOVETAIL_LOG` says: the check for cross-site forms names paths, which may be one-time links.
const NAMES_PATHS: &str = "tower_http::csrf";

/// Begins logging. The default is `info` without the chatter of libraries.
pub fn start() {
    let filter = EnvFilter::try_from_env("DOVETAIL_LOG")
        .unwrap_or_else(|_| EnvFilter::new("warn,dovetail=info,sync=info,web=info,queue=info,store=info"));
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines = if std::env::var("DOVETAIL_LOG_FORMAT").is_ok_and(|format| format == "json") {
        lines.json().boxed()
    } else {
        lines.with_ansi(std::io::stderr().is_terminal()).boxed()
    };
    let harmless = filter_fn(|metadata| !metadata.target().starts_with(NAMES_PATHS));
    registry().with(lines).with(filter).with(harmless).init();
}
