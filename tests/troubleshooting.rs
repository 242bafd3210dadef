//! What `docs/troubleshooting.md` says that Dovetail says: tests of several crates break something and compare.

const PAGE: &str = include_str!("../docs/troubleshooting.md");
/// Names that stand for others in the page.
const EXAMPLES: [&str; 5] = [
    "https://gitlab.example.com",
    "other.example.com",
    "gitlab.example.com:443",
    "gitlab.example.com",
    "proxy.example.com:3128",
];

/// The headings of the page's entries.
pub fn entries() -> Vec<&'static str> {
    PAGE.lines().filter_map(|line| line.strip_prefix("### ")).collect()
}

/// Fails unless `said` is what the page quotes in the entry with this heading.
#[track_caller]
pub fn assert_told(heading: &str, said: &str) {
    let (_, entry) = PAGE.split_once(&format!("\n### {heading}\n")).unwrap_or_else(|| panic!("no entry {heading:?}"));
    let entry = entry.split("\n##").next().unwrap_or_default();
    let (_, quoted) = entry.split_once("Dovetail says: “").unwrap_or_else(|| panic!("no quotation in {heading:?}"));
    let quoted = quoted.split_once("”\n").map_or(quoted, |(quoted, _)| quoted);
    let mut parts = vec![quoted];
    for example in EXAMPLES {
        parts = parts.into_iter().flat_map(|part| part.split(example)).collect();
    }
    let mut rest = said;
    for part in parts {
        let at = rest.find(part).unwrap_or_else(|| panic!("the page quotes “{quoted}”, but it says “{said}”"));
        rest = &rest[at + part.len()..];
    }
}
