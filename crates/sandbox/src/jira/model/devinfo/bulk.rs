//! A bulk write as a whole, before its entities are looked at (devinfo contract §3).

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use super::{EntityKind, characters, entity};
use crate::jira::switches::Lane;

/// The most repositories of a request.
const MOST_REPOSITORIES: usize = 100;
/// The most entities of a request, all repositories together.
const MOST_ENTITIES: usize = 1_000;
/// The most entities of one kind in a repository.
const MOST_OF_A_KIND: usize = 400;
/// The most properties.
const MOST_PROPERTIES: usize = 5;
/// The longest key or value of a property.
const LONGEST_PROPERTY: usize = 255;

/// A bulk write that can be looked at entity by entity.
#[derive(Debug)]
pub(crate) struct Bulk {
    pub(crate) repositories: Vec<Value>,
    pub(crate) prevent_transitions: bool,
    pub(crate) lane: Lane,
    pub(crate) properties: BTreeMap<String, String>,
}

impl Bulk {
    /// Checks the request as a whole.
    ///
    /// # Errors
    /// What is wrong; the whole request is refused then.
    pub(crate) fn read(body: Value) -> Result<Self, String> {
        if let Some(text) = characters::refused(&body) {
            return Err(text);
        }
        let Value::Object(mut fields) = body else { return Err("The request body must be an object.".to_owned()) };
        let prevent_transitions = match fields.get("preventTransitions") {
            None | Some(Value::Null) => false,
            Some(Value::Bool(prevent)) => *prevent,
            Some(_) => return Err("preventTransitions must be a boolean".to_owned()),
        };
        let lane = match fields.get("operationType").and_then(Value::as_str) {
            None if fields.get("operationType").is_none_or(Value::is_null) => Lane::Normal,
            Some("NORMAL") => Lane::Normal,
            Some("BACKFILL") => Lane::Backfill,
            _ => return Err("operationType must be one of NORMAL, BACKFILL".to_owned()),
        };
        let properties = properties(fields.get("properties"))?;
        let product = fields.get("providerMetadata").map_or(&Value::Null, |metadata| &metadata["product"]);
        if !product.is_null() && product.as_str().is_none_or(|text| text.encode_utf16().count() > LONGEST_PROPERTY) {
            return Err("providerMetadata.product must be a text of at most 255 characters".to_owned());
        }
        let Some(Value::Array(repositories)) = fields.remove("repositories") else {
            return Err("repositories must not be null".to_owned());
        };
        check_counts(&repositories)?;
        repositories.iter().try_for_each(check_shape)?;
        Ok(Self { repositories, prevent_transitions, lane, properties })
    }
}

fn properties(sent: Option<&Value>) -> Result<BTreeMap<String, String>, String> {
    let fields = match sent {
        None | Some(Value::Null) => return Ok(BTreeMap::new()),
        Some(Value::Object(fields)) => fields,
        Some(_) => return Err("properties must be a map".to_owned()),
    };
    if fields.len() > MOST_PROPERTIES {
        return Err(format!("properties: at most {MOST_PROPERTIES} are allowed, was {}", fields.len()));
    }
    let mut properties = BTreeMap::new();
    for (key, value) in fields {
        let value = value.as_str().ok_or_else(|| format!("properties: the value of '{key}' must be a text"))?;
        let long = [key.as_str(), value].iter().any(|text| text.encode_utf16().count() > LONGEST_PROPERTY);
        if long {
            return Err(format!("properties: '{key}' or its value is longer than {LONGEST_PROPERTY} characters"));
        }
        if key.starts_with('_') || key.contains(':') {
            return Err(format!("properties: the key '{key}' must not begin with '_' or contain ':'"));
        }
        properties.insert(key.clone(), value.to_owned());
    }
    Ok(properties)
}

fn check_counts(repositories: &[Value]) -> Result<(), String> {
    if repositories.is_empty() {
        return Err("repositories must not be empty".to_owned());
    }
    if repositories.len() > MOST_REPOSITORIES {
        return Err(format!("Too many repositories, max is {MOST_REPOSITORIES}, was {}", repositories.len()));
    }
    let mut seen = HashSet::new();
    if let Some(twice) = repositories.iter().find(|repository| !seen.insert(repository["id"].as_str())) {
        return Err(format!("Duplicate repository id {}", twice["id"]));
    }
    let all = repositories.iter().flat_map(|repository| EntityKind::ALL.map(|kind| count(repository, kind)));
    let all: usize = all.sum();
    if all > MOST_ENTITIES {
        return Err(format!("Too many entities in request, max is {MOST_ENTITIES}, was {all}"));
    }
    Ok(())
}

fn count(repository: &Value, kind: EntityKind) -> usize {
    repository[kind.array()].as_array().map_or(0, Vec::len)
}

/// What must hold of a repository before anything can be said of its parts.
fn check_shape(repository: &Value) -> Result<(), String> {
    let id = repository["id"].as_str().ok_or("repositories[].id must not be null")?;
    for kind in EntityKind::ALL {
        let sent = &repository[kind.array()];
        if !sent.is_null() && !sent.is_array() {
            return Err(format!("{} of repository '{id}' must be an array", kind.array()));
        }
        let number = count(repository, kind);
        if number > MOST_OF_A_KIND {
            return Err(format!(
                "Too many {} in repository '{id}', max is {MOST_OF_A_KIND}, was {number}",
                kind.array()
            ));
        }
        let mut seen = HashSet::new();
        for sent in sent.as_array().into_iter().flatten() {
            let of_entity = sent["id"].as_str().unwrap_or_default();
            if !seen.insert(of_entity) {
                return Err(format!("Duplicate id '{of_entity}' in {} of repository '{id}'", kind.array()));
            }
            if entity::has_keys_twice(sent) || entity::has_keys_twice(&sent["lastCommit"]) {
                return Err(format!("issueKeysOrAssociationsOrNone.invalid: '{of_entity}'"));
            }
        }
    }
    Ok(())
}
