//! How the files of a commit stand in one column: `A12,5:b.txt` is an added file whose path begins with the first twelve
//! bytes of the path before it and goes on with the five after the colon. Git lists paths in order, so most of a path is that
//! of its neighbour, and a path may hold any letter without being quoted.

use model::{CommitFile, FileStatus};

/// Packs a list of files.
pub(crate) fn pack(files: &[CommitFile]) -> String {
    let mut packed = String::new();
    let mut before = "";
    for file in files {
        let shared = shared(before, &file.path);
        let rest = &file.path[shared..];
        packed.push(letter(file.change));
        packed.push_str(&format!("{shared},{}:{rest}", rest.len()));
        before = &file.path;
    }
    packed
}

/// Unpacks it; none where it is no such list.
pub(crate) fn unpack(packed: &str) -> Option<Vec<CommitFile>> {
    let mut files: Vec<CommitFile> = Vec::new();
    let mut left = packed;
    while let Some(letter) = left.chars().next() {
        let (head, rest) = left[letter.len_utf8()..].split_once(':')?;
        let (shared, length) = head.split_once(',')?;
        let (shared, length): (usize, usize) = (shared.parse().ok()?, length.parse().ok()?);
        let before = files.last().map_or("", |file| file.path.as_str());
        let path = [before.get(..shared)?, rest.get(..length)?].concat();
        files.push(CommitFile { path, change: change(letter)? });
        left = rest.get(length..)?;
    }
    Some(files)
}

/// How many bytes both begin with, whole letters only.
fn shared(one: &str, other: &str) -> usize {
    let same = one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count();
    (0..=same).rev().find(|at| other.is_char_boundary(*at)).unwrap_or(0)
}

const fn letter(change: FileStatus) -> char {
    match change {
        FileStatus::Added => 'A',
        FileStatus::Modified => 'M',
        FileStatus::Removed => 'R',
    }
}

const fn change(letter: char) -> Option<FileStatus> {
    match letter {
        'A' => Some(FileStatus::Added),
        'M' => Some(FileStatus::Modified),
        'R' => Some(FileStatus::Removed),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, change: FileStatus) -> CommitFile {
        CommitFile { path: path.to_owned(), change }
    }

    #[test]
    fn any_path_comes_back_as_it_was() {
        let paths =
            ["", "a", "a:b,1", "a\nb\t", "d/é", "d/è", "d/è/A0,1:x", "\u{1f600}", "\u{1f601}", "src/a.rs", "src/b.rs"];
        let changes = [FileStatus::Added, FileStatus::Modified, FileStatus::Removed];
        let files: Vec<CommitFile> = paths.iter().enumerate().map(|(at, path)| file(path, changes[at % 3])).collect();
        assert_eq!(unpack(&pack(&files)), Some(files));
        assert_eq!(unpack(""), Some(Vec::new()));
    }

    #[test]
    fn what_neighbours_share_is_written_once() {
        let files =
            [file("src/main/java/A.java", FileStatus::Added), file("src/main/java/B.java", FileStatus::Removed)];
        assert_eq!(pack(&files), "A0,20:src/main/java/A.javaR14,6:B.java");
    }

    #[test]
    fn what_is_no_list_is_none() {
        for text in ["A", "A0,5:abc", "X0,1:a", "A1,1:a", "A0:a", "A0,1:aM9,1:b", "é", "A-1,1:a", "A0,1:é"] {
            assert_eq!(unpack(text), None, "{text}");
        }
    }
}
