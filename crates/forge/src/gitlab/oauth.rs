//! Where a GitLab asks its users and hands out tokens (GitLab contract §5.1).

use url::Url;

use crate::gitlab::client::below;
use crate::oauth::Endpoints;

/// The two addresses of the dance.
#[must_use]
pub fn endpoints(root: &Url) -> Endpoints {
    Endpoints { authorize: below(root, ["oauth", "authorize"].iter()), token: below(root, ["oauth", "token"].iter()) }
}
