//! What `info/refs` says: capabilities (protocol 2), or capabilities and all refs (protocols 0 and 1).

use crate::pkt_line::{Packet, Packets};
use crate::smart_http::{Answer, get_info_refs};
use crate::{GitError, HttpRemote, Refs, ServerCapabilities};

/// An `info/refs` answer.
#[derive(Debug, PartialEq, Eq)]
pub struct Advertisement {
    pub capabilities: ServerCapabilities,
    /// Only protocols 0 and 1 list refs here.
    pub refs: Option<Refs>,
}

/// Asks for it.
pub async fn advertisement(remote: &HttpRemote) -> Result<Advertisement, GitError> {
    match get_info_refs(remote).await? {
        Answer::Body(body) => parse(&body),
        Answer::Refused(_) => Err(GitError::NotGit),
    }
}

fn parse(body: &[u8]) -> Result<Advertisement, GitError> {
    let mut lines = Vec::new();
    let mut announced = false;
    for packet in Packets::new(body) {
        match packet.map_err(|_| GitError::NotGit)? {
            Packet::Line(text) if text.starts_with(b"# service=") => announced = true,
            Packet::Line(text) => lines.push(text),
            Packet::Flush | Packet::Delimiter | Packet::ResponseEnd => {}
        }
    }
    match lines.split_first() {
        Some((&b"version 2", lines)) => Ok(version_2(lines)),
        Some((&b"version 1", lines)) => version_0(lines),
        Some(_) => version_0(&lines),
        // git before 2.41 has nothing to say about an empty repository in protocol 0.
        None if announced => version_0(&[]),
        None => Err(GitError::NotGit),
    }
}

fn version_2(lines: &[&[u8]]) -> Advertisement {
    let fetch = lines.iter().find_map(|line| line.strip_prefix(b"fetch="));
    let filter = fetch.is_some_and(|features| words(features).any(|word| word == b"filter"));
    let sha256 = lines.contains(&&b"object-format=sha256"[..]);
    Advertisement { capabilities: ServerCapabilities { filter, sha256, protocol_v2: true }, refs: None }
}

/// `<id> <name>\0<capabilities>`, then `<id> <name>`; an empty repository names `capabilities^{}` alone.
fn version_0(lines: &[&[u8]]) -> Result<Advertisement, GitError> {
    let mut refs = Refs::default();
    let mut capabilities = ServerCapabilities::default();
    for (position, line) in lines.iter().enumerate() {
        let (reference, features) = split_once(line, 0).unwrap_or((line, b""));
        if position == 0 {
            for word in words(features) {
                note(word, &mut capabilities, &mut refs);
            }
        }
        if let Some((id, name)) = split_once(reference, b' ') {
            refs.add(name, id).map_err(|_| GitError::NotGit)?;
        }
    }
    Ok(Advertisement { capabilities, refs: Some(refs) })
}

fn note(word: &[u8], capabilities: &mut ServerCapabilities, refs: &mut Refs) {
    match word {
        b"filter" => capabilities.filter = true,
        b"object-format=sha256" => capabilities.sha256 = true,
        _ => {
            if let Some(target) = word.strip_prefix(b"symref=HEAD:") {
                refs.set_default(target);
            }
        }
    }
}

fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b' ')
}

fn split_once(text: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    let position = text.iter().position(|byte| *byte == separator)?;
    Some((&text[..position], &text[position + 1..]))
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::GitError;

    const ID: &str = "8f3b1c0e5a2d4f6978a1b2c3d4e5f60718293a4b";

    fn body(lines: &[&str]) -> Vec<u8> {
        let packets = lines.iter().map(|text| format!("{:04x}{text}\n", text.len() + 5));
        (packets.collect::<String>() + "0000").into_bytes()
    }

    #[test]
    fn protocol_2_tells_filters_and_object_format() {
        let answer =
            parse(&body(&["version 2", "fetch=shallow wait-for-done filter", "object-format=sha256"])).unwrap();
        assert!(answer.capabilities.filter && answer.capabilities.sha256 && answer.capabilities.protocol_v2);
        let answer = parse(&body(&["version 2", "fetch=shallow", "server-option"])).unwrap();
        assert!(!answer.capabilities.filter && answer.refs.is_none());
    }

    #[test]
    fn protocols_0_and_1_tell_branches_too() {
        let first = format!("{ID} HEAD\0multi_ack filter symref=HEAD:refs/heads/trunk object-format=sha1");
        let (trunk, tag) = (format!("{ID} refs/heads/trunk"), format!("{ID} refs/tags/v1^{{}}"));
        for lines in [vec!["# service=git-upload-pack", &first, &trunk, &tag], vec!["version 1", &first, &trunk, &tag]]
        {
            let answer = parse(&body(&lines)).unwrap();
            let refs = answer.refs.unwrap();
            assert!(answer.capabilities.filter && !answer.capabilities.protocol_v2);
            assert_eq!((refs.branches.len(), refs.default_branch.as_deref()), (1, Some("trunk")));
        }
    }

    #[test]
    fn an_empty_repository_is_one() {
        let zero = format!("{} capabilities^{{}}\0filter", "0".repeat(40));
        let answer = parse(&body(&["# service=git-upload-pack", &zero])).unwrap();
        assert!(answer.capabilities.filter && answer.refs.unwrap().branches.is_empty());
        let silent = parse(&body(&["# service=git-upload-pack"])).unwrap();
        assert!(silent.refs.unwrap().branches.is_empty());
    }

    #[test]
    fn pages_and_plain_file_servers_are_not_git() {
        let dumb = format!("{ID}\trefs/heads/main\n");
        for body in ["<html>", "", &dumb, "0000"] {
            assert_eq!(parse(body.as_bytes()), Err(GitError::NotGit), "{body:?}");
        }
    }
}
