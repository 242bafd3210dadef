//! Parameters of a request. Nothing in them can be an error: what is not understood falls back (GitLab contract §2.5).

use std::collections::BTreeMap;

use axum::http::Uri;

/// Parameters that are credentials: never repeated in an answer.
const CREDENTIALS: [&str; 2] = ["access_token", "private_token"];

/// The parameters of a request, the last of each name.
#[derive(Debug, Clone, Default)]
pub struct Query(BTreeMap<String, String>);

impl Query {
    /// The parameters of an address.
    pub fn of(uri: &Uri) -> Self {
        Self(url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect())
    }

    /// A parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A credential, in the order in which they are believed.
    pub fn credential(&self) -> Option<&str> {
        CREDENTIALS.iter().find_map(|name| self.get(name)).filter(|token| !token.is_empty())
    }

    /// The same parameters for another page, sorted, without credentials.
    pub fn at_page(&self, page: i64, per_page: i64) -> String {
        let (page, per_page) = (page.to_string(), per_page.to_string());
        let mut parameters: BTreeMap<&str, &str> = self.0.iter().map(|(name, value)| (&**name, &**value)).collect();
        parameters.retain(|name, _| !CREDENTIALS.contains(name));
        parameters.insert("page", &page);
        parameters.insert("per_page", &per_page);
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_page_keeps_everything_but_credentials() {
        let query = Query::of(&"/x?state=all&access_token=dvf_secret&page=2&a=%26".parse().unwrap());

        assert_eq!(query.credential(), Some("dvf_secret"));
        assert_eq!(query.at_page(3, 100), "a=%26&page=3&per_page=100&state=all");
    }
}
