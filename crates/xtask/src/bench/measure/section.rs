//! What one measurement found, as a table.

use std::fmt::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::series::{self, Series};

/// What one measurement found.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Section {
    /// The heading.
    pub title: String,
    /// What was measured, and how.
    pub about: String,
    /// The figures.
    pub rows: Vec<Row>,
    /// What a reader should know of them.
    pub notes: Vec<String>,
    /// When, as a date.
    pub date: String,
    /// How busy the machine was before.
    pub load: String,
}

/// One line of figures.
#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    what: String,
    median: String,
    spread: String,
    bytes: String,
    target: String,
    met: Option<bool>,
}

impl Row {
    /// Durations.
    pub fn durations(what: impl Into<String>, series: &Series) -> Self {
        Self::of(what, series, series::duration)
    }

    /// Ratios.
    pub fn ratios(what: impl Into<String>, series: &Series) -> Self {
        Self::of(what, series, series::times)
    }

    /// Sizes.
    pub fn sizes(what: impl Into<String>, series: &Series) -> Self {
        Self::of(what, series, |size| series::bytes(size as u64))
    }

    /// Plain numbers.
    pub fn numbers(what: impl Into<String>, series: &Series) -> Self {
        Self::of(what, series, |number| format!("{number:.0}"))
    }

    fn of(what: impl Into<String>, series: &Series, spell: impl Fn(f64) -> String) -> Self {
        let spread = format!("{} – {}", spell(series.least()), spell(series.greatest()));
        let median = spell(series.median());
        Self { what: what.into(), median, spread, bytes: String::new(), target: String::new(), met: None }
    }

    /// With how many bytes came over the network, in how many requests.
    pub fn with_traffic(mut self, bytes: u64, requests: u64) -> Self {
        self.bytes = format!("{} in {requests} requests", series::bytes(bytes));
        self
    }

    /// With what it should be, and whether it is.
    pub fn with_target(mut self, target: &str, met: bool) -> Self {
        target.clone_into(&mut self.target);
        self.met = Some(met);
        self
    }

    fn verdict(&self) -> String {
        match self.met {
            None => self.target.clone(),
            Some(true) => format!("{} ✓", self.target),
            Some(false) => format!("{} **missed**", self.target),
        }
    }
}

impl Section {
    /// A section without figures yet.
    pub fn new(title: &str, about: impl Into<String>) -> Self {
        Self { title: title.to_owned(), about: about.into(), date: super::machine::today(), ..Self::default() }
    }

    /// Adds a line of figures.
    pub fn row(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// Adds a remark.
    pub fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// As text for a terminal and for a page alike: a heading, a paragraph, a table, remarks.
    pub fn text(&self) -> String {
        let mut text = format!("## {}\n\n{}\n\n", self.title, self.about);
        text.push_str("| | median | least – greatest | over the network | target |\n|---|---:|---:|---:|---|\n");
        for row in &self.rows {
            let Row { what, median, spread, bytes, .. } = row;
            let _ = writeln!(text, "| {what} | {median} | {spread} | {bytes} | {} |", row.verdict());
        }
        text.push('\n');
        for note in &self.notes {
            let _ = writeln!(text, "- {note}");
        }
        let _ = writeln!(text, "- Measured on {}; load of the machine before: {}.", self.date, self.load);
        text
    }

    /// Keeps it for the page.
    pub fn keep(&self, folder: &Path) -> anyhow::Result<()> {
        std::fs::create_dir_all(folder)?;
        Ok(std::fs::write(folder.join(format!("{}.json", self.title)), serde_json::to_vec_pretty(self)?)?)
    }

    /// The one kept under this title, if it was ever measured.
    pub fn kept(folder: &Path, title: &str) -> anyhow::Result<Option<Self>> {
        let path = folder.join(format!("{title}.json"));
        if !path.exists() {
            return Ok(None);
        }
        Ok(Some(serde_json::from_slice(&std::fs::read(path)?)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missed_target_is_said_so() {
        let mut series = Series::default();
        series.push_number(4.0);
        let mut section = Section::new("import", "About it.");
        section.row(Row::ratios("import", &series).with_traffic(1_500, 3).with_target("≤ 3 ×", false));

        let text = section.text();

        assert!(
            text.contains("| import | 4.00 × | 4.00 × – 4.00 × | 1.50 kB in 3 requests | ≤ 3 × **missed** |"),
            "{text}"
        );
    }

    #[test]
    fn what_is_kept_is_found_again_under_its_title() {
        let folder = tempfile::tempdir().unwrap();
        let section = Section::new("scan", "About it.");
        section.keep(folder.path()).unwrap();

        let found = Section::kept(folder.path(), "scan").unwrap().unwrap();

        assert_eq!(found.text(), section.text());
        assert!(Section::kept(folder.path(), "detail").unwrap().is_none());
    }
}
