#![doc = include_str!("../README.md")]

mod backoff;
mod idle;
mod job;
mod lease;
mod run;
mod workers;

pub use backoff::backoff;
pub use idle::idle;
pub use job::{Job, JobError, enqueue, enqueue_all_at, enqueue_at};
pub use lease::Lease;
pub use store::JobLane;
pub use workers::{Limits, Workers};
