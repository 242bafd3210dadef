//! The host of a form: filled in, an address, and such a forge.

use model::HostKind;
use model::secret::ExposeSecret;

use super::{ConnectError, Field, Form, Method};
use crate::Engine;

/// A host that answered.
pub(super) struct Host {
    /// Its normalised URL.
    pub(super) url: String,
    /// What was made of the typed address, as sentences.
    pub(super) notes: Vec<String>,
}

/// Nothing that is needed is empty.
pub(super) fn check_filled_in(form: &Form) -> Result<(), ConnectError> {
    let mut fields = vec![(Field::HostUrl, form.host_url.as_str()), (Field::Path, form.path.as_str())];
    match &form.method {
        Method::OAuth { client_id, client_secret } => {
            fields.push((Field::ClientId, client_id));
            fields.push((Field::ClientSecret, client_secret.expose_secret()));
        }
        Method::Token { token, .. } => fields.push((Field::Token, token.expose_secret())),
        Method::None => {}
    }
    let empty = fields
        .into_iter()
        .find(|(_, typed)| typed.trim_matches(|letter: char| letter.is_whitespace() || letter == '/').is_empty());
    empty.map_or(Ok(()), |(field, _)| Err(ConnectError::Empty(field)))
}

/// Finds the forge at the typed address, or where a part of its path is left out.
pub(super) async fn find(engine: &Engine, kind: HostKind, typed: &str) -> Result<Host, ConnectError> {
    let parsed = forge::host_url(kind, typed)?;
    let found = forge::probe(kind, &parsed.url.candidates(), engine.http()).await;
    let url = found.map_err(|error| ConnectError::of_host(error, parsed.url.as_str(), false))?;
    let root = forge::host_url(kind, &url)?.url;
    let mut notes: Vec<String> = parsed.notes.iter().map(|note| format!("Of the Host URL, {note}.")).collect();
    notes.extend(parsed.url.note_against(&root).map(|note| format!("Of the Host URL, {note}.")));
    if root.url().scheme() == "http" {
        notes.push(crate::sentences::UNENCRYPTED.to_owned());
    }
    Ok(Host { url: root.as_str().to_owned(), notes })
}
