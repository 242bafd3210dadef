//! Requests that come when they come, whether or not the one before was answered: a server that stumbles is not spared.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::series::Series;

/// What became of the requests.
#[derive(Debug, Default)]
pub struct Answers {
    /// From when each was due to the last byte of its answer.
    pub took: Series,
    /// The bytes of the longest answer as it came, decompressed.
    pub bytes: usize,
    /// The first failure, if any.
    pub failure: Option<anyhow::Error>,
}

/// Sends a request again and again, from now until some work is done. The request gives the bytes of its answer.
pub async fn during<T, F>(work: impl Future<Output = T>, every: Duration, request: impl Fn() -> F) -> (T, Answers)
where
    F: Future<Output = anyhow::Result<usize>> + Send + 'static,
{
    let (mut work, mut asked, mut due) = (pin!(work), JoinSet::new(), Instant::now());
    let done = loop {
        tokio::select! {
            biased;
            done = &mut work => break done,
            () = tokio::time::sleep_until(due) => {
                let (since, request) = (due, request());
                asked.spawn(async move { request.await.map(|bytes| (since.elapsed(), bytes)) });
                due += every;
            }
        }
    };
    let mut answers = Answers::default();
    for answer in asked.join_all().await {
        match answer {
            Ok((took, bytes)) => {
                answers.took.push(took);
                answers.bytes = answers.bytes.max(bytes);
            }
            Err(error) => answers.failure = Some(answers.failure.take().unwrap_or(error)),
        }
    }
    (done, answers)
}
