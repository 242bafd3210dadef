//! The text form of a scan.

use std::collections::BTreeMap;

use super::report::Report;

/// How many issues are listed one by one.
const LISTED: usize = 40;

/// Prints it.
pub fn report(report: &Report) {
    let commits: u64 = report.repositories.iter().map(|repository| repository.commits).sum();
    for repository in &report.repositories {
        println!("{}  {} commits, {} branches", repository.path, repository.commits, repository.branches);
    }
    println!();
    if report.issues.is_empty() {
        println!("No issue keys. Dovetail looks for keys like ABC-123 in commit messages and branch names;");
        println!("if your keys are written in lower case, name their projects: dovetail scan --project ABC …");
    } else {
        projects(report);
        println!();
        issues(report);
    }
    println!();
    println!("commits without a key: {} of {commits}", report.commits_without_key);
    if !report.ignored.is_empty() {
        let prefixes: Vec<String> =
            report.ignored.iter().map(|ignored| format!("{} ({})", ignored.prefix, ignored.count)).collect();
        println!("looks like a key, but is noise: {}", prefixes.join(", "));
    }
    println!("took {} ms", report.elapsed_ms);
}

fn projects(report: &Report) {
    let mut projects: BTreeMap<&str, (usize, usize, usize)> = BTreeMap::new();
    for issue in &report.issues {
        let project = issue.key.rsplit_once('-').map_or(issue.key.as_str(), |(project, _)| project);
        let counts = projects.entry(project).or_default();
        counts.0 += 1;
        counts.1 += issue.commits.len();
        counts.2 += issue.branches.len();
    }
    let mut projects: Vec<_> = projects.into_iter().collect();
    projects.sort_by_key(|(_, counts)| std::cmp::Reverse(counts.1));
    println!("{:<16} {:>8} {:>9} {:>9}", "project", "issues", "commits", "branches");
    for (project, (issues, commits, branches)) in projects {
        println!("{project:<16} {issues:>8} {commits:>9} {branches:>9}");
    }
}

fn issues(report: &Report) {
    println!("{:<16} {:>9}  branches", "issue", "commits");
    for issue in report.issues.iter().take(LISTED) {
        println!(
            "{:<16} {:>9}  {}",
            issue.key,
            issue.commits.len(),
            crate::explain::harmless(&issue.branches.join(", "))
        );
    }
    if report.issues.len() > LISTED {
        println!("… and {} more; `--format json` has them all", report.issues.len() - LISTED);
    }
}
