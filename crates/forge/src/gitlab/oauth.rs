//! Where a GitLab asks its users and hands out tokens (GitLab contract §5.1).

use url::Url;

use crate::address::below;
use crate::oauth::{Dialect, Endpoints};

/// The two addresses of the dance.
#[must_use]
pub fn endpoints(root: &Url) -> Endpoints {
    let at = |last| below(root, ["oauth", last].iter());
    // Its copy of GitHub's page looks at the redirect address before the log-in (15.7.8 to 15.11; GitLab contract §4.1).
    let strangers = Some(below(root, ["login", "oauth", "authorize"].iter()));
    Endpoints { authorize: at("authorize"), token: at("token"), dialect: Dialect::STANDARD, strangers }
}
