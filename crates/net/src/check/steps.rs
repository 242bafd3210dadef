//! The steps of a check as they are taken, told to whoever watches.

use tokio::sync::mpsc::UnboundedSender;

use super::stage::{Stage, Verdict};

/// Who is told each step as soon as it is known. Nobody has to listen.
pub type Watch = UnboundedSender<Stage>;

/// The steps taken so far.
#[derive(Debug)]
pub struct Steps<'a> {
    taken: Vec<Stage>,
    watch: Option<&'a Watch>,
}

impl<'a> Steps<'a> {
    /// None yet.
    #[must_use]
    pub const fn new(watch: Option<&'a Watch>) -> Self {
        Self { taken: Vec::new(), watch }
    }

    /// Takes a step, and tells it.
    pub fn push(&mut self, stage: Stage) {
        if let Some(watch) = self.watch {
            // Whoever has stopped listening misses nothing that the report does not have.
            let _ = watch.send(stage.clone());
        }
        self.taken.push(stage);
    }

    /// Takes steps that were told already.
    pub fn extend_told(&mut self, stages: Vec<Stage>) {
        self.taken.extend(stages);
    }

    /// How many were taken.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.taken.len()
    }

    /// Whether none was taken.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.taken.is_empty()
    }

    /// Whether one failed.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.taken.iter().any(|stage| stage.verdict == Verdict::Failed)
    }

    /// All of them.
    #[must_use]
    pub fn taken(self) -> Vec<Stage> {
        self.taken
    }
}

#[cfg(test)]
mod tests {
    use super::{Stage, Steps};

    #[test]
    fn each_step_is_told_once_and_nobody_has_to_listen() {
        let (watch, mut told) = tokio::sync::mpsc::unbounded_channel();
        let mut steps = Steps::new(Some(&watch));
        steps.push(Stage::passed("url", "https://git.corp"));
        steps.extend_told(vec![Stage::skipped("name", "no need")]);
        assert_eq!(told.try_recv().unwrap().stage, "url");
        assert!(told.try_recv().is_err());

        drop(told);
        steps.push(Stage::failed("tcp", "refused", "a cause", "a remedy"));
        assert!(steps.failed());
        assert_eq!(steps.taken().len(), 3);
    }
}
