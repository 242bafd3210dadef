//! One step of a check, and all of them together.

use serde::{Deserialize, Serialize};

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// As it should be.
    Passed,
    /// It works, and somebody should look at it.
    Warning,
    /// It does not work.
    Failed,
    /// It was not looked at.
    Skipped,
}

/// One step of a check, in the shape of `dovetail check --format json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// Its name: `url`, `name`, `proxy`, `tcp`, `tls`, `http`; later ones come from other crates.
    pub stage: String,
    /// How it ended.
    pub verdict: Verdict,
    /// What was seen, or why nothing was.
    pub seen: String,
    /// The likely cause of what is not as it should be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// How long it took, in milliseconds.
    pub ms: u64,
    /// Lines beside it: each address, each certificate.
    #[serde(default)]
    pub details: Vec<String>,
}

impl Stage {
    /// A step that is as it should be.
    pub fn passed(stage: impl Into<String>, seen: impl Into<String>) -> Self {
        Self::new(stage.into(), Verdict::Passed, seen.into())
    }

    /// A step that works, and that somebody should look at.
    pub fn warning(
        stage: impl Into<String>,
        seen: impl Into<String>,
        cause: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self::new(stage.into(), Verdict::Warning, seen.into()).because(cause.into(), remedy.into())
    }

    /// A step that does not work.
    pub fn failed(
        stage: impl Into<String>,
        seen: impl Into<String>,
        cause: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self::new(stage.into(), Verdict::Failed, seen.into()).because(cause.into(), remedy.into())
    }

    /// A step that was not taken, and why.
    pub fn skipped(stage: impl Into<String>, why: impl Into<String>) -> Self {
        Self::new(stage.into(), Verdict::Skipped, why.into())
    }

    const fn new(stage: String, verdict: Verdict, seen: String) -> Self {
        Self { stage, verdict, seen, cause: None, remedy: None, ms: 0, details: Vec::new() }
    }

    fn because(self, cause: String, remedy: String) -> Self {
        Self { cause: Some(cause), remedy: Some(remedy), ..self }
    }

    /// The same as a warning: where it does not stop what comes after it.
    #[must_use]
    pub const fn as_warning(mut self) -> Self {
        self.verdict = Verdict::Warning;
        self
    }

    /// The same with its duration in milliseconds.
    #[must_use]
    pub const fn taking(mut self, ms: u64) -> Self {
        self.ms = ms;
        self
    }

    /// The same with more lines beside it.
    #[must_use]
    pub fn with_details(mut self, lines: impl IntoIterator<Item = String>) -> Self {
        self.details.extend(lines);
        self
    }
}

/// A whole check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Failed if a step failed, else a warning if one warned, else passed.
    pub verdict: Verdict,
    /// The steps in their order.
    pub stages: Vec<Stage>,
}

impl Report {
    /// The report of these steps.
    #[must_use]
    pub fn of(stages: Vec<Stage>) -> Self {
        let any = |verdict| stages.iter().any(|stage| stage.verdict == verdict);
        let verdict = if any(Verdict::Failed) {
            Verdict::Failed
        } else if any(Verdict::Warning) {
            Verdict::Warning
        } else {
            Verdict::Passed
        };
        Self { verdict, stages }
    }

    /// The first step that failed.
    #[must_use]
    pub fn first_failed(&self) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.verdict == Verdict::Failed)
    }
}

#[cfg(test)]
mod tests {
    use super::{Report, Stage, Verdict};

    #[test]
    fn the_worst_step_decides() {
        let passed = || Stage::passed("url", "https://git.corp");
        let warning = || Stage::warning("name", "slow", "a cause", "a remedy");
        let failed = || Stage::failed("tcp", "refused", "a cause", "a remedy");
        let skipped = || Stage::skipped("tls", "a step before failed");
        let verdict = |stages: Vec<Stage>| Report::of(stages).verdict;

        assert_eq!(verdict(vec![passed(), skipped()]), Verdict::Passed);
        assert_eq!(verdict(vec![passed(), warning(), skipped()]), Verdict::Warning);
        assert_eq!(verdict(vec![warning(), failed(), skipped()]), Verdict::Failed);
        assert_eq!(Report::of(vec![warning(), failed(), failed()]).first_failed(), Some(&failed()));
        assert_eq!(Report::of(vec![passed(), warning()]).first_failed(), None);
    }

    #[test]
    fn json_has_the_names_that_other_programs_read() {
        let stages = vec![
            Stage::passed("url", "https://git.corp").taking(3).with_details(["a line".to_owned()]),
            Stage::failed("tcp", "refused", "a cause", "a remedy"),
        ];
        let expected = serde_json::json!({"verdict": "failed", "stages": [
            {"stage": "url", "verdict": "passed", "seen": "https://git.corp", "ms": 3, "details": ["a line"]},
            {"stage": "tcp", "verdict": "failed", "seen": "refused", "cause": "a cause", "remedy": "a remedy", "ms": 0, "details": []},
        ]});
        let report = Report::of(stages);

        assert_eq!(serde_json::to_value(&report).unwrap(), expected);
        assert_eq!(serde_json::from_value::<Report>(expected).unwrap(), report);
    }
}
