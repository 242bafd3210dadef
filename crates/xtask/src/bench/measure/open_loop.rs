//! Requests that come when they come, whether or not the one before was answered: a server that stumbles is not spared.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::series::Series;

/// How many requests may be unanswered; a server that is so far behind does not catch up any more.
const UNANSWERED: usize = 500;
/// What a request counts as that failed or was not even sent: as long as clients wait.
const FAILED: Duration = Duration::from_secs(60);

/// What became of the requests.
#[derive(Debug, Default)]
pub struct Answers {
    /// From when each was due to the last byte of its answer.
    pub took: Series,
    /// The bytes of the longest answer as it came, decompressed.
    pub bytes: usize,
    /// How many were never answered.
    pub failed: usize,
}

impl Answers {
    fn add(&mut self, took: Duration, answer: &anyhow::Result<usize>) {
        match answer {
            Ok(bytes) => {
                self.took.push(took);
                self.bytes = self.bytes.max(*bytes);
            }
            Err(_) => self.fail(),
        }
    }

    fn fail(&mut self) {
        self.took.push(FAILED);
        self.failed += 1;
    }
}

/// Sends a request again and again, from now until some work is done. The request gives the bytes of its answer.
pub async fn during<T, F>(work: impl Future<Output = T>, every: Duration, request: impl Fn() -> F) -> (T, Answers)
where
    F: Future<Output = anyhow::Result<usize>> + Send + 'static,
{
    let (mut work, mut asked, mut due) = (pin!(work), JoinSet::new(), Instant::now());
    let mut answers = Answers::default();
    let done = loop {
        tokio::select! {
            biased;
            done = &mut work => break done,
            Some(Ok((took, answer))) = asked.join_next() => answers.add(took, &answer),
            () = tokio::time::sleep_until(due) => {
                if asked.len() < UNANSWERED {
                    let (since, request) = (due, request());
                    asked.spawn(async move {
                        let answer = request.await;
                        (since.elapsed(), answer)
                    });
                } else {
                    answers.fail();
                }
                due += every;
            }
        }
    };
    for (took, answer) in asked.join_all().await {
        answers.add(took, &answer);
    }
    (done, answers)
}
