//! `dovetail scan`: the dry run before connecting. Which issues do these repositories name?

mod print;
mod progress;
mod report;

use std::path::{Path, PathBuf};
use std::time::Instant;

use git::{Git, Remote};
use grammar::Noise;

use crate::Failure;
use crate::commands::{Format, ScanArguments};
use crate::scan::progress::Progress;
use crate::scan::report::{Findings, RepositoryLine};

/// Runs the command.
pub async fn run(arguments: ScanArguments) -> Result<(), Failure> {
    let begun = Instant::now();
    let repositories = find(&arguments.paths)?;
    let mut findings = Findings::new(&arguments.projects, Noise::default());
    let mut progress = Progress::new(repositories.len());
    for path in &repositories {
        read(path, &mut findings, &mut progress).await?;
    }
    progress.finish();
    let report = findings.into_report(begun.elapsed());
    match arguments.format {
        Format::Json => println!("{}", serde_json::to_string(&report)?),
        Format::Text => print::report(&report),
    }
    Ok(())
}

/// The repositories at and below the paths; a path without any is a wrong use.
fn find(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut all = Vec::new();
    for path in paths {
        let found = forge::find_repositories(path)
            .map_err(|error| Failure::Usage(format!("{}: {}", path.display(), error.happened())))?;
        if found.is_empty() {
            return Err(Failure::Usage(format!("{} is no git repository and has none below it", path.display())));
        }
        all.extend(found);
    }
    all.sort();
    all.dedup();
    Ok(all)
}

async fn read(path: &Path, findings: &mut Findings, progress: &mut Progress) -> Result<(), Failure> {
    let git = Git::new();
    let remote = Remote::Local(path.to_owned());
    let wrong = |error: git::GitError| Failure::Failed(anyhow::anyhow!("cannot read {}: {error}", path.display()));
    let cache = git.cache(path, &remote, false).await.map_err(wrong)?;
    progress.repository(path);
    let visited = cache.visit_commits(|commit| {
        findings.commit(commit.id, &commit.message_text().0);
        progress.commit();
    });
    // Of a short history the processes of git take longer to start than to run.
    let (refs, commits) = tokio::try_join!(git.ls_refs(&remote), visited).map_err(wrong)?;
    for branch in &refs.branches {
        findings.branch(&branch.name);
    }
    findings.repository(RepositoryLine {
        path: path.display().to_string(),
        commits: commits as u64,
        branches: refs.branches.len() as u64,
    });
    Ok(())
}
