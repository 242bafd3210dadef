//! Who reviews a pull request, and who approved it.

use model::Reviewer;

use crate::ForgeError;
use crate::github::client::{Client, absent_is_none};
use crate::github::paging::PER_PAGE;
use crate::github::place::Place;
use crate::github::shapes;

impl Client {
    /// Those who were asked, and those who reviewed, each once. Of a person's reviews the last verdict counts; remarks are
    /// none. Who opened the pull request answers remarks, and reviews nothing. GitLab's copy tells no reviews.
    pub async fn reviewers(&self, repository: &str, number: i64) -> Result<Vec<Reviewer>, ForgeError> {
        let pull = self.merge_request_shape(repository, number).await?;
        let mut reviewers: Vec<Reviewer> = Vec::new();
        let author = self.user(&pull.user).login;
        for review in self.reviews(repository, number).await? {
            let user = self.user(&review.user);
            if user.login.is_empty() || user.login == author {
                continue;
            }
            let verdict = verdict(&review.state);
            match reviewers.iter_mut().find(|known| known.user.login == user.login) {
                Some(known) => known.approved = verdict.unwrap_or(known.approved),
                None => reviewers.push(Reviewer { user, approved: verdict.unwrap_or(false) }),
            }
        }
        for asked in &pull.requested_reviewers {
            let user = self.user(asked);
            if !reviewers.iter().any(|known| known.user.login == user.login) {
                reviewers.push(Reviewer { user, approved: false });
            }
        }
        Ok(reviewers)
    }

    async fn reviews(&self, repository: &str, number: i64) -> Result<Vec<shapes::Review>, ForgeError> {
        let (place, number) = (Place::of(repository)?, number.to_string());
        let told = self.all(&place.segments(&["pulls", &number, "reviews"]), PER_PAGE).await;
        Ok(absent_is_none(told)?.unwrap_or_default())
    }
}

/// Whether it approves; none where it says neither.
fn verdict(state: &str) -> Option<bool> {
    match state {
        "APPROVED" => Some(true),
        "CHANGES_REQUESTED" | "DISMISSED" => Some(false),
        _ => None,
    }
}
