//! OAuth applications.

use model::Millis;
use model::secret::{ExposeSecret, random_token, token_hash};

use super::{ApplicationId, Model, ModelError, Scopes, State, UserId};

/// A registered OAuth application.
#[derive(Debug, Clone)]
pub struct Application {
    /// The inner id.
    pub id: ApplicationId,
    /// The "Application ID" that people copy.
    pub client_id: String,
    /// The name on the consent page.
    pub name: String,
    /// The addresses a browser may be sent back to; compared exactly.
    pub redirect_uris: Vec<String>,
    /// What its tokens may be asked for.
    pub scopes: Scopes,
    /// Who registered it.
    pub owner: UserId,
    /// Registered.
    pub created_at: Millis,
    secret_hash: String,
}

/// What is shown once, when an application is registered.
#[derive(Debug, Clone)]
pub struct ApplicationKeys {
    /// The inner id.
    pub id: ApplicationId,
    /// The "Application ID".
    pub client_id: String,
    /// The "Secret".
    pub secret: String,
}

impl Model {
    /// Registers an application.
    ///
    /// # Errors
    /// When the name or the list of scopes is empty, or a redirect URI is missing or not an absolute http(s) URL
    /// without a fragment.
    pub fn create_application(
        &self,
        owner: UserId,
        name: &str,
        redirect_uris: &[&str],
        scopes: Scopes,
    ) -> Result<ApplicationKeys, ModelError> {
        if name.trim().is_empty() {
            return Err(ModelError::invalid("name", "can't be blank"));
        }
        if scopes.iter().next().is_none() {
            return Err(ModelError::invalid("scopes", "can't be blank"));
        }
        check_redirect_uris(redirect_uris)?;
        let client_id = random_token("").expose_secret().to_owned();
        let secret = random_token("gloas-").expose_secret().to_owned();
        let id = self.write(|state| {
            let id = ApplicationId(state.numbers.application.draw());
            let redirect_uris = redirect_uris.iter().map(|uri| (*uri).to_owned()).collect();
            let (name, created_at) = (name.trim().to_owned(), self.now());
            let (client_id, secret_hash) = (client_id.clone(), token_hash(&secret));
            let application =
                Application { id, client_id, name, redirect_uris, scopes, owner, created_at, secret_hash };
            state.applications.insert(id, application);
            id
        });
        Ok(ApplicationKeys { id, client_id, secret })
    }

    /// The application with this "Application ID".
    #[must_use]
    pub fn application(&self, client_id: &str) -> Option<Application> {
        self.read(|state| state.application(client_id).cloned())
    }

    /// The applications that a user registered.
    #[must_use]
    pub fn applications_of(&self, owner: UserId) -> Vec<Application> {
        self.read(|state| state.applications.values().filter(|it| it.owner == owner).cloned().collect())
    }

    /// Removes an application; its tokens die with it.
    pub fn delete_application(&self, id: ApplicationId) {
        self.write(|state| {
            state.applications.remove(&id);
            state.tokens.retain(|_, token| token.application() != Some(id));
            state.codes.retain(|_, code| code.application != id);
        });
    }
}

impl State {
    pub(crate) fn application(&self, client_id: &str) -> Option<&Application> {
        self.applications.values().find(|application| application.client_id == client_id)
    }

    /// The application whose keys these are.
    pub(crate) fn application_with(&self, client_id: &str, secret: &str) -> Option<&Application> {
        self.application(client_id).filter(|application| application.secret_hash == token_hash(secret))
    }
}

fn check_redirect_uris(uris: &[&str]) -> Result<(), ModelError> {
    if uris.is_empty() {
        return Err(ModelError::invalid("redirect_uri", "can't be blank"));
    }
    for uri in uris {
        let url = url::Url::parse(uri).map_err(|_| ModelError::invalid("redirect_uri", "must be an absolute URI."))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(ModelError::invalid("redirect_uri", "must be an HTTP or HTTPS URI."));
        }
        if url.fragment().is_some() {
            return Err(ModelError::invalid("redirect_uri", "cannot contain a fragment."));
        }
    }
    Ok(())
}
