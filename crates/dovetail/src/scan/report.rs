//! What a scan found, in the shape of `scan --format json` (design §8).

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use grammar::Noise;
use model::KeyForm;
use serde::Serialize;

/// The whole answer.
#[derive(Debug, Serialize)]
pub struct Report {
    pub repositories: Vec<RepositoryLine>,
    pub issues: Vec<IssueLine>,
    pub ignored: Vec<IgnoredLine>,
    pub elapsed_ms: u64,
    /// For the text form; the JSON shape is fixed without it.
    #[serde(skip)]
    pub commits_without_key: u64,
}

/// One repository that was read.
#[derive(Debug, Serialize)]
pub struct RepositoryLine {
    pub path: String,
    pub commits: u64,
    pub branches: u64,
}

/// One issue, and what names it.
#[derive(Debug, Serialize)]
pub struct IssueLine {
    pub key: String,
    pub commits: Vec<String>,
    pub branches: Vec<String>,
}

/// A project part that looks like a key and is noise.
#[derive(Debug, Serialize)]
pub struct IgnoredLine {
    pub prefix: String,
    pub count: u64,
}

/// What was found so far.
pub struct Findings {
    noise: Noise,
    projects: HashSet<String>,
    repositories: Vec<RepositoryLine>,
    issues: BTreeMap<(String, u64, String), IssueLine>,
    ignored: BTreeMap<String, u64>,
    seen: HashSet<String>,
    commits_without_key: u64,
}

impl Findings {
    /// Nothing yet. Keys of `projects` count in every form.
    pub fn new(projects: &[String], noise: Noise) -> Self {
        Self {
            noise,
            projects: projects.iter().map(|project| project.trim().to_uppercase()).collect(),
            repositories: Vec::new(),
            issues: BTreeMap::new(),
            ignored: BTreeMap::new(),
            seen: HashSet::new(),
            commits_without_key: 0,
        }
    }

    /// Notes one repository.
    pub fn repository(&mut self, line: RepositoryLine) {
        self.repositories.push(line);
    }

    /// Reads one branch's name.
    pub fn branch(&mut self, name: &str) {
        for key in self.keys(name) {
            let branches = &mut self.issue(key).branches;
            if branches.last().is_none_or(|last| last != name) {
                branches.push(name.to_owned());
            }
        }
    }

    /// Reads one commit's message; a commit that is in several repositories counts once.
    pub fn commit(&mut self, id: &str, message: &str) {
        let keys = self.keys(message);
        if keys.is_empty() {
            self.commits_without_key += 1;
            return;
        }
        if !self.seen.insert(id.to_owned()) {
            return;
        }
        for key in keys {
            self.issue(key).commits.push(id.to_owned());
        }
    }

    fn keys(&mut self, text: &str) -> Vec<String> {
        let mut keys = Vec::new();
        for mention in grammar::mentions(text, &self.noise) {
            let project = mention.key.rsplit_once('-').map_or("", |(project, _)| project);
            let known = self.projects.contains(project);
            if mention.form == KeyForm::Strict || known {
                if !keys.contains(&mention.key) {
                    keys.push(mention.key);
                }
            } else if mention.form == KeyForm::Noise {
                *self.ignored.entry(project.to_owned()).or_default() += 1;
            }
        }
        keys
    }

    fn issue(&mut self, key: String) -> &mut IssueLine {
        self.issues.entry(order(&key)).or_insert_with(|| IssueLine { key, commits: Vec::new(), branches: Vec::new() })
    }

    /// The answer.
    pub fn into_report(self, elapsed: Duration) -> Report {
        let mut ignored: Vec<IgnoredLine> =
            self.ignored.into_iter().map(|(prefix, count)| IgnoredLine { prefix, count }).collect();
        ignored.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.prefix.cmp(&b.prefix)));
        Report {
            repositories: self.repositories,
            issues: self.issues.into_values().collect(),
            ignored,
            elapsed_ms: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
            commits_without_key: self.commits_without_key,
        }
    }
}

/// By project, then by number: `ABC-9` before `ABC-10`.
fn order(key: &str) -> (String, u64, String) {
    let (project, number) = key.rsplit_once('-').unwrap_or((key, ""));
    (project.to_owned(), number.parse().unwrap_or(u64::MAX), number.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issues_are_ordered_by_number_and_noise_is_counted() {
        let mut findings = Findings::new(&["pay".to_owned()], Noise::default());
        findings.branch("feature/SHOP-10-cart");
        findings.commit("a", "SHOP-9 SHOP-10: UTF-8 names");
        findings.commit("b", "pay-3 in lower case");
        findings.commit("c", "nothing");
        let report = findings.into_report(Duration::ZERO);
        let keys: Vec<&str> = report.issues.iter().map(|issue| issue.key.as_str()).collect();
        assert_eq!(keys, ["PAY-3", "SHOP-9", "SHOP-10"]);
        assert_eq!(report.issues[2].branches, ["feature/SHOP-10-cart"]);
        assert_eq!((report.ignored[0].prefix.as_str(), report.ignored[0].count), ("UTF", 1));
        assert_eq!(report.commits_without_key, 1);
    }

    #[test]
    fn a_commit_in_two_repositories_counts_once() {
        let mut findings = Findings::new(&[], Noise::default());
        findings.commit("a", "SHOP-1");
        findings.commit("a", "SHOP-1");
        assert_eq!(findings.into_report(Duration::ZERO).issues[0].commits, ["a"]);
    }
}
