//! What one server needs that others do not: authorities to trust, a proxy.

use model::Millis;
use model::secret::SecretString;

use crate::database::{execute, execute_live, read};
use crate::rows::words;
use crate::seal::Place;
use crate::{Lane, Result, Store, StoreError};

words! {
    /// How requests to a server go that do not go as the others do.
    ServerRoute {
        /// Through no proxy.
        Direct = "direct",
        /// Through a proxy of its own.
        Through = "through",
    }
}

/// An authority that is trusted for one server.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ServerAuthority {
    /// The server, as `host:port`.
    pub address: String,
    /// SHA-256 of the certificate, as `AB:CD:…`.
    pub fingerprint: String,
    /// The certificate in PEM form.
    pub pem: String,
    /// Since when.
    pub created_at: Millis,
}

/// How requests to one server go.
#[derive(Debug, Clone)]
pub struct ServerProxy {
    /// The server, as `host:port`.
    pub address: String,
    /// How.
    pub route: ServerRoute,
    /// The URL of its proxy, which may hold a password; with [`ServerRoute::Through`] alone.
    pub url: Option<SecretString>,
}

type ProxyRow = (String, String, Option<String>);

const fn url_place(address: &str) -> Place<'_> {
    Place { table: "server_proxy", column: "url", row: address }
}

impl Store {
    /// All authorities of single servers, by server, then in the order in which they came.
    pub async fn server_authorities(&self) -> Result<Vec<ServerAuthority>> {
        const SQL: &str = "SELECT address, fingerprint, pem, created_at FROM server_authority \
                           ORDER BY address, created_at, fingerprint";
        read!(self, |db| sqlx::query_as(SQL).fetch_all(db))
    }

    /// Trusts authorities, each a fingerprint and a certificate in PEM form, for one server from now on. One that is trusted
    /// already stays as it is.
    pub async fn server_authorities_put(
        &self,
        address: &str,
        authorities: &[(String, String)],
        now: Millis,
    ) -> Result<()> {
        const SQL: &str = "INSERT INTO server_authority (address, fingerprint, pem, created_at) \
                           VALUES ($1, $2, $3, $4) ON CONFLICT (address, fingerprint) DO NOTHING";
        let mut tx = self.begin_write(Lane::Live).await?;
        for (fingerprint, pem) in authorities {
            execute!(
                tx.aside(),
                sqlx::query(SQL).bind(address).bind(fingerprint.as_str()).bind(pem.as_str()).bind(now)
            )?;
        }
        tx.commit().await
    }

    /// Trusts an authority for a server no more; false where it was not.
    pub async fn server_authority_delete(&self, address: &str, fingerprint: &str) -> Result<bool> {
        const SQL: &str = "DELETE FROM server_authority WHERE address = $1 AND fingerprint = $2";
        Ok(execute_live!(aside self, sqlx::query(SQL).bind(address).bind(fingerprint))? > 0)
    }

    /// How requests to the servers go that do not go as all others do, by server; the URLs opened.
    pub async fn server_proxies(&self) -> Result<Vec<ServerProxy>> {
        const SQL: &str = "SELECT address, route, url_sealed FROM server_proxy ORDER BY address";
        let rows: Vec<ProxyRow> = read!(self, |db| sqlx::query_as(SQL).fetch_all(db))?;
        rows.into_iter().map(|row| self.open_proxy(row)).collect()
    }

    fn open_proxy(&self, (address, route, sealed): ProxyRow) -> Result<ServerProxy> {
        let route = route.parse().map_err(|_| StoreError::Corrupt { what: format!("server_proxy.route {route:?}") })?;
        let url = sealed.map(|sealed| self.sealer().open(url_place(&address), &sealed)).transpose()?;
        Ok(ServerProxy { address, route, url })
    }

    /// Lets requests to a server go so from now on.
    pub async fn server_proxy_put(&self, proxy: &ServerProxy, now: Millis) -> Result<()> {
        const SQL: &str = "INSERT INTO server_proxy (address, route, url_sealed, created_at) VALUES ($1, $2, $3, $4) \
                           ON CONFLICT (address) DO UPDATE SET route = excluded.route, url_sealed = excluded.url_sealed";
        let sealed = proxy.url.as_ref().map(|url| self.sealer().seal(url_place(&proxy.address), url));
        execute_live!(
            aside self,
            sqlx::query(SQL)
                .bind(proxy.address.as_str())
                .bind(proxy.route.as_str())
                .bind(sealed.as_deref())
                .bind(now)
        )?;
        Ok(())
    }

    /// Lets requests to a server go as all others do again; false where they did.
    pub async fn server_proxy_delete(&self, address: &str) -> Result<bool> {
        const SQL: &str = "DELETE FROM server_proxy WHERE address = $1";
        Ok(execute_live!(aside self, sqlx::query(SQL).bind(address))? > 0)
    }
}
