//! Reading JSON that need not be what its documentation promises.

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error as _};

/// An id: a number, or a text in answers of things that only resemble the forge.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Id(pub String);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::Number(number) => Ok(Self(number.to_string())),
            serde_json::Value::String(text) if !text.is_empty() && text.len() <= 64 => Ok(Self(text)),
            _ => Err(D::Error::custom("an id is neither a number nor a short text")),
        }
    }
}

/// Takes what fits and the default for everything else, `null` included.
///
/// # Errors
/// Only where the text is no JSON at all.
pub fn lenient<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(deserializer: D) -> Result<T, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(T::deserialize(value).unwrap_or_default())
}
