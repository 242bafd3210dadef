//! `dovetail openapi`: the document of the REST API.

use crate::Failure;

/// Prints it.
pub fn run() -> Result<(), Failure> {
    println!("{}", serde_json::to_string_pretty(&web::api::document())?);
    Ok(())
}
