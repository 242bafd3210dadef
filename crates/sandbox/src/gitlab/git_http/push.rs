//! Pushes: refs are compared around `receive-pack`, under the project's lock, and what moved is told to the model.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use futures::TryStreamExt;

use super::{Admitted, response};
use crate::gitlab::App;
use crate::gitlab::model::ModelError;
use crate::gitlab::repositories::RepositoryError;

/// Receives a push. It runs in a task of its own: a client that goes away cannot leave refs moved but untold.
pub(super) async fn receive(app: Arc<App>, admitted: Admitted, request: Request) -> Result<Response, ModelError> {
    let task = tokio::spawn(async move {
        let model = &app.model;
        let _turn = model.push_lock(admitted.project).await;
        let before = model.repositories().refs(admitted.project).await?;
        let answer = admitted.ask_git(&app, request).await?;
        // The report of a push is short; its end is the end of receive-pack.
        let report = answer.body.try_fold(Vec::new(), |mut report, chunk| async move {
            report.extend_from_slice(&chunk);
            Ok(report)
        });
        let report = report.await;
        if let Some(caller) = &admitted.caller {
            model.push_moved(admitted.project, caller.user, &before).await?;
        }
        let report = report.map_err(RepositoryError::Io)?;
        Ok(response(answer.status, &answer.headers, Body::from(report)))
    });
    task.await.unwrap_or(Err(ModelError::Repository(RepositoryError::Answer("receive-pack ended early"))))
}
