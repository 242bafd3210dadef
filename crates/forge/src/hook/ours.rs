//! Which of the hooks that a forge lists is ours.

use url::Url;

/// How many segments at the end of our addresses never change: `hooks`, the kind of host, the hook's own id.
const TAIL: usize = 3;

/// A hook in a forge's list.
pub(crate) trait Listed {
    /// The forge's own id of it.
    fn forge_id(&self) -> &str;

    /// Where it leads; none where that is no address.
    fn address(&self) -> Option<Url>;

    /// Whether it is switched off.
    fn is_off(&self) -> bool;
}

/// Which hook is ours, and which others are ours as well. `known` counts only where no address is ours, and makes no
/// doubles: after a restored backup the forge may have given that id to a stranger's hook.
pub(crate) fn ours<H: Listed>(hooks: Vec<H>, url: &Url, known: Option<&str>) -> (Option<H>, Vec<H>) {
    let (mut same, others): (Vec<_>, Vec<_>) = hooks.into_iter().partition(|hook| is_of(hook, url));
    if same.is_empty() {
        return (others.into_iter().find(|hook| Some(hook.forge_id()) == known), Vec::new());
    }
    same.sort_by_key(|hook| (hook.address().as_ref() != Some(url), hook.is_off()));
    let mut same = same.into_iter();
    (same.next(), same.collect())
}

/// Whether a hook leads to `url`, or to the same place under another public address of ours.
fn is_of(hook: &impl Listed, url: &Url) -> bool {
    let tail = |url: &Url| {
        let segments: Vec<String> = url.path_segments()?.filter(|one| !one.is_empty()).map(str::to_owned).collect();
        (segments.len() >= TAIL).then(|| segments[segments.len() - TAIL..].to_vec())
    };
    hook.address().is_some_and(|address| address == *url || tail(&address).is_some_and(|it| Some(it) == tail(url)))
}
