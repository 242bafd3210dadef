//! Pages of long lists, by cursor: the address says where to go on.

use store::Cursor;

use crate::view::number::thousands;

/// How many entries a page has.
pub const PAGE: i64 = 50;

/// The link to the rest of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct More {
    /// From the question mark on.
    pub query: String,
    /// "show 50 more of 9,950".
    pub words: String,
}

impl More {
    /// A link to the rest, of which nobody knows how much it is.
    pub fn new(query: String) -> Self {
        Self { query, words: "show more".to_owned() }
    }

    /// The same link, saying how much is left.
    pub fn with_left(self, left: Option<i64>) -> Self {
        match left {
            Some(left) => Self { query: format!("{}&left={left}", self.query), words: words(left) },
            None => self,
        }
    }
}

/// A cursor in an address: `sort_at.entity_id`.
pub fn written(cursor: Cursor) -> String {
    format!("{}.{}", cursor.sort_at, cursor.entity_id)
}

/// Reads a cursor; none for anything that is none.
pub fn read(text: &str) -> Option<Cursor> {
    let (sort_at, entity_id) = text.split_once('.')?;
    Some(Cursor { sort_at: sort_at.parse().ok()?, entity_id: entity_id.parse().ok()? })
}

/// "show 18 more", "show 50 more of 9,950".
fn words(left: i64) -> String {
    if left <= PAGE { format!("show {left} more") } else { format!("show {PAGE} more of {}", thousands(left)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_the_address() {
        let cursor = Cursor { sort_at: -5, entity_id: 77 };

        assert_eq!(read(&written(cursor)), Some(cursor));
        assert_eq!(read("1"), None);
        assert_eq!(read("1.x"), None);
    }

    #[rstest::rstest]
    #[case(18, "show 18 more")]
    #[case(50, "show 50 more")]
    #[case(9_950, "show 50 more of 9,950")]
    fn more_says_how_much(#[case] left: i64, #[case] text: &str) {
        let more = More::new("?after=1.2".to_owned()).with_left(Some(left));

        assert_eq!(more, More { query: format!("?after=1.2&left={left}"), words: text.to_owned() });
    }
}
