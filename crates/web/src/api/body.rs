//! JSON bodies: what is wrong with one is said in a problem document.

use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde::de::DeserializeOwned;

use crate::problem::Problem;
use crate::sentences;
use crate::state::AppState;

/// A JSON body of the shape that the route takes.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<AppState> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Self::Rejection> {
        match axum::Json::<T>::from_request(request, state).await {
            Ok(axum::Json(body)) => Ok(Self(body)),
            Err(rejection) => Err(problem(&rejection)),
        }
    }
}

fn problem(rejection: &JsonRejection) -> Problem {
    let status = rejection.status();
    let why = match status {
        StatusCode::PAYLOAD_TOO_LARGE => "The body is larger than 256 KiB.".to_owned(),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "The header Content-Type is not application/json.".to_owned(),
        _ => rejection.body_text(),
    };
    Problem::new(status, sentences::body_not_understood(why))
}
