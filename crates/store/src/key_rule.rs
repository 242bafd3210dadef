//! Which of the keys that texts say are shown, and under which key, as the sites tell: a join that is kept in memory.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use model::{KeyForm, Mention};

use crate::database::{read, within};
use crate::{Result, Store, WriteTx};

/// What the sites know of projects and issues.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyRule {
    known: HashSet<String>,
    /// Former project keys, and what they are now.
    renamed: HashMap<String, String>,
    /// Issues that have another key now.
    moved: HashMap<String, String>,
}

impl KeyRule {
    /// Whether some site has or had a project of this key.
    #[must_use]
    pub fn knows_project(&self, project: &str) -> bool {
        self.known.contains(project)
    }

    /// The key that an issue has now, if it is another one than it is asked by.
    #[must_use]
    pub fn present(&self, key: &str) -> Option<String> {
        if let Some(present) = self.moved.get(key) {
            return Some(present.clone());
        }
        let (project, number) = key.rsplit_once('-')?;
        let renamed = format!("{}-{number}", self.renamed.get(project)?);
        // Perhaps it moved after its project was renamed.
        Some(self.moved.get(&renamed).cloned().unwrap_or(renamed))
    }

    /// The keys that an issue had before, in order: those it moved from, and those of its projects' former names.
    #[must_use]
    pub fn former(&self, present: &str) -> Vec<String> {
        let moved = self.moved.iter().filter(|(_, to)| *to == present).map(|(from, _)| from.clone());
        let mut former: BTreeSet<String> = moved.collect();
        for key in former.iter().cloned().chain([present.to_owned()]).collect::<Vec<_>>() {
            let Some((project, number)) = key.rsplit_once('-') else { continue };
            let renamed = self.renamed.iter().filter(|(_, to)| *to == project);
            former.extend(renamed.map(|(from, _)| format!("{from}-{number}")));
        }
        former.into_iter().filter(|key| self.present(key).as_deref() == Some(present)).collect()
    }

    /// Under which key a mention is shown; none: it is not.
    #[must_use]
    pub fn shown<'m>(&self, mention: &'m Mention) -> Option<Cow<'m, str>> {
        let key = mention.key.as_str();
        if mention.form != KeyForm::Strict && !self.knows_project(project_of(key)) {
            return None;
        }
        Some(self.present(key).map_or(Cow::Borrowed(key), Cow::Owned))
    }
}

/// The part of a key before its number.
pub(crate) fn project_of(key: &str) -> &str {
    key.rsplit_once('-').map_or(key, |(project, _)| project)
}

// Of several sites that know a project, the one that was added first decides.
const PROJECTS: &str = "SELECT project_key, present_key FROM site_project ORDER BY site_id DESC, project_key";
const MOVED: &str = "SELECT issue_key, present_key FROM issue_alias \
                     WHERE present_key IS NOT NULL AND present_key <> issue_key ORDER BY site_id DESC, issue_key";

fn rule(projects: Vec<(String, String)>, moved: Vec<(String, String)>) -> KeyRule {
    let mut rule = KeyRule { moved: moved.into_iter().collect(), ..KeyRule::default() };
    for (key, present) in projects {
        if key == present {
            rule.renamed.remove(&key);
        } else {
            rule.renamed.insert(key.clone(), present);
        }
        rule.known.insert(key);
    }
    rule
}

impl Store {
    /// What the sites know of projects and issues, at present.
    pub async fn key_rule(&self) -> Result<Arc<KeyRule>> {
        let changes = match self.kept_rule().take() {
            Ok(rule) => return Ok(rule),
            Err(changes) => changes,
        };
        let projects = read!(self, |db| sqlx::query_as(PROJECTS).fetch_all(db))?;
        let moved = read!(self, |db| sqlx::query_as(MOVED).fetch_all(db))?;
        let rule = Arc::new(rule(projects, moved));
        self.kept_rule().keep(&rule, changes);
        Ok(rule)
    }

    /// The key that an issue has now, if it is another one than it is asked by.
    pub async fn present_key(&self, key: &str) -> Result<Option<String>> {
        Ok(self.key_rule().await?.present(key))
    }
}

impl WriteTx {
    /// As [`Store::key_rule`], as this transaction sees it.
    pub(crate) async fn key_rule(&mut self) -> Result<Arc<KeyRule>> {
        let changes = match self.store().kept_rule().take() {
            Ok(rule) => return Ok(rule),
            Err(changes) => changes,
        };
        let projects = within!(self.aside(), |db| sqlx::query_as(PROJECTS).fetch_all(db))?;
        let moved = within!(self.aside(), |db| sqlx::query_as(MOVED).fetch_all(db))?;
        let rule = Arc::new(rule(projects, moved));
        if !self.touched_everything() {
            // What this transaction itself changed of the rule may be rolled back.
            self.store().kept_rule().keep(&rule, changes);
        }
        Ok(rule)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> KeyRule {
        let projects = [("SHOP", "SHOP"), ("OLD", "SHOP"), ("A_B", "A_B"), ("UTF", "UTF")];
        let moved = [("SHOP-1", "PAY-7"), ("SHOP-6", "PAY-8")];
        let owned = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        rule(owned(&projects), owned(&moved))
    }

    fn shown(key: &str, form: KeyForm) -> Option<String> {
        let mention = Mention { key: key.to_owned(), form };
        example().shown(&mention).map(Cow::into_owned)
    }

    #[test]
    fn strict_mentions_are_shown_always_and_others_where_a_site_knows_the_project() {
        assert_eq!(shown("NEW-1", KeyForm::Strict).as_deref(), Some("NEW-1"));
        assert_eq!(shown("NEW-1", KeyForm::OtherCase), None);
        assert_eq!(shown("SHOP-2", KeyForm::OtherCase).as_deref(), Some("SHOP-2"));
        assert_eq!(shown("A_B-2", KeyForm::Underscore).as_deref(), Some("A_B-2"));
        assert_eq!(shown("UTF-8", KeyForm::Noise).as_deref(), Some("UTF-8"));
        assert_eq!(shown("CVE-2024", KeyForm::Noise), None);
    }

    #[test]
    fn what_moved_or_was_renamed_is_shown_under_its_present_key() {
        assert_eq!(shown("SHOP-1", KeyForm::Strict).as_deref(), Some("PAY-7"));
        assert_eq!(shown("OLD-5", KeyForm::OtherCase).as_deref(), Some("SHOP-5"));
        assert_eq!(example().present("PAY-7"), None);
        // First the project was renamed, then the issue moved.
        assert_eq!(example().present("OLD-6").as_deref(), Some("PAY-8"));
    }

    #[test]
    fn what_was_named_otherwise_is_found_under_each_of_its_names() {
        assert_eq!(example().former("PAY-7"), ["OLD-1", "SHOP-1"]);
        assert_eq!(example().former("SHOP-5"), ["OLD-5"]);
        assert!(example().former("SHOP-1").is_empty(), "nothing is shown under it any more");
        assert!(example().former("NEW-5").is_empty());
        assert!(example().former("nothing").is_empty());
    }

    #[test]
    fn a_key_that_is_used_again_belongs_to_its_new_project() {
        let rule = rule(vec![("OLD".into(), "NEW".into()), ("OLD".into(), "OLD".into())], Vec::new());
        assert_eq!(rule.present("OLD-1"), None);
    }
}
