//! What a check of a forge or a test of a Jira found, step by step.

use std::fmt::Write as _;

use askama::Template;
use sync::check::{Report, Stage, Verdict};

use super::lozenge::Lozenge;
use super::prose::Prose;

/// What a check or a test found.
pub struct ReportView {
    pub lozenge: Lozenge,
    pub steps: Vec<Step>,
}

/// A step: it draws itself as an item of a list.
#[derive(Template)]
#[template(path = "report_step.html")]
pub struct Step {
    stage: Stage,
    lozenge: Lozenge,
}

impl ReportView {
    /// The report as pages show it.
    pub fn new(report: Report) -> Self {
        Self { lozenge: Lozenge::verdict(report.verdict), steps: report.stages.into_iter().map(Step::new).collect() }
    }
}

impl Step {
    /// The step as pages show it.
    pub const fn new(stage: Stage) -> Self {
        Self { lozenge: Lozenge::verdict(stage.verdict), stage }
    }

    /// What the step is called.
    pub fn title(&self) -> &str {
        title(&self.stage)
    }

    /// How long it took; nothing where that is not worth a word.
    fn duration(&self) -> Option<String> {
        (self.stage.ms > 0).then(|| format!("{} ms", self.stage.ms))
    }

    #[expect(clippy::unused_self, reason = "templates reach it by the step")]
    const fn prose<'t>(&self, text: &'t str) -> Prose<'t> {
        Prose(text)
    }
}

fn title(stage: &Stage) -> &str {
    match stage.stage.as_str() {
        "url" => "Address",
        "name" => "Name of the server",
        "proxy" => "Proxy",
        "tcp" => "Connection",
        "tls" => "Encryption",
        "http" => "Answer",
        "kind" => "Kind of server",
        "application" => "OAuth application",
        "token" => "Access token",
        "version" => "Version",
        "account" => "Account",
        "rights" | "permission" => "Rights",
        "repositories" => "Repositories",
        "git" => "Git",
        "hooks" => "Web hooks",
        "log_in" => "Log-in",
        "projects" => "Projects",
        "time_tracking" => "Time tracking",
        "site_id" => "Cloud site",
        "oauth" => "OAuth credentials",
        "dev_info" => "Development information",
        "time" => "Time",
        other => other,
    }
}

/// The report as lines of text, for a mail or a ticket. Reports hold no secrets, so neither does it.
pub fn as_text(subject: &str, report: &Report) -> String {
    let mut text = format!("{subject}: {}\n", word(report.verdict));
    for stage in &report.stages {
        let _ = writeln!(text, "[{}] {}: {}", word(stage.verdict), title(stage), stage.seen);
        let cause = stage.cause.iter().map(|cause| format!("likely cause: {cause}"));
        let remedy = stage.remedy.iter().map(|remedy| format!("what to do: {remedy}"));
        for line in stage.details.iter().cloned().chain(cause).chain(remedy) {
            let _ = writeln!(text, "    {line}");
        }
    }
    text
}

fn word(verdict: Verdict) -> &'static str {
    Lozenge::verdict(verdict).word()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_has_every_line_of_every_step() {
        let stages = vec![
            Stage::passed("url", "https://git.corp").taking(3),
            Stage::failed("tls", "no <b>trust</b>", "an own authority", "name it").with_details(["a chain".to_owned()]),
            Stage::skipped("http", "a step before failed"),
        ];

        let text = as_text("https://git.corp", &Report::of(stages));

        assert_eq!(
            text,
            "https://git.corp: failed\n\
             [passed] Address: https://git.corp\n\
             [failed] Encryption: no <b>trust</b>\n    a chain\n    likely cause: an own authority\n    what to do: name it\n\
             [skipped] Answer: a step before failed\n"
        );
    }

    #[test]
    fn a_step_escapes_what_a_server_said() {
        let step = Step::new(Stage::failed("http", "<script>", "`<b>`", "a remedy"));

        let html = step.render().expect("it is drawn");

        assert!(html.contains("&lt;script&gt;") && html.contains("<code>&lt;b&gt;</code>"), "{html}");
        assert!(!html.contains("<script>"));
    }
}
