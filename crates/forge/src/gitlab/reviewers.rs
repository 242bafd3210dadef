//! Who reviews a merge request, and who approved it.

use model::{ForgeUser, Reviewer};

use crate::gitlab::client::Client;
use crate::gitlab::shapes;
use crate::{ForgeError, Problem};

impl Client {
    /// Reviewers with their verdicts, then those who approved without being asked. A GitLab without `/reviewers`
    /// (before 15.3) tells the reviewers with the merge request and the verdicts with `/approvals` alone.
    pub async fn reviewers(&self, project: &str, number: i64) -> Result<Vec<Reviewer>, ForgeError> {
        let mut reviewers = self.asked(project, number).await?;
        for approval in self.approvals(project, number).await?.approved_by {
            let user = self.user(&approval.user);
            match reviewers.iter_mut().find(|reviewer| is_same(&reviewer.user, &user)) {
                Some(reviewer) => reviewer.approved = true,
                None => reviewers.push(Reviewer { user, approved: true }),
            }
        }
        Ok(reviewers)
    }

    async fn asked(&self, project: &str, number: i64) -> Result<Vec<Reviewer>, ForgeError> {
        let path = ["projects", project, "merge_requests", &number.to_string(), "reviewers"];
        if let Some(told) = self.optional::<Vec<shapes::Reviewer>>(&path, "").await? {
            let told = told.iter();
            return Ok(told
                .map(|one| Reviewer { user: self.user(&one.user), approved: one.state == "approved" })
                .collect());
        }
        let merge_request = self.merge_request_shape(project, number).await?;
        let users = merge_request.reviewers.iter();
        Ok(users.map(|user| Reviewer { user: self.user(user), approved: false }).collect())
    }

    /// Approvals are missing where the feature is: nobody approved, then.
    async fn approvals(&self, project: &str, number: i64) -> Result<shapes::Approvals, ForgeError> {
        let path = ["projects", project, "merge_requests", &number.to_string(), "approvals"];
        match self.one(&path, "").await {
            Err(ForgeError { problem: Problem::NotFound | Problem::Forbidden, .. }) => Ok(shapes::Approvals::default()),
            told => told,
        }
    }
}

fn is_same(one: &ForgeUser, other: &ForgeUser) -> bool {
    if one.forge_id.is_empty() { one.login == other.login } else { one.forge_id == other.forge_id }
}
