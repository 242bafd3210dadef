//! What `dovetail account` asks of the server.

use http::Method;
use jiff::Timestamp;

use super::wire::{Account, NewAccount, Repository};
use crate::open;
use crate::server::{Server, Trouble};

impl Server {
    /// Every account that the token sees.
    pub async fn accounts(&self) -> Result<Vec<Account>, Trouble> {
        self.read("/api/v1/accounts").await
    }

    /// One account.
    pub async fn account(&self, id: i64) -> Result<Account, Trouble> {
        self.read(&format!("/api/v1/accounts/{id}")).await
    }

    /// The repositories of an account, and what the server's clock shows.
    pub async fn repositories(&self, account: i64) -> Result<(Vec<Repository>, Timestamp), Trouble> {
        let path = format!("/api/v1/accounts/{account}/repositories");
        let answer = self.send(Method::GET, &path, &[], None::<&()>).await?;
        let now = answer.header("date").and_then(|date| jiff::fmt::rfc2822::parse(date).ok());
        let now = now.map_or_else(open::now, |now| now.timestamp());
        Ok((self.understood(answer).await?, now))
    }

    /// Adds an account.
    pub async fn add(&self, new: &NewAccount) -> Result<Account, Trouble> {
        let answer = self.send(Method::POST, "/api/v1/accounts", &[], Some(new)).await?;
        self.understood(answer).await
    }

    /// Asks for a refresh of an account.
    pub async fn refresh(&self, account: i64, mode: &str) -> Result<(), Trouble> {
        let path = format!("/api/v1/accounts/{account}/refresh");
        self.send(Method::POST, &path, &[("mode", mode)], None::<&()>).await.map(drop)
    }

    /// Removes an account.
    pub async fn remove(&self, account: i64) -> Result<(), Trouble> {
        self.send(Method::DELETE, &format!("/api/v1/accounts/{account}"), &[], None::<&()>).await.map(drop)
    }
}
