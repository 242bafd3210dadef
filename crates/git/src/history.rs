//! Which commits lie between others.

use model::ObjectId;

use crate::{Cache, GitError};

impl Cache {
    /// The commits reachable from `new` and not from `old`, newest first. Ids that are not here count as unreachable.
    ///
    /// # Errors
    /// Where git fails.
    pub async fn gained(&self, new: &[ObjectId], old: &[ObjectId]) -> Result<Vec<ObjectId>, GitError> {
        if new.is_empty() {
            return Ok(Vec::new());
        }
        self.rev_list(&["--ignore-missing"], new, old).await
    }

    /// The commits reachable from `head` and not from `base`, newest first.
    ///
    /// # Errors
    /// [`GitError::MissingObject`] where one of both is not here.
    pub async fn range(&self, head: &ObjectId, base: Option<&ObjectId>) -> Result<Vec<ObjectId>, GitError> {
        self.rev_list(&[], std::slice::from_ref(head), base.map_or(&[], std::slice::from_ref)).await
    }

    /// `^id` rather than a `--not` line, which git understands on standard input only from 2.42 on.
    async fn rev_list(&self, options: &[&str], new: &[ObjectId], old: &[ObjectId]) -> Result<Vec<ObjectId>, GitError> {
        let mut input = String::new();
        for id in new {
            input.push_str(id.as_str());
            input.push('\n');
        }
        for id in old {
            input.push('^');
            input.push_str(id.as_str());
            input.push('\n');
        }
        // git reads standard input as soon as it meets `--stdin`: what is to hold for it comes before.
        let arguments = ["rev-list"].iter().chain(options).chain(&["--stdin"]);
        let command = self.git.command(arguments).repository(&self.directory).input(input);
        parse_ids(&command.text().await?)
    }

    /// The newest common ancestor; none where the histories are unrelated.
    ///
    /// # Errors
    /// [`GitError::MissingObject`] where one of both is not here.
    pub async fn merge_base(&self, one: &ObjectId, other: &ObjectId) -> Result<Option<ObjectId>, GitError> {
        let command = self.git.command(["merge-base", one.as_str(), other.as_str()]).repository(&self.directory);
        let (found, ending) = command.run().await?;
        if ending.code() == Some(1) && found.is_empty() {
            return Ok(None);
        }
        ending.into_result()?;
        Ok(parse_ids(&String::from_utf8_lossy(&found))?.into_iter().next())
    }
}

fn parse_ids(lines: &str) -> Result<Vec<ObjectId>, GitError> {
    let ids = lines.lines().map(str::parse).collect::<Result<_, _>>();
    ids.map_err(|_| GitError::Corrupt("git listed something that is no object id".to_owned()))
}
