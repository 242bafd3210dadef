//! What the demo says once it is ready (design §8).

use sandbox::gitlab;
use sandbox::sample::Sample;
use serde::Serialize;
use store::Viewer;

use super::jira::Jira;
use crate::Failure;
use crate::program::Program;

/// How many issues besides the sample's are named.
const MOST_ISSUES: i64 = 50;

/// The line of `--format json`.
#[derive(Serialize)]
pub struct Answer {
    dovetail: DovetailSide,
    gitlab: GitlabSide,
    jira: JiraSide,
    issues: Vec<String>,
}

#[derive(Serialize)]
struct DovetailSide {
    url: String,
    user: String,
    password: String,
    api_token: String,
}

#[derive(Serialize)]
struct GitlabSide {
    url: String,
    group: String,
    application_id: String,
    application_secret: String,
    access_token: String,
}

#[derive(Serialize)]
struct JiraSide {
    url: String,
    token: String,
}

/// The sample's issues, and others that something names.
pub async fn issues(program: &Program, sample: &Sample) -> Result<Vec<String>, Failure> {
    let mut issues = sample.issues.clone();
    for (key, _) in program.state.engine().store().issue_keys_recent(Viewer::Everything, MOST_ISSUES).await? {
        if !issues.contains(&key) {
            issues.push(key);
        }
    }
    Ok(issues)
}

impl Answer {
    /// Gathers it from what runs.
    pub fn new(
        (forge, jira): (&gitlab::Server, &Jira),
        sample: &Sample,
        url: &str,
        (user, password): (&str, &str),
        (api_token, issues): (&str, Vec<String>),
    ) -> Self {
        Self {
            dovetail: DovetailSide {
                url: url.trim_end_matches('/').to_owned(),
                user: user.to_owned(),
                password: password.to_owned(),
                api_token: api_token.to_owned(),
            },
            gitlab: GitlabSide {
                url: forge.url().to_owned(),
                group: sample.group.clone(),
                application_id: sample.application_id.clone(),
                application_secret: sample.application_secret.clone(),
                access_token: sample.access_token.clone(),
            },
            jira: JiraSide { url: jira.url().to_owned(), token: jira.token().to_owned() },
            issues,
        }
    }

    /// For people.
    pub fn print(&self) {
        let first = self.issues.first().map_or("", String::as_str);
        println!();
        println!(
            "  Dovetail   {}   log in as {} with {}",
            self.dovetail.url, self.dovetail.user, self.dovetail.password
        );
        println!("  GitLab     {}   a stand-in; group {}", self.gitlab.url, self.gitlab.group);
        println!("  Jira       {}   a stand-in, connected; each issue has a page", self.jira.url);
        println!();
        println!("  an issue   {}/issues/{first}", self.dovetail.url);
        println!("  in Jira    {}/browse/{first}", self.jira.url);
        println!("  accounts   {}/accounts", self.dovetail.url);
        println!();
        println!("For a Jira, under DVCS accounts (docs/facade.md tells each step):");
        println!();
        println!("  Host                  GitHub Enterprise");
        println!("  Team or User Account  {}", self.gitlab.group);
        println!("  Host URL              {}", self.dovetail.url);
        println!("  Client ID             {}", self.gitlab.application_id);
        println!("  Client Secret         {}", self.gitlab.application_secret);
        println!();
        println!("  A real Jira drops port and path: put port 80 or 443 in front.");
        println!("  It may be at https://jira.example.com/; for another one set DOVETAIL_FACADE_ALLOWED_REDIRECTS.");
        println!();
        println!("To see it move, clone a project, commit with a key, and push: web hooks do the rest.");
        println!("A message such as `{first} #comment hello #time 1h #done` shows on the issue in Jira, too.");
        println!();
        println!(
            "  REST       curl -H 'Authorization: Bearer {}' {}/api/v1/accounts",
            self.dovetail.api_token, self.dovetail.url
        );
        println!("  GitLab     password for git: {}", self.gitlab.access_token);
        println!();
        println!("Ctrl-C ends it.");
    }
}
