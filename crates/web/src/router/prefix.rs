//! `public_url` with a path: the proxy in front may pass the path on or cut it off; both work.

use axum::Router;
use axum::extract::Request;
use axum::http::Uri;
use tower::ServiceExt;

use crate::address::PublicAddress;

/// `routes`, asked without the path of the configured address.
pub fn stripped(address: Option<PublicAddress>, routes: Router) -> Router {
    let Some(prefix) = address.map(|address| address.prefix().to_owned()).filter(|prefix| !prefix.is_empty()) else {
        return routes;
    };
    Router::new().fallback_service(routes.map_request(move |request: Request| without_prefix(request, &prefix)))
}

fn without_prefix(mut request: Request, prefix: &str) -> Request {
    if let Some(uri) = shortened(request.uri(), prefix) {
        *request.uri_mut() = uri;
    }
    request
}

fn shortened(uri: &Uri, prefix: &str) -> Option<Uri> {
    let rest = uri.path_and_query()?.as_str().strip_prefix(prefix)?;
    match rest.chars().next() {
        None => Some(Uri::from_static("/")),
        Some('/') => rest.parse().ok(),
        Some('?') => format!("/{rest}").parse().ok(),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("/dovetail/issues/ABC-1?x=/dovetail", Some("/issues/ABC-1?x=/dovetail"))]
    #[case("/dovetail", Some("/"))]
    #[case("/dovetail?x=1", Some("/?x=1"))]
    #[case("/dovetails", None)]
    #[case("/issues/ABC-1", None)]
    fn the_prefix_goes_and_nothing_else(#[case] asked: &str, #[case] routed: Option<&str>) {
        let shortened = shortened(&asked.parse().unwrap(), "/dovetail").map(|uri| uri.to_string());

        assert_eq!(shortened.as_deref(), routed);
    }
}
