//! Where objects are kept between syncs: packs and no refs.

use std::collections::HashSet;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use model::ObjectId;

use crate::cache_space::{USE_LOCK, empty};
use crate::{Git, GitError, Remote, local};

/// The objects of a repository: a bare repository without refs for a server, the repository itself for a local one.
///
/// No ref is mirrored: a mirror fails when the branch `df` becomes `df/x`, and says nothing that the store does not.
#[derive(Debug, Clone)]
pub struct Cache {
    pub(crate) git: Git,
    /// The cache, or the `.git` folder of a local repository.
    pub(crate) directory: PathBuf,
    pub(crate) local: bool,
    /// As long as there is one, nobody takes the objects away ([`crate::make_room`]).
    _open: Option<Arc<CacheLock>>,
}

/// Held while objects come in or are packed. The operating system lets go of it when the process dies.
#[derive(Debug)]
pub struct CacheLock(Vec<File>);

impl Drop for CacheLock {
    /// Closing is not enough: a process that is being started at this moment has a copy of every open file until it becomes
    /// another program, and the lock would last as long.
    fn drop(&mut self) {
        for file in &self.0 {
            if let Err(error) = file.unlock() {
                tracing::warn!(%error, "a cache stays locked until its file is closed everywhere");
            }
        }
    }
}

/// Held by one alone that packs or tidies up, or shared by all that bring objects.
const LOCK: &str = "dovetail.lock";
/// Held beside it by one fetch at a time.
const FETCH_LOCK: &str = "dovetail.fetch.lock";
/// Present once fetches are to bring folders along.
const FOLDERS: &str = "dovetail.folders";
/// How often, and after how long each time, a lock is tried again that others hold for a moment only.
const MOMENTS: u32 = 20;
const MOMENT: Duration = Duration::from_millis(50);

impl Git {
    /// Opens the cache in `directory`, makes it if it is missing, and removes what killed fetches left behind.
    /// For a local repository nothing is made: it is read where it is.
    ///
    /// # Errors
    /// [`GitError::NotARepository`] for a local path that is none; [`GitError::Other`] where the folder cannot be made;
    /// [`GitError::Busy`] while its objects are taken away.
    pub async fn cache(&self, directory: &Path, remote: &Remote, sha256: bool) -> Result<Cache, GitError> {
        if let Remote::Local(path) = remote {
            let directory = local::git_dir(self, path).await?;
            return Ok(Cache { git: self.clone(), directory, local: true, _open: None });
        }
        let open = opened(directory).await?;
        if is_sha256(directory).is_some_and(|found| found != sha256) {
            empty(directory).map_err(|error| storage(&error))?;
        }
        if is_sha256(directory).is_none() {
            self.init(directory, sha256).await?;
        }
        let cache = Cache {
            git: self.clone(),
            directory: std::path::absolute(directory).map_err(|error| storage(&error))?,
            local: false,
            _open: Some(Arc::new(open)),
        };
        cache.remove_leftovers()?;
        Ok(cache)
    }
}

/// Keeps the objects of a cache where they are, from now on.
async fn opened(directory: &Path) -> Result<CacheLock, GitError> {
    fs::create_dir_all(directory).map_err(|error| storage(&error))?;
    // The file is created again, which sets its time to now.
    let file = for_a_moment(|| locked(&directory.join(USE_LOCK), File::try_lock_shared)).await?;
    Ok(CacheLock(vec![file]))
}

/// Tries again what another one prevents for a moment only.
async fn for_a_moment(lock: impl Fn() -> Result<File, GitError>) -> Result<File, GitError> {
    for _ in 0..MOMENTS {
        match lock() {
            Err(GitError::Busy) => tokio::time::sleep(MOMENT).await,
            locked => return locked,
        }
    }
    Err(GitError::Busy)
}

fn locked(path: &Path, lock: fn(&File) -> Result<(), TryLockError>) -> Result<File, GitError> {
    let file = File::create(path).map_err(|error| storage(&error))?;
    match lock(&file) {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(GitError::Busy),
        Err(TryLockError::Error(error)) => Err(storage(&error)),
    }
}

/// The object format of a cache, by its configuration; none where it was never made, or not to the end.
fn is_sha256(directory: &Path) -> Option<bool> {
    let whole = directory.join("HEAD").is_file() && directory.join("objects").is_dir();
    let config = fs::read_to_string(directory.join("config")).ok().filter(|_| whole)?;
    Some(config.to_ascii_lowercase().lines().any(|line| line.replace(' ', "").trim() == "objectformat=sha256"))
}

pub fn storage(error: &io::Error) -> GitError {
    GitError::Other(format!("the cache cannot be used: {error}"))
}

impl Cache {
    /// Which of these are here, as commits.
    ///
    /// # Errors
    /// Where git fails.
    pub async fn present(&self, ids: &[ObjectId]) -> Result<HashSet<ObjectId>, GitError> {
        // What is fetched comes as packs, so a new cache need not be asked.
        if ids.is_empty() || (!self.local && self.packs() == 0) {
            return Ok(HashSet::new());
        }
        let found = self
            .git
            .command(["cat-file", "--batch-check=%(objectname) %(objecttype)", "--buffer"])
            .repository(&self.directory)
            .input(id_lines(ids))
            .output()
            .await?;
        let lines = String::from_utf8_lossy(&found);
        Ok(lines.lines().filter_map(|line| line.strip_suffix(" commit")?.parse().ok()).collect())
    }

    /// Joins the packs into one; due from 50 packs on ([`crate::Fetched::packs`]). Nothing for a local repository.
    ///
    /// This is `git repack --keep-unreachable`, not `git gc`: in a cache without refs nothing is reachable.
    ///
    /// # Errors
    /// [`GitError::Busy`] while a fetch runs; where git fails.
    pub async fn gc(&self) -> Result<(), GitError> {
        if self.local {
            return Ok(());
        }
        let _lock = self.lock()?;
        let command = self.git.command(["repack", "-a", "-d", "-k", "-q", "-n"]).repository(&self.directory);
        promisor(command).output().await.map(|_| ())
    }

    /// How many packs there are.
    pub(crate) fn packs(&self) -> usize {
        let files = fs::read_dir(self.directory.join("objects/pack"));
        let names = files.into_iter().flatten().flatten().map(|file| file.file_name());
        names.filter(|name| Path::new(name).extension().is_some_and(|extension| extension == "pack")).count()
    }

    /// How many objects the only pack has; none where there is another number of packs, or its index cannot be read.
    pub(crate) fn objects(&self) -> Option<usize> {
        let files = fs::read_dir(self.directory.join("objects/pack")).ok()?;
        let paths = files.flatten().map(|file| file.path());
        let mut indexes = paths.filter(|path| path.extension().is_some_and(|extension| extension == "idx"));
        let (index, None) = (indexes.next()?, indexes.next()) else { return None };
        objects_in(File::open(index).ok()?)
    }

    /// For packing: nothing else changes the cache meanwhile.
    ///
    /// # Errors
    /// [`GitError::Busy`] where another process or task holds it.
    pub(crate) fn lock(&self) -> Result<CacheLock, GitError> {
        Ok(CacheLock(vec![self.locked(LOCK, File::try_lock)?]))
    }

    /// For a fetch: the only one of its kind.
    ///
    /// # Errors
    /// [`GitError::Busy`] where another process or task fetches or packs.
    pub(crate) async fn lock_to_fetch(&self) -> Result<CacheLock, GitError> {
        let alone = for_a_moment(|| self.locked(FETCH_LOCK, File::try_lock)).await?;
        let mut lock = CacheLock(vec![alone]);
        lock.0.push(self.locked_together().await?);
        Ok(lock)
    }

    /// For what only adds a pack and can take long.
    ///
    /// # Errors
    /// [`GitError::Busy`] where another process or task packs.
    pub(crate) async fn lock_beside_fetches(&self) -> Result<CacheLock, GitError> {
        Ok(CacheLock(vec![self.locked_together().await?]))
    }

    /// Whoever opens the cache holds it alone for a moment, to tidy up.
    async fn locked_together(&self) -> Result<File, GitError> {
        for_a_moment(|| self.locked(LOCK, File::try_lock_shared)).await
    }

    fn locked(&self, name: &str, lock: fn(&File) -> Result<(), TryLockError>) -> Result<File, GitError> {
        locked(&self.directory.join(name), lock)
    }

    /// Whether fetches bring folders along, because [`Cache::fetch_folders`] was begun here.
    #[must_use]
    pub fn brings_folders(&self) -> bool {
        self.directory.join(FOLDERS).is_file()
    }

    /// Lets fetches bring folders along from now on.
    pub(crate) fn bring_folders(&self) -> Result<(), GitError> {
        File::create(self.directory.join(FOLDERS)).map(|_| ()).map_err(|error| storage(&error))
    }

    /// Removes the unfinished packs of killed fetches, unless a fetch is writing one now.
    fn remove_leftovers(&self) -> Result<(), GitError> {
        let _lock = match self.lock() {
            Err(GitError::Busy) => return Ok(()),
            other => other?,
        };
        for file in fs::read_dir(self.directory.join("objects/pack")).into_iter().flatten().flatten() {
            if file.file_name().to_string_lossy().starts_with("tmp_") {
                fs::remove_file(file.path()).map_err(|error| storage(&error))?;
            }
        }
        Ok(())
    }
}

/// How many objects the index of a pack names: the last entry of its table by first byte (gitformat-pack, version 2).
fn objects_in(mut index: impl io::Read) -> Option<usize> {
    const MAGIC: [u8; 8] = [0xff, b't', b'O', b'c', 0, 0, 0, 2];
    let mut head = [0; 8 + 256 * 4];
    index.read_exact(&mut head).ok()?;
    let (magic, table) = head.split_first_chunk::<8>()?;
    let count = u32::from_be_bytes(*table.last_chunk::<4>()?);
    (*magic == MAGIC).then(|| usize::try_from(count).unwrap_or(usize::MAX))
}

/// Without these keys git takes a partial clone for a broken repository.
pub fn promisor(command: crate::Command) -> crate::Command {
    command.config("remote.origin.promisor", "true").config("remote.origin.partialclonefilter", "tree:0")
}

/// One id a line, as git reads them.
pub fn id_lines(ids: &[ObjectId]) -> Vec<u8> {
    let mut lines = Vec::with_capacity(ids.iter().map(|id| id.as_str().len() + 1).sum());
    for id in ids {
        lines.extend_from_slice(id.as_str().as_bytes());
        lines.push(b'\n');
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_that_is_none_has_no_number_of_objects() {
        let index = |magic: &[u8]| [magic, &[0; 255 * 4], &[0, 0, 1, 2], b"the rest"].concat();
        assert_eq!(objects_in(index(b"\xfftOc\0\0\0\x02").as_slice()), Some(258));
        assert_eq!(objects_in(index(b"\xfftOc\0\0\0\x03").as_slice()), None);
        assert_eq!(objects_in(&b"\xfftOc\0\0\0\x02short"[..]), None);
    }

    #[test]
    fn a_lock_ends_though_a_process_being_started_still_has_a_copy_of_its_file() {
        // given
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache { git: Git::new(), directory: folder.path().to_owned(), local: false, _open: None };
        let lock = cache.lock().expect("nobody has it");
        let copy = lock.0[0].try_clone().expect("a copy");
        assert!(matches!(cache.lock(), Err(GitError::Busy)));

        // when
        drop(lock);

        // then
        assert!(cache.lock().is_ok());
        drop(copy);
    }
}
