//! What lies between two revisions, file by file.

use super::{Repositories, RepositoryError};
use crate::gitlab::model::ProjectId;

/// Patches longer than this many bytes are left out and marked, as GitLab's default does.
const LONGEST_PATCH: usize = 200 * 1024;

/// One file of a diff.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileDiff {
    /// The path before.
    pub old_path: String,
    /// The path after.
    pub new_path: String,
    /// The mode before, such as `100644`; `0` when the file was not there.
    pub old_mode: String,
    /// The mode after; `0` when the file is gone.
    pub new_mode: String,
    /// Whether the file is new.
    pub new_file: bool,
    /// Whether the file is gone.
    pub deleted_file: bool,
    /// Whether the file was moved.
    pub renamed_file: bool,
    /// The hunks, as in GitLab's `diff`; empty for binary files and where `too_large`.
    pub patch: String,
    /// Whether the patch was left out for its length.
    pub too_large: bool,
    /// Lines added.
    pub additions: u64,
    /// Lines removed.
    pub deletions: u64,
}

impl Repositories {
    /// The files that differ, in path order; `from` none compares with nothing at all, as for a root commit.
    ///
    /// # Errors
    /// [`RepositoryError::Missing`] when a revision is unknown.
    pub async fn diff(
        &self,
        project: ProjectId,
        from: Option<&str>,
        to: &str,
    ) -> Result<Vec<FileDiff>, RepositoryError> {
        let to = self.required(project, to).await?;
        let from = match from {
            Some(from) => self.required(project, from).await?,
            None => self.empty_tree(project).await?,
        };
        let arguments = ["diff-tree", "-r", "-M", "-z", "--raw", "-p", "--no-color", "--no-ext-diff", &from, &to, "--"];
        let output = self.command(project, arguments)?.output().await?;
        let (raw, patches) = split_at_patches(&output);
        let mut files = raw_files(raw).ok_or(RepositoryError::Answer("diff-tree --raw"))?;
        attach(&mut files, patches);
        Ok(files)
    }

    async fn empty_tree(&self, project: ProjectId) -> Result<String, RepositoryError> {
        Ok(self.command(project, ["hash-object", "-t", "tree", "--stdin"])?.input(Vec::new()).text().await?)
    }
}

/// The raw part ends with an empty record before the first patch.
fn split_at_patches(output: &[u8]) -> (&[u8], &[u8]) {
    let end = output.windows(2).position(|pair| pair == b"\0\0");
    end.map_or((output, &b""[..]), |end| (&output[..=end], &output[end + 2..]))
}

/// Reads `:<old mode> <new mode> <old id> <new id> <status>` NUL path NUL (path NUL); `None` when malformed.
fn raw_files(raw: &[u8]) -> Option<Vec<FileDiff>> {
    let mut words = raw.split(|byte| *byte == 0).map(String::from_utf8_lossy);
    let mut files = Vec::new();
    while let Some(facts) = words.next().filter(|facts| !facts.is_empty()) {
        let facts: Vec<_> = facts.strip_prefix(':')?.split(' ').map(str::to_owned).collect();
        let [old_mode, new_mode, _, _, status] = <[String; 5]>::try_from(facts).ok()?;
        let old_path = words.next()?.into_owned();
        let renamed_file = status.starts_with(['R', 'C']);
        let new_path = if renamed_file { words.next()?.into_owned() } else { old_path.clone() };
        let mode = |mode: String| if mode == "000000" { "0".to_owned() } else { mode };
        files.push(FileDiff {
            old_path,
            new_path,
            old_mode: mode(old_mode),
            new_mode: mode(new_mode),
            new_file: status == "A",
            deleted_file: status == "D",
            renamed_file,
            ..FileDiff::default()
        });
    }
    Some(files)
}

/// Gives each file its hunks. The patches stand in the order of the raw part; a change of type (file to link) has two.
fn attach(files: &mut [FileDiff], patches: &[u8]) {
    let text = String::from_utf8_lossy(patches);
    let mut sections = text.split_inclusive('\n').fold(Vec::<String>::new(), |mut sections, line| {
        if line.starts_with("diff --git ") {
            sections.push(String::new());
        }
        if let Some(section) = sections.last_mut() {
            section.push_str(line);
        }
        sections
    });
    let mut sections = sections.drain(..);
    for file in files {
        let kind = |mode: &str| mode.get(..3).unwrap_or_default().to_owned();
        let two = !file.new_file && !file.deleted_file && kind(&file.old_mode) != kind(&file.new_mode);
        for section in sections.by_ref().take(if two { 2 } else { 1 }) {
            add_hunks(file, &section);
        }
    }
}

fn add_hunks(file: &mut FileDiff, section: &str) {
    let Some(start) = section.find("\n@@ ") else { return };
    let hunks = &section[start + 1..];
    file.additions += hunks.lines().filter(|line| line.starts_with('+')).count() as u64;
    file.deletions += hunks.lines().filter(|line| line.starts_with('-')).count() as u64;
    if hunks.len() > LONGEST_PATCH {
        file.too_large = true;
    } else {
        file.patch.push_str(hunks);
    }
}
