//! The applications that a Jira can connect with.

use model::HostKind;

use crate::database::read;
use crate::rows::Word;
use crate::{Application, Result, Store};

/// An application, and where it is registered.
#[derive(Debug, Clone)]
pub struct PlacedApplication {
    /// The application.
    pub application: Application,
    /// The kind of its host.
    pub host_kind: HostKind,
    /// Its host.
    pub host_url: String,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    #[sqlx(try_from = "Word<HostKind>")]
    kind: HostKind,
    url: String,
}

impl Store {
    /// All applications, by host, the newest first.
    ///
    /// # Errors
    /// When the database does not answer, or a secret was sealed with another key.
    pub async fn applications(&self) -> Result<Vec<PlacedApplication>> {
        const SQL: &str = "SELECT a.id, h.kind, h.url FROM application a JOIN host h ON h.id = a.host_id \
                           ORDER BY h.url, h.kind, a.created_at DESC, a.id DESC";
        let rows: Vec<Row> = read!(self, |db| sqlx::query_as(SQL).fetch_all(db))?;
        let mut placed = Vec::with_capacity(rows.len());
        for row in rows {
            if let Some(application) = self.application(row.id).await? {
                placed.push(PlacedApplication { application, host_kind: row.kind, host_url: row.url });
            }
        }
        Ok(placed)
    }
}
