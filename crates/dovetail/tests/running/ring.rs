//! The ring: GitLab → a Dovetail → its facade → another Dovetail, which takes it for a GitHub Enterprise. What both know of
//! the issues is the same.

use std::collections::BTreeSet;

use sandbox::gitlab::model::Scopes;
use store::issues::IssueQuery;
use store::testing::Engine;
use store::{Store, Viewer};

use crate::browser::Browser;
use crate::traffic::Traffic;
use crate::world::{Dovetail, Serve, World, imported, synced};

/// More issues than the sample names.
const MANY: i64 = 10_000;

/// What an issue is linked to: the key, the full path of the repository, and what in it.
type Links = BTreeSet<(String, String, Link)>;

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Link {
    Branch {
        name: String,
        head: String,
    },
    Commit {
        id: String,
        unreachable: bool,
    },
    /// The id is that over all repositories. GitHub's numbers are these, and GitLab's are others, so numbers are not compared.
    MergeRequest {
        id: String,
        title: String,
        state: String,
        from: String,
        to: String,
    },
}

/// A Dovetail with the account "platform", imported.
struct Station<'d> {
    dovetail: &'d Dovetail,
    serve: Serve,
    api_token: String,
}

impl<'d> Station<'d> {
    /// Adds the account by OAuth, walking the whole dance, and waits for its import.
    async fn import(dovetail: &'d Dovetail, host: (&str, &str), keys: (&str, &str)) -> Self {
        let api_token = dovetail.api_token().await;
        let serve = dovetail.serve().await;
        let mut browser = Browser::of_administrator(dovetail).await;
        let page = browser
            .add_account(
                &dovetail.url(),
                &[
                    ("host", host.0),
                    ("host_url", host.1),
                    ("path", "platform"),
                    ("method", "oauth"),
                    ("client_id", keys.0),
                    ("client_secret", keys.1),
                ],
            )
            .await;
        assert!(page.status == 200 && page.url.path().starts_with("/accounts/"), "{page:#?}");
        assert!(browser.sent_to.iter().any(|to| to.query_pairs().any(|(name, _)| name == "code")), "no dance");
        imported(&serve, &api_token).await;
        Self { dovetail, serve, api_token }
    }

    async fn synced(&self) {
        synced(self.dovetail, &self.serve, &self.api_token, "platform").await;
    }

    async fn links(&self) -> Links {
        let store = self.dovetail.database.open_again().await;
        let links = links(&store).await;
        store.close().await;
        links
    }
}

#[rstest::rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_goes_through_the_facade_comes_out_the_same(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    // given: a Dovetail that has imported the sample, subgroups included
    let Some(mut world) = World::new(engine).await else { return };
    let Some(mut root) = Dovetail::new(engine).await else { return };
    let Some(mut below_jira) = Dovetail::new(engine).await else { return };
    let stations: [&mut Dovetail; 3] = [&mut world, &mut root, &mut below_jira];
    stations.into_iter().for_each(Dovetail::settle_down);
    world.set("DOVETAIL_FACADE_ALLOWED_REDIRECTS", format!("{}/,{}/", root.url(), below_jira.url()));
    let (model, callback) = (world.gitlab.model(), format!("{}/oauth/callback", world.url()));
    let user = model.user_by_login(sandbox::sample::INTEGRATION_USER).unwrap().id;
    let keys = model.create_application(user, "Dovetail", &[&callback], Scopes::api()).unwrap();
    let keys = (keys.client_id.as_str(), keys.secret.as_str());
    let mut traffic = Traffic::new(&world.gitlab, "platform/shop").await;
    let near = Station::import(&world, ("gitlab", world.gitlab.url()), keys).await;
    let expected = near.links().await;
    assert_rich(&expected);

    // when: others import it through the facade
    let far = Station::import(&root, ("github", &world.url()), keys).await;
    let jira_url = format!("{}/-/jira", world.url());
    let far_below_jira = Station::import(&below_jira, ("github", &jira_url), keys).await;

    // then
    for far in [&far, &far_below_jira] {
        assert_same(&expected, &far.links().await);
        assert!(!far.dovetail.path("data/cache").exists(), "no git is offered: every commit was walked to");
    }

    // when: people push to a subgroup, and all look for news
    traffic.pushes(8).await.unwrap();
    near.synced().await;
    far.synced().await;
    far_below_jira.synced().await;

    // then
    let after = near.links().await;
    assert!(after.len() > expected.len());
    assert_same(&after, &far.links().await);
    assert_same(&after, &far_below_jira.links().await);
}

/// There are links of each kind in subgroups, merge requests of each state, and many issues.
fn assert_rich(links: &Links) {
    let of_subgroups = || links.iter().filter(|(_, path, _)| path.split('/').count() > 2).map(|(_, _, link)| link);
    assert!(of_subgroups().any(|link| matches!(link, Link::Branch { .. })), "{links:#?}");
    assert!(of_subgroups().any(|link| matches!(link, Link::Commit { .. })));
    let states: BTreeSet<&str> = of_subgroups()
        .filter_map(|link| match link {
            Link::MergeRequest { state, .. } => Some(state.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(states, BTreeSet::from(["declined", "merged", "open"]));
    assert!(links.iter().map(|(key, ..)| key).collect::<BTreeSet<_>>().len() >= 15);
}

fn assert_same(near: &Links, far: &Links) {
    let lost: Vec<_> = near.difference(far).collect();
    let invented: Vec<_> = far.difference(near).collect();
    assert!(lost.is_empty() && invented.is_empty(), "lost: {lost:#?}\ninvented: {invented:#?}");
}

/// All that a store shows of all issues.
async fn links(store: &Store) -> Links {
    let mut links = Links::new();
    for (key, _) in store.issue_keys_recent(Viewer::Everything, MANY).await.unwrap() {
        let query = IssueQuery { viewer: Viewer::Everything, key: key.clone(), host_ids: None };
        for item in store.issue_branches(&query, None, None).await.unwrap().items {
            let link = Link::Branch { name: item.name, head: item.head.to_string() };
            links.insert((key.clone(), item.repository.path.clone(), link));
        }
        for item in store.issue_commits(&query, None, None).await.unwrap().items {
            for repository in [&item.repository].into_iter().chain(&item.also_in) {
                let link = Link::Commit { id: item.commit.object_id.to_string(), unreachable: item.unreachable };
                links.insert((key.clone(), repository.path.clone(), link));
            }
        }
        for item in store.issue_merge_requests(&query, None, None).await.unwrap().items {
            let link = Link::MergeRequest {
                id: item.forge_id,
                title: item.title,
                state: item.state.to_string(),
                from: item.source_branch,
                to: item.target_branch,
            };
            links.insert((key.clone(), item.repository.path.clone(), link));
        }
    }
    links
}
