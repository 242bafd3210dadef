//! `dovetail site add`.

use std::path::Path;

use http::Method;

use super::ROOT;
use super::wire::{Added, NewSite, Settings};
use crate::Failure;
use crate::commands::{Format, NewSiteArguments, SiteKind};
use crate::server::Server;
use crate::server::token;

/// Runs the command.
pub async fn run(server: &Server, arguments: &NewSiteArguments, format: Format) -> Result<(), Failure> {
    let new = new_site(arguments)?;
    let answer = server.send(Method::POST, ROOT, &[], Some(&new)).await?;
    let added: Added = server.understood(answer).await?;
    match format {
        Format::Json => println!("{}", serde_json::to_string(&added)?),
        Format::Text => {
            let id = added.id;
            print!("{}", added.report);
            match added.report.verdict.as_str() {
                "failed" => println!("It is kept as site {id}. Mend what failed, then run `dovetail site test {id}`."),
                _ => println!("It is site {id}; its projects are being read."),
            }
        }
    }
    Ok(())
}

fn new_site(arguments: &NewSiteArguments) -> Result<NewSite, Failure> {
    let usage = |line: &str| Err(Failure::Usage(line.to_owned()));
    let is_standard_input = |path: &Option<_>| path.as_deref() == Some(Path::new("-"));
    if arguments.kind == SiteKind::DataCenter && arguments.client_id.is_some() {
        return usage(
            "--client-id and --client-secret-file are for Cloud; Data Center takes no development information",
        );
    }
    if arguments.kind == SiteKind::DataCenter && arguments.token_file.is_none() {
        return usage(
            "Data Center needs --token-file with a personal access token, or --user and --token-file with a password",
        );
    }
    if arguments.kind == SiteKind::Cloud && arguments.commit_comments {
        return usage("--commit-comments is for Data Center; Cloud runs smart commits itself");
    }
    if is_standard_input(&arguments.token_file) && is_standard_input(&arguments.client_secret_file) {
        return usage("only one of --token-file and --client-secret-file can be standard input");
    }
    Ok(NewSite {
        kind: match arguments.kind {
            SiteKind::DataCenter => "data_center",
            SiteKind::Cloud => "cloud",
        },
        url: arguments.url.clone(),
        name: arguments.name.clone(),
        user: arguments.user.clone(),
        secret: arguments.token_file.as_deref().map(token::from_file).transpose()?,
        client_id: arguments.client_id.clone(),
        client_secret: arguments.client_secret_file.as_deref().map(token::from_file).transpose()?,
        settings: arguments.commit_comments.then_some(Settings { commit_comments: true }),
    })
}
