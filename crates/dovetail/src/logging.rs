//! Logs go to standard error; `DOVETAIL_LOG` chooses what (`info`, `debug`, `sync=debug,web=info`).

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Begins logging. The default is `info` without the chatter of libraries.
pub fn start() {
    let filter = EnvFilter::try_from_env("DOVETAIL_LOG")
        .unwrap_or_else(|_| EnvFilter::new("warn,dovetail=info,sync=info,web=info,queue=info,store=info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::env::var("DOVETAIL_LOG_FORMAT").is_ok_and(|format| format == "json") {
        builder.json().init();
    } else {
        builder.with_ansi(std::io::stderr().is_terminal()).init();
    }
}
