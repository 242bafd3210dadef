//! Development information: what arrives, what is refused, tokens, pauses, sizes.

use jira::{EntityKind, Problem, PullRequestStatus, Submission};
use sandbox::jira::model::DataKind;
use sandbox::jira::model::devinfo::EntityKind as Told;
use sandbox::jira::{Failure, How, Lane, RateLimit, Reason, TooMany};

use crate::world::{NOON, World, branch, commit, problem, properties, provider, pull_request, repository, submission};

const TOKENS: &str = "/oauth/token";

#[tokio::test]
async fn commits_branches_and_pull_requests_arrive() {
    let world = World::cloud().await;
    let dev_info = world.dev_info(&world.keys());
    let mut repo = repository("r1", 1);
    repo.commits = vec![commit("c1", 1, "ABC-1"), commit("c2", 1, "ABC-99")];
    repo.branches = vec![branch("feature/ABC-1", 1, "ABC-1")];
    repo.pull_requests = vec![pull_request("7", PullRequestStatus::Merged, "ABC-2")];
    let outcome = dev_info.submit(&submission(vec![repo])).await.unwrap();
    assert_eq!(EntityKind::ALL.map(|kind| outcome.count(kind)), [1, 1, 1]);
    assert_eq!(
        (outcome.refused.as_slice(), outcome.unknown_issue_keys.as_slice()),
        ([].as_slice(), ["ABC-99".to_owned()].as_slice())
    );
    let there = world.model().entity("r1", Told::Commit, "c1").unwrap();
    assert_eq!(there.body["message"], "ABC-1 Say hello");
    assert_eq!(
        (&there.body["flags"][0], &there.body["authorTimestamp"]),
        (&"MERGE_COMMIT".into(), &"2026-03-01T12:00:00.000Z".into())
    );
    assert_eq!((there.submission.lane, there.submission.prevent_transitions), (Lane::Normal, false));
    let told = dev_info.repository("r1").await.unwrap().unwrap();
    assert_eq!(told["pullRequests"][0]["status"], "MERGED");
    assert_eq!(dev_info.repository("none").await.unwrap(), None);
}

#[tokio::test]
async fn a_backfill_sets_nothing_off_and_has_its_own_allowance() {
    // given
    let world = World::cloud().await;
    let dev_info = world.dev_info(&world.keys());
    let limit = RateLimit { requests: 0, window: std::time::Duration::from_secs(60) };
    world.server.switches().lane_limit(Lane::Backfill, Some(limit));
    let mut repo = repository("r1", 1);
    repo.commits = vec![commit("c1", 1, "ABC-1")];
    let live = submission(vec![repo]);
    let backfill = Submission { prevent_transitions: true, ..live.clone() };

    // then
    let error = dev_info.submit(&backfill).await.unwrap_err();
    assert_eq!((error.problem, error.retry_at), (Problem::RateLimited, Some(NOON + 60_000)));
    assert_eq!(dev_info.submit(&live).await.unwrap().count(EntityKind::Commit), 1);
    world.server.switches().lane_limit(Lane::Backfill, None);
    dev_info.submit(&backfill).await.unwrap();
}

#[tokio::test]
async fn what_jira_refuses_is_told_entity_by_entity_and_the_rest_arrives() {
    let world = World::cloud().await;
    let dev_info = world.dev_info(&world.keys());
    let mut repo = repository("r1", 1);
    let mut keyless = commit("c2", 1, "no key at all");
    keyless.message = "ABC-1".to_owned();
    let mut homeless = commit("c3", 1, "ABC-1");
    homeless.url = "javascript:alert(1)".to_owned();
    repo.commits = vec![commit("c1", 1, "ABC-1"), keyless, homeless];
    let mut nowhere = repository("bad id", 1);
    nowhere.commits = vec![commit("c4", 1, "ABC-1")];
    let outcome = dev_info.submit(&submission(vec![repo, nowhere])).await.unwrap();
    assert_eq!(outcome.count(EntityKind::Commit), 1);
    let refused: Vec<_> = outcome.refused.iter().map(|it| (it.kind, it.id.as_str())).collect();
    assert_eq!(refused, [(Some(EntityKind::Commit), "c2"), (Some(EntityKind::Commit), "c3"), (None, "bad id")]);

    // nothing that can be sent: nothing is
    world.server.requests().clear();
    let nothing = dev_info.submit(&submission(vec![repository("bad id", 1)])).await.unwrap();
    assert_eq!((nothing.refused.len(), world.server.requests().all().len()), (1, 0));
    let error = dev_info
        .submit(&Submission {
            properties: [("_x".to_owned(), String::new())].into(),
            ..submission(vec![repository("r", 1)])
        })
        .await
        .unwrap_err();
    assert_eq!(error.problem, Problem::Refused);
}

#[tokio::test]
async fn drafts_are_told_as_open_where_jira_does_not_take_them() {
    let world = World::cloud().await;
    let dev_info = world.dev_info(&world.keys());
    let draft = |id: &str| {
        let mut repo = repository("r1", 1);
        repo.pull_requests = vec![pull_request(id, PullRequestStatus::Draft, "ABC-1")];
        submission(vec![repo])
    };
    let status = |id: &str| world.model().entity("r1", Told::PullRequest, id).unwrap().body["status"].clone();
    dev_info.submit(&draft("1")).await.unwrap();
    assert_eq!(status("1"), "DRAFT");
    world.server.switches().no_drafts();
    let outcome = dev_info.submit(&draft("2")).await.unwrap();
    assert_eq!((outcome.refused.len(), outcome.count(EntityKind::PullRequest), status("2")), (0, 1, "OPEN".into()));
    world.server.requests().clear();
    dev_info.submit(&draft("3")).await.unwrap();
    assert_eq!((status("3"), world.server.requests().count("/jira/")), ("OPEN".into(), 1), "it is remembered");
}

#[tokio::test]
async fn any_number_goes_in_requests_that_jira_takes() {
    // given: a Jira that takes 20 kB at once
    let world = World::cloud().await;
    world.server.switches().largest_body(20_000);
    let dev_info = world.dev_info(&world.keys());
    let mut repo = repository("r1", 1);
    repo.commits = (0..900).map(|number| commit(&format!("c{number}"), 1, "ABC-1")).collect();
    let mut giant = repository("r2", 1);
    let mut too_large = commit("giant", 1, "ABC-1");
    too_large.issue_keys = (0..500).map(|number| format!("{}-{number}", "A".repeat(200))).collect();
    giant.commits = vec![commit("small", 1, "ABC-1"), too_large];

    // when
    let outcomes = dev_info.submit_all(&[repo, giant], true, &properties(), &provider()).await.unwrap();

    // then
    assert!(outcomes.len() > 10);
    let accepted: usize = outcomes.iter().map(|outcome| outcome.count(EntityKind::Commit)).sum();
    let refused: Vec<_> =
        outcomes.iter().flat_map(|outcome| &outcome.refused).map(|it| (it.kind, it.id.as_str())).collect();
    assert_eq!((accepted, refused), (901, vec![(Some(EntityKind::Commit), "giant")]));
    assert_eq!(world.model().development_counts(), (2, 901));
}

#[tokio::test]
async fn one_token_serves_all_until_it_grows_old() {
    let world = World::cloud().await;
    let dev_info = world.dev_info(&world.keys());
    let ask = || dev_info.repository("r1");
    let all = futures::future::join_all((0..8).map(|_| ask())).await;
    assert!(all.into_iter().all(|outcome| outcome.is_ok()));
    assert_eq!((world.server.requests().count(TOKENS), world.server.requests().count("/_edge/")), (1, 1));
    world.clock.advance(719_000);
    ask().await.unwrap();
    assert_eq!(world.server.requests().count(TOKENS), 1);
    world.clock.advance(1_000);
    ask().await.unwrap();
    assert_eq!(world.server.requests().count(TOKENS), 2, "80 % of 900 seconds");
}

#[tokio::test]
async fn a_token_that_ends_early_is_replaced_once_for_all() {
    let world = World::cloud().await;
    let dev_info = world.dev_info(&world.keys());
    dev_info.sign_in().await.unwrap();
    world.server.switches().expire_access_tokens();
    let all = futures::future::join_all((0..8).map(|_| dev_info.repository("r1"))).await;
    assert!(all.into_iter().all(|outcome| outcome.is_ok()));
    assert_eq!(world.server.requests().count(TOKENS), 2);
}

#[tokio::test]
async fn an_old_token_is_good_while_atlassian_gives_no_new_one() {
    let world = World::cloud().await;
    let dev_info = world.dev_info(&world.keys());
    dev_info.sign_in().await.unwrap();
    world.clock.advance(800_000);
    world.server.switches().fail(Failure::every(TOKENS, How::Status(http::StatusCode::BAD_GATEWAY)));
    assert!(dev_info.repository("r1").await.is_ok());
    world.clock.advance(100_000);
    assert_eq!(problem(dev_info.repository("r1").await), (Problem::Unavailable, false));
}

#[tokio::test]
async fn credentials_that_do_not_open_are_told_apart() {
    let world = World::cloud().await;
    let keys = world.keys();
    let dev_info = world.dev_info(&keys);
    dev_info.sign_in().await.unwrap();
    // the box for development information is not ticked
    world.model().set_data_kinds(&keys.client_id, &[]);
    assert_eq!(problem(dev_info.submit(&submission(vec![repository("r1", 1)])).await), (Problem::Forbidden, false));
    world.model().set_data_kinds(&keys.client_id, &[DataKind::DevelopmentInformation]);
    // the credential is gone
    world.model().delete_oauth_client(&keys.client_id);
    world.server.requests().clear();
    assert_eq!(problem(dev_info.submit(&submission(vec![repository("r1", 1)])).await), (Problem::Unauthorised, false));
    assert_eq!(world.server.requests().count(TOKENS), 1, "one new token was asked for");
    assert_eq!(problem(dev_info.sign_in().await), (Problem::Unauthorised, false));
}

#[tokio::test]
async fn only_cloud_has_a_cloud_id() {
    let cloud = World::cloud().await;
    let dev_info = cloud.dev_info(&cloud.keys());
    assert_eq!(dev_info.cloud_id().await.unwrap(), cloud.model().cloud_id());
    cloud.server.switches().renamed_to(Some("https://new.example.com"));
    assert!(dev_info.cloud_id().await.is_ok(), "it is known");
    assert!(dev_info.repository("r1").await.is_ok(), "and the gateway goes on");
    let other = cloud.dev_info(&cloud.keys());
    assert_eq!(problem(other.cloud_id().await), (Problem::Redirected, false));
    let data_center = World::data_center().await;
    assert_eq!(problem(data_center.dev_info(&data_center.keys()).cloud_id().await), (Problem::NotJira, false));
}

#[tokio::test]
async fn what_was_sent_can_be_deleted() {
    let world = World::cloud().await;
    let dev_info = world.dev_info(&world.keys());
    let mut repo = repository("r1", 10);
    repo.commits = vec![commit("c1", 10, "ABC-1"), commit("c2", 10, "ABC-1")];
    repo.branches = vec![branch("feature/x", 10, "ABC-1")];
    let all = submission(vec![repo]);
    dev_info.submit(&all).await.unwrap();
    let branch_id = jira::limits::branch_id("feature/x");
    dev_info.delete_entity("r1", EntityKind::Commit, "c1", 9).await.unwrap();
    assert!(world.model().entity("r1", Told::Commit, "c1").is_some(), "it is newer than that");
    dev_info.delete_entity("r1", EntityKind::Commit, "c1", 10).await.unwrap();
    dev_info.delete_entity("r1", EntityKind::Branch, &branch_id, 10).await.unwrap();
    assert!(world.model().entity("r1", Told::Commit, "c1").is_none());
    assert!(world.model().entity("r1", Told::Branch, &branch_id).is_none());

    let with = |value: &str| [("connection".to_owned(), value.to_owned())];
    assert!(dev_info.exists_by_properties(&with("c-17")).await.unwrap());
    assert!(!dev_info.exists_by_properties(&with("c-18 &x=1")).await.unwrap());
    dev_info.delete_by_properties(&with("c-18")).await.unwrap();
    assert!(world.model().entity("r1", Told::Commit, "c2").is_some());
    dev_info.delete_by_properties(&with("c-17")).await.unwrap();
    assert_eq!(world.model().development_counts(), (0, 0));
    assert_eq!(problem(dev_info.delete_by_properties(&[]).await), (Problem::Refused, false));

    dev_info.submit(&all).await.unwrap();
    dev_info.delete_repository("r1", 10).await.unwrap();
    assert_eq!(world.model().development_counts(), (0, 0));
}

#[tokio::test]
async fn a_pause_is_told_and_pauses_nothing_by_itself() {
    let world = World::cloud().await;
    let dev_info = world.dev_info(&world.keys());
    let bulk = submission(vec![repository("r1", 1)]);
    for (kind, retry_at) in [
        (TooMany::after(30, Reason::Burst), Some(NOON + 30_000)),
        (TooMany { retry_after: Some(5), ..TooMany::after(90, Reason::TenantQuota) }, Some(NOON + 90_000)),
        (TooMany { reset_in: Some(10), ..TooMany::bare() }, Some(NOON + 10_000)),
        (TooMany::bare(), None),
        (TooMany { retry_after: Some(u64::MAX), ..TooMany::bare() }, None),
    ] {
        world.server.switches().fail_no_more();
        world.server.switches().fail(Failure::nth("POST /jira/*", 1, How::TooMany(kind)));
        let error = dev_info.submit(&bulk).await.unwrap_err();
        assert_eq!((error.problem, error.retry_at), (Problem::RateLimited, retry_at));
        dev_info.submit(&bulk).await.unwrap();
    }
}
