//! GitHub's own description of GitHub Enterprise Server's REST interface: the npm package `@octokit/openapi`, which
//! `cargo xtask test` installs.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde_json::{Map, Value, json};

/// Where the package is installed.
const FOLDER: &str = "../../tests/github";
/// The newest version that the package describes.
const FILE: &str = "node_modules/@octokit/openapi/generated/ghes-3.19.json";
/// How schemas refer to each other.
const SCHEMAS: &str = "#/components/schemas/";
/// What a schema says that no answer can break.
const REMARKS: [&str; 7] = ["default", "deprecated", "description", "discriminator", "example", "examples", "title"];

/// The description, and the validators that were made of it so far.
pub struct Description {
    document: Value,
    validators: RefCell<BTreeMap<String, Rc<Validator>>>,
}

impl Description {
    /// None, said aloud, where the package is not installed.
    #[expect(clippy::print_stdout, reason = "that nothing was compared must be seen")]
    pub fn read() -> Option<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER);
        let Ok(text) = std::fs::read(folder.join(FILE)) else {
            let remedy = format!("run `npm ci` in {}, or `cargo xtask test`", folder.display());
            println!("SKIPPED: @octokit/openapi is missing, so nothing was compared with GitHub's schemas: {remedy}");
            return None;
        };
        Some(Self { document: serde_json::from_slice(&text).unwrap(), validators: RefCell::default() })
    }

    /// Where an answer to `method` and `path`, as the description writes it, is not as described, each as
    /// `problem: place`.
    pub fn departures(&self, method: &str, path: &str, status: u16, answer: &Value) -> BTreeSet<String> {
        let response = &self.document["paths"][path][method.to_lowercase()]["responses"][status.to_string()];
        assert!(response.is_object(), "GitHub describes no {status} of {method} {path}");
        let response = response["$ref"].as_str().map_or(response, |at| self.document.pointer(&at[1..]).unwrap());
        let schema = &response["content"]["application/json"]["schema"];
        assert!(schema.is_object(), "GitHub describes no body of {status} of {method} {path}");
        self.compared(&format!("{method} {path} {status}"), schema, answer)
    }

    /// Where a value is not as the schema of this name says.
    pub fn departures_from(&self, name: &str, value: &Value) -> BTreeSet<String> {
        self.compared(name, &json!({ "$ref": format!("{SCHEMAS}{name}") }), value)
    }

    fn compared(&self, key: &str, schema: &Value, value: &Value) -> BTreeSet<String> {
        let known = self.validators.borrow().get(key).cloned();
        let validator = known.unwrap_or_else(|| {
            let made = Rc::new(self.validator(schema));
            self.validators.borrow_mut().insert(key.to_owned(), Rc::clone(&made));
            made
        });
        validator.iter_errors(value).map(|error| departure(&error)).collect()
    }

    /// A validator for a schema, with what that refers to and nothing else.
    fn validator(&self, schema: &Value) -> Validator {
        let mut root = plain(schema);
        let (mut found, mut wanted) = (Map::new(), references(&root));
        while let Some(name) = wanted.pop() {
            if !found.contains_key(&name) {
                let schema = plain(&self.document["components"]["schemas"][&name]);
                wanted.extend(references(&schema));
                found.insert(name, schema);
            }
        }
        root["components"] = json!({ "schemas": found });
        jsonschema::options().should_validate_formats(true).build(&root).unwrap()
    }
}

/// A schema of OpenAPI 3.0 as one of JSON Schema: the two differ in how they say that something may be null.
fn plain(schema: &Value) -> Value {
    let Value::Object(fields) = schema else { return schema.clone() };
    let mut made = Map::new();
    for (key, value) in fields.iter().filter(|(key, _)| !REMARKS.contains(&key.as_str())) {
        let value = match (key.as_str(), value) {
            ("properties", Value::Object(fields)) => {
                fields.iter().map(|(name, field)| (name.clone(), plain(field))).collect()
            }
            ("allOf" | "anyOf" | "oneOf", Value::Array(schemas)) => schemas.iter().map(plain).collect(),
            ("items" | "additionalProperties" | "not", value) => plain(value),
            ("nullable", _) => continue,
            (_, value) => value.clone(),
        };
        made.insert(key.clone(), value);
    }
    if fields.get("nullable") == Some(&json!(true)) { or_null(made) } else { Value::Object(made) }
}

/// The same, or null.
fn or_null(mut schema: Map<String, Value>) -> Value {
    if ["allOf", "anyOf", "oneOf", "$ref"].iter().any(|key| schema.contains_key(*key)) {
        return json!({ "anyOf": [schema, { "type": "null" }] });
    }
    if let Some(kind) = schema.get_mut("type") {
        *kind = json!([kind, "null"]);
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum") {
        values.push(Value::Null);
    }
    Value::Object(schema)
}

/// The names of the schemas that one refers to.
fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(references).collect(),
        Value::Object(fields) => {
            let name = fields.get("$ref").and_then(Value::as_str).and_then(|to| to.strip_prefix(SCHEMAS));
            name.map(str::to_owned).into_iter().chain(fields.values().flat_map(references)).collect()
        }
        _ => Vec::new(),
    }
}

/// What is wrong, and where, whichever item of a list it is.
fn departure(error: &ValidationError<'_>) -> String {
    let mut place = place(error.instance_path.as_str());
    let problem = match &error.kind {
        ValidationErrorKind::Required { property } => {
            let dot = if place.is_empty() { "" } else { "." };
            place = format!("{place}{dot}{}", property.as_str().unwrap());
            "missing".to_owned()
        }
        ValidationErrorKind::Type { .. } if error.instance.is_null() => "null".to_owned(),
        ValidationErrorKind::OneOfMultipleValid { .. } => "ambiguous".to_owned(),
        _ => error.to_string(),
    };
    format!("{problem}: {place}")
}

/// `/0/head/user` as `[].head.user`.
fn place(pointer: &str) -> String {
    let mut place = String::new();
    for segment in pointer.split('/').skip(1) {
        if segment.bytes().all(|byte| byte.is_ascii_digit()) {
            place.push_str("[]");
        } else {
            place.push_str(if place.is_empty() { "" } else { "." });
            place.push_str(segment);
        }
    }
    place
}
