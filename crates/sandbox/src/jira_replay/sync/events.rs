//! Events: what a soft sync of pull requests looks at.

use std::collections::BTreeSet;

use super::{Synchronizer, Trouble, fresh};
use crate::jira_replay::calls::Kind;
use crate::jira_replay::egit::{Comment, Event, Missing, Payload, PullRequest};
use crate::jira_replay::memory::Message;

/// The states in which a pull request is looked for, in this order.
const STATES: [&str; 2] = ["open", "closed"];

impl Synchronizer<'_> {
    /// Reads events from the newest to one that is older than the save point, and queues what they are about. Where none is older,
    /// events may be missing: then the list of pull requests is read as well.
    pub(super) async fn read_events(&mut self) -> Result<(), Trouble> {
        let save_point = self.repository.save_point;
        let (mut newest, mut met, mut numbers, mut processed) = (None, false, Vec::new(), BTreeSet::new());
        let clients = self.clients;
        let mut pages = clients.plain.pages(Kind::Events, &self.of_repository("events"), 100);
        'pages: while let Some(page) = pages.next::<Event>().await {
            let page = match page {
                Ok(page) => page,
                Err(error) => return Err(self.trouble(error).await),
            };
            for event in page {
                let at = event.created_at.ok_or(Missing("created_at"))?;
                if save_point.is_some_and(|save_point| at < save_point) {
                    met = true;
                    break 'pages;
                }
                let id = event.id.clone().ok_or(Missing("id"))?;
                if self.repository.events.contains(&id) {
                    continue;
                }
                if let Some((id, number)) = self.about(&event.payload).await?
                    && processed.insert(id)
                {
                    numbers.push(number);
                }
                self.repository.events.insert(id);
                newest = newest.or(Some(at));
            }
        }
        for number in numbers {
            self.publish(fresh(Message::PullRequest { number }));
        }
        if let Some(newest) = newest {
            self.repository.save_point = Some(newest);
            if !met {
                self.publish(fresh(Message::Page { page: 1, processed }));
            }
        }
        Ok(())
    }

    /// A full sync stores the first answer whole; its first event is the save point.
    pub(super) async fn keep_first_events(&mut self) -> Result<(), Trouble> {
        let uri = self.of_repository("events?per_page=1&page=1");
        let events = match self.clients.plain.list::<Event>(Kind::Events, &uri).await {
            Ok(reply) => reply.body,
            Err(error) => return Err(self.trouble(error).await),
        };
        for (index, event) in events.iter().enumerate() {
            let at = event.created_at.ok_or(Missing("created_at"))?;
            self.repository.events.insert(event.id.clone().ok_or(Missing("id"))?);
            if index == 0 {
                self.repository.save_point = Some(at);
            }
        }
        Ok(())
    }

    /// Id and number of the pull request that an event is about; none where Jira does not look.
    async fn about(&self, payload: &Payload) -> Result<Option<(i64, i64)>, Trouble> {
        match payload {
            Payload::PullRequest(pull_request) => {
                let pull_request = pull_request.as_ref().ok_or(Missing("payload.pull_request"))?;
                Ok(Some(ids(pull_request)))
            }
            Payload::IssueComment(None) | Payload::Other => Ok(None),
            Payload::IssueComment(Some(html_url)) => self.with_address(html_url).await,
            Payload::ReviewComment(comment) => {
                self.with_comment(comment.as_ref().ok_or(Missing("payload.comment"))?.id).await
            }
        }
    }

    /// The pull request with this page.
    async fn with_address(&self, html_url: &str) -> Result<Option<(i64, i64)>, Trouble> {
        for state in STATES {
            let all = self.all::<PullRequest>(Kind::PullRequests, &format!("pulls?state={state}")).await?;
            if let Some(found) = all.iter().find(|it| it.html_url.as_deref() == Some(html_url)) {
                return Ok(Some(ids(found)));
            }
        }
        Ok(None)
    }

    /// The pull request with this comment on its code.
    async fn with_comment(&self, id: i64) -> Result<Option<(i64, i64)>, Trouble> {
        for state in STATES {
            for found in self.all::<PullRequest>(Kind::PullRequests, &format!("pulls?state={state}")).await? {
                let rest = format!("pulls/{}/comments", found.number);
                let comments = self.all::<Comment>(Kind::ReviewComments, &rest).await?;
                if comments.iter().any(|comment| comment.id == id) {
                    return Ok(Some(ids(&found)));
                }
            }
        }
        Ok(None)
    }
}

fn ids(pull_request: &PullRequest) -> (i64, i64) {
    (pull_request.id, i64::from(pull_request.number))
}
