//! `/servers`: what single servers need that others do not. Only administrators read it.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use model::secret::SecretString;
use serde::{Deserialize, Serialize};
use sync::servers::{self, ServerAddress, ServerError, ServerProxy};
use utoipa::ToSchema;

use super::body::Body;
use crate::bearer::ApiToken;
use crate::problem::Problem;
use crate::sentences::server_pages::refused;
use crate::state::AppState;

/// How requests to a server go.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// As the configuration and the environment say.
    Usual,
    /// Through no proxy.
    Direct,
    /// Through a proxy of its own.
    Through,
}

/// An authority that is trusted for one server.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrustedAuthority {
    /// Whom it calls itself.
    subject: String,
    /// Who signed it; the same for a root.
    issuer: String,
    /// SHA-256, as `AB:CD:…`.
    fingerprint: String,
    /// From when it is valid, in milliseconds since 1970.
    not_before: i64,
    /// Until when.
    not_after: i64,
}

/// A server that has settings of its own.
#[derive(Debug, Serialize, ToSchema)]
pub struct Server {
    /// Which, as `host:port`.
    address: String,
    /// Whom it is trusted by, beside the authorities that are trusted for all.
    authorities: Vec<TrustedAuthority>,
    /// How requests to it go.
    route: Route,
    /// Scheme, host and port of its own proxy; never its user and password.
    #[serde(skip_serializing_if = "Option::is_none")]
    proxy: Option<String>,
}

impl From<servers::Server> for Server {
    fn from(server: servers::Server) -> Self {
        let authorities = server.authorities.into_iter().map(|authority| TrustedAuthority {
            subject: authority.subject,
            issuer: authority.issuer,
            fingerprint: authority.fingerprint,
            not_before: authority.not_before,
            not_after: authority.not_after,
        });
        let route = match server.proxy {
            ServerProxy::Usual => Route::Usual,
            ServerProxy::Direct => Route::Direct,
            ServerProxy::Through(_) => Route::Through,
        };
        let (address, proxy) = (server.address.to_string(), server.proxy.shown());
        Self { address, authorities: authorities.collect(), route, proxy }
    }
}

/// Certificates to trust.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAuthorities {
    /// One or more certificates in PEM form; at most 20, and 64 KiB.
    pem: String,
}

/// How requests to a server are to go.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChosenRoute {
    /// How.
    route: Route,
    /// With `through`: the URL of the proxy (`http`, `https`, `socks4`, `socks4a`, `socks5`, `socks5h`).
    #[serde(default)]
    proxy: Option<String>,
}

/// The servers that have settings of their own.
#[utoipa::path(
    get, path = "/servers", tag = "servers", responses((status = 200, body = [Server]), (status = 403, body = Problem))
)]
pub async fn list_servers(State(state): State<AppState>, caller: ApiToken) -> Result<Json<Vec<Server>>, Problem> {
    caller.require_admin()?;
    let servers = servers::list(state.engine()).await?;
    Ok(Json(servers.into_iter().map(Server::from).collect()))
}

/// Trust authorities for one server, beside those that it has. Compare their fingerprints before.
#[utoipa::path(
    post, path = "/servers/{address}/authorities", tag = "servers",
    params(("address" = String, Path, description = "The server: host:port")), request_body = NewAuthorities,
    responses(
        (status = 200, body = Server), (status = 403, body = Problem),
        (status = 422, description = "They are no authorities, or not valid now", body = Problem)
    )
)]
pub async fn trust_authorities(
    State(state): State<AppState>,
    caller: ApiToken,
    Path(address): Path<String>,
    Body(new): Body<NewAuthorities>,
) -> Result<Json<Server>, Problem> {
    caller.require_admin()?;
    let address = named(&address)?;
    servers::trust(state.engine(), &address, &new.pem).await.map_err(|error| problem(error, "pem"))?;
    shown(&state, &address).await
}

/// Trust an authority for a server no more.
#[utoipa::path(
    delete, path = "/servers/{address}/authorities/{fingerprint}", tag = "servers",
    params(
        ("address" = String, Path, description = "The server: host:port"),
        ("fingerprint" = String, Path, description = "SHA-256 of its certificate, as AB:CD:…")
    ),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem))
)]
pub async fn distrust_authority(
    State(state): State<AppState>,
    caller: ApiToken,
    Path((address, fingerprint)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    caller.require_admin()?;
    let address = named(&address)?;
    let was = servers::distrust(state.engine(), &address, &fingerprint).await?;
    if was { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found()) }
}

/// Say how requests to a server go.
#[utoipa::path(
    put, path = "/servers/{address}/proxy", tag = "servers",
    params(("address" = String, Path, description = "The server: host:port")), request_body = ChosenRoute,
    responses(
        (status = 200, body = Server), (status = 403, body = Problem),
        (status = 422, description = "This is no proxy", body = Problem)
    )
)]
pub async fn set_server_proxy(
    State(state): State<AppState>,
    caller: ApiToken,
    Path(address): Path<String>,
    Body(chosen): Body<ChosenRoute>,
) -> Result<Json<Server>, Problem> {
    caller.require_admin()?;
    let address = named(&address)?;
    let proxy = match chosen.route {
        Route::Usual => Ok(ServerProxy::Usual),
        Route::Direct => Ok(ServerProxy::Direct),
        Route::Through => {
            let url = SecretString::from(chosen.proxy.unwrap_or_default());
            servers::read_proxy(&url).map(ServerProxy::Through)
        }
    };
    let proxy = proxy.map_err(|error| problem(error, "proxy"))?;
    servers::set_proxy(state.engine(), &address, proxy).await.map_err(|error| problem(error, "proxy"))?;
    shown(&state, &address).await
}

fn named(address: &str) -> Result<ServerAddress, Problem> {
    address.parse().map_err(|_| problem(ServerError::Address, "address"))
}

async fn shown(state: &AppState, address: &ServerAddress) -> Result<Json<Server>, Problem> {
    Ok(Json(servers::one(state.engine(), address).await?.into()))
}

fn problem(error: ServerError, field: &'static str) -> Problem {
    match error {
        ServerError::Sync(error) => error.into(),
        error => Problem::new(StatusCode::UNPROCESSABLE_ENTITY, refused(&error)).about(Some(field)),
    }
}
