//! OAuth 2 for accounts: the authorization code flow with PKCE, and refreshing (GitLab contract §5.1).

mod consent;

use std::fmt;
use std::sync::Arc;

use futures::future::BoxFuture;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use model::secret::{ExposeSecret as _, SecretString};
use model::{Clock, HostKind, Millis};
use oauth2::basic::{BasicClient, BasicErrorResponse, BasicErrorResponseType, BasicTokenResponse};
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet, HttpRequest,
    HttpResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError, Scope,
    TokenResponse as _, TokenUrl,
};
use url::Url;

use crate::{ForgeError, Problem, address, registry, sentences};

pub use consent::Consent;

/// The longest answer read from a token endpoint.
const MAX_ANSWER: usize = 64 << 10;
/// A code that no server ever gave out.
const NO_CODE: &str = "dovetail-checks-the-application";

/// Where a host asks its users, and where it hands out tokens.
#[derive(Debug, Clone)]
pub struct Endpoints {
    /// Where the browser goes.
    pub authorize: Url,
    /// Where codes and refresh tokens become tokens.
    pub token: Url,
    /// What is different about this host.
    pub dialect: Dialect,
    /// Where strangers are told whether Client ID and redirect address are right, in some versions.
    pub strangers: Option<Url>,
}

/// What a status and a body mean: another status and another body.
pub type Understood = fn(StatusCode, &[u8]) -> (StatusCode, Vec<u8>);

/// In what a host differs from OAuth 2.
#[derive(Debug, Clone, Copy)]
pub struct Dialect {
    /// What an answer of the token endpoint means, in OAuth 2's words and in JSON; none where these are its own.
    pub understood: Option<Understood>,
    /// As which program to ask, where that matters.
    pub user_agent: Option<&'static str>,
    /// Whether the state may not come back, so that it stands in the query of the redirect address as well.
    pub state_in_redirect: bool,
}

impl Dialect {
    /// OAuth 2 as RFC 6749 has it.
    pub const STANDARD: Self = Self { understood: None, user_agent: None, state_in_redirect: false };
}

/// What a host handed out. Its `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// The access token.
    pub access: SecretString,
    /// What gets the next pair; single use on GitLab.
    pub refresh: Option<SecretString>,
    /// When the access token ends, by our clock.
    pub expires_at: Option<Millis>,
    /// The scope granted, as the host spells it; empty where it does not tell.
    pub scope: String,
}

/// Why a host handed out no token. No variant holds a secret, or a text of the server.
#[derive(Debug)]
#[non_exhaustive]
pub enum OAuthError {
    /// The application's id or secret is wrong (401).
    InvalidClient,
    /// The code or refresh token is used, expired or revoked, or the redirect address is not the one of the request.
    InvalidGrant,
    /// The redirect address is none of those that the application registers.
    RedirectMismatch,
    /// The application does not have the scope that was asked for.
    InvalidScope,
    /// Our own redirect address is no address.
    BadRedirect,
    /// There is no token endpoint at this address.
    NoEndpoint,
    /// The host asks us to wait.
    RateLimited {
        /// Until when, where it says so.
        until: Option<Millis>,
    },
    /// The host failed (5xx).
    Server(u16),
    /// No answer came, or none that could be read.
    Network(net::NetError),
    /// The answer is not what OAuth 2 promises.
    Data,
    /// Another error word of OAuth 2.
    Other(String),
}

impl OAuthError {
    /// What happened, in one sentence.
    #[must_use]
    pub fn happened(&self) -> String {
        sentences::oauth_happened(self)
    }

    /// The likely cause, in one sentence.
    #[must_use]
    pub fn cause(&self) -> String {
        sentences::oauth_cause(self)
    }

    /// What to do about it, in one sentence.
    #[must_use]
    pub fn remedy(&self) -> String {
        sentences::oauth_remedy(self)
    }

    /// Whether asking again later may help without anybody doing anything.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::RateLimited { .. } | Self::Server(_) | Self::Network(_))
    }
}

impl fmt::Display for OAuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.happened())
    }
}

impl std::error::Error for OAuthError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Network(error) => Some(error),
            _ => None,
        }
    }
}

/// The PKCE challenge (S256) of a verifier of 43 to 128 unreserved characters, such as
/// [`model::secret::random_token`] makes.
#[must_use]
pub fn challenge(verifier: &SecretString) -> String {
    let verifier = PkceCodeVerifier::new(verifier.expose_secret().to_owned());
    PkceCodeChallenge::from_code_verifier_sha256(&verifier).as_str().to_owned()
}

type Dance = BasicClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

/// One application registered on one host.
#[derive(Clone)]
pub struct OAuthClient {
    dance: Dance,
    dialect: Dialect,
    strangers: Option<Url>,
    http: net::Client,
    clock: Arc<dyn Clock>,
}

impl fmt::Debug for OAuthClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuthClient").field("client_id", self.dance.client_id()).finish_non_exhaustive()
    }
}

impl OAuthClient {
    /// The application `client_id` of the host at `url`.
    ///
    /// # Errors
    /// [`Problem::Unsupported`] where such hosts have no OAuth, [`Problem::NotAnAddress`].
    pub fn new(
        kind: HostKind,
        url: &str,
        client_id: &str,
        client_secret: &SecretString,
        http: net::Client,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ForgeError> {
        let root = address::root(url)?;
        let endpoints = registry::oauth_endpoints(kind, &root).ok_or(Problem::Unsupported(kind))?;
        let dance = BasicClient::new(ClientId::new(client_id.trim().to_owned()))
            .set_client_secret(ClientSecret::new(client_secret.expose_secret().trim().to_owned()))
            .set_auth_type(AuthType::RequestBody)
            .set_auth_uri(AuthUrl::from_url(endpoints.authorize))
            .set_token_uri(TokenUrl::from_url(endpoints.token));
        Ok(Self { dance, dialect: endpoints.dialect, strangers: endpoints.strangers, http, clock })
    }

    /// Where to send the browser. `pkce_challenge` is [`challenge`] of a verifier that stays here; `state` comes back, as a
    /// parameter of its own or in the query of the redirect address, or as both.
    ///
    /// # Errors
    /// [`OAuthError::BadRedirect`].
    pub fn authorize_url(
        &self,
        state: &str,
        pkce_challenge: &str,
        redirect_uri: &str,
        scope: &str,
    ) -> Result<Url, OAuthError> {
        let redirect = redirect(&self.redirect_with(state, redirect_uri)?)?;
        let state = state.to_owned();
        let (url, _) = self
            .dance
            .authorize_url(|| CsrfToken::new(state))
            .add_scope(Scope::new(scope.to_owned()))
            .add_extra_param("code_challenge", pkce_challenge)
            .add_extra_param("code_challenge_method", "S256")
            .set_redirect_uri(std::borrow::Cow::Owned(redirect))
            .url();
        Ok(url)
    }

    /// Tokens for the code that the browser brought back. The redirect address is the one of the request, to the letter.
    ///
    /// # Errors
    /// [`OAuthError::InvalidClient`], [`OAuthError::InvalidGrant`] and whatever else keeps the host from answering.
    pub async fn exchange(
        &self,
        code: &SecretString,
        verifier: &SecretString,
        redirect_uri: &str,
    ) -> Result<Tokens, OAuthError> {
        let redirect = redirect(redirect_uri)?;
        let request = self
            .dance
            .exchange_code(AuthorizationCode::new(code.expose_secret().to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.expose_secret().to_owned()));
        // The state in the one of the request is not known here; hosts that put it there do not ask for it again.
        let request = if self.dialect.state_in_redirect {
            request
        } else {
            request.set_redirect_uri(std::borrow::Cow::Owned(redirect))
        };
        let answer = request.request_async(&self.carrier()).await;
        answer.map_err(understood).map(|tokens| self.tokens(&tokens))
    }

    /// The next pair. On GitLab the old pair is dead once the host has answered, whether or not the answer arrives.
    ///
    /// # Errors
    /// As [`OAuthClient::exchange`].
    pub async fn refresh(&self, refresh_token: &SecretString) -> Result<Tokens, OAuthError> {
        let token = RefreshToken::new(refresh_token.expose_secret().to_owned());
        let answer = self.dance.exchange_refresh_token(&token).request_async(&self.carrier()).await;
        answer.map_err(understood).map(|tokens| self.tokens(&tokens))
    }

    /// Whether the host knows the application and its secret, before anybody is sent there: with a code that cannot be
    /// good, a wrong application is refused as such, and a right one for its code.
    ///
    /// # Errors
    /// [`OAuthError::InvalidClient`] where it does not, and whatever else keeps the host from answering.
    pub async fn check_application(&self, redirect_uri: &str) -> Result<(), OAuthError> {
        let verifier = SecretString::from("0".repeat(43));
        match self.exchange(&SecretString::from(NO_CODE), &verifier, redirect_uri).await {
            Ok(_) | Err(OAuthError::InvalidGrant) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn client_id(&self) -> &str {
        self.dance.client_id().as_str()
    }

    fn redirect_with(&self, state: &str, redirect_uri: &str) -> Result<String, OAuthError> {
        if !self.dialect.state_in_redirect {
            return Ok(redirect_uri.to_owned());
        }
        let mut url = Url::parse(redirect_uri).map_err(|_| OAuthError::BadRedirect)?;
        url.query_pairs_mut().append_pair("state", state);
        Ok(url.into())
    }

    fn tokens(&self, told: &BasicTokenResponse) -> Tokens {
        let life = told.expires_in().and_then(|life| i64::try_from(life.as_millis()).ok());
        let scopes = told.scopes().map(Vec::as_slice).unwrap_or_default();
        let scopes: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
        Tokens {
            access: told.access_token().secret().clone().into(),
            refresh: told.refresh_token().map(|token| token.secret().clone().into()),
            expires_at: life.map(|life| self.clock.now().saturating_add(life)),
            scope: scopes.join(" "),
        }
    }

    /// What the `oauth2` crate sends with. It owns what it needs and answers with a boxed future, as the compiler cannot
    /// prove one that borrows from a closure to be `Send`.
    fn carrier(
        &self,
    ) -> impl Fn(HttpRequest) -> BoxFuture<'static, Result<HttpResponse, OAuthError>> + Send + Sync + use<> {
        let client = self.clone();
        move |request| {
            let client = client.clone();
            Box::pin(async move { client.carry(request).await })
        }
    }

    /// The bridge from the `oauth2` crate to our one HTTP client. What is no answer of OAuth 2 is told apart here, as
    /// only the status shows it.
    async fn carry(&self, request: HttpRequest) -> Result<HttpResponse, OAuthError> {
        let url = Url::parse(&request.uri().to_string()).map_err(|_| OAuthError::NoEndpoint)?;
        let mut outgoing = self.http.request(request.method().clone(), &url);
        for (name, value) in request.headers() {
            outgoing = outgoing.header(name.as_str(), value.to_str().unwrap_or_default());
        }
        if let Some(program) = self.dialect.user_agent {
            outgoing = outgoing.header("user-agent", program);
        }
        let response = outgoing.body(request.into_body()).send().await.map_err(OAuthError::Network)?;
        let (status, mut headers) = (response.status(), response.headers().clone());
        let body = response.bytes(MAX_ANSWER).await;
        let (status, body) = match (self.dialect.understood, body) {
            (Some(understood), Ok(body)) => {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                let (status, body) = understood(status, &body);
                (status, Ok(body))
            }
            (_, body) => (status, body.map(|body| body.to_vec())),
        };
        match status.as_u16() {
            404 | 405 | 410 => return Err(OAuthError::NoEndpoint),
            429 => return Err(OAuthError::RateLimited { until: net::rate_limit(&headers, status, self.clock.now()) }),
            500.. => return Err(OAuthError::Server(status.as_u16())),
            _ => {}
        }
        let mut answer = HttpResponse::new(body.map_err(OAuthError::Network)?);
        *answer.status_mut() = status;
        *answer.headers_mut() = headers;
        Ok(answer)
    }
}

fn redirect(uri: &str) -> Result<RedirectUrl, OAuthError> {
    RedirectUrl::new(uri.to_owned()).map_err(|_| OAuthError::BadRedirect)
}

/// The texts and bodies of the server stay behind: they may repeat what was sent.
fn understood(error: RequestTokenError<OAuthError, BasicErrorResponse>) -> OAuthError {
    match error {
        RequestTokenError::Request(error) => error,
        RequestTokenError::ServerResponse(response) => match response.error() {
            BasicErrorResponseType::InvalidClient | BasicErrorResponseType::UnauthorizedClient => {
                OAuthError::InvalidClient
            }
            BasicErrorResponseType::InvalidGrant => OAuthError::InvalidGrant,
            BasicErrorResponseType::InvalidScope => OAuthError::InvalidScope,
            BasicErrorResponseType::Extension(word) if word == "invalid_redirect_uri" => OAuthError::RedirectMismatch,
            word => OAuthError::Other(word_of(word.as_ref())),
        },
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => OAuthError::Data,
    }
}

/// An error word as RFC 6749 forms them; everything else in it is dropped.
fn word_of(said: &str) -> String {
    said.chars().filter(|letter| letter.is_ascii_lowercase() || *letter == '_').take(40).collect()
}
