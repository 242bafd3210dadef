//! The JSON of what a check of a forge, or a test of a Jira, found.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sync::check;
use utoipa::ToSchema;

/// What a test found, step by step.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Report {
    /// `failed` if a step failed, else `warning` if one warned, else `passed`.
    verdict: String,
    /// The steps in their order.
    stages: Vec<Stage>,
}

impl Report {
    /// The report as the check writes it.
    pub fn read(report: Value) -> serde_json::Result<Self> {
        serde_json::from_value(report)
    }
}

/// A step of a test.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Stage {
    /// Its name, such as `tls` or `log_in`.
    stage: String,
    /// `passed`, `warning`, `failed` or `skipped`.
    verdict: String,
    /// What was seen, or why nothing was.
    seen: String,
    /// The likely cause of what is not as it should be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
    /// How long it took, in milliseconds.
    ms: u64,
    /// Lines beside it: each address, each certificate.
    #[serde(default)]
    details: Vec<String>,
}

impl From<check::Report> for Report {
    fn from(report: check::Report) -> Self {
        Self { verdict: word(report.verdict).to_owned(), stages: report.stages.into_iter().map(Stage::from).collect() }
    }
}

impl From<check::Stage> for Stage {
    fn from(stage: check::Stage) -> Self {
        Self {
            stage: stage.stage,
            verdict: word(stage.verdict).to_owned(),
            seen: stage.seen,
            cause: stage.cause,
            remedy: stage.remedy,
            ms: stage.ms,
            details: stage.details,
        }
    }
}

const fn word(verdict: check::Verdict) -> &'static str {
    match verdict {
        check::Verdict::Passed => "passed",
        check::Verdict::Warning => "warning",
        check::Verdict::Failed => "failed",
        check::Verdict::Skipped => "skipped",
    }
}
