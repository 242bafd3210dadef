//! A commit object as git stores it.

use model::{Commit, ObjectId};

use crate::{GitError, decode};

/// A commit object as git stores it, borrowed from the reader's buffer.
#[derive(Debug, Clone, Copy)]
pub struct RawCommit<'a> {
    /// The object id in hexadecimal.
    pub id: &'a str,
    /// Headers, empty line, message.
    pub bytes: &'a [u8],
}

impl<'a> RawCommit<'a> {
    /// The message as stored, in whatever encoding; empty where the object has only headers.
    #[must_use]
    pub fn message(&self) -> &'a [u8] {
        self.split().1
    }

    /// The value of a header's first appearance (`encoding`), without continuation lines.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&'a [u8]> {
        self.headers().find(|(found, _)| *found == name.as_bytes()).map(|(_, value)| value)
    }

    /// The message as text, and whether decoding lost something ([`model::text::decode`]).
    #[must_use]
    pub fn message_text(&self) -> (String, bool) {
        model::text::decode(self.message(), self.encoding())
    }

    /// The commit, its text decoded, its dates in range.
    ///
    /// # Errors
    /// [`GitError::Corrupt`] where the id or a parent is no object id; everything else has a fallback.
    pub fn decode(&self) -> Result<Commit, GitError> {
        let encoding = self.encoding();
        let (author, authored_at) = decode::signature(self.header("author"), encoding);
        let (committer, committed_at) = decode::signature(self.header("committer"), encoding);
        let (message, lossy) = self.message_text();
        Ok(Commit {
            id: object_id(self.id.as_bytes())?,
            parents: self.parents()?,
            author,
            authored_at: authored_at.or(committed_at).unwrap_or(0),
            committer,
            committed_at: committed_at.or(authored_at).unwrap_or(0),
            message,
            lossy,
        })
    }

    fn parents(&self) -> Result<Vec<ObjectId>, GitError> {
        self.headers().filter(|(name, _)| *name == b"parent").map(|(_, value)| object_id(value)).collect()
    }

    fn encoding(&self) -> Option<&'a str> {
        self.header("encoding").and_then(|value| str::from_utf8(value).ok())
    }

    /// The headers and the message, without the empty line between. A signature's own empty lines start with a space.
    fn split(&self) -> (&'a [u8], &'a [u8]) {
        match self.bytes.windows(2).position(|pair| pair == b"\n\n") {
            Some(position) => (&self.bytes[..position], &self.bytes[position + 2..]),
            None => (self.bytes, b""),
        }
    }

    /// Names and values; the continuation lines of `gpgsig` and `mergetag` start with a space and are left out.
    fn headers(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> + use<'a> {
        let lines = self.split().0.split(|byte| *byte == b'\n').filter(|line| !line.starts_with(b" "));
        lines.filter_map(|line| {
            let space = line.iter().position(|byte| *byte == b' ')?;
            Some((&line[..space], &line[space + 1..]))
        })
    }
}

fn object_id(text: &[u8]) -> Result<ObjectId, GitError> {
    let id = str::from_utf8(text).ok().and_then(|text| text.parse().ok());
    id.ok_or_else(|| GitError::Corrupt("a commit names something that is no object id".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::RawCommit;
    use crate::GitError;

    const ID: &str = "8f3b1c0e5a2d4f6978a1b2c3d4e5f60718293a4b";

    fn commit(bytes: &[u8]) -> RawCommit<'_> {
        RawCommit { id: ID, bytes }
    }

    #[test]
    fn reads_an_ordinary_commit() {
        let text = format!(
            "tree {ID}\nparent {ID}\nauthor Ada L <ada@x> 1700000000 +0530\ncommitter Bob <bob@x> 1700000060 -0800\n\nABC-1 fix\n\nBody.\n"
        );
        let found = commit(text.as_bytes()).decode().unwrap();
        assert_eq!((found.author.name.as_str(), found.author.email.as_str()), ("Ada L", "ada@x"));
        assert_eq!((found.authored_at, found.committed_at), (1_700_000_000_000, 1_700_000_060_000));
        assert_eq!((found.message.as_str(), found.parents.len(), found.lossy), ("ABC-1 fix\n\nBody.\n", 1, false));
    }

    #[test]
    fn signatures_and_merged_tags_do_not_hide_the_message_or_lend_their_lines() {
        let text = format!(
            "tree {ID}\nparent {ID}\nparent {ID}\nauthor A <a@x> 1 +0000\ncommitter C <c@x> 2 +0000\n\
             mergetag object {ID}\n type commit\n tagger T <t@x> 9 +0000\n \n ABC-9 tagged\n -----BEGIN PGP SIGNATURE-----\n \n abc\n\
             gpgsig -----BEGIN PGP SIGNATURE-----\n \n author Eve <e@x> 7 +0000\n parent {ID}\n -----END PGP SIGNATURE-----\n\nABC-1 merge\n"
        );
        let found = commit(text.as_bytes()).decode().unwrap();
        assert_eq!((found.message.as_str(), found.parents.len()), ("ABC-1 merge\n", 2));
        assert_eq!((found.author.name.as_str(), found.authored_at), ("A", 1000));
    }

    #[test]
    fn the_encoding_header_holds_for_names_and_message() {
        let text = [b"author J\xf6rg <j@x> 1 +0000\nencoding ISO-8859-1\n\nABC-1 f\xfcr\n".as_slice()].concat();
        let found = commit(&text).decode().unwrap();
        assert_eq!((found.author.name.as_str(), found.message.as_str(), found.lossy), ("Jörg", "ABC-1 für\n", false));
    }

    #[test]
    fn invalid_text_and_nul_are_survived() {
        let found = commit(b"author A <a@x> 1 +0000\n\nABC-1 \xff\xfe\0 after\n").decode().unwrap();
        assert!(found.lossy && found.message.starts_with("ABC-1 ") && found.message.contains(" after"));
        assert!(!found.message.contains('\0'));
    }

    #[test]
    fn odd_objects_have_fallbacks() {
        let nothing = commit(b"").decode().unwrap();
        assert_eq!((nothing.message.as_str(), nothing.authored_at, nothing.parents.len()), ("", 0, 0));
        let only_headers = commit(b"committer C <c@x> 5 +0000\n").decode().unwrap();
        assert_eq!((only_headers.authored_at, only_headers.committed_at), (5000, 5000));
        let without_author = commit(b"committer C <c@x> 5 +0000\n\n\nABC-1").decode().unwrap();
        assert_eq!((without_author.author.name.as_str(), without_author.message.as_str()), ("", "\nABC-1"));
    }

    #[test]
    fn a_broken_parent_is_an_error_of_that_commit() {
        assert!(matches!(commit(b"parent xyz\n\nm").decode(), Err(GitError::Corrupt(_))));
    }
}
