//! How much room caches take on the disk, and which of them go when that is too much.

use std::fs::{self, DirEntry, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Held shared by whoever has the cache open, and alone by who takes its objects away. Its time tells when it was opened last.
pub const USE_LOCK: &str = "dovetail.use.lock";

/// What came of a look at all caches, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Room {
    /// What the caches take now.
    pub taken: u64,
    /// What was taken away.
    pub freed: u64,
}

/// One cache, as it lies there.
struct Kept {
    directory: PathBuf,
    size: u64,
    opened_at: SystemTime,
}

/// Takes away the objects of caches below `folder`, those that were opened longest ago first, until all together have at most
/// `most` bytes. One that is open stays, whoever has it. What was taken away comes again with the next fetch.
///
/// # Errors
/// Where the folder, or a cache in it, cannot be read or emptied. A folder that is missing holds nothing.
pub fn make_room(folder: &Path, most: u64) -> io::Result<Room> {
    let mut caches = caches(folder)?;
    caches.sort_by_key(|cache| cache.opened_at);
    let mut room = Room { taken: caches.iter().map(|cache| cache.size).sum(), freed: 0 };
    for cache in caches {
        if room.taken <= most {
            break;
        }
        if cache.size > 0 && emptied(&cache.directory)? {
            room = Room { taken: room.taken - cache.size, freed: room.freed + cache.size };
        }
    }
    Ok(room)
}

fn caches(folder: &Path) -> io::Result<Vec<Kept>> {
    let mut caches = Vec::new();
    for entry in entries(folder)? {
        let (directory, is_cache) = (entry.path(), entry.file_type()?.is_dir());
        if is_cache && directory.extension().is_some_and(|extension| extension == "git") {
            let opened_at = fs::metadata(directory.join(USE_LOCK)).and_then(|file| file.modified());
            let opened_at = opened_at.unwrap_or(SystemTime::UNIX_EPOCH);
            caches.push(Kept { size: size(&directory)?, directory, opened_at });
        }
    }
    Ok(caches)
}

/// The bytes of all files below; links are not followed.
fn size(folder: &Path) -> io::Result<u64> {
    let mut size = 0;
    for entry in entries(folder)? {
        size += match entry.metadata() {
            Ok(found) if found.is_dir() => self::size(&entry.path())?,
            Ok(found) => found.len(),
            // A pack that was being written has another name by now.
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => return Err(error),
        };
    }
    Ok(size)
}

fn entries(folder: &Path) -> io::Result<Vec<DirEntry>> {
    match fs::read_dir(folder) {
        Ok(entries) => entries.collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Empties a cache that nobody has open; its lock stays.
fn emptied(directory: &Path) -> io::Result<bool> {
    let lock = File::options().create(true).append(true).open(directory.join(USE_LOCK))?;
    if lock.try_lock().is_err() {
        return Ok(false);
    }
    let emptied = empty(directory);
    lock.unlock()?;
    emptied.map(|()| true)
}

/// Takes away everything but the lock; `HEAD` first, as a cache without it counts as never made, should this end in the middle.
pub fn empty(directory: &Path) -> io::Result<()> {
    let head = directory.join("HEAD");
    if head.exists() {
        fs::remove_file(head)?;
    }
    for entry in entries(directory)? {
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else if entry.file_name() != USE_LOCK {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}
