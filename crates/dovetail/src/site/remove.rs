//! `dovetail site remove`.

use std::io::{BufRead, IsTerminal};

use http::Method;
use serde_json::json;

use super::wire::Site;
use super::{ROOT, sentences};
use crate::Failure;
use crate::commands::Format;
use crate::explain::harmless;
use crate::server::Server;

/// Runs the command.
pub async fn run(server: &Server, id: i64, yes: bool, format: Format) -> Result<(), Failure> {
    let path = format!("{ROOT}/{id}");
    let site: Site = server.read(&path).await?;
    if !yes && std::io::stdin().is_terminal() && !confirmed(&site)? {
        return Err(Failure::Usage("nothing was removed".to_owned()));
    }
    server.send(Method::DELETE, &path, &[], None::<&()>).await?;
    match format {
        Format::Json => println!("{}", json!({ "removed": id })),
        Format::Text => println!("{} is removed; what it was told goes in the background.", harmless(&site.name)),
    }
    Ok(())
}

#[expect(clippy::print_stderr, reason = "a question is no answer")]
fn confirmed(site: &Site) -> std::io::Result<bool> {
    eprint!("{}", sentences::remove(&site.name, &site.url));
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim() == site.name)
}
