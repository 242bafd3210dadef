//! What explain says: one function for each cause, grouped as it is told.

pub(crate) mod branch;
pub(crate) mod commit;
pub(crate) mod issue;
pub(crate) mod merge_request;
pub(crate) mod question;
pub(crate) mod sites;
pub(crate) mod standing;
pub(crate) mod texts;

use crate::explain::story::Piece;

/// "1 commit", "2 commits".
pub(super) fn counted(count: i64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// "a, b and c", of pieces; `more` further ones are counted.
pub(super) fn listed(pieces: impl IntoIterator<Item = Piece>, more: i64) -> Vec<Piece> {
    let pieces: Vec<Piece> = pieces.into_iter().collect();
    let last = pieces.len().saturating_sub(1);
    let mut list = Vec::with_capacity(2 * pieces.len() + 1);
    for (at, piece) in pieces.into_iter().enumerate() {
        if at > 0 {
            list.push(Piece::from(if at == last && more <= 0 { " and " } else { ", " }));
        }
        list.push(piece);
    }
    if more > 0 {
        list.push(Piece::from(format!(" and {more} more")));
    }
    list
}

#[cfg(test)]
mod tests;
