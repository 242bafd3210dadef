//! `docs/performance.md`, written from the figures.

use std::fmt::Write;

use super::super::Name;
use super::machine::Machine;
use super::place::Place;
use super::section::Section;
use super::title;
use crate::test::workspace;

const HEAD: &str = "\
# Performance

`cargo xtask bench --write-docs` wrote this page. Everything is a release build on one machine; the stand-in GitLab of the sandbox runs
in a process of its own and serves real git repositories by `git http-backend` over the loopback. What is compared is measured in
turn within one run; ratios are taken run by run. The figures are the median of all runs, with the least and the greatest.
Bytes are those of the answers' bodies that the stand-in sent.

";

/// Writes the page; names what was never measured.
pub fn write(place: &Place, names: &[Name]) -> anyhow::Result<()> {
    let mut page = format!("{HEAD}{}\n", Machine::here().text());
    for name in names {
        let title = title(*name);
        match Section::kept(&place.sections(), &title)? {
            Some(section) => page.push_str(&section.text()),
            None => {
                let _ = writeln!(page, "## {title}\n\nNot measured yet: `cargo xtask bench --only {title}`.");
            }
        }
        page.push('\n');
    }
    let path = workspace().join("docs/performance.md");
    std::fs::write(&path, page.trim_end().to_owned() + "\n")?;
    println!("wrote docs/performance.md");
    Ok(())
}
