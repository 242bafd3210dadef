//! Git's pkt-line framing: four hexadecimal digits of length, themselves included, then the data.

/// The longest packet that git sends, its length digits included.
const LONGEST: usize = 65_520;

/// One packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packet<'a> {
    /// A line; its final line break is removed.
    Line(&'a [u8]),
    /// `0000`: the end of a message.
    Flush,
    /// `0001`: the end of a section.
    Delimiter,
    /// `0002`: the end of a stateless answer.
    ResponseEnd,
}

/// What is not pkt-line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotPktLine;

/// The packets of a body, until its end or the first malformed one.
#[derive(Debug, Clone)]
pub struct Packets<'a> {
    rest: &'a [u8],
}

impl<'a> Packets<'a> {
    pub const fn new(body: &'a [u8]) -> Self {
        Self { rest: body }
    }

    fn take(&mut self) -> Result<Packet<'a>, NotPktLine> {
        let (digits, rest) = self.rest.split_at_checked(4).ok_or(NotPktLine)?;
        let packet = match length(digits)? {
            0 => (Packet::Flush, rest),
            1 => (Packet::Delimiter, rest),
            2 => (Packet::ResponseEnd, rest),
            3 => return Err(NotPktLine),
            length => {
                let (data, rest) = rest.split_at_checked(length - 4).ok_or(NotPktLine)?;
                (Packet::Line(data.strip_suffix(b"\n").unwrap_or(data)), rest)
            }
        };
        self.rest = packet.1;
        Ok(packet.0)
    }
}

fn length(digits: &[u8]) -> Result<usize, NotPktLine> {
    let mut length = 0;
    for digit in digits {
        let value = char::from(*digit).to_digit(16).ok_or(NotPktLine)?;
        length = length * 16 + value as usize;
    }
    if length > LONGEST { Err(NotPktLine) } else { Ok(length) }
}

impl<'a> Iterator for Packets<'a> {
    type Item = Result<Packet<'a>, NotPktLine>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let packet = self.take();
        if packet.is_err() {
            self.rest = &[];
        }
        Some(packet)
    }
}

/// Appends a line with a line break. Only for the short lines that Dovetail itself writes.
pub fn line(message: &mut Vec<u8>, text: &str) {
    message.extend_from_slice(format!("{:04x}{text}\n", text.len() + 5).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::{NotPktLine, Packet, Packets, line};

    fn all(body: &[u8]) -> Vec<Result<Packet<'_>, NotPktLine>> {
        Packets::new(body).collect()
    }

    #[test]
    fn reads_what_it_writes() {
        let mut message = Vec::new();
        line(&mut message, "command=ls-refs");
        message.extend_from_slice(b"00010000");
        assert_eq!(message, b"0014command=ls-refs\n00010000");
        assert_eq!(all(&message), [Ok(Packet::Line(b"command=ls-refs")), Ok(Packet::Delimiter), Ok(Packet::Flush)]);
    }

    #[test]
    fn keeps_bytes_that_are_no_text_and_lines_without_break() {
        assert_eq!(all(b"0006\xff\xfe0002"), [Ok(Packet::Line(b"\xff\xfe")), Ok(Packet::ResponseEnd)]);
        assert_eq!(all(b"0004"), [Ok(Packet::Line(b""))]);
    }

    #[test]
    fn refuses_everything_else() {
        for body in [&b"<!DOCTYPE html>"[..], b"0003", b"00", b"0010cut", b"ffff", b"-001"] {
            assert_eq!(all(body), [Err(NotPktLine)], "{body:?}");
        }
    }
}
