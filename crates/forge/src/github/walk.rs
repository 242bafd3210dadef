//! Walking from commit to commit by `/commits/:sha`, where there is neither git nor a list: one request for each.
//!
//! A page is a few steps of the walk. The first is the head alone, as often nothing else is new; each further one is twice
//! as long. What comes next stands in the page's own text. What was shown already, the client remembers: where it was
//! replaced meanwhile, some are shown twice, which does no harm.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use futures::{StreamExt as _, TryStreamExt as _};
use model::{Commit, ObjectId};

use crate::github::client::Client;
use crate::github::fallback::{commit, id};
use crate::github::place::Place;
use crate::github::shapes;
use crate::{ForgeError, Problem, sentences};

/// Commits on the longest page.
const LONGEST_PAGE: usize = 100;
/// How many questions are on their way at the same time.
const AT_ONCE: usize = 8;
/// Commits that can wait to be asked for: no history has so many lines side by side.
const WIDEST: usize = 10_000;
/// Commits of one walk.
const LONGEST: usize = 2_000_000;

/// What the walks of a client have shown: of one at a time, as branches are read one after the other.
#[derive(Debug, Default)]
pub struct Walk(Mutex<Shown>);

#[derive(Debug, Default)]
struct Shown {
    /// The repository and the head of the walk.
    of: Option<(String, ObjectId)>,
    commits: HashSet<ObjectId>,
}

/// Where a walk goes on.
#[derive(Debug, PartialEq, Eq)]
struct Step {
    /// How many commits the page may have.
    length: usize,
    /// What is to be asked for, in order.
    ahead: Vec<ObjectId>,
}

impl Step {
    fn parse(text: &str) -> Result<Self, ForgeError> {
        let wrong = || ForgeError::from(Problem::Data(sentences::not_a_position()));
        let (length, ahead) = text.split_once(':').ok_or_else(wrong)?;
        let length = length.parse().map_err(|_| wrong())?;
        let ahead = ahead.split(',').map(id).collect::<Result<Vec<_>, _>>().map_err(|_| wrong())?;
        Ok(Self { length: usize::clamp(length, 1, LONGEST_PAGE), ahead })
    }

    fn text(&self) -> String {
        let ahead: Vec<&str> = self.ahead.iter().map(ObjectId::as_str).collect();
        format!("{}:{}", self.length, ahead.join(","))
    }
}

impl Walk {
    /// Goes on with the walk from `head`, or begins it.
    fn shown(&self, repository: &str, head: &ObjectId, begins: bool) -> HashSet<ObjectId> {
        let mut shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of = Some((repository.to_owned(), head.clone()));
        if begins || shown.of != of {
            *shown = Shown { of, commits: HashSet::new() };
        }
        std::mem::take(&mut shown.commits)
    }

    fn put_back(&self, commits: HashSet<ObjectId>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).commits = commits;
    }
}

impl Client {
    /// A few commits reachable from `head`, those nearest to it first.
    pub async fn walked(
        &self,
        place: Place<'_>,
        head: &ObjectId,
        page: Option<&str>,
    ) -> Result<(Vec<Commit>, Option<String>), ForgeError> {
        let step = match page {
            Some(page) => Step::parse(page)?,
            None => Step { length: 1, ahead: vec![head.clone()] },
        };
        let of = place.segments(&[]).join("/");
        let mut shown = self.walk().shown(&of, head, page.is_none());
        let walked = self.walk_on(place, step, &mut shown).await;
        self.walk().put_back(shown);
        let (commits, next) = walked?;
        Ok((commits, next.map(|next| next.text())))
    }

    async fn walk_on(
        &self,
        place: Place<'_>,
        step: Step,
        shown: &mut HashSet<ObjectId>,
    ) -> Result<(Vec<Commit>, Option<Step>), ForgeError> {
        let (mut commits, mut ahead) = (Vec::new(), step.ahead);
        while commits.len() < step.length && !ahead.is_empty() {
            let later = ahead.split_off(ahead.len().min(step.length - commits.len()));
            let asked = futures::stream::iter(ahead).map(|id| self.one_commit(place, id));
            let wave: Vec<Commit> = asked.buffered(AT_ONCE).try_collect().await?;
            ahead = later;
            let mut waiting: HashSet<ObjectId> = ahead.iter().cloned().collect();
            shown.extend(wave.iter().map(|commit| commit.id.clone()));
            for parent in wave.iter().flat_map(|commit| &commit.parents) {
                if !shown.contains(parent) && waiting.insert(parent.clone()) {
                    ahead.push(parent.clone());
                }
            }
            commits.extend(wave);
            if ahead.len() > WIDEST || shown.len() > LONGEST {
                return Err(Problem::Data(sentences::endless_list()).into());
            }
        }
        let next = Step { length: (step.length * 2).min(LONGEST_PAGE), ahead };
        Ok((commits, Some(next).filter(|next| !next.ahead.is_empty())))
    }

    async fn one_commit(&self, place: Place<'_>, id: ObjectId) -> Result<Commit, ForgeError> {
        let told: shapes::Commit = self.one(&place.segments(&["commits", id.as_str()]), "").await?;
        let commit = commit(&told)?;
        if commit.id == id { Ok(commit) } else { Err(Problem::Data(sentences::not_an_object_id()).into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_survives_as_text() {
        // given
        let step = Step { length: 4, ahead: vec!["1".repeat(40).parse().unwrap(), "2".repeat(40).parse().unwrap()] };

        // then
        assert_eq!(Step::parse(&step.text()).unwrap(), step);
        for nonsense in ["", "4", "4:", "x:1", &format!("4:{},", "1".repeat(40)), "-1:"] {
            assert!(Step::parse(nonsense).is_err(), "{nonsense}");
        }
        assert_eq!(Step::parse(&format!("999999999:{}", "1".repeat(40))).unwrap().length, LONGEST_PAGE);
    }
}
