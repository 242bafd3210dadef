//! `dovetail site test`.

use http::Method;

use super::{ROOT, sentences};
use crate::Failure;
use crate::commands::Format;
use crate::report::Report;
use crate::server::Server;

/// Runs the command.
pub async fn run(server: &Server, id: i64, format: Format) -> Result<(), Failure> {
    let answer = server.send(Method::POST, &format!("{ROOT}/{id}/test"), &[], None::<&()>).await?;
    let report: Report = server.understood(answer).await?;
    match format {
        Format::Json => println!("{}", serde_json::to_string(&report)?),
        Format::Text => print!("{report}"),
    }
    match report.first_failed() {
        Some(failed) => Err(Failure::Failed(anyhow::anyhow!(sentences::failed(id, &failed.stage)))),
        None => Ok(()),
    }
}
