//! `cargo xtask bench`: how fast the product is, beside what people would use instead.
//!
//! Measuring needs the product's own crates, so it is behind the cargo feature `bench`; without it the command builds itself
//! again with the feature, in release, and goes on there.

#[cfg(feature = "bench")]
mod measure;

use clap::ValueEnum;

/// What to measure, and how.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only this; may be given several times.
    #[arg(long, value_enum, value_name = "NAME")]
    only: Vec<Name>,
    /// How many runs, each thing in turn.
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
    /// Two runs of everything on a tenth of the data, to see that it works. Its figures mean nothing.
    #[arg(long, conflicts_with = "write_docs")]
    quick: bool,
    /// Measure with the binaries that are there instead of building them first.
    #[arg(long)]
    no_build: bool,
    /// Write docs/performance.md from the newest figures of every measurement.
    #[arg(long)]
    write_docs: bool,
    /// Measure nothing; with --write-docs, write the page from what was measured before.
    #[arg(long, conflicts_with = "only")]
    nothing: bool,
}

/// The measurements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Name {
    /// `dovetail scan` against git and perceval.
    Scan,
    /// A first import against a clone.
    Import,
    /// A first import against one request a commit, on a slow network.
    Latency,
    /// The ways to import the same history: one request a commit, pages of a hundred, git.
    Strategies,
    /// A refresh of a thousand repositories in which nothing happened.
    Refresh,
    /// From a push to the text on the page.
    Push,
    /// A first import of a large generated project with merge requests and forks.
    Generated,
    /// The development panel of a busy issue while an import writes.
    Detail,
    /// Jira's own connector at the GitHub-compatible door.
    Facade,
    /// From a push to the comment that its commit commands.
    SmartCommit,
    /// Everything that was there is told to a Jira Cloud, while people push.
    Backfill,
}

/// Measures.
#[cfg(feature = "bench")]
pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    measure::run(arguments)
}

/// Builds this command with what it needs for measuring, and runs it with the same arguments.
#[cfg(not(feature = "bench"))]
pub fn run(_arguments: &Arguments) -> anyhow::Result<()> {
    let own: Vec<String> = std::env::args().skip(1).collect();
    let mut arguments = vec!["run", "--release", "--quiet", "--package", "xtask", "--features", "bench", "--"];
    arguments.extend(own.iter().map(String::as_str));
    crate::test::cargo(&arguments, &[])
}
