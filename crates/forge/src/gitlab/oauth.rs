//! Where a GitLab asks its users and hands out tokens (GitLab contract §5.1).

use url::Url;

use crate::address::below;
use crate::oauth::{Dialect, Endpoints};

/// The two addresses of the dance.
#[must_use]
pub fn endpoints(root: &Url) -> Endpoints {
    let at = |last| below(root, ["oauth", last].iter());
    Endpoints { authorize: at("authorize"), token: at("token"), dialect: Dialect::STANDARD }
}
