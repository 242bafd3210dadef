//! Sentences of the engine: what they name as links, times told from the present.

use std::fmt;

use askama::filters::HtmlSafe;
use sync::explain::{Piece, Sentence};
use url::form_urlencoded::byte_serialize;

use super::forge_links::safe;
use super::when::When;
use super::write_escaped;
use crate::frame::Frame;

/// A sentence as HTML.
pub struct SentenceView<'a> {
    sentence: &'a Sentence,
    frame: &'a Frame,
}

impl<'a> SentenceView<'a> {
    /// The sentence, with links as this visitor's browser must ask for them.
    pub const fn new(sentence: &'a Sentence, frame: &'a Frame) -> Self {
        Self { sentence, frame }
    }

    fn piece(&self, f: &mut fmt::Formatter<'_>, piece: &Piece) -> fmt::Result {
        match piece {
            Piece::Text(text) => write_escaped(f, text),
            Piece::Quoted(text) => {
                f.write_str("“")?;
                isolated(f, text)?;
                f.write_str("”")
            }
            Piece::Time(at) => write!(f, "{}", When::new(*at, self.frame.visit.now)),
            Piece::Issue(key) => self.own(f, &format!("/issues/{}", encoded(key)), key),
            Piece::Account { id, path } => self.own(f, &format!("/accounts/{id}"), path),
            Piece::Question(text) => self.own(f, &format!("/explain?q={}", encoded(text)), text),
            Piece::Page { words, url } => match url.as_deref().and_then(safe) {
                Some(url) => {
                    f.write_str("<a href=\"")?;
                    write_escaped(f, url)?;
                    f.write_str("\" rel=\"noreferrer\">")?;
                    isolated(f, words)?;
                    f.write_str("</a>")
                }
                None => isolated(f, words),
            },
        }
    }

    fn own(&self, f: &mut fmt::Formatter<'_>, path: &str, words: &str) -> fmt::Result {
        f.write_str("<a href=\"")?;
        write_escaped(f, &self.frame.link(path))?;
        f.write_str("\">")?;
        isolated(f, words)?;
        f.write_str("</a>")
    }
}

fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

/// Words that may run the other way, so that what stands around them stays where it is.
fn isolated(f: &mut fmt::Formatter<'_>, words: &str) -> fmt::Result {
    f.write_str("<bdi>")?;
    write_escaped(f, words)?;
    f.write_str("</bdi>")
}

impl HtmlSafe for SentenceView<'_> {}

impl fmt::Display for SentenceView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sentence.0.iter().try_for_each(|piece| self.piece(f, piece))
    }
}
