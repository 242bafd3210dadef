//! JSON as Gson binds it to egit's classes: keys in snake case, unknown ones ignored, `null` as if absent, and a wrong kind of
//! value anywhere in what a class declares refuses the whole answer.

use std::fmt;

use model::Millis;
use serde_json::Value;

use super::dates::Dates;

/// Why an answer was refused: where, and what Gson says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    at: Vec<String>,
    why: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path: Vec<&str> = self.at.iter().rev().map(String::as_str).collect();
        let at = if path.is_empty() { "$".to_owned() } else { path.join(".") };
        write!(formatter, "{at}: {}", self.why)
    }
}

impl Refused {
    fn new(why: impl Into<String>) -> Self {
        Self { at: Vec::new(), why: why.into() }
    }

    fn expected(wanted: &str, value: &Value) -> Self {
        Self::new(format!("Expected {wanted} but was {}", token(value)))
    }

    fn below(mut self, name: &str) -> Self {
        self.at.push(name.to_owned());
        self
    }
}

/// One of egit's classes.
pub(crate) trait Shape: Sized {
    /// Reads everything that the class declares, also what nobody uses.
    fn read(json: &Json<'_>) -> Result<Self, Refused>;
}

/// What a field can hold.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Field {
    Text,
    Int,
    Long,
    Flag,
    Date,
}

/// An object that is being read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Json<'a> {
    value: &'a Value,
    dates: Dates,
}

/// A body; none where there is nothing in it, or `null`.
pub(crate) fn parse(body: &[u8]) -> Result<Option<Value>, Refused> {
    let text = String::from_utf8_lossy(body);
    if text.trim().is_empty() {
        return Ok(None);
    }
    let value: Value = serde_json::from_str(&text).map_err(|error| Refused::new(format!("malformed JSON: {error}")))?;
    Ok(Some(value).filter(|value| !value.is_null()))
}

impl<'a> Json<'a> {
    /// An object.
    pub(crate) fn of(value: &'a Value, dates: Dates) -> Result<Self, Refused> {
        if value.is_object() { Ok(Self { value, dates }) } else { Err(Refused::expected("BEGIN_OBJECT", value)) }
    }

    /// A list of objects.
    pub(crate) fn list_of<T: Shape>(value: &Value, dates: Dates) -> Result<Vec<T>, Refused> {
        let items = value.as_array().ok_or_else(|| Refused::expected("BEGIN_ARRAY", value))?;
        let read = |(index, item): (usize, &Value)| {
            Json::of(item, dates)
                .and_then(|json| T::read(&json))
                .map_err(|refused| refused.below(&format!("[{index}]")))
        };
        items.iter().enumerate().map(read).collect()
    }

    fn field(&self, name: &str) -> Option<&'a Value> {
        self.value.get(name).filter(|value| !value.is_null())
    }

    fn with<T>(&self, name: &str, read: impl FnOnce(&'a Value) -> Result<T, Refused>) -> Result<Option<T>, Refused> {
        self.field(name).map(read).transpose().map_err(|refused| refused.below(name))
    }

    /// A `String`: numbers and booleans become text.
    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, Refused> {
        self.with(name, |value| match value {
            Value::String(text) => Ok(text.clone()),
            Value::Number(_) | Value::Bool(_) => Ok(value.to_string()),
            other => Err(Refused::expected("a string", other)),
        })
    }

    /// An `int`; 0 where it is missing.
    pub(crate) fn int(&self, name: &str) -> Result<i32, Refused> {
        let number = self.with(name, |value| {
            i32::try_from(whole(value)?).map_err(|_| Refused::new(format!("Expected an int but was {value}")))
        })?;
        Ok(number.unwrap_or_default())
    }

    /// A `long`; 0 where it is missing.
    pub(crate) fn long(&self, name: &str) -> Result<i64, Refused> {
        Ok(self.with(name, whole)?.unwrap_or_default())
    }

    /// A `boolean`; false where it is missing.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, Refused> {
        let flag = self.with(name, |value| match value {
            Value::Bool(flag) => Ok(*flag),
            Value::String(text) => Ok(text.eq_ignore_ascii_case("true")),
            other => Err(Refused::expected("a boolean", other)),
        })?;
        Ok(flag.unwrap_or_default())
    }

    /// A `Date`, in milliseconds.
    pub(crate) fn date(&self, name: &str) -> Result<Option<Millis>, Refused> {
        self.with(name, |value| {
            let text = value.as_str().ok_or_else(|| Refused::expected("a date", value))?;
            self.dates.read(text).ok_or_else(|| Refused::new(format!("Unparseable date: {value}")))
        })
    }

    /// An object of a class.
    pub(crate) fn object<T: Shape>(&self, name: &str) -> Result<Option<T>, Refused> {
        self.with(name, |value| T::read(&Json::of(value, self.dates)?))
    }

    /// A list of objects of a class.
    pub(crate) fn list<T: Shape>(&self, name: &str) -> Result<Option<Vec<T>>, Refused> {
        self.with(name, |value| Json::list_of(value, self.dates))
    }

    /// A list of texts.
    pub(crate) fn texts(&self, name: &str) -> Result<Vec<String>, Refused> {
        let texts = self.with(name, |value| {
            let items = value.as_array().ok_or_else(|| Refused::expected("BEGIN_ARRAY", value))?;
            let text =
                |item: &Value| item.as_str().map(str::to_owned).ok_or_else(|| Refused::expected("a string", item));
            items.iter().map(text).collect()
        })?;
        Ok(texts.unwrap_or_default())
    }

    /// Reads what the class declares and nobody uses.
    pub(crate) fn declares(&self, fields: &[(&str, Field)]) -> Result<(), Refused> {
        for (name, field) in fields {
            match field {
                Field::Text => drop(self.text(name)?),
                Field::Int => drop(self.int(name)?),
                Field::Long => drop(self.long(name)?),
                Field::Flag => drop(self.flag(name)?),
                Field::Date => drop(self.date(name)?),
            }
        }
        Ok(())
    }
}

/// A whole number, also as text.
fn whole(value: &Value) -> Result<i64, Refused> {
    let number = match value {
        Value::Number(number) => number.as_i64().or_else(|| number.as_f64().and_then(exact)),
        Value::String(text) => text.parse().ok().or_else(|| text.parse().ok().and_then(exact)),
        other => return Err(Refused::expected("an int", other)),
    };
    number.ok_or_else(|| Refused::new(format!("Expected an int but was {value}")))
}

/// A number without fraction that a double holds exactly.
#[expect(clippy::cast_possible_truncation, reason = "it is whole and below 2^53")]
fn exact(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0).then_some(number as i64)
}

/// Gson's word for what stands there.
fn token(value: &Value) -> &'static str {
    match value {
        Value::Null => "NULL",
        Value::Bool(_) => "BOOLEAN",
        Value::Number(_) => "NUMBER",
        Value::String(_) => "STRING",
        Value::Array(_) => "BEGIN_ARRAY",
        Value::Object(_) => "BEGIN_OBJECT",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refusal<T: fmt::Debug>(result: Result<T, Refused>) -> String {
        result.unwrap_err().to_string()
    }

    #[test]
    fn numbers_and_texts_stand_in_for_each_other_where_gson_lets_them() {
        let value = json!({ "number": "12", "float": 3.0, "text": 7, "flag": "true" });
        let json = Json::of(&value, Dates::Plain).unwrap();
        assert_eq!(json.int("number").unwrap(), 12);
        assert_eq!(json.long("float").unwrap(), 3);
        assert_eq!(json.text("text").unwrap().as_deref(), Some("7"));
        assert!(json.flag("flag").unwrap());
    }

    #[test]
    fn what_is_missing_or_null_is_nothing_or_zero() {
        let value = json!({ "null": null });
        let json = Json::of(&value, Dates::Plain).unwrap();
        for name in ["null", "missing"] {
            assert_eq!(json.int(name).unwrap(), 0);
            assert_eq!(json.text(name).unwrap(), None);
            assert!(!json.flag(name).unwrap());
            assert_eq!(json.date(name).unwrap(), None);
            assert!(json.texts(name).unwrap().is_empty());
        }
    }

    #[test]
    fn a_wrong_kind_of_value_is_refused_with_its_place() {
        let value = json!({ "a": { "b": 1 }, "big": 3_000_000_000_i64, "half": 1.5, "date": "2018-09-20T10:18:01.5Z" });
        let json = Json::of(&value, Dates::Plain).unwrap();
        assert_eq!(refusal(json.text("a")), "a: Expected a string but was BEGIN_OBJECT");
        assert_eq!(refusal(json.flag("big")), "big: Expected a boolean but was NUMBER");
        assert_eq!(refusal(json.int("big")), "big: Expected an int but was 3000000000");
        assert_eq!(refusal(json.long("half")), "half: Expected an int but was 1.5");
        assert_eq!(refusal(json.date("date")), "date: Unparseable date: \"2018-09-20T10:18:01.5Z\"");
        assert_eq!(refusal(json.texts("a")), "a: Expected BEGIN_ARRAY but was BEGIN_OBJECT");
        assert_eq!(refusal(parse(b"<html>").map(|_| ())), "$: malformed JSON: expected value at line 1 column 1");
    }
}
