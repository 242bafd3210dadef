//! Listing branches with one protocol 2 request (gitprotocol-v2, "ls-refs").

use crate::pkt_line::{Packet, Packets, line};
use crate::smart_http::{Answer, post_upload_pack};
use crate::{GitError, HttpRemote, Refs};

/// Lists the branches; none where the server does not understand the request.
pub async fn ls_refs(remote: &HttpRemote, sha256: bool) -> Result<Option<Refs>, GitError> {
    match post_upload_pack(remote, question(sha256)).await? {
        Answer::Body(body) => answer(&body),
        Answer::Refused(status) => {
            tracing::debug!(status = status.as_u16(), "protocol 2 was refused");
            Ok(None)
        }
    }
}

/// Merge request refs are not asked for: there are thousands, and they say nothing that REST does not.
fn question(sha256: bool) -> Vec<u8> {
    let mut message = Vec::new();
    line(&mut message, "command=ls-refs");
    line(&mut message, concat!("agent=dovetail/", env!("CARGO_PKG_VERSION")));
    line(&mut message, if sha256 { "object-format=sha256" } else { "object-format=sha1" });
    message.extend_from_slice(b"0001");
    line(&mut message, "symrefs");
    line(&mut message, "ref-prefix HEAD");
    line(&mut message, "ref-prefix refs/heads/");
    message.extend_from_slice(b"0000");
    message
}

/// Servers that ignore protocol 2 answer nothing, an error line, or a page: all mean "not understood".
fn answer(body: &[u8]) -> Result<Option<Refs>, GitError> {
    let mut refs = Refs::default();
    for (position, packet) in Packets::new(body).enumerate() {
        match packet {
            Ok(Packet::Line(text)) if text.starts_with(b"ERR ") => return Ok(None),
            Ok(Packet::Line(text)) => add(&mut refs, text)?,
            Ok(_) => return Ok(Some(refs)),
            Err(_) if position == 0 => return Ok(None),
            Err(_) => break,
        }
    }
    if body.is_empty() { Ok(None) } else { Err(GitError::Corrupt("the list of branches is cut short".to_owned())) }
}

/// `<id> <name>[ symref-target:<name>]…`; `unborn` instead of an id names a branch without commits.
fn add(refs: &mut Refs, text: &[u8]) -> Result<(), GitError> {
    let mut fields = text.split(|byte| *byte == b' ');
    let (Some(id), Some(name)) = (fields.next(), fields.next()) else {
        return Err(GitError::Corrupt("the list of branches holds a malformed line".to_owned()));
    };
    let target = fields.find_map(|field| field.strip_prefix(b"symref-target:"));
    if name == b"HEAD"
        && let Some(target) = target
    {
        refs.set_default(target);
    }
    if id == b"unborn" { Ok(()) } else { refs.add(name, id) }
}

#[cfg(test)]
mod tests {
    use super::{answer, question};
    use crate::GitError;

    const ID: &str = "8f3b1c0e5a2d4f6978a1b2c3d4e5f60718293a4b";

    fn body(lines: &[&[u8]]) -> Vec<u8> {
        let mut body = Vec::new();
        for text in lines {
            body.extend_from_slice(format!("{:04x}", text.len() + 4).as_bytes());
            body.extend_from_slice(text);
        }
        body
    }

    #[test]
    fn reads_branches_the_default_one_and_names_that_are_no_text() {
        let head = format!("{ID} HEAD symref-target:refs/heads/main\n");
        let main = format!("{ID} refs/heads/main\n");
        let tag = format!("{ID} refs/tags/v1\n");
        let odd = [ID.as_bytes(), b" refs/heads/caf\xe9\n"].concat();
        let mut body = body(&[head.as_bytes(), main.as_bytes(), tag.as_bytes(), &odd]);
        body.extend_from_slice(b"0000");

        let refs = answer(&body).unwrap().unwrap();

        assert_eq!(refs.default_branch.as_deref(), Some("main"));
        let names: Vec<&str> = refs.branches.iter().map(|branch| branch.name.as_str()).collect();
        assert_eq!((names, refs.undecodable), (vec!["main"], 1));
    }

    #[test]
    fn an_empty_repository_has_no_branches() {
        let refs = answer(b"0000").unwrap().unwrap();
        assert!(refs.branches.is_empty() && refs.default_branch.is_none());
    }

    #[test]
    fn other_answers_are_told_from_broken_ones() {
        assert_eq!(answer(b"").unwrap(), None);
        assert_eq!(answer(b"<!DOCTYPE html>").unwrap(), None);
        assert_eq!(answer(&body(&[b"ERR protocol error"])).unwrap(), None);
        let main = format!("{ID} refs/heads/main\n");
        assert!(matches!(answer(&body(&[main.as_bytes()])), Err(GitError::Corrupt(_))), "no flush: cut short");
        assert!(matches!(answer(b"0015nonsense refs/heads/x0000"), Err(GitError::Corrupt(_))));
    }

    #[test]
    fn asks_for_branches_only() {
        let question = String::from_utf8(question(false)).unwrap();
        assert!(question.contains("ref-prefix refs/heads/\n") && !question.contains("merge-requests"));
    }
}
