//! What is read over REST and git.

use std::sync::Arc;
use std::time::Duration;

use forge::oauth::{OAuthClient, OAuthError, challenge};
use forge::{Auth, Problem, TokenFault, probe};
use model::secret::SecretString;
use model::{Clock, HostKind, MergeRequestState};
use sandbox::gitlab::RateLimit;
use sandbox::gitlab::model::{AccessLevel, Authorisation, MergeMethod, NewMergeRequest, Scopes, UserState, Visibility};

use crate::place::{NOW, Place, history, http, user};

#[tokio::test]
async fn a_gitlab_is_found_and_says_who_we_are() {
    // given
    let place = Place::new().await;
    let candidates = [format!("{}/platform", place.server.url()), place.server.url().to_owned()];

    // then
    assert_eq!(probe(HostKind::Gitlab, &candidates, &http()).await.unwrap(), place.server.url());
    let anna = place.client().current_user().await.unwrap();
    assert_eq!((anna.login.as_str(), anna.name.as_str(), anna.administrator), ("anna", "ANNA", false));
    let root = place.server.model().create_personal_token(place.root, "root", Scopes::api(), None);
    assert!(place.client_with(Auth::Token(root.into())).current_user().await.unwrap().administrator);
}

#[tokio::test]
async fn groups_subgroups_people_and_projects_are_told_apart() {
    // given
    let place = Place::new().await;
    place.project("platform/backend", "api").await;

    // then
    assert_eq!(place.platform().await.forge_id, place.group.to_string());
    assert_eq!(place.client().account("Platform/Backend/").await.unwrap().path, "platform/backend");
    assert_eq!(place.client().account("anna").await.unwrap().forge_id, place.anna.to_string());
    let project = place.client().account("platform/backend/api").await.unwrap_err();
    assert!(matches!(project.problem, Problem::IsProject { ref path } if path == "platform/backend/api"));
    let number = place.client().account(&place.group.to_string()).await.unwrap_err();
    assert!(matches!(number.problem, Problem::NotFound), "{number:?}");
    assert!(matches!(place.client().account("nobody").await.unwrap_err().problem, Problem::NotFound));
}

#[tokio::test]
async fn only_what_a_member_can_read_is_listed() {
    // given
    let place = Place::new().await;
    let model = place.server.model();
    let api = place.project("platform", "api").await;
    place.push(api, history("main", None, 1)).await;
    place.project("platform/backend", "empty").await;
    let old = place.project("platform", "old").await;
    model.archive(old, true);
    let others = model.create_group("others", "Others", None, Visibility::Private, place.root).unwrap();
    let shared = place.project("others", "shared").await;
    model.share_project(shared, place.group, AccessLevel::Developer);
    let guest = model.create_user(user("guest", false)).unwrap();
    model.add_member(place.group, guest, AccessLevel::Guest);
    let guest = model.create_personal_token(guest, "guest", Scopes::api(), None);

    // when
    let mut paths = place.paths().await;
    let for_guest = place.client_with(Auth::Token(guest.into())).repositories(&place.platform().await).await.unwrap();

    // then
    paths.sort();
    assert_eq!(paths, ["platform/api", "platform/backend/empty", "platform/old"], "nothing of {others}");
    assert!(for_guest.is_empty(), "a guest reads no private code: {for_guest:?}");
    let listed = place.client().repositories(&place.platform().await).await.unwrap();
    let of = |path: &str| listed.iter().find(|repository| repository.path == path).unwrap();
    assert!(of("platform/old").archived && of("platform/backend/empty").empty);
    assert_eq!((of("platform/api").empty, of("platform/api").default_branch.as_deref()), (false, Some("main")));
}

#[tokio::test]
async fn a_personal_namespace_and_its_forks_are_listed() {
    // given
    let place = Place::new().await;
    let api = place.project("platform", "api").await;
    place.push(api, history("main", None, 1)).await;
    place.server.model().fork_project(api, "anna", place.anna).await.unwrap();
    let anna = place.client().account("anna").await.unwrap();

    // when
    let found = place.client().repositories(&anna).await.unwrap();

    // then
    assert_eq!((found.len(), found[0].path.as_str()), (1, "anna/api"));
    assert_eq!(found[0].fork_of, Some(api.to_string()));
}

#[tokio::test]
async fn lists_longer_than_a_page_arrive_whole() {
    // given
    let place = Place::new().await;
    for number in 0..101 {
        place.project("platform", &format!("p{number}")).await;
    }
    let api = place.project("platform", "api").await;
    place.push(api, history("main", None, 201)).await;
    let client = place.client();
    let head = client.branches(&api.to_string()).await.unwrap()[0].head.clone();

    // when
    let (mut commits, mut next) = client.commits(&api.to_string(), &head, None).await.unwrap();
    while let Some(page) = next {
        let (more, after) = client.commits(&api.to_string(), &head, Some(page)).await.unwrap();
        commits.extend(more);
        next = after;
    }

    // then
    assert_eq!(place.paths().await.len(), 102);
    assert_eq!(commits.len(), 201);
    assert_eq!((&commits[0].id, commits[200].parents.len()), (&head, 0));
    assert_eq!(commits[0].message, "PLAT-201 on main\n");
    assert!(commits.windows(2).all(|pair| pair[0].parents == [pair[1].id.clone()]));
}

#[tokio::test]
async fn git_reads_what_rest_tells() {
    // given
    let place = Place::new().await;
    let api = place.project("platform/backend", "api").await;
    place.push(api, history("main", None, 2) + &history("feature/PLAT-9", Some("refs/heads/main"), 1)).await;
    let account = place.platform().await;
    let repository = place.client().repositories(&account).await.unwrap().remove(0);

    // when
    let over_git = git::Git::new().ls_refs(&place.client().git_remote(&repository).unwrap()).await.unwrap();
    let over_rest = place.client().branches(&repository.forge_id).await.unwrap();

    // then
    let mut branches = over_git.branches;
    branches.sort_by(|one, other| one.name.cmp(&other.name));
    assert_eq!(branches, over_rest);
    assert_eq!(over_rest.len(), 2);
}

#[tokio::test]
async fn merge_requests_are_told_with_heads_reviewers_and_approvals() {
    // given
    let place = Place::new().await;
    let (model, client) = (place.server.model(), place.client());
    let api = place.project("platform", "api").await;
    place.push(api, history("main", None, 2) + &history("feature", Some("refs/heads/main"), 2)).await;
    let bert = model.create_user(user("bert", false)).unwrap();
    model.add_member(place.group, bert, AccessLevel::Developer);
    let new = NewMergeRequest::within(api, "feature", "main", "Draft: PLAT-7 Add it", place.anna);
    let id = model.open_merge_request(NewMergeRequest { reviewers: vec![bert], ..new }).await.unwrap();
    let project = api.to_string();

    // when
    let opened = client.merge_requests(&project, None, None).await.unwrap().merge_requests.remove(0);
    let asked = client.reviewers(&project, opened.number).await.unwrap();
    model.approve(id, bert).unwrap();
    model.approve(id, place.root).unwrap();
    let approved = client.reviewers(&project, opened.number).await.unwrap();
    let commits = client.merge_request_commits(&project, opened.number).await.unwrap();
    let detail = client.merge_request(&project, opened.number).await.unwrap();

    // then
    assert_eq!((opened.title.as_str(), opened.state), ("Draft: PLAT-7 Add it", MergeRequestState::Open));
    assert!(opened.draft);
    assert_eq!((opened.author.login.as_str(), opened.repository_forge_id.as_str()), ("anna", project.as_str()));
    assert_eq!(opened.head.as_ref(), Some(&commits[0].id));
    assert_eq!((asked.len(), asked[0].user.login.as_str(), asked[0].approved), (1, "bert", false));
    let told: Vec<_> = approved.iter().map(|one| (one.user.login.as_str(), one.approved)).collect();
    assert_eq!(told, [("bert", true), ("root", true)]);
    assert_eq!(commits.len(), 2);
    assert_eq!(detail.base.as_ref(), commits[1].parents.first());
}

#[tokio::test]
async fn only_what_changed_since_the_watermark_is_listed() {
    // given
    let place = Place::new().await;
    let (model, client) = (place.server.model(), place.client());
    let api = place.project("platform", "api").await;
    let branches = ["one", "two"].map(|branch| history(branch, Some("refs/heads/main"), 1)).concat();
    place.push(api, history("main", None, 1) + &branches).await;
    let one = model.open_merge_request(NewMergeRequest::within(api, "one", "main", "One", place.anna)).await.unwrap();
    let two = model.open_merge_request(NewMergeRequest::within(api, "two", "main", "Two", place.anna)).await.unwrap();
    place.clock.advance(60_000);
    model.merge(one, place.anna, MergeMethod::MergeCommit).await.unwrap();
    place.clock.advance(60_000);
    model.close_merge_request(two, place.anna).unwrap();

    // when
    let changed = client.merge_requests(&api.to_string(), Some(NOW + 1), None).await.unwrap().merge_requests;
    let later = client.merge_requests(&api.to_string(), Some(NOW + 90_000), None).await.unwrap().merge_requests;

    // then
    let told: Vec<_> = changed.iter().map(|found| (found.title.as_str(), found.state, found.updated_at)).collect();
    assert_eq!(
        told,
        [("One", MergeRequestState::Merged, NOW + 60_000), ("Two", MergeRequestState::Declined, NOW + 120_000)]
    );
    assert_eq!((changed[0].merged_at, changed[0].closed_at), (Some(NOW + 60_000), None));
    assert!(changed[0].merge_commit.is_some());
    assert_eq!((changed[1].merged_at, changed[1].closed_at), (None, Some(NOW + 120_000)));
    assert_eq!(later.len(), 1);
}

#[tokio::test]
async fn statistics_agree_with_the_commit() {
    // given
    let place = Place::new().await;
    let api = place.project("platform", "api").await;
    place.push(api, history("main", None, 2)).await;
    let head = place.client().branches(&api.to_string()).await.unwrap()[0].head.clone();

    // when
    let statistics = place.client().statistics(&api.to_string(), &head).await.unwrap();

    // then
    assert_eq!((statistics.additions, statistics.deletions, statistics.file_count), (1, 0, 1));
    let file = &statistics.files[0];
    assert_eq!((file.path.as_str(), file.change.as_str(), file.additions), ("main-1.txt", "ADDED", Some(1)));
}

#[tokio::test]
async fn what_is_switched_off_is_not_available() {
    // given
    let place = Place::new().await;
    let (without_merge_requests, without_repository) =
        (place.project("platform", "a").await, place.project("platform", "b").await);
    place.server.switches().merge_requests_off(without_merge_requests);
    place.server.switches().no_repository(without_repository);
    let (client, head) = (place.client(), "1".repeat(40).parse().unwrap());

    // when
    let merge_requests = client.merge_requests(&without_merge_requests.to_string(), None, None).await.unwrap_err();
    let branches = client.branches(&without_repository.to_string()).await.unwrap_err();
    let (commits, _) = client.commits(&without_repository.to_string(), &head, None).await.unwrap();

    // then
    assert!(matches!(merge_requests.problem, Problem::NotAvailable), "{merge_requests:?}");
    assert!(matches!(branches.problem, Problem::NotAvailable), "{branches:?}");
    assert!(commits.is_empty());
}

#[tokio::test]
async fn every_refused_credential_is_told_apart() {
    // given
    let place = Place::new().await;
    let model = place.server.model();
    let problem = async |token: &str| {
        let client = place.client_with(Auth::Token(token.to_owned().into()));
        client.account("platform").await.unwrap_err().problem
    };
    let expired = model.create_personal_token(place.anna, "expired", Scopes::api(), Some(NOW - 1));
    let revoked = model.create_personal_token(place.anna, "revoked", Scopes::api(), None);
    model.revoke_token(&revoked);
    let small = model.create_personal_token(place.anna, "small", Scopes::parse("read_repository").unwrap(), None);

    // then
    assert!(matches!(problem("glpat-nonsense").await, Problem::Unauthorised(TokenFault::Invalid)));
    assert!(matches!(problem(&expired).await, Problem::Unauthorised(TokenFault::Expired)));
    assert!(matches!(problem(&revoked).await, Problem::Unauthorised(TokenFault::Revoked)));
    assert!(matches!(problem(&small).await, Problem::InsufficientScope));
    model.set_user_state(place.anna, UserState::Blocked);
    assert!(matches!(problem(&place.token).await, Problem::Blocked));
}

#[tokio::test]
async fn a_rate_limit_is_obeyed() {
    // given
    let place = Place::new().await;
    place.server.switches().rate_limit(Some(RateLimit { limit: 1, window: Duration::from_secs(60) }));
    let client = place.client();
    client.current_user().await.ok();

    // when
    let refused = client.current_user().await.unwrap_err();

    // then
    assert!(
        matches!(refused.problem, Problem::RateLimited { until: Some(until) } if until == NOW + 60_000),
        "{refused:?}"
    );
    let asked = place.server.requests().count("/api/v4/user");
    client.current_user().await.unwrap_err();
    assert_eq!(place.server.requests().count("/api/v4/user"), asked, "nothing is asked during the pause");
    place.clock.advance(60_000);
    assert_eq!(client.current_user().await.unwrap().login, "anna");
}

#[tokio::test]
async fn a_moved_project_is_still_read_by_its_id() {
    // given
    let place = Place::new().await;
    let api = place.project("platform", "api").await;
    place.push(api, history("main", None, 1)).await;

    // when
    place.server.model().rename_project(api, "service", "Service").unwrap();
    let moved = place.client().account("platform/api").await.unwrap_err();

    // then
    assert!(matches!(moved.problem, Problem::IsProject { ref path } if path == "platform/service"), "{moved:?}");
    assert_eq!(place.client().branches(&api.to_string()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_dance_gives_tokens_that_refresh_once() {
    // given
    let place = Place::new().await;
    let (model, redirect_uri) = (place.server.model(), "http://127.0.0.1:8080/oauth/callback");
    let keys = model.create_application(place.root, "Dovetail", &[redirect_uri], Scopes::api()).unwrap();
    let client = |secret: &str| {
        let (secret, clock) = (SecretString::from(secret), Arc::clone(&place.clock) as Arc<dyn Clock>);
        OAuthClient::new(HostKind::Gitlab, place.server.url(), &keys.client_id, &secret, http(), clock).unwrap()
    };
    let verifier = model::secret::random_token("");
    let code = || {
        let (application, redirect_uri) = (keys.id, redirect_uri.to_owned());
        let (user, scopes, challenge) = (place.anna, Scopes::api(), Some(challenge(&verifier)));
        SecretString::from(model.issue_code(Authorisation { application, user, redirect_uri, scopes, challenge }))
    };

    // when
    let first = client(&keys.secret).exchange(&code(), &verifier, redirect_uri).await.unwrap();
    let refresh = first.refresh.clone().unwrap();
    let second = client(&keys.secret).refresh(&refresh).await.unwrap();
    let again = client(&keys.secret).refresh(&refresh).await.unwrap_err();
    let other_verifier = model::secret::random_token("");
    let stolen = client(&keys.secret).exchange(&code(), &other_verifier, redirect_uri).await.unwrap_err();

    // then
    assert_eq!((first.expires_at, first.scope.as_str()), (Some(NOW + 7_200_000), "api"));
    assert!(matches!(again, OAuthError::InvalidGrant), "{again:?}");
    assert!(matches!(stolen, OAuthError::InvalidGrant), "{stolen:?}");
    let old = place.client_with(Auth::Oauth(first.access)).current_user().await.unwrap_err();
    assert!(matches!(old.problem, Problem::Unauthorised(TokenFault::Revoked)), "{old:?}");
    let new = place.client_with(Auth::Oauth(second.access));
    assert_eq!(new.current_user().await.unwrap().login, "anna");
    place.clock.advance(7_200_001);
    assert!(matches!(new.current_user().await.unwrap_err().problem, Problem::Unauthorised(TokenFault::Expired)));
    assert!(client(&keys.secret).check_application(redirect_uri).await.is_ok());
    let wrong = client("gloas-wrong").check_application(redirect_uri).await.unwrap_err();
    assert!(matches!(wrong, OAuthError::InvalidClient), "{wrong:?}");
}
