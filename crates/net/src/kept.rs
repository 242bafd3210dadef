//! Answers that a server may confirm instead of sending them again (`ETag` and `If-None-Match`).

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::HeaderMap;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

/// How much is kept of all servers together, in bytes.
const CAPACITY: u64 = 16 << 20;
/// The largest answer that is kept, in bytes: a large one would push many small ones out.
const LARGEST: usize = 1 << 20;
/// How many answers are expected; only the size of a first allocation follows from it.
const EXPECTED: usize = 1_000;
/// What an answer costs besides its body, in bytes.
const OVERHEAD: u64 = 512;

/// What tells one question from every other: a hash over the address and the credential, so that nobody is given what
/// somebody else was told.
pub type KeptKey = [u8; 32];

/// An answer as it was kept.
#[derive(Debug, Clone)]
pub struct KeptAnswer {
    /// The server's name for this state of the thing, as it came.
    pub etag: String,
    /// The headers that belong to the body.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// A bounded memory of answers; a clone shares it. What is asked for least goes first.
#[derive(Clone)]
pub struct KeptAnswers(Arc<Cache<KeptKey, KeptAnswer, Weight>>);

#[derive(Clone)]
struct Weight;

impl Weighter<KeptKey, KeptAnswer> for Weight {
    fn weight(&self, _: &KeptKey, answer: &KeptAnswer) -> u64 {
        answer.body.len() as u64 + OVERHEAD
    }
}

impl Default for KeptAnswers {
    fn default() -> Self {
        Self(Arc::new(Cache::with_weighter(EXPECTED, CAPACITY, Weight)))
    }
}

impl fmt::Debug for KeptAnswers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptAnswers").field("count", &self.0.len()).finish_non_exhaustive()
    }
}

impl KeptAnswers {
    /// What was answered to the same question the last time.
    #[must_use]
    pub fn get(&self, key: &KeptKey) -> Option<KeptAnswer> {
        self.0.get(key)
    }

    /// Keeps an answer, unless it is longer than a megabyte.
    pub fn put(&self, key: KeptKey, answer: KeptAnswer) {
        if answer.body.len() <= LARGEST {
            self.0.insert(key, answer);
        } else {
            self.0.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(length: usize) -> KeptAnswer {
        KeptAnswer { etag: "\"1\"".to_owned(), headers: HeaderMap::new(), body: vec![b'x'; length].into() }
    }

    fn key(number: u64) -> KeptKey {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&number.to_be_bytes());
        key
    }

    #[test]
    fn an_answer_is_found_by_every_clone() {
        // given
        let kept = KeptAnswers::default();

        let other = kept.clone();

        // when
        other.put(key(1), answer(10));

        // then
        assert_eq!((kept.get(&key(1)).unwrap().body.len(), other.get(&key(1)).unwrap().body.len()), (10, 10));
        assert!(kept.get(&key(2)).is_none());
    }

    #[test]
    fn however_much_is_kept_the_memory_is_bounded() {
        // given
        let kept = KeptAnswers::default();

        // when
        for number in 0..200 {
            kept.put(key(number), answer(LARGEST));
        }
        kept.put(key(1_000), answer(LARGEST + 1));

        // then
        assert!(kept.0.weight() <= CAPACITY, "{kept:?}");
        assert!(kept.get(&key(1_000)).is_none(), "what is too large is not kept");
    }
}
